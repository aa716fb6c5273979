"""Stored results done again: each of the three verdicts, provoked, and why they may differ."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.runs.executors import InProcess, LocalProcesses
from sim.runs.experiment_file import load_experiment
from sim.runs.folder import read_table
from sim.runs.produce import produce_experiment
from sim.runs.region import REGION
from sim.runs.reproduce import reproduce
from sim.runs.rerun import sampled
from sim.runs.verdicts import DIFFERENT, EQUAL, IDENTICAL
from tests import tiny_model
from tests.again import again, changed, make, other, said, verdicts
from tests.tiny_experiment import TEXT, write
from tests.tiny_model import TABLES, engine

MANY = TEXT.replace("count: 2", "count: 30").replace(
    "  both: {policies.lever: {dose: 0.5}, price: 3.0}\n", ""
)
ALONE = MANY.replace("  lever: {policies.lever.dose: 1.0}\n", "")
DESIGN = "uncertainties: {price: {low: 1.0, high: 3.0}}\ndesign: {kind: sobol, samples: 2}\n"
BRANCHING = """\
question: Do runs that branch come back?
base: TOY
set: {time.end: 2012Q3, population.firms: 200, population.talents: 300}
branch: 2012Q1
scenarios:
  baseline: {}
  sharing: {policies.compute_sharing: {dose: 1.0, start: branch}}
seeds: {count: 1}
"""
ROOT = Path(sim.__file__).parent.parent


@pytest.fixture
def made(tmp_path):
    """Makes results, see `make`."""
    return partial(make, tmp_path)


# Identical.


def test_the_same_program_gives_identical_tables(made):
    outcome = again(made(TEXT.replace(", price: 3.0", "") + DESIGN))
    assert set(verdicts(outcome)) == {"runs", "design", "effects.csv", *TABLES}
    assert set(verdicts(outcome).values()) == {IDENTICAL}
    assert (outcome.verdict, outcome.done, outcome.total) == (IDENTICAL, 36, 36)


def test_a_single_run_is_done_again_too(made):
    folder = made("")
    assert set(verdicts(again(folder))) == {"runs", *TABLES}
    assert again(folder).verdict == IDENTICAL
    assert again(folder, other(factor=1.01)).verdict == DIFFERENT


def test_runs_that_failed_have_to_fail_again(made):
    folder = made(TEXT.replace("dose: 1.0", "breaks_seed: 5"))
    assert again(folder).verdict == IDENTICAL
    outcome = again(folder, other())
    assert "run 1: traceback was" in said(outcome, "runs")


def test_a_run_that_fails_now_is_a_difference(made):
    folder = made()

    def broken(*_):
        raise RuntimeError("no")

    outcome = again(folder, engine(simulate=broken))
    found = verdicts(outcome)
    assert found.pop("talents") == IDENTICAL  # it has no rows
    assert set(found.values()) == {DIFFERENT}
    assert "run 0: status was done, is failed" in said(outcome, "runs")
    assert "rows by up to" in said(outcome, "zones")


def test_processes_and_samples_give_the_verdict_of_the_whole(made):
    folder = made()
    executor = LocalProcesses(2)
    outcome = reproduce(folder, engine(), executor, sample=3)
    executor.shutdown()
    assert (outcome.verdict, outcome.done, outcome.total) == (IDENTICAL, 3, 6)
    assert "effects.csv" not in verdicts(outcome)


def test_a_sample_is_always_the_same_and_takes_every_scenario(made):
    runs = read_table(made(MANY), "runs")
    rows = sampled(runs, 10)
    assert rows == sampled(runs.sample(frac=1, random_state=1), 10)
    assert sorted(pd.DataFrame(rows)["scenario"].value_counts()) == [5, 5]
    assert [row["run"] for row in sampled(runs, 1000)] == list(range(60))
    assert {row["run"] for row in sampled(runs, 4)} < {row["run"] for row in rows}


def test_seeds_that_rounds_added_are_done_again(made):
    aim = "{outcome: sigma_gdp_per_head, half_width: 1.0e-9, round: 2, most: 5}"
    outcome = again(made(f"{TEXT}replicates: auto\nprecision: {aim}\n"))
    assert (outcome.verdict, outcome.done) == (IDENTICAL, 15)


def test_runs_that_branched_are_the_runs_done_straight_through(tmp_path):
    text = BRANCHING.replace("TOY", str(ROOT / "configs" / "toy.yaml"))
    experiment = load_experiment(write(tmp_path, text), REGION)
    produce_experiment(experiment, tmp_path / "out", InProcess())
    assert again(tmp_path / "out", REGION).verdict == IDENTICAL


# Different.


def test_a_changed_constant_is_different_and_is_told_from_when_and_by_how_much(made):
    outcome = again(made(), other(factor=1.01, start="2012Q3"))
    found = verdicts(outcome)
    assert found.pop("provinces") == DIFFERENT
    assert set(found.values()) == {IDENTICAL}
    assert outcome.verdict == DIFFERENT
    text = said(outcome, "provinces")
    assert "first differ in 2012Q3 (run 0): gdp_real" in text
    assert "fewer than 5 seeds" in text


def test_a_change_of_one_per_cent_is_found_among_thirty_seeds(made):
    """No seed's noise hides it: the differences are small, but all of one sign."""
    outcome = again(made(ALONE), other(factor=1.01, start="2012Q3"))
    assert verdicts(outcome)["provinces"] == DIFFERENT


