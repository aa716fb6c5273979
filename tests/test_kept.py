"""Runs that a folder keeps: nothing else that is done there takes them away."""

from __future__ import annotations

import os
import signal

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.runs import shards
from sim.runs.assembly import Assembly
from sim.runs.cache import RunCache
from sim.runs.campaign import Shard
from sim.runs.errors import ResultsError
from sim.runs.executors import InProcess
from sim.runs.produce import produce_experiment, produce_run, silent
from sim.runs.single import load_run
from sim.runs.sweep import StoppedError
from sim.runs.task import Outcome
from tests.test_resume import BreaksOff
from tests.tiny_experiment import TEXT, load, produce, tables, write
from tests.tiny_model import engine

OTHER = TEXT.replace("dose: 1.0", "dose: 0.9").replace("price: 3.0", "price: 3.5")
AUTO = TEXT.replace(
    "outcomes:",
    "replicates: auto\nprecision: {outcome: theil_gdp_per_head, half_width: 1, most: 9}\noutcomes:",
)
KEY = "0123456789abcdef" * 4


@pytest.fixture
def broken_off(tmp_path):
    """An experiment, and a folder with five of its six runs."""
    experiment = load(write(tmp_path))
    with pytest.raises(StoppedError):
        produce_experiment(experiment, tmp_path / "out", BreaksOff(5, StoppedError(signal.SIGTERM)))
    return experiment, tmp_path / "out"


def _kept(folder) -> set[str]:
    return set(RunCache(folder).keys())


def test_a_run_is_refused_where_a_sweep_waits(tmp_path, broken_off):
    _, out = broken_off
    before = _kept(out)
    assert len(before) == 5
    run = load_run(tmp_path / "configs" / "base.yaml", engine())
    with pytest.raises(ResultsError, match="keeps 5 runs of a sweep"):
        produce_run(run, out, engine(), csv=False, progress=silent)
    assert _kept(out) == before
    assert not (out / "manifest.json").exists()


def test_another_experiment_leaves_kept_runs_and_says_so(tmp_path, broken_off):
    experiment, out = broken_off
    before = _kept(out)
    report = produce(load(write(tmp_path / "other", OTHER)), out)
    shared = before - _kept(out)  # the two runs of the scenario without changes
    assert len(shared) == 2
    assert [note.split(";")[0] for note in report.notes] == [
        "3 kept runs are of another experiment or program than this one"
    ]
    assert f"remove {out / '.runs'}" in report.notes[0]
    counting = BreaksOff(1000, RuntimeError())
    produce_experiment(experiment, out, counting)
    assert counting.done == 1
    assert _kept(out) == set()
    assert not RunCache(out).folder.exists()


def test_what_a_killed_process_left_is_tidied_by_the_next_call(tmp_path):
    experiment, out = load(write(tmp_path)), tmp_path / "out"
    produce(experiment, out)
    before, cache = tables(out), RunCache(out)
    cache.put(KEY, Outcome("failed", error="x"))
    cache.path(KEY).rename(cache.path(KEY).with_name(f".{KEY}.7.part"))
    report = produce(experiment, out)
    assert (report.notes, cache.folder.exists()) == (("nothing to do: all runs are there",), False)
    assert tables(out) == before


def test_runs_of_later_rounds_are_known_as_those_of_the_experiment(tmp_path):
    more = load(write(tmp_path / "more", AUTO.replace("count: 2", "count: 4")))
    with pytest.raises(StoppedError):
        produce_experiment(more, tmp_path / "out", BreaksOff(11, StoppedError(signal.SIGTERM)))
    few = load(write(tmp_path / "few", AUTO))
    report = produce_experiment(few, tmp_path / "out", InProcess())
    assert [note for note in report.notes if "kept" in note] == []
    assert not RunCache(tmp_path / "out").folder.exists()


def _signalled(monkeypatch, number: int) -> None:
    """Let a signal come while tables are written."""
    monkeypatch.setattr(Assembly, "finish", lambda _self: os.kill(os.getpid(), number))


@pytest.fixture(autouse=True)
def _harmless():
    """A signal that nobody catches fails a test, and does not end all of them."""

    def uncaught(number: int, _frame: object) -> None:
        raise AssertionError(f"signal {number} was not caught")

    before = {each: signal.signal(each, uncaught) for each in (signal.SIGINT, signal.SIGTERM)}
    yield
    for each, handler in before.items():
        signal.signal(each, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_tables_are_written_loses_no_run(tmp_path, monkeypatch, number):
    experiment, out = load(write(tmp_path)), tmp_path / "out"
    with monkeypatch.context() as patch:
        _signalled(patch, number)
        with pytest.raises(StoppedError):
            produce(experiment, out)
    assert not (out / "runs.parquet").exists()
    produce_experiment(experiment, out, BreaksOff(0, RuntimeError("a run was done again")))
    assert not RunCache(out).folder.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_shards_are_merged_leaves_them(tmp_path, monkeypatch, number):
    experiment, out = load(write(tmp_path)), tmp_path / "out"
    shards.produce_shard(experiment, out, InProcess(), Shard(1, 1), again=False, progress=silent)
    monkeypatch.setattr("sim.default_engine.engine", engine)
    with monkeypatch.context() as patch:
        _signalled(patch, number)
        ended = CliRunner().invoke(app, ["merge", str(out)])
    assert ended.exit_code == 128 + number
    assert "the same command goes on" in ended.output
    shards.merge_shards(out, engine(), csv=False)
