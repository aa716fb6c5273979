"""Stored results done again: each of the three verdicts, provoked, and why they may differ."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.runs.errors import ResultsError
from sim.runs.executors import InProcess, LocalProcesses
from sim.runs.experiment_file import load_experiment
from sim.runs.folder import MANIFEST, read_table
from sim.runs.produce import produce_experiment, produce_run, silent
from sim.runs.reproduce import DIFFERENT, EQUAL, FOLDER, IDENTICAL, Reproduction, reproduce
from sim.runs.rerun import sampled
from sim.runs.single import load_run
from sim.runs.sweep import StoppedError
from tests import tiny_model
from tests.tiny_experiment import BASE, TEXT, write
from tests.tiny_model import TABLES, engine

MANY = TEXT.replace("count: 2", "count: 30").replace(
    "  both: {policies.lever: {dose: 0.5}, price: 3.0}\n", ""
)
DESIGN = "uncertainties: {price: {low: 1.0, high: 3.0}}\ndesign: {kind: sobol, samples: 2}\n"


def changed(config, seed, progress, *, factor=1.0, start="", shift=0, skip=()):
    """The tiny model, prices times `factor` from a quarter on, noise of another seed."""
    lever = config.policies.lever
    frames = tiny_model.simulate(config, seed + shift, progress)
    if shift:  # the effect of the lever is that of the seed, only the noise is not
        metrics = frames["metrics"]
        sigma = metrics["metric"] == "sigma_gdp_per_head"
        frames["metrics"] = metrics.assign(
            value=metrics["value"] - sigma * lever.dose * shift / 100
        )
    provinces = frames["provinces"]
    late = provinces["quarter"] >= start
    frames["provinces"] = provinces.assign(
        gdp_real=provinces["gdp_real"] * np.where(late, factor, 1)
    )
    return {name: frame.drop(columns=[*skip], errors="ignore") for name, frame in frames.items()}


def other(**how):
    return engine(simulate=partial(changed, **how))


@pytest.fixture
def made(tmp_path):
    """Makes results of an experiment, or a single run if there is no text."""

    def make(text: str = TEXT, model=None) -> Path:
        model = model or engine()
        if not text:
            (tmp_path / "run.yaml").write_text(BASE)
            run = load_run(tmp_path / "run.yaml", model)
            produce_run(run, tmp_path / "out", model, csv=False, progress=silent)
        else:
            experiment = load_experiment(write(tmp_path, text), model)
            produce_experiment(experiment, tmp_path / "out", InProcess())
        return tmp_path / "out"

    return make


def _again(folder: Path, model=None, **options) -> Reproduction:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    outcome = reproduce(folder, model or engine(), InProcess(), **options)
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert after == before
    return outcome


def _verdicts(outcome: Reproduction) -> dict[str, str]:
    return {each.table: each.verdict for each in outcome.tables}


def _said(outcome: Reproduction, table: str) -> str:
    return "\n".join(next(each.said for each in outcome.tables if each.table == table))


# Identical.


def test_the_same_program_gives_identical_tables(made):
    outcome = _again(made(TEXT.replace(", price: 3.0", "") + DESIGN))
    assert set(_verdicts(outcome)) == {"runs", "design", "effects.csv", *TABLES}
    assert set(_verdicts(outcome).values()) == {IDENTICAL}
    assert (outcome.verdict, outcome.done, outcome.total) == (IDENTICAL, 36, 36)


def test_a_single_run_is_done_again_too(made):
    folder = made("")
    assert set(_verdicts(_again(folder))) == {"runs", *TABLES}
    assert _again(folder).verdict == IDENTICAL
    assert _again(folder, other(factor=1.01)).verdict == DIFFERENT


def test_runs_that_failed_have_to_fail_again(made):
    folder = made(TEXT.replace("dose: 1.0", "breaks_seed: 5"))
    assert _again(folder).verdict == IDENTICAL
    outcome = _again(folder, other())
    assert "run 1: traceback was" in _said(outcome, "runs")


def test_a_run_that_fails_now_is_a_difference(made):
    folder = made()

    def broken(*_):
        raise RuntimeError("no")

    outcome = _again(folder, engine(simulate=broken))
    verdicts = _verdicts(outcome)
    assert verdicts.pop("talents") == IDENTICAL  # it has no rows
    assert set(verdicts.values()) == {DIFFERENT}
    assert "run 0: status was done, is failed" in _said(outcome, "runs")
    assert "rows by up to" in _said(outcome, "zones")


def test_processes_and_samples_give_the_verdict_of_the_whole(made):
    folder = made()
    executor = LocalProcesses(2)
    outcome = reproduce(folder, engine(), executor, sample=3)
    executor.shutdown()
    assert (outcome.verdict, outcome.done, outcome.total) == (IDENTICAL, 3, 6)
    assert "effects.csv" not in _verdicts(outcome)


def test_a_sample_is_always_the_same_and_takes_every_scenario(made):
    runs = read_table(made(MANY), "runs")
    rows = sampled(runs, 10)
    assert rows == sampled(runs.sample(frac=1, random_state=1), 10)
    assert sorted(pd.DataFrame(rows)["scenario"].value_counts()) == [5, 5]
    assert [row["run"] for row in sampled(runs, 1000)] == list(range(60))
    assert {row["run"] for row in sampled(runs, 4)} < {row["run"] for row in rows}


# Different.


def test_a_changed_constant_is_different_and_is_told_from_when_and_by_how_much(made):
    outcome = _again(made(), other(factor=1.01, start="2012Q3"))
    verdicts = _verdicts(outcome)
    assert verdicts.pop("provinces") == DIFFERENT
    assert set(verdicts.values()) == {IDENTICAL}
    assert outcome.verdict == DIFFERENT
    said = _said(outcome, "provinces")
    assert "first differ in 2012Q3 (run 0): gdp_real" in said
    assert "fewer than 5 seeds" in said


def test_a_change_of_one_per_cent_is_found_among_thirty_seeds(made):
    """No seed's noise hides it: the differences are small, but all of one sign."""
    outcome = _again(made(MANY), other(factor=1.01, start="2012Q3"))
    assert _verdicts(outcome)["provinces"] == DIFFERENT


