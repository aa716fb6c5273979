"""Jobs in processes: workers that die, runs that take too long."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from sim.runs.alike import traits
from sim.runs.errors import ResultsError
from sim.runs.executors import InProcess, LocalProcesses
from sim.runs.experiment_file import load_experiment
from sim.runs.folder import read_table
from sim.runs.produce import produce_experiment
from tests import tiny_model
from tests.tiny_experiment import TEXT, load, produce, tables, write
from tests.tiny_model import engine

FLAG = "SIM_TEST_FLAG"
"""Variable that names a file; while it is there, the model kills its process."""


def dies_once(config, seed, progress):
    """Kill the worker of the lever under seed 5, the first time."""
    flag = Path(os.environ.get(FLAG, "/nowhere"))  # a worker that is started anew knows of none
    if config.policies.lever.dose == 1 and seed == 5 and flag.exists():
        flag.unlink()
        os._exit(9)
    return tiny_model.simulate(config, seed, progress)


def always_dies(config, seed, progress):
    if config.policies.lever.dose == 1 and seed == 5:
        os._exit(9)
    return tiny_model.simulate(config, seed, progress)


def hangs(config, seed, progress):
    """Under seed 5 the lever is stuck in one step, the other scenario in many short ones."""
    if seed == 5 and config.policies.lever.dose == 1:
        time.sleep(60)
    if seed == 5 and config.policies.lever.dose == 0.5:
        for step in range(10_000):
            time.sleep(0.01)
            progress(step, 10_000)
    return tiny_model.simulate(config, seed, progress)


def _with(tmp_path: Path, simulate, text: str = TEXT):
    return load_experiment(write(tmp_path, text), engine(simulate=simulate))


def _produce(experiment, out: Path, workers: int):
    executor = LocalProcesses(workers)
    try:
        return produce_experiment(experiment, out, executor)
    finally:
        executor.shutdown()


def test_a_worker_killed_by_the_system_is_tried_again(tmp_path, monkeypatch):
    (tmp_path / "flag").touch()
    monkeypatch.setenv(FLAG, str(tmp_path / "flag"))
    produce(load(write(tmp_path)), tmp_path / "whole")
    assert _produce(_with(tmp_path, dies_once), tmp_path / "out", 2).failures == ()
    assert not (tmp_path / "flag").exists()
    assert tables(tmp_path / "out") == tables(tmp_path / "whole")


def test_a_run_that_kills_its_worker_twice_is_recorded_and_the_others_go_on(tmp_path):
    report = _produce(_with(tmp_path, always_dies), tmp_path / "out", 2)
    assert [(each.task.run, each.status) for each in report.failures] == [(1, "killed")]
    runs = read_table(tmp_path / "out", "runs")
    assert runs["status"].tolist() == ["done", "killed", *4 * ["done"]]
    assert "WorkerDied" in runs["error"][1]
    assert runs["replay"][1] == "sim replay . 1"


def test_runs_that_take_too_long_are_recorded_whether_they_notice_or_not(tmp_path, monkeypatch):
    monkeypatch.setattr("sim.runs.executors.GRACE", 1.0)
    text = TEXT.replace("outcomes:", "timeout: 1\noutcomes:")
    report = _produce(_with(tmp_path, hangs, text), tmp_path / "out", 2)
    assert {(each.task.run, each.status) for each in report.failures} == {
        (1, "timed out"),
        (2, "timed out"),
    }
    errors = read_table(tmp_path / "out", "runs")["error"]
    assert errors[1] == errors[2] == "OutOfTime: took more than 1 s"


def test_a_process_that_is_started_after_the_program_changed_does_no_run(tmp_path, monkeypatch):
    """To a worker started anew, the process that sends jobs is the older one."""
    older = {**traits(), "arithmetic": "native", "sources": "0123456789ab"}
    monkeypatch.setattr("sim.runs.executors.traits", lambda: older)
    with pytest.raises(ResultsError, match=r"changed .*: sources \w+ \(here 0123456789ab\); the"):
        _produce(load(write(tmp_path)), tmp_path / "out", 1)
    assert not (tmp_path / "out" / "runs.parquet").exists()


def test_in_one_process_a_run_still_notices_that_time_is_out(tmp_path):
    text = TEXT.replace("outcomes:", "timeout: 0.2\noutcomes:")
    text = text.replace("lever: {policies.lever.dose: 1.0}", "lever: {policies.lever.dose: 0.5}")
    report = produce_experiment(_with(tmp_path, hangs, text), tmp_path / "out", InProcess())
    assert [each.status for each in report.failures] == ["timed out", "timed out"]


def test_a_callable_that_cannot_travel_is_an_error_and_no_failed_run(tmp_path):
    experiment = _with(tmp_path, lambda *_: {})
    with pytest.raises(Exception, match=r"(?i)pickle|lambda"):
        _produce(experiment, tmp_path / "out", 1)
