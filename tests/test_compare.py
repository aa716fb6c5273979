"""Paired comparison against closed forms and against scipy."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from sim.runs.compare import compare_folders, comparison_name
from sim.runs.effects import COLUMNS, paired_effects, paired_interval, variance_removed
from sim.runs.errors import ResultsError
from sim.runs.experiment_file import load_experiment
from sim.runs.pairing import Pairs, paired_statistics
from tests.tiny_experiment import produce
from tests.tiny_model import engine, metric_unit

NUMBERS = st.floats(-1e3, 1e3)
FIELDS = ("n", "baseline_mean", "difference", "low", "high", "relative")


def _interval(baseline, other) -> dict[str, float]:
    numbers = paired_interval(np.array(baseline, float), np.array(other, float))
    return dict(zip(FIELDS, numbers, strict=True))


def test_two_pairs_by_hand():
    # Differences 1 and 3: mean 2, standard error 1; t(0.975, 1) = tan(0.475 pi) = 12.7062...
    effect = _interval([10.0, 20.0], [11.0, 23.0])
    half = np.tan(0.475 * np.pi)
    assert (effect["n"], effect["baseline_mean"], effect["difference"]) == (2, 15.0, 2.0)
    assert effect["low"] == pytest.approx(2 - half, rel=1e-12)
    assert effect["high"] == pytest.approx(2 + half, rel=1e-12)
    assert effect["relative"] == pytest.approx(2 / 15, rel=1e-15)


@given(arrays(float, (2, 6), elements=NUMBERS))
def test_the_interval_is_that_of_scipy(values):
    baseline, other = values
    difference = other - baseline
    effect = _interval(baseline, other)
    expected = stats.ttest_rel(other, baseline).confidence_interval(0.95)
    if np.ptp(difference) > 1e-6 * np.abs(difference).max():
        assert effect["low"] == pytest.approx(expected.low, rel=1e-9, abs=1e-9)
        assert effect["high"] == pytest.approx(expected.high, rel=1e-9, abs=1e-9)


@given(arrays(float, (2, 5), elements=NUMBERS), NUMBERS)
def test_noise_that_both_share_drops_out(values, common):
    plain, shifted = _interval(*values), _interval(*(values + common))
    for field in ("difference", "low", "high"):
        assert shifted[field] == pytest.approx(plain[field], abs=1e-9)


@given(arrays(float, (2, 5), elements=NUMBERS))
def test_exchanging_the_two_changes_the_sign_alone(values):
    there, back = _interval(*values), _interval(*values[::-1])
    assert back["difference"] == -there["difference"]
    assert back["low"] == pytest.approx(-there["high"], abs=1e-9)


def test_one_pair_has_no_interval_and_no_pair_has_nothing():
    one = _interval([4.0, np.nan], [5.0, 6.0])
    assert (one["n"], one["difference"], one["relative"]) == (1, 1.0, 0.25)
    assert np.isnan([one["low"], one["high"]]).all()
    none = _interval([np.nan], [1.0])
    assert none["n"] == 0
    assert np.isnan(list(none.values())[1:]).all()


def test_relative_to_nothing_is_not_defined_and_relative_to_a_debt_keeps_the_sign():
    assert np.isnan(_interval([1.0, -1.0], [2.0, 2.0])["relative"])
    assert _interval([-4.0, -4.0], [-3.0, -3.0])["relative"] == 0.25


def _effects(
    one: dict[tuple[int, int, str], float],
    two: dict[tuple[int, int, str], float],
    outcome: str = "sigma_gdp_per_head",
    **options: Any,
) -> pd.DataFrame:
    """Effects of values of sigma by point, seed and quarter."""
    frames = [
        pd.DataFrame(
            [(*at, "sigma_gdp_per_head", value) for at, value in values.items()],
            columns=["point", "seed", "quarter", "metric", "value"],
        )
        for values in (one, two)
    ]
    table = paired_statistics(*frames, "2012Q2", ["point", "seed"])
    pairs = Pairs("one", "two", table, "2012Q1", "2012Q2", **options)
    return paired_effects(pairs, [outcome], metric_unit)


def test_last_quarter_and_mean_over_the_seeds_that_both_have():
    one = {(0, 1, "2012Q1"): 1.0, (0, 1, "2012Q2"): 3.0, (0, 1, "2012Q3"): 99.0}
    two = {(0, 1, "2012Q1"): 2.0, (0, 1, "2012Q2"): 6.0, (0, 2, "2012Q1"): 50.0}
    effects = _effects(one, two)
    assert list(effects) == list(COLUMNS)
    assert effects["statistic"].tolist() == ["last", "mean"]
    assert effects["quarters"].tolist() == ["2012Q2", "2012Q1-2012Q2"]
    assert effects["difference"].tolist() == [3.0, 2.0]
    assert effects["unit"].tolist() == ["log points", "log points"]
    assert effects["n"].tolist() == [1, 1]


def test_points_count_alike_whatever_their_number_of_seeds():
    # Point 0: differences 1 and 3 under its seeds, point 1: 5 under one. Mean of 2 and 5.
    one = {(0, 1, "2012Q2"): 0.0, (0, 2, "2012Q2"): 0.0, (1, 1, "2012Q2"): 0.0}
    two = {(0, 1, "2012Q2"): 1.0, (0, 2, "2012Q2"): 3.0, (1, 1, "2012Q2"): 5.0}
    effects = _effects(one, two)
    assert effects["n"].tolist() == [3, 3]
    assert effects["difference"].tolist() == [3.5, 3.5]


def test_a_run_without_its_partner_moves_neither_side():
    # The true difference is 1 everywhere. Seed 2 of point 0, at another level, failed on one side.
    one = {(0, 1, "2012Q2"): 0.0, (0, 2, "2012Q2"): 100.0, (1, 1, "2012Q2"): 0.0}
    two = {(0, 1, "2012Q2"): 1.0, (0, 2, "2012Q2"): np.nan, (1, 1, "2012Q2"): 1.0}
    for effects in (_effects(one, two), _effects(two, one)):
        assert effects["difference"].abs().tolist() == [1.0, 1.0]
        assert effects["n"].tolist() == [2, 2]


def test_means_are_taken_over_the_quarters_that_both_runs_have():
    # Where it is not defined a metric has no row. Quarters differ by 10, scenarios by 1.
    one = {(0, 1, "2012Q1"): 10.0, (0, 1, "2012Q2"): 20.0}
    two = {(0, 1, "2012Q2"): 21.0}
    assert _effects(one, two)["difference"].tolist() == [1.0, 1.0]
    assert _effects(one, {(0, 1, "2012Q1"): 11.0})["n"].tolist() == [0, 1]


def test_an_outcome_that_neither_has_is_a_row_without_numbers():
    one = {(0, 1, "2012Q1"): 1.0}
    effects = _effects(one, one, "theil_gdp_per_head")
    assert effects["n"].tolist() == [0, 0]
    assert effects["difference"].isna().all()


def test_variance_removed_is_all_for_a_constant_and_none_for_strangers():
    # Var(b) = Var(o) = v: a constant difference removes all; o = -b doubles what was there.
    values = np.array([1.0, 2.0, 4.0])
    assert variance_removed(values, values + 7) == 1.0
    assert variance_removed(values, -values) == pytest.approx(-1.0, rel=1e-12)
    assert np.isnan(variance_removed(values[:1], values[:1]))
    assert np.isnan(variance_removed(np.ones(3), np.ones(3)))


@given(arrays(float, (2, 40), elements=NUMBERS))
def test_variance_removed_is_twice_the_covariance_over_the_variances(values):
    one, two = values
    total = one.var(ddof=1) + two.var(ddof=1)
    if total > 1e-6:
        expected = 2 * np.cov(one, two)[0, 1] / total
        assert variance_removed(one, two) == pytest.approx(expected, abs=1e-9)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Experiment of three scenarios and four seeds, the second of which breaks `broken`."""
    top = tmp_path_factory.mktemp("compare")
    (top / "tiny.yaml").write_text(
        "question: Does it work?\n"
        "base: {name: tiny}\n"
        "scenarios:\n"
        "  baseline: {}\n"
        "  lever: {policies.lever.dose: 1.0}\n"
        "  broken: {policies.lever: {dose: 0.5, breaks_seed: 2}}\n"
        "seeds: {first: 1, count: 4}\n"
    )
    spec = load_experiment(top / "tiny.yaml", engine(), ())
    out = top / "results"
    produce(spec, out)
    return out