def test_a_change_that_is_over_before_the_last_quarter_is_found(made):
    def brief(config, seed, progress):
        frames = tiny_model.simulate(config, seed, progress)
        provinces = frames["provinces"]
        jump = np.where(provinces["quarter"] == "2012Q2", 3.0, 1.0)
        return {**frames, "provinces": provinces.assign(gdp_real=provinces["gdp_real"] * jump)}

    outcome = _again(made(MANY), engine(simulate=brief))
    assert "in 2012Q2" in _said(outcome, "provinces")
    assert _verdicts(outcome)["provinces"] == DIFFERENT


def test_columns_types_and_units_belong_to_a_table(made):
    folder = made()
    assert "column gdp_real is gone" in _said(_again(folder, other(skip=["gdp_real"])), "provinces")
    dear = {**TABLES["provinces"], "gdp_real": tiny_model.Column(float, "USD", "value added")}
    outcome = _again(folder, engine(tables={**TABLES, "provinces": dear}))
    assert "was double [100m CNY (2012) / quarter], is double [USD]" in _said(outcome, "provinces")
    assert outcome.verdict == DIFFERENT


def test_points_of_a_design_that_are_others_are_told(made):
    folder = made(TEXT.replace(", price: 3.0", "") + DESIGN)
    path = folder / "experiment.yaml"
    path.write_text(path.read_text().replace("high: 3.0", "high: 3.5"))
    outcome = _again(folder)
    assert _verdicts(outcome)["design"] == DIFFERENT
    assert "config_hash was" in _said(outcome, "runs")


# Statistically equal.


