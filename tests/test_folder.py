"""Results folders: whose they are, and who may write there."""

from __future__ import annotations

import json

import pytest

from sim.runs.errors import ResultsError
from sim.runs.folder import FORMAT, MANIFEST, claim, locked, read_table
from tests.tiny_experiment import load, produce, write


def test_results_of_another_version_are_neither_read_nor_replaced(tmp_path):
    produce(load(write(tmp_path / "files")), tmp_path)
    manifest = json.loads((tmp_path / MANIFEST).read_text())
    for old in ({**manifest, "format": FORMAT - 1}, {**manifest, "version": "0.0.9", "format": 9}):
        (tmp_path / MANIFEST).write_text(json.dumps(old))
        with pytest.raises(ResultsError, match="another version of sim"):
            read_table(tmp_path, "zones")
        with pytest.raises(ResultsError, match="choose another folder"):
            claim(tmp_path)


def test_two_writers_do_not_meet_in_a_folder(tmp_path):
    with locked(tmp_path), pytest.raises(ResultsError, match="another process"), locked(tmp_path):
        pass
    with locked(tmp_path):
        pass
