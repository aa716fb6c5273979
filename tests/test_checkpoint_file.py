"""Checkpoints as files: exact, whole or not at all, and refused unless they are what was asked."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.runs import checkpoint
from sim.runs.checkpoint import Origin, from_bytes, read, to_bytes, write
from sim.runs.errors import ResultsError
from tests.checkpoints import content
from tests.worlds import small_config

SOURCE = Origin(config="c0ffee", seed=7, quarter="2013Q2", program="abc")
ARRAYS = {
    "world.firms.age": np.linspace(0, 1, 500),
    "world.sums": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "world.names": np.array(["Hubei", "省"]),
    "tape.zones.zone.text": np.array([], dtype="U1"),
    "gaps.sales = home spending - imports": np.array(np.nan),
    "world.clock.step": np.array(11),
}
DATA = to_bytes(ARRAYS, SOURCE)


def with_header(**changes):
    """The file with another header."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(DATA)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            if name == "header.npy":
                header = json.loads(str(np.load(io.BytesIO(body))))
                saved = io.BytesIO()
                np.save(saved, np.array(json.dumps(header | changes)))
                body = saved.getvalue()
            new.writestr(name, body)
    return buffer.getvalue()


def test_arrays_come_back_exactly():
    back = from_bytes(DATA, SOURCE)
    assert list(back) == list(ARRAYS)
    assert content(back) == content(ARRAYS)
    assert back["world.sums"].strides == ARRAYS["world.sums"].strides


def test_equal_checkpoints_are_equal_bytes():
    assert to_bytes(ARRAYS, SOURCE) == DATA
    assert to_bytes(ARRAYS, replace(SOURCE, seed=8)) != DATA


def test_any_reader_of_npz_reads_it():
    with np.load(io.BytesIO(DATA), allow_pickle=False) as archive:
        assert set(archive.files) == {"header", *ARRAYS}
        assert json.loads(str(archive["header"])) == {
            "format": 1,
            "columns": 6,
            "config": "c0ffee",
            "seed": 7,
            "quarter": "2013Q2",
            "program": "abc",
        }


def test_the_origin_of_a_config_is_its_hash():
    one = checkpoint.origin(small_config(), 1, "2013Q2", "abc")
    assert len(one.config) == 64
    assert one != checkpoint.origin(small_config(trade={"border": 0.5}), 1, "2013Q2", "abc")


def test_objects_are_not_written():
    with pytest.raises(ValueError, match="allow_pickle=False"):
        to_bytes({"a": np.array([None])}, SOURCE)


def test_objects_are_not_read():
    buffer = io.BytesIO()
    np.savez(buffer, header=np.array("{}"), planted=np.array([{}], dtype=object))
    with pytest.raises(ResultsError, match=r"not a checkpoint, or damaged .*allow_pickle=False"):
        from_bytes(buffer.getvalue(), SOURCE)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"config": "other"}, "a burn-in with another config (c0ffee, not other)"),
        ({"seed": 8}, "another seed (7, not 8)"),
        ({"quarter": "2014Q1"}, "another quarter (2013Q2, not 2014Q1)"),
        ({"program": "abd"}, "another version of sim, or of what it uses (abc, not abd)"),
    ],
)
def test_another_origin_is_refused(tmp_path, changes, message):
    path = tmp_path / "burn-in.npz"
    write(path, ARRAYS, SOURCE)
    with pytest.raises(ResultsError) as error:
        read(path, replace(SOURCE, **changes))
    assert str(error.value) == (f"{path}: checkpoint of {message}; delete it to have it made again")


def test_another_format_is_refused():
    with pytest.raises(ResultsError, match="file: checkpoint of format 2, not 1; delete it"):
        from_bytes(with_header(format=2), SOURCE, "file")
    assert content(from_bytes(with_header(), SOURCE)) == content(ARRAYS)


@pytest.mark.parametrize("length", [0, 1, 100, len(DATA) // 2, len(DATA) - 1])
def test_a_truncated_file_is_refused(tmp_path, length):
    path = tmp_path / "burn-in.npz"
    path.write_bytes(DATA[:length])
    with pytest.raises(ResultsError, match=r"burn-in\.npz: not a checkpoint, or damaged"):
        read(path, SOURCE)


@settings(max_examples=300, deadline=None)
@given(position=st.integers(0, len(DATA) - 1), bit=st.integers(0, 7))
def test_a_damaged_file_is_refused_or_does_no_harm(position, bit):
    """Nothing but ResultsError, or the arrays: some bits, of dates for example, mean nothing."""
    damaged = bytearray(DATA)
    damaged[position] ^= 1 << bit
    try:
        back = from_bytes(bytes(damaged), SOURCE)
    except ResultsError:
        return
    assert content(back) == content(ARRAYS)


@given(st.binary(max_size=200))
def test_other_files_are_refused(data):
    with pytest.raises(ResultsError, match="not a checkpoint, or damaged"):
        from_bytes(data, SOURCE)


def test_columns_that_got_lost_are_noticed():
    with pytest.raises(ResultsError, match="it holds 6 of 7 columns"):
        from_bytes(with_header(columns=7), SOURCE)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ResultsError, match=r"none\.npz: cannot read: No such file"):
        read(tmp_path / "none.npz", SOURCE)


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "deep" / "burn-in.npz"
    write(path, ARRAYS, SOURCE)
    synced = []
    monkeypatch.setattr(checkpoint.os, "fsync", synced.append)
    write(path, {"a": np.ones(1)}, SOURCE)
    assert len(synced) == 1

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint.os, "fsync", full)
    with pytest.raises(ResultsError, match=r"burn-in\.npz: cannot write: No space left"):
        write(path, ARRAYS, SOURCE)
    assert content(read(path, SOURCE)) == content({"a": np.ones(1)})
    assert [each.name for each in path.parent.iterdir()] == ["burn-in.npz"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ResultsError, match="cannot write: "):
        write(tmp_path / "file" / "burn-in.npz", ARRAYS, SOURCE)
