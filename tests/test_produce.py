"""From a run or an experiment to its results folder, in one process or in several."""

from __future__ import annotations

import json
import os

import pandas as pd
import pytest

from sim.config.errors import ConfigError
from sim.config.values import digest
from sim.runs.execute import Task, run_all, run_one, single_threaded
from sim.runs.produce import produce_experiment, produce_run
from sim.runs.single import load_run
from sim.runs.store import read_manifest, read_table
from tests.tiny_experiment import BASE, TEXT, load, nothing, tables, write
from tests.tiny_model import TinyConfig, engine


def test_two_processes_give_the_bytes_of_one_also_when_a_run_fails(tmp_path):
    broken = TEXT.replace("price: 3.0", "policies.lever.breaks_seed: 5")
    experiment = load(write(tmp_path, broken))
    for jobs in (1, 2):
        calls = []
        out = tmp_path / f"jobs{jobs}"
        produce_experiment(
            experiment, out, engine(), jobs=jobs, csv=True, done=lambda c=calls: c.append(1)
        )
        assert len(calls) == 6
    assert tables(tmp_path / "jobs1") == tables(tmp_path / "jobs2")
    assert (
        read_manifest(tmp_path / "jobs1")["sha256"] == read_manifest(tmp_path / "jobs2")["sha256"]
    )


def test_the_resolved_experiment_gives_the_same_bytes_again(tmp_path):
    first, again = tmp_path / "first", tmp_path / "again"
    produce_experiment(load(write(tmp_path)), first, engine(), jobs=1, csv=False, done=nothing)
    produce_experiment(
        load(first / "experiment.yaml"), again, engine(), jobs=1, csv=False, done=nothing
    )
    assert tables(again) == tables(first)


def test_the_table_of_runs_says_what_each_run_was(tmp_path):
    experiment = load(write(tmp_path))
    produce_experiment(experiment, tmp_path / "out", engine(), jobs=1, csv=False, done=nothing)
    runs = read_table(tmp_path / "out", "runs")
    assert runs["run"].tolist() == list(range(6))
    assert runs["status"].unique().tolist() == ["done"]
    assert runs["config_hash"].tolist() == 2 * [
        digest(each) for each in experiment.configs.values()
    ]
    assert json.loads(runs["parameters"][2]) == {"policies.lever.dose": 0.5, "price": 3.0}
    assert read_table(tmp_path / "out", "provinces")["run"].is_monotonic_increasing
    manifest = read_manifest(tmp_path / "out")
    assert manifest["seeds"] == [5, 6]
    assert len(manifest["run_seconds"]) == 6


def test_effects_are_the_paired_differences_of_the_listed_outcomes(tmp_path):
    produce_experiment(
        load(write(tmp_path)), tmp_path / "out", engine(), jobs=1, csv=False, done=nothing
    )
    effects = pd.read_csv(tmp_path / "out" / "effects.csv").set_index(["scenario", "statistic"])
    assert effects["outcome"].unique().tolist() == ["sigma_gdp_per_head"]
    # Differences at dose 1 under seeds 5 and 6: 0.15 and 0.16.
    assert effects.loc[("lever", "last"), "difference"] == pytest.approx(0.155, rel=1e-12)
    assert effects.loc[("both", "mean"), "difference"] == pytest.approx(0.0775, rel=1e-12)
    assert effects.loc[("lever", "mean"), "quarters"] == "2012Q1-2012Q4"
    assert "none" not in effects.index.get_level_values("scenario")


def test_a_failed_run_is_a_row_and_the_others_go_on(tmp_path):
    broken = TEXT.replace("policies.lever.dose: 1.0", "policies.lever.breaks_seed: 5")
    report = produce_experiment(
        load(write(tmp_path, broken)),
        tmp_path / "out",
        engine(),
        jobs=1,
        csv=False,
        done=nothing,
    )
    assert [each.task.run for each in report.failures] == [1]
    runs = read_table(tmp_path / "out", "runs")
    assert runs["status"].tolist() == ["done", "failed", "done", "done", "done", "done"]
    assert runs["error"][1].startswith("RuntimeError: market did not clear under seed 5 (tiny_mod")
    assert read_table(tmp_path / "out", "zones")["run"].unique().tolist() == [0, 2, 3, 4, 5]
    assert "Traceback" in read_manifest(tmp_path / "out")["failures"]["1"]
    effects = pd.read_csv(tmp_path / "out" / "effects.csv")
    assert effects.groupby("scenario")["n"].max().to_dict() == {"lever": 1, "both": 2}


def test_if_the_baseline_fails_there_are_no_effects_but_there_are_runs(tmp_path):
    broken = TEXT.replace("none: {}", "none: {policies.lever.breaks_seed: 5}").replace(
        "count: 2", "count: 1"
    )
    produce_experiment(
        load(write(tmp_path, broken)),
        tmp_path / "out",
        engine(),
        jobs=1,
        csv=False,
        done=nothing,
    )
    assert pd.read_csv(tmp_path / "out" / "effects.csv").empty
    assert len(read_table(tmp_path / "out", "runs")) == 3


def _die(config, _seed, _progress):
    if config.policies.lever.dose:
        os._exit(3)
    return {}


def test_a_worker_that_dies_fails_its_run_with_a_reason():
    configs = [TinyConfig(), TinyConfig.model_validate({"policies": {"lever": {"dose": 1.0}}})]
    tasks = [Task(run, "x", 1, configs[run]) for run in (1, 1)]
    outcomes = list(run_all(tasks, engine(simulate=_die), 2, nothing))
    assert [each.frames for each in outcomes] == [None, None]
    assert all("worker" in each.error for each in outcomes)


def _threads(_config, _seed, _progress):
    return {name: os.environ.get(name) for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")}


def test_workers_use_one_thread_each_and_this_process_keeps_its_own(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("NUMBA_NUM_THREADS", raising=False)
    tasks = [Task(run, "x", 1, TinyConfig()) for run in range(2)]
    for outcome in run_all(tasks, engine(simulate=_threads), 2, nothing):
        assert set(outcome.frames.values()) == {"1"}
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "NUMBA_NUM_THREADS" not in os.environ
    with single_threaded():
        assert os.environ["NUMBA_NUM_THREADS"] == "1"


def test_a_failure_is_told_without_paths_of_this_machine():
    broken = TinyConfig.model_validate({"policies": {"lever": {"breaks_seed": 1}}})
    outcome = run_one(Task(0, "x", 1, broken), engine())
    assert outcome.frames is None
    assert "/" not in outcome.error
    assert __file__ not in outcome.error


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