def test_scenarios_of_one_experiment(folder):
    effects = compare_folders(folder, folder, ("baseline", "lever"), engine())
    sigma = effects[effects["outcome"] == "sigma_gdp_per_head"]
    # Differences 0.11, 0.12, 0.13, 0.14 in every quarter: mean 0.125, sd 0.01 sqrt(5/3).
    half = stats.t.ppf(0.975, 3) * 0.01 * np.sqrt(5 / 3) / 2
    assert sigma["difference"].to_numpy() == pytest.approx(0.125, rel=1e-12)
    assert sigma["low"].to_numpy() == pytest.approx(0.125 - half, rel=1e-9)
    assert sigma["n"].tolist() == [4, 4]
    theil = effects[effects["outcome"] == "theil_gdp_per_head"]
    assert (theil[["difference", "low", "high"]] == 0).all(axis=None)


def test_a_failed_run_leaves_its_pair_out(folder):
    effects = compare_folders(folder, folder, ("baseline", "broken"), engine())
    assert effects["n"].unique().tolist() == [3]
    assert effects["difference"][0] == pytest.approx(0.5 * (0.11 + 0.13 + 0.14) / 3, rel=1e-9)


def test_all_scenarios_that_two_folders_share(folder, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    effects = compare_folders(folder, copy, None, engine())
    assert effects["baseline"].unique().tolist() == [
        "results/baseline",
        "results/lever",
        "results/broken",
    ]
    assert effects["scenario"].unique().tolist() == ["copy/baseline", "copy/lever", "copy/broken"]
    assert (effects["difference"] == 0).all()


def test_folders_of_one_name_are_told_apart_by_their_paths(folder, tmp_path):
    namesake = tmp_path / "results"
    shutil.copytree(folder, namesake)
    effects = compare_folders(folder, namesake, ("lever", "lever"), engine())
    assert effects["baseline"].unique().tolist() == [f"{folder}/lever"]
    assert effects["scenario"].unique().tolist() == [f"{namesake}/lever"]


@pytest.mark.parametrize("scenarios", [None, ("lever", "lever")])
def test_nothing_is_compared_with_itself(folder, scenarios):
    with pytest.raises(ResultsError, match="--scenarios"):
        compare_folders(folder, folder, scenarios, engine())


def test_runs_without_a_seed_in_common_are_refused(folder, tmp_path):
    other = load_experiment(folder.parent / "tiny.yaml", engine(), ())
    seeds = other.spec.seeds.model_copy(update={"first": 9})
    produce(replace(other, spec=other.spec.model_copy(update={"seeds": seeds})), tmp_path / "out")
    with pytest.raises(ResultsError, match="no seed in common"):
        compare_folders(folder, tmp_path / "out", ("baseline", "lever"), engine())


def test_a_misspelt_scenario_gives_the_nearest(folder):
    with pytest.raises(ResultsError, match="did you mean lever"):
        compare_folders(folder, folder, ("baseline", "levr"), engine())


def test_the_folder_of_a_comparison_is_named_after_what_is_compared():
    a, b = Path("results/a"), Path("results/b")
    assert comparison_name(a, b, None) == "compare-a-b"
    assert comparison_name(a, a, ("base line", "../x")) == "compare-a-base_line-.._x"
