"""An experiment done in parts is the experiment done whole, byte for byte."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.runs.cache import RunCache
from sim.runs.campaign import Shard
from sim.runs.engine import Engine
from sim.runs.errors import ResultsError
from sim.runs.executors import InProcess
from sim.runs.experiment_file import load_experiment
from sim.runs.folder import locked
from sim.runs.shards import FOLDER, HEAD, merge_shards, parse_shard, produce_shard
from sim.runs.task import Outcome
from tests.tiny_experiment import TEXT, load, produce, tables, write
from tests.tiny_model import engine, simulate


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
    head.write_text("{")
    with pytest.raises(ResultsError, match="--shard 2/3"):
        _merge(out)
    head.write_text(json.dumps(good))
    shutil.copytree(out / FOLDER / "1-of-3", out / FOLDER / "1-of-5")
    with pytest.raises(ResultsError, match="different divisions"):
        _merge(out)


def _in_two(experiment, out: Path) -> list[Path]:
    """An experiment done in two shards, not yet merged; their folders."""
    for number in (1, 2):
        _do(experiment, out, f"{number}/2")
    return [out / FOLDER / f"{number}-of-2" for number in (1, 2)]


@pytest.mark.parametrize("how", ["damaged", "gone"])
def test_a_run_that_is_lost_is_done_again_by_its_shard(tmp_path, how):
    experiment, out = load(write(tmp_path)), tmp_path / "out"
    produce(experiment, tmp_path / "whole")
    cache = RunCache(_in_two(experiment, out)[1])
    lost = cache.path(next(iter(cache.keys())))
    if how == "damaged":
        lost.write_bytes(lost.read_bytes()[:-9])
    else:
        lost.unlink()
    for _ in range(2):
        with pytest.raises(ResultsError, match=r"run \d is damaged or gone; .*--shard 2/2 does it"):
            _merge(out)
    assert not (out / "runs.parquet").exists()
    _do(experiment, out, "2/2")
    _merge(out)
    assert tables(out) == tables(tmp_path / "whole")


def test_a_full_disk_while_merging_hides_nothing_that_shards_do_later(tmp_path, monkeypatch):
    text = TEXT.replace("price: 3.0", "policies.lever.breaks_seed: 5")
    experiment, out = load(write(tmp_path, text)), tmp_path / "out"
    _in_two(experiment, out)

    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("sim.runs.store.pq.ParquetWriter.write_table", full)
        with pytest.raises(ResultsError, match="No space left"):
            _merge(out)
    repaired = load_experiment(tmp_path / "tiny_levers.yaml", engine(simulate=mended))
    for number in (1, 2):
        shard = Shard(number, 2)
        produce_shard(repaired, out, InProcess(), shard, again=True, progress=quiet)
    report, _ = _merge(out)
    assert report.failures == ()


def mended(config, seed, progress):
    """The tiny model without its fault."""
    lever = config.policies.lever.model_copy(update={"breaks_seed": -1})
    policies = config.policies.model_copy(update={"lever": lever})
    return simulate(config.model_copy(update={"policies": policies}), seed, progress)


def test_of_the_ends_that_a_run_has_in_two_shards_the_good_one_is_taken(tmp_path):
    twins = TEXT.replace("{policies.lever.dose: 1.0}", "{}")
    experiment, out = load(write(tmp_path, twins)), tmp_path / "out"
    parts = _in_two(experiment, out)
    one, other = (set(RunCache(each).keys()) for each in parts)
    (key, *_) = one & other
    for number, each in enumerate(parts):
        copy = tmp_path / str(number)
        shutil.copytree(out, copy)
        RunCache(copy / FOLDER / each.name).put(key, Outcome("killed", error="x"))
        assert _merge(copy)[0].failures == ()


def test_a_shard_at_work_is_neither_merged_nor_removed(tmp_path):
    experiment, out = load(write(tmp_path)), tmp_path / "out"
    parts = _in_two(experiment, out)
    with locked(parts[1]), pytest.raises(ResultsError, match=r"2-of-2: another process"):
        _merge(out)
    assert [len(list(RunCache(each).keys())) for each in parts] == [3, 3]


def test_files_of_others_stay_where_shards_were(tmp_path):
    experiment, out = load(write(tmp_path)), tmp_path / "out"
    parts = _in_two(experiment, out)
    mine = [parts[0] / "notes.txt", parts[0] / ".runs" / "ab" / "mine", out / FOLDER / "log.txt"]
    for path in mine:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    _merge(out)
    assert {path for path in (out / FOLDER).rglob("*") if path.is_file()} == set(mine)
