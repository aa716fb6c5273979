"""Verdicts that means of all runs would hide: what moves apart, is gone, or was not there."""

from __future__ import annotations

import shutil
from functools import partial

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from sim.runs.executors import InProcess
from sim.runs.experiment_file import load_experiment
from sim.runs.produce import produce_experiment
from sim.runs.verdicts import DIFFERENT, EQUAL, IDENTICAL
from tests import tiny_model
from tests.again import again, changed, make, said, verdicts
from tests.tiny_experiment import TEXT
from tests.tiny_model import engine

LEVER = "  lever: {policies.lever.dose: 1.0}\n"
DOZEN = TEXT.replace("count: 2", "count: 12").replace(
    "  both: {policies.lever: {dose: 0.5}, price: 3.0}\n", ""
)
HALVES = "design: {kind: zipped, settings: {price: [1.0, 3.0]}}\n"


@pytest.fixture
def made(tmp_path):
    """Makes results, see `make`."""
    return partial(make, tmp_path)


def moved(config, seed, progress, up):
    """The tiny model with other noise, and a metric shifted by `up` of the config."""
    frames = changed(config, seed, progress, shift=10**6)
    metrics = frames["metrics"]
    sigma = metrics["metric"] == "sigma_gdp_per_head"
    return {**frames, "metrics": metrics.assign(value=metrics["value"] + up(config) * sigma)}


def _without_theil(metrics):
    return metrics[metrics["metric"] != "theil_gdp_per_head"]


def test_a_metric_that_is_gone_or_new_is_a_difference(made):
    def lost(config, seed, progress):
        frames = tiny_model.simulate(config, seed, progress)
        return {**frames, "metrics": _without_theil(frames["metrics"])}

    folder = made()
    outcome = again(folder, engine(simulate=lost))
    assert verdicts(outcome)["metrics"] == DIFFERENT
    assert said(outcome, "metrics") == "metric theil_gdp_per_head is gone (run 0)"
    path = folder / "metrics.parquet"
    stored = pq.read_table(path)
    keep = pc.not_equal(stored["metric"], "theil_gdp_per_head")
    pq.write_table(stored.filter(keep), path)
    outcome = again(folder)
    assert verdicts(outcome)["metrics"] == DIFFERENT
    assert "metric theil_gdp_per_head is new (run 0)" in said(outcome, "metrics")


def test_scenarios_that_move_apart_are_different_though_their_mean_stays(made):
    """The effect of the lever changes by 4, among noise of standard deviation 1.4."""

    def up(config):
        return 2.0 if config.policies.lever.dose else -2.0

    outcome = again(made(DOZEN), engine(simulate=partial(moved, up=up)))
    for table in ("metrics", "effects.csv"):
        assert verdicts(outcome)[table] == DIFFERENT
        assert "sigma_gdp_per_head, last of lever: the mean differs" in said(outcome, table)


def test_points_that_move_apart_are_different_though_their_mean_stays(made):
    def up(config):
        return 2.0 if config.price > 2 else -2.0

    outcome = again(made(DOZEN + HALVES), engine(simulate=partial(moved, up=up)))
    assert verdicts(outcome)["metrics"] == DIFFERENT
    assert "sigma_gdp_per_head, last of none, point 0: the mean differs" in said(outcome, "metrics")


def test_effects_are_judged_by_themselves(made):
    """All scenarios move alike: the level of the baseline is another, the effect is not."""
    outcome = again(made(DOZEN), engine(simulate=partial(moved, up=lambda _: 9.0)))
    text = said(outcome, "effects.csv")
    assert verdicts(outcome)["effects.csv"] == DIFFERENT
    assert "sigma_gdp_per_head, last of none: the mean differs" in text
    assert "of lever" not in text


def test_effects_that_changed_though_the_metrics_did_not_are_different(made):
    folder = made()
    path = folder / "effects.csv"
    path.write_text(path.read_text().replace("log points", "points"))
    outcome = again(folder)
    assert verdicts(outcome)["effects.csv"] == DIFFERENT
    assert "though their metrics are the same" in said(outcome, "effects.csv")


def test_a_program_that_was_mended_since_all_runs_failed_is_different(made):
    def broken(*_):
        raise RuntimeError("no")

    folder = made()
    shutil.rmtree(folder)
    experiment = load_experiment(folder.parent / "tiny_levers.yaml", engine(simulate=broken))
    produce_experiment(experiment, folder, InProcess())
    assert again(folder, engine(simulate=broken)).verdict == IDENTICAL
    outcome = again(folder)
    assert verdicts(outcome) == {"runs": DIFFERENT, "effects.csv": DIFFERENT}


def test_rows_in_another_order_are_no_other_values(made):
    def turned(config, seed, progress):
        frames = tiny_model.simulate(config, seed, progress)
        backwards = {name: frames[name].iloc[::-1] for name in ("metrics", "industries")}
        return {**frames, **backwards}

    outcome = again(made(), engine(simulate=turned))
    assert (verdicts(outcome)["metrics"], verdicts(outcome)["industries"]) == (EQUAL, EQUAL)
    for table in ("metrics", "industries"):
        assert said(outcome, table).startswith("the same rows, in another order")


def test_runs_that_failed_both_times_leave_the_others_to_the_test(made):
    """Half the points have no run; the shift of the other half is found all the same."""

    def half(config, seed, progress, factor=1.0):
        if config.price > 2:
            raise RuntimeError("no")
        return changed(config, seed, progress, factor=factor)

    folder = made(DOZEN.replace(LEVER, "") + HALVES)
    shutil.rmtree(folder)
    experiment = load_experiment(folder.parent / "tiny_levers.yaml", engine(simulate=half))
    produce_experiment(experiment, folder, InProcess())
    outcome = again(folder, engine(simulate=partial(half, factor=1.01)))
    assert verdicts(outcome)["runs"] == IDENTICAL
    assert verdicts(outcome)["provinces"] == DIFFERENT
