"""What tells programs apart whose bytes may differ, and that their runs are never mixed."""

from __future__ import annotations

import signal

import pytest

import sim
from sim import portable
from sim.runs import alike, shards
from sim.runs.campaign import Shard
from sim.runs.errors import ResultsError
from sim.runs.executors import InProcess
from sim.runs.keys import source_digest
from sim.runs.produce import produce_experiment, silent
from sim.runs.reproduce import reproduce
from sim.runs.sweep import StoppedError
from tests.test_resume import BreaksOff
from tests.tiny_experiment import load, produce, tables, write
from tests.tiny_model import engine

TRAITS = {"numpy": "1.0", "arithmetic": "by hand", "C library": "glibc 2.0", "python": "3.0"}


@pytest.fixture(params=TRAITS)
def elsewhere(request, monkeypatch):
    """Go to where one trait is another."""
    there = {**alike.traits(), request.param: TRAITS[request.param]}

    def go() -> None:
        monkeypatch.setattr(alike, "traits", lambda: there)
        monkeypatch.setattr(shards, "traits", lambda: there)

    return go


@pytest.fixture
def computing(monkeypatch):
    """Let the process compute otherwise, and know it."""

    def change(how: str) -> str:
        monkeypatch.setattr(portable, "floating_point", lambda: how)
        alike.traits.cache_clear()
        return alike.program()

    yield change
    alike.traits.cache_clear()


def test_a_sweep_goes_on_elsewhere_without_the_runs_that_were_kept(tmp_path, elsewhere):
    experiment, counting = load(write(tmp_path)), BreaksOff(1000, RuntimeError())
    with pytest.raises(StoppedError):
        produce_experiment(experiment, tmp_path / "out", BreaksOff(3, StoppedError(signal.SIGTERM)))
    elsewhere()
    produce_experiment(experiment, tmp_path / "out", counting)
    assert counting.done == 6


def test_finished_tables_of_elsewhere_are_not_mixed_with_runs_of_here(tmp_path, elsewhere):
    experiment, counting = load(write(tmp_path)), BreaksOff(1000, RuntimeError())
    produce(experiment, tmp_path / "out")
    elsewhere()
    produce_experiment(experiment, tmp_path / "out", counting)
    assert counting.done == 6


def test_shards_of_elsewhere_are_not_put_together(tmp_path, elsewhere):
    experiment, out = load(write(tmp_path)), tmp_path / "out"
    for number in (1, 2):
        shard = Shard(number, 2)
        shards.produce_shard(experiment, out, InProcess(), shard, again=False, progress=silent)
    elsewhere()
    with pytest.raises(ResultsError, match=r"1-of-2: done by another .* \(here "):
        shards.merge_shards(out, engine(), csv=False)


def test_results_of_elsewhere_are_compared_all_the_same(tmp_path, elsewhere):
    produce(load(write(tmp_path)), tmp_path / "out")
    before = tables(tmp_path / "out")
    elsewhere()
    assert reproduce(tmp_path / "out", engine(), InProcess()).verdict == "identical"
    assert tables(tmp_path / "out") == before


def test_where_the_processor_decides_each_is_told_apart(computing, monkeypatch):
    baseline, native = computing("x86-64 baseline"), computing(portable.OWN)
    assert baseline != native
    monkeypatch.setattr(alike, "_processor", lambda: "another")
    assert computing("x86-64 baseline") == baseline
    assert computing(portable.OWN) not in {baseline, native}


@pytest.mark.parametrize("ending", ["py", "csv", "json", "yaml", "md"])
def test_every_kind_of_source_and_data_is_in_the_digest(tmp_path, monkeypatch, ending):
    monkeypatch.setattr(sim, "__file__", str(tmp_path / "__init__.py"))
    (tmp_path / "data").mkdir()
    digests = set()
    for content in ("one", "two"):
        (tmp_path / "data" / f"industries.{ending}").write_text(content)
        digests.add(source_digest.__wrapped__())
    assert len(digests) == 2