def test_other_noise_of_the_same_law_is_statistically_equal(made):
    outcome = _again(made(MANY), other(shift=10**6))
    verdicts = _verdicts(outcome)
    assert {name for name, verdict in verdicts.items() if verdict == EQUAL} == {
        "provinces",
        "metrics",
        "effects.csv",
    }
    assert outcome.verdict == EQUAL
    assert "paired t-tests over seeds" in _said(outcome, "provinces")


def test_other_noise_among_a_few_seeds_is_not_waved_through(made):
    for text, says in ((TEXT, "fewer than 5 seeds"), (TEXT.replace("count: 2", "count: 6"), "6 s")):
        outcome = _again(made(text), other(shift=10**6))
        assert outcome.verdict == DIFFERENT
        assert says in _said(outcome, "provinces")


def test_the_last_digits_are_no_difference_even_for_one_run(made):
    outcome = _again(made(""), other(factor=1 + 1e-12))
    assert _verdicts(outcome)["provinces"] == EQUAL
    assert outcome.verdict == EQUAL


# Why.


def _as_if(folder: Path, **entries) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, **entries}))


def test_what_has_changed_since_is_listed(made):
    folder = made()
    stored = json.loads((folder / MANIFEST).read_text())
    _as_if(
        folder,
        python="3.10.1",
        libraries={**stored["libraries"], "numpy": "1.0"},
        platform={**stored["platform"], "processor": "abacus"},
        source="0" * 64,
        git={"commit": "1" * 40, "dirty": True},
        dispatch="baseline",
    )
    reasons = "\n".join(_again(folder).reasons)
    for text in (
        "python was 3.10.1, is 3.1",
        "libraries.numpy was 1.0, is ",
        "platform.processor was abacus",
        "source of the package (SHA-256) was 000000000000, is ",
        "git.commit was 111111111111",
        "made by files that are in no commit",
        "dispatch was baseline, is unknown",
    ):
        assert text in reasons
    assert "wall_seconds" not in reasons


def test_a_table_that_was_changed_by_hand_is_told(made):
    folder = made()
    zones = read_table(folder, "zones").assign(active=True)
    zones.to_parquet(folder / "zones.parquet")
    outcome = _again(folder)
    assert _verdicts(outcome)["zones"] == DIFFERENT
    assert any("zones.parquet was changed after" in reason for reason in outcome.reasons)


# The folder.


def test_what_is_done_again_is_gone_even_if_it_is_broken_off(made):
    folder = made()
    (folder / FOLDER).mkdir()
    (folder / FOLDER / "old").write_text("of a process that was killed")

    def stopped(*_):
        raise StoppedError(15)

    with pytest.raises(StoppedError):
        reproduce(folder, engine(), InProcess(), progress=stopped)
    assert not (folder / FOLDER).exists()


def test_what_cannot_be_read_is_told(tmp_path, made):
    with pytest.raises(ResultsError, match="no such results folder"):
        reproduce(tmp_path / "nowhere", engine(), InProcess())
    folder = made()
    (folder / "zones.parquet").write_text("not Parquet")
    with pytest.raises(ResultsError, match="not readable"):
        reproduce(folder, engine(), InProcess())
    assert not (folder / FOLDER).exists()


@pytest.mark.parametrize(
    ("how", "code", "says"),
    [
        ({}, 0, "identical; 3 of 6 runs"),
        ({"factor": 1 + 1e-12}, 3, "statistically equal; 3 of 6 runs"),
        ({"factor": 2.0}, 1, "different; 3 of 6 runs"),
    ],
)
def test_the_command_ends_with_the_code_of_its_verdict(made, monkeypatch, how, code, says):
    folder = made()
    monkeypatch.setattr("sim.default_engine.engine", lambda: other(**how))
    words = ["reproduce", str(folder), "--sample", "3", "--jobs", "1"]
    result = CliRunner().invoke(app, words, prog_name="sim")
    assert says in result.output
    assert result.exit_code == code
