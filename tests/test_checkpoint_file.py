"""Checkpoints as bytes: exact, and refused unless they are what was asked."""

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
from sim.runs.checkpoint import Origin, from_bytes, to_bytes
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
def test_another_origin_is_refused(changes, message):
    with pytest.raises(ResultsError) as error:
        from_bytes(DATA, replace(SOURCE, **changes))
    assert str(error.value) == f"checkpoint of {message}"


def test_another_format_is_refused():
    with pytest.raises(ResultsError, match="checkpoint of format 2, not 1"):
        from_bytes(with_header(format=2), SOURCE)
    assert content(from_bytes(with_header(), SOURCE)) == content(ARRAYS)


@pytest.mark.parametrize("length", [0, 1, 100, len(DATA) // 2, len(DATA) - 1])
def test_truncated_bytes_are_refused(length):
    with pytest.raises(ResultsError, match="not a checkpoint, or damaged"):
        from_bytes(DATA[:length], SOURCE)


@settings(max_examples=300, deadline=None)
@given(position=st.integers(0, len(DATA) - 1), bit=st.integers(0, 7))
def test_damaged_bytes_are_refused_or_does_no_harm(position, bit):
    """Nothing but ResultsError, or the arrays: some bits, of dates for example, mean nothing."""
    damaged = bytearray(DATA)
    damaged[position] ^= 1 << bit
    try:
        back = from_bytes(bytes(damaged), SOURCE)
    except ResultsError:
        return
    assert content(back) == content(ARRAYS)


@given(st.binary(max_size=200))
def test_other_bytes_are_refused(data):
    with pytest.raises(ResultsError, match="not a checkpoint, or damaged"):
        from_bytes(data, SOURCE)


def test_columns_that_got_lost_are_noticed():
    with pytest.raises(ResultsError, match="it holds 6 of 7 columns"):
        from_bytes(with_header(columns=7), SOURCE)
