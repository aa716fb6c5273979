"""From a run or an experiment to its results folder, in one process or in several."""

from __future__ import annotations

import json
import os

import pandas as pd
import pytest

from sim.config.errors import ConfigError
from sim.config.values import digest
from sim.runs.executors import LocalProcesses, settings_of_workers
from sim.runs.experiment_file import load_experiment
from sim.runs.folder import read_manifest, read_table
from sim.runs.produce import produce_experiment, produce_run
from sim.runs.single import load_run
from sim.runs.task import Job
from sim.runs.worker import perform
from tests.tiny_experiment import BASE, TEXT, load, produce, tables, write
from tests.tiny_model import TinyConfig, engine


def test_two_processes_give_the_bytes_of_one_also_when_a_run_fails(tmp_path):
    broken = TEXT.replace("price: 3.0", "policies.lever.breaks_seed: 5")
    experiment = load(write(tmp_path, broken))
    calls: list[tuple[int, int]] = []
    produce(experiment, tmp_path / "one", csv=True, progress=lambda *numbers: calls.append(numbers))
    assert calls == [(done, 6) for done in range(7)]
    executor = LocalProcesses(2)
    produce_experiment(experiment, tmp_path / "two", executor, csv=True)
    executor.shutdown()
    assert tables(tmp_path / "one") == tables(tmp_path / "two")
    hashes = [read_manifest(tmp_path / name)["sha256"] for name in ("one", "two")]
    assert hashes[0] == hashes[1]


def test_the_resolved_experiment_gives_the_same_bytes_again(tmp_path):
    first, again = tmp_path / "first", tmp_path / "again"
    produce(load(write(tmp_path)), first)
    produce(load(first / "experiment.yaml"), again)
    assert tables(again) == tables(first)


def test_the_table_of_runs_says_what_each_run_was(tmp_path):
    experiment = load(write(tmp_path))
    produce(experiment, tmp_path / "out")
    runs = read_table(tmp_path / "out", "runs")
    assert runs["run"].tolist() == list(range(6))
    assert runs["status"].unique().tolist() == ["done"]
    assert runs["config_hash"].tolist() == 2 * [
        digest(experiment.config(name)) for name in experiment.scenarios
    ]
    assert json.loads(runs["parameters"][2]) == {"policies.lever.dose": 0.5, "price": 3.0}
    assert read_table(tmp_path / "out", "provinces")["run"].is_monotonic_increasing
    manifest = read_manifest(tmp_path / "out")
    assert manifest["seeds"] == [5, 6]
    assert len(manifest["run_seconds"]) == 6


def test_effects_are_the_paired_differences_of_the_listed_outcomes(tmp_path):
    produce(load(write(tmp_path)), tmp_path / "out")
    effects = pd.read_csv(tmp_path / "out" / "effects.csv").set_index(["scenario", "statistic"])
    assert effects["outcome"].unique().tolist() == ["sigma_gdp_per_head"]
    # Differences at dose 1 under seeds 5 and 6: 0.15 and 0.16.
    assert effects.loc[("lever", "last"), "difference"] == pytest.approx(0.155, rel=1e-12)
    assert effects.loc[("both", "mean"), "difference"] == pytest.approx(0.0775, rel=1e-12)
    assert effects.loc[("lever", "mean"), "quarters"] == "2012Q1-2012Q4"
    assert "none" not in effects.index.get_level_values("scenario")


def test_a_failed_run_is_a_row_and_the_others_go_on(tmp_path):
    broken = TEXT.replace("policies.lever.dose: 1.0", "policies.lever.breaks_seed: 5")
    report = produce(load(write(tmp_path, broken)), tmp_path / "out")
    assert [each.task.run for each in report.failures] == [1]
    runs = read_table(tmp_path / "out", "runs")
    assert runs["status"].tolist() == ["done", "failed", "done", "done", "done", "done"]
    assert runs["error"][1].startswith("RuntimeError: market did not clear under seed 5 (tiny_mod")
    assert read_table(tmp_path / "out", "zones")["run"].unique().tolist() == [0, 2, 3, 4, 5]
    assert "Traceback" in runs["traceback"][1]
    assert "/" not in runs["traceback"][1]
    assert runs["replay"].tolist() == ["", "sim replay . 1", "", "", "", ""]
    effects = pd.read_csv(tmp_path / "out" / "effects.csv")
    assert effects.groupby("scenario")["n"].max().to_dict() == {"lever": 1, "both": 2}


