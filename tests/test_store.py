"""Results folders: what is in the files, when they appear, and what is never touched."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim.runs.errors import ResultsError
from sim.runs.folder import (
    MANIFEST,
    default_folder,
    read_manifest,
    read_table,
    write_text,
)
from sim.runs.schema import arrow_table, arrow_tables
from sim.runs.store import ResultsWriter
from tests.tiny_model import TABLES, TinyConfig, simulate

OURS = {"package": "sim"}


def _write(folder: Path, *, runs: int = 2, csv: bool = False) -> None:
    with ResultsWriter(folder, TABLES, csv=csv) as writer:
        writer.text("config.yaml", "name: tiny\n")
        for run in range(runs):
            writer.add(run, _tables(run))
        writer.commit(OURS)


def _tables(seed: int) -> dict[str, pa.Table]:
    return arrow_tables(simulate(TinyConfig(), seed, None), TABLES)


def _content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_tables_come_back_as_they_were_with_the_run_in_front(tmp_path):
    _write(tmp_path)
    for name in TABLES:
        expected = pd.concat(
            [simulate(TinyConfig(), run, None)[name].assign(run=run) for run in range(2)],
            ignore_index=True,
        )
        table = read_table(tmp_path, name)
        assert table.columns[0] == "run"
        pd.testing.assert_frame_equal(table, expected[list(table)], check_dtype=False)


def test_every_field_carries_unit_meaning_and_declared_type(tmp_path):
    _write(tmp_path)
    schema = pq.read_schema(tmp_path / "provinces.parquet")
    assert schema.names == ["run", "quarter", "province", "gdp_real"]
    for name in schema.names:
        column = TABLES["provinces"][name]
        assert schema.field(name).metadata == {
            b"unit": column.unit.encode(),
            b"meaning": column.meaning.encode(),
        }
    assert [str(schema.field(name).type) for name in ("run", "quarter", "gdp_real")] == [
        "int32",
        "string",
        "double",
    ]


def test_equal_results_are_equal_bytes_in_any_folder(tmp_path):
    _write(tmp_path / "a", csv=True)
    _write(tmp_path / "b", csv=True)
    assert _content(tmp_path / "a") == _content(tmp_path / "b")


def test_a_nan_of_any_payload_is_stored_as_missing():
    strange = np.array([0x7FF8000000000123], dtype=np.uint64).view(float)
    tables = [
        arrow_table(pd.DataFrame({"run": 0, "quarter": "2012Q1", "capital": nan}), TABLES["firms"])
        for nan in ([np.nan], strange)
    ]
    assert tables[0].equals(tables[1])
    assert tables[0]["capital"].null_count == 1


def test_a_column_that_is_not_declared_is_refused():
    frame = pd.DataFrame({"run": [0], "quarter": ["2012Q1"], "captial": [1.0]})
    with pytest.raises(ValueError, match="captial"):
        arrow_table(frame, TABLES["firms"])


def test_runs_must_agree_on_their_columns(tmp_path):
    tables = _tables(1)
    with ResultsWriter(tmp_path, TABLES) as writer:
        writer.add(0, tables)
        writer.add(1, {"firms": tables["firms"].drop_columns("capital")})
        with pytest.raises(ValueError, match=r"(?i)schema"):
            writer.commit(OURS)


def test_csv_holds_the_numbers_to_the_last_digit(tmp_path):
    _write(tmp_path, csv=True)
    for name in TABLES:
        text = pd.read_csv(tmp_path / f"{name}.csv")
        pd.testing.assert_frame_equal(
            text, read_table(tmp_path, name), check_dtype=False, check_exact=True
        )


def test_manifest_names_the_hash_of_every_file(tmp_path):
    _write(tmp_path, csv=True)
    hashes = read_manifest(tmp_path)["sha256"]
    names = {f"{name}.{kind}" for name in TABLES for kind in ("csv", "parquet")}
    assert set(hashes) == names | {"config.yaml"}
    for name, digest in hashes.items():
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == digest


def test_nothing_shows_and_nothing_stays_when_writing_breaks_off(tmp_path):
    writer = ResultsWriter(tmp_path, TABLES, csv=True)
    with pytest.raises(RuntimeError), writer:  # noqa: PT012 - the state inside is the test
        writer.text("config.yaml", "name: tiny\n")
        writer.add(0, _tables(1))
        assert all(path.name.startswith(".") for path in tmp_path.iterdir())
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_earlier_results_stay_whole_until_new_ones_are_complete(tmp_path):
    _write(tmp_path)
    before = _content(tmp_path)
    with ResultsWriter(tmp_path, TABLES) as writer:
        writer.add(0, _tables(7))
    assert _content(tmp_path) == before


def test_new_results_leave_nothing_of_the_old_ones(tmp_path):
    _write(tmp_path, csv=True)
    (tmp_path / "notes.txt").write_text("mine")
    with ResultsWriter(tmp_path, TABLES) as writer:
        writer.add(0, {"zones": _tables(1)["zones"]})
        writer.commit(OURS)
    assert set(_content(tmp_path)) == {"zones.parquet", MANIFEST, "notes.txt"}


def test_a_folder_whose_writing_was_interrupted_is_not_read(tmp_path):
    _write(tmp_path)
    manifest = json.loads((tmp_path / MANIFEST).read_text())
    (tmp_path / MANIFEST).write_text(json.dumps({**manifest, "complete": False}))
    with pytest.raises(ResultsError, match="interrupted"):
        read_table(tmp_path, "zones")
    _write(tmp_path)
    assert not read_table(tmp_path, "zones").empty


@pytest.mark.parametrize(
    ("name", "content"),
    [("provinces.parquet", "mine"), ("config.yaml", "name: mine"), (MANIFEST, '{"name": "app"}')],
)
def test_files_of_others_are_not_overwritten(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    with pytest.raises(ResultsError, match="sim"):
        ResultsWriter(tmp_path, TABLES)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {name: content}


def test_a_file_in_the_place_of_the_folder_is_a_clear_error(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(ResultsError, match="cannot write results there"):
        ResultsWriter(tmp_path / "out", TABLES)
    with pytest.raises(ResultsError, match="cannot write"):
        write_text(tmp_path / "out" / "compare.csv", "")


@pytest.mark.parametrize("name", ["../x", "/etc", "a/b", "", ".hidden", "..", "a\nb"])
def test_a_name_cannot_lead_out_of_the_results(name):
    with pytest.raises(ResultsError, match="--out"):
        default_folder(name)


def test_a_plain_name_is_a_folder_below_results():
    assert default_folder("headline_levers-2.1") == Path("results/headline_levers-2.1")


def test_only_the_fixed_texts_can_be_written(tmp_path):
    with ResultsWriter(tmp_path, TABLES) as writer, pytest.raises(ValueError, match="evil"):
        writer.text("../evil.yaml", "")


@pytest.mark.parametrize("content", ["{", "[]", "{}"])
def test_a_manifest_of_another_kind_is_a_clear_error(tmp_path, content):
    (tmp_path / MANIFEST).write_text(content)
    with pytest.raises(ResultsError, match=MANIFEST):
        read_manifest(tmp_path)


def test_runs_share_row_groups_and_are_found_again(tmp_path, monkeypatch):
    monkeypatch.setattr("sim.runs.store.GROUP", 20)  # a run has 8 rows of provinces
    _write(tmp_path, runs=7)
    groups = pq.ParquetFile(tmp_path / "provinces.parquet").metadata
    assert [groups.row_group(i).num_rows for i in range(groups.num_row_groups)] == [24, 24, 8]
    some = read_table(tmp_path, "provinces", [3, 5])
    assert some["run"].tolist() == 8 * [3] + 8 * [5]


def test_a_missing_or_broken_table_is_a_clear_error(tmp_path):
    with pytest.raises(ResultsError, match="no such results folder"):
        read_table(tmp_path / "nowhere", "zones")
    with pytest.raises(ResultsError, match="not a results folder"):
        read_table(tmp_path, "zones")
    _write(tmp_path)
    with pytest.raises(ResultsError, match="no table runs"):
        read_table(tmp_path, "runs")
    (tmp_path / "zones.parquet").write_text("not Parquet")
    with pytest.raises(ResultsError, match="not readable"):
        read_table(tmp_path, "zones")