def test_a_change_that_is_over_before_the_last_quarter_is_found(made):
    def brief(config, seed, progress):
        frames = tiny_model.simulate(config, seed, progress)
        provinces = frames["provinces"]
        jump = np.where(provinces["quarter"] == "2012Q2", 3.0, 1.0)
        return {**frames, "provinces": provinces.assign(gdp_real=provinces["gdp_real"] * jump)}

    outcome = again(made(ALONE), engine(simulate=brief))
    assert "in 2012Q2" in said(outcome, "provinces")
    assert verdicts(outcome)["provinces"] == DIFFERENT


def test_the_first_quarter_is_that_of_the_run_that_differs_first(made):
    def later(config, seed, progress):
        return changed(config, seed, progress, factor=2.0, start={5: "2012Q4"}.get(seed, "2012Q2"))

    outcome = again(made(), engine(simulate=later))
    assert "first differ in 2012Q2 (run 3): gdp_real" in said(outcome, "provinces")


def test_other_words_are_a_difference(made):
    def renamed(config, seed, progress):
        frames = tiny_model.simulate(config, seed, progress)
        return {**frames, "industries": frames["industries"].assign(industry="B0")}

    outcome = again(made(ALONE), engine(simulate=renamed))
    assert verdicts(outcome)["industries"] == DIFFERENT
    assert "industry=A0, last: differs by -1 in every run" in said(outcome, "industries")


def test_columns_types_and_units_belong_to_a_table(made):
    folder = made()
    assert "column gdp_real is gone" in said(again(folder, other(skip=["gdp_real"])), "provinces")
    dear = {**TABLES["provinces"], "gdp_real": tiny_model.Column(float, "USD", "value added")}
    outcome = again(folder, engine(tables={**TABLES, "provinces": dear}))
    assert "was double [100m CNY (2012) / quarter], is double [USD]" in said(outcome, "provinces")
    assert outcome.verdict == DIFFERENT


def test_points_of_a_design_that_are_others_are_told(made):
    folder = made(TEXT.replace(", price: 3.0", "") + DESIGN)
    path = folder / "experiment.yaml"
    path.write_text(path.read_text().replace("high: 3.0", "high: 3.5"))
    outcome = again(folder)
    assert verdicts(outcome)["design"] == DIFFERENT
    assert "config_hash was" in said(outcome, "runs")


# Statistically equal.


def test_other_noise_of_the_same_law_is_statistically_equal(made):
    outcome = again(made(MANY), other(shift=10**6))
    found = verdicts(outcome)
    assert {name for name, verdict in found.items() if verdict == EQUAL} == {
        "provinces",
        "metrics",
        "effects.csv",
    }
    assert outcome.verdict == EQUAL
    assert "paired t-tests over seeds" in said(outcome, "provinces")


def test_other_noise_among_a_few_seeds_is_not_waved_through(made):
    for text, says in ((TEXT, "fewer than 5 seeds"), (TEXT.replace("count: 2", "count: 6"), "6 s")):
        outcome = again(made(text), other(shift=10**6))
        assert outcome.verdict == DIFFERENT
        assert says in said(outcome, "provinces")


def test_the_last_digits_are_no_difference_even_for_one_run(made):
    outcome = again(made(""), other(factor=1 + 1e-12))
    assert verdicts(outcome)["provinces"] == EQUAL
    assert outcome.verdict == EQUAL
    assert "no test needed" in said(outcome, "provinces")