def test_if_the_baseline_fails_there_are_no_effects_but_there_are_runs(tmp_path):
    broken = TEXT.replace("none: {}", "none: {policies.lever.breaks_seed: 5}").replace(
        "count: 2", "count: 1"
    )
    produce(load(write(tmp_path, broken)), tmp_path / "out")
    assert pd.read_csv(tmp_path / "out" / "effects.csv").empty
    assert len(read_table(tmp_path / "out", "runs")) == 3


def _threads(_config, _seed, _progress):
    raise RuntimeError(f"{os.environ.get('OMP_NUM_THREADS')}{os.environ.get('NUMBA_NUM_THREADS')}")


def test_workers_use_one_thread_each_and_this_process_keeps_its_own(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("NUMBA_NUM_THREADS", raising=False)
    executor = LocalProcesses(1)
    job = Job(engine(simulate=_threads), TinyConfig(), 1)
    assert "11" in executor.result(executor.submit(job)).error
    executor.shutdown()
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "NUMBA_NUM_THREADS" not in os.environ
    with settings_of_workers():
        assert os.environ["NUMBA_NUM_THREADS"] == "1"


def test_a_failure_is_told_without_paths_of_this_machine():
    broken = TinyConfig.model_validate({"policies": {"lever": {"breaks_seed": 1}}})
    outcome = perform(Job(engine(), broken, 1))
    assert (outcome.status, outcome.content) == ("failed", b"")
    assert "/" not in outcome.error + outcome.trace
    assert "in simulate" in outcome.trace


def test_an_experiment_that_was_allowed_is_stored_so_that_its_file_runs_again(tmp_path):
    file = write(tmp_path, TEXT + "max_runs: 3\n")
    experiment = load_experiment(file, engine(), max_runs=1000)
    stored = write(tmp_path / "again", experiment.resolved())
    again = load_experiment(stored, engine())
    assert (again.size(), again.spec.max_runs) == (6, 6)
    assert again.resolved() == experiment.resolved()


# A single run.


def test_seed_of_the_command_beats_that_of_the_file_beats_one(tmp_path):
    base = write(tmp_path).parent / "configs" / "base.yaml"
    assert load_run(base, engine()).seed == 9
    assert load_run(base, engine(), seed=3).seed == 3
    base.write_text("name: tiny\n")
    assert load_run(base, engine()).seed == 1


@pytest.mark.parametrize("seed", ["-1", "1.5", "one", "true", "[1]"])
def test_a_seed_that_is_no_whole_number_is_refused(tmp_path, seed):
    path = tmp_path / "run.yaml"
    path.write_text(f"name: tiny\nseed: {seed}\n")
    with pytest.raises(ConfigError, match="whole number") as caught:
        load_run(path, engine())
    assert (caught.value.line, caught.value.field) == (2, "seed")


def test_until_is_inclusive_and_told_as_such_if_wrong(tmp_path):
    path = tmp_path / "run.yaml"
    path.write_text(BASE)
    run = load_run(path, engine(), until="2012Q3")
    produce_run(run, tmp_path / "out", engine(), csv=False, progress=lambda _done, _total: None)
    quarters = read_table(tmp_path / "out", "provinces")["quarter"]
    assert quarters.tolist() == ["2012Q1", "2012Q2", "2012Q3"]
    with pytest.raises(ConfigError) as caught:
        load_run(path, engine(), until="2012")
    assert (str(caught.value.file), caught.value.field) == ("--until", "time.end")


def test_the_resolved_run_gives_the_same_bytes_again(tmp_path):
    path = tmp_path / "run.yaml"
    path.write_text(BASE)
    run = load_run(path, engine(), ["policies.lever.dose=0.3"], seed=7, until="2012Q3")
    first, again = tmp_path / "first", tmp_path / "again"
    produce_run(run, first, engine(), csv=False, progress=lambda _done, _total: None)
    repeated = load_run(first / "config.yaml", engine())
    assert repeated == run
    produce_run(repeated, again, engine(), csv=False, progress=lambda _done, _total: None)
    assert tables(again) == tables(first)
