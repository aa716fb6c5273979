"""Runs taken over from the finished tables of a folder: only from the files that were written."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sim.runs.experiment_file import load_experiment
from sim.runs.folder import read_table
from sim.runs.produce import produce_experiment
from sim.runs.sweep import StoppedError
from tests import tiny_model
from tests.test_resume import BreaksOff
from tests.tiny_experiment import TEXT, load, produce, tables, write

ONE_MORE = TEXT.replace("count: 2", "count: 3")


def _alter(path: Path) -> None:
    """Other numbers in a sound file of Parquet."""
    table = pq.read_table(path)
    pq.write_table(table.slice(0, table.num_rows - 1), path)


SPOILT = {
    "gone": Path.unlink,
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-40]),
    "altered": _alter,
}


@pytest.mark.parametrize("how", SPOILT)
@pytest.mark.parametrize("name", ["metrics", "zones", "runs"])
def test_tables_that_are_not_those_written_are_made_anew(tmp_path, name, how):
    experiment = load(write(tmp_path))
    produce(experiment, tmp_path / "out")
    whole = tables(tmp_path / "out")
    SPOILT[how](tmp_path / "out" / f"{name}.parquet")
    report = produce(experiment, tmp_path / "out")
    assert tables(tmp_path / "out") == whole
    assert f"{name}.parquet" in report.notes[0]
    assert "no run was taken" in report.notes[0]


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_table_goes_into_no_larger_experiment(tmp_path, how):
    more = load(write(tmp_path, ONE_MORE))
    produce(more, tmp_path / "whole")
    produce(load(write(tmp_path)), tmp_path / "out")
    SPOILT[how](tmp_path / "out" / "zones.parquet")
    produce(more, tmp_path / "out")
    assert tables(tmp_path / "out") == tables(tmp_path / "whole")


@pytest.mark.parametrize("name", ["runs.csv", "effects.csv", "experiment.yaml"])
def test_a_text_is_written_again_without_doing_a_run(tmp_path, name):
    experiment = load(write(tmp_path))
    produce(experiment, tmp_path / "out", csv=True)
    whole = tables(tmp_path / "out")
    (tmp_path / "out" / name).write_text("mine")
    none = BreaksOff(0, RuntimeError("a run was done again"))
    report = produce_experiment(experiment, tmp_path / "out", none, csv=True)
    assert report.notes == ()
    assert tables(tmp_path / "out") == whole


def slow(config, seed, progress):
    """The tiny model, which takes .8 s at dose 1."""

    def show(done: int, total: int) -> None:
        time.sleep(0.8 / total if config.policies.lever.dose == 1 else 0)
        progress(done, total)

    return tiny_model.simulate(config, seed, show)


def _limited(folder: Path, seconds: float):
    """An experiment whose runs may take so long."""
    path = write(folder, TEXT + f"timeout: {seconds}\n")
    return load_experiment(path, tiny_model.engine(simulate=slow))


@pytest.mark.parametrize(("limit", "left"), [(60, 0), (0, 0), (0.4, 2)])
@pytest.mark.parametrize("broken_off", [True, False])
def test_runs_that_timed_out_are_done_again_under_another_limit(tmp_path, limit, left, broken_off):
    short, out = _limited(tmp_path, 0.5), tmp_path / "out"
    if broken_off:
        with pytest.raises(StoppedError):
            produce_experiment(short, out, BreaksOff(5, StoppedError(signal.SIGTERM)))
    else:
        assert len(produce(short, out).failures) == 2
    counting = BreaksOff(1000, RuntimeError())
    report = produce_experiment(_limited(tmp_path, limit), out, counting)
    assert counting.done == (3 if broken_off else 2)
    assert len(report.failures) == left
    told = {error for error in read_table(out, "runs")["error"] if error}
    assert told == ({f"OutOfTime: took more than {limit:g} s"} if left else set())
