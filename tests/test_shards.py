"""An experiment done in parts is the experiment done whole, byte for byte."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.runs.campaign import Shard
from sim.runs.engine import Engine
from sim.runs.errors import ResultsError
from sim.runs.executors import InProcess
from sim.runs.shards import FOLDER, HEAD, merge_shards, parse_shard, produce_shard
from tests.tiny_experiment import TEXT, load, produce, tables, write
from tests.tiny_model import engine


def quiet(_done: int, _total: int) -> None:
    pass


def _do(experiment, out: Path, text: str) -> str:
    shard = parse_shard(text, experiment)
    return produce_shard(experiment, out, InProcess(), shard, again=False, progress=quiet)


def _merge(out: Path, model: Engine | None = None):
    return merge_shards(out, model or engine(), csv=False)


@given(st.integers(1, 40), st.integers(0, 500))
def test_every_run_is_in_one_shard(of, run):
    assert sum(Shard(number, of).holds(run) for number in range(1, of + 1)) == 1


@pytest.mark.parametrize("of", [1, 2, 4, 9])
def test_shards_put_together_are_the_whole(tmp_path, of):
    broken = TEXT.replace("price: 3.0", "policies.lever.breaks_seed: 5")
    experiment = load(write(tmp_path, broken))
    produce(experiment, tmp_path / "whole")
    for number in reversed(range(1, of + 1)):
        told = _do(experiment, tmp_path / "out", f"{number}/{of}")
        assert f"sim merge {tmp_path / 'out'}" in told
    report, merged = _merge(tmp_path / "out")
    assert [each.task.run for each in report.failures] == [2]
    assert merged.resolved() == experiment.resolved()
    assert tables(tmp_path / "out") == tables(tmp_path / "whole")
    assert not (tmp_path / "out" / FOLDER).exists()


def test_a_shard_goes_on_where_it_was(tmp_path):
    experiment = load(write(tmp_path))

    class Counting(InProcess):
        done = 0

        def submit(self, job):
            type(self).done += 1
            return super().submit(job)

    for _ in range(2):
        shard = parse_shard("1/2", experiment)
        produce_shard(experiment, tmp_path / "out", Counting(), shard, again=False, progress=quiet)
    assert Counting.done == 3


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", "1/0", "-1/2", "1/2/3", "1.5/2"])
def test_a_shard_that_is_none_is_refused(tmp_path, text):
    with pytest.raises(ResultsError, match="I/N"):
        parse_shard(text, load(write(tmp_path)))


def test_what_is_missing_or_does_not_belong_is_named(tmp_path):
    experiment, out = load(write(tmp_path)), tmp_path / "out"
    with pytest.raises(ResultsError, match="holds no shards"):
        _merge(out)
    _do(experiment, out, "1/3")
    with pytest.raises(ResultsError, match="shards 2, 3 of 3 are missing"):
        _merge(out)
    _do(experiment, out, "2/3")
    _do(experiment, out, "3/3")
    head = out / FOLDER / "2-of-3" / HEAD
    good = json.loads(head.read_text())
    for change, said in (
        ({"complete": False}, "--shard 2/3"),
        ({"config_hash": "x"}, "another experiment"),
        ({"traits": {**good["traits"], "numpy": "1.0"}}, r"numpy 1\.0 \(here "),
    ):
        head.write_text(json.dumps({**good, **change}))
        with pytest.raises(ResultsError, match=said):
            _merge(out)
    head.write_text(json.dumps(good))
    shutil.copytree(out / FOLDER / "1-of-3", out / FOLDER / "1-of-5")
    with pytest.raises(ResultsError, match="different divisions"):
        _merge(out)
