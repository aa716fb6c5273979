"""Sensitivity indices against closed forms: linear models, Ishigami's function, failed runs."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from SALib.analyze import morris as salib_morris
from SALib.sample import latin
from SALib.sample import morris as morris_sample
from SALib.sample import sobol as sobol_sample

from sim.analysis.indices import morris, regression, sobol, standardised_coefficients
from tests.invented_sweep import unit_problem

NAMES = ("a", "b", "c")
SLOPES = np.array([3.0, -2.0, 0.5])


def ishigami(x, a=7.0, b=0.1):
    z = np.pi * (2 * x - 1)
    return np.sin(z[:, 0]) + a * np.sin(z[:, 1]) ** 2 + b * z[:, 2] ** 4 * np.sin(z[:, 0])


def ishigami_indices(a=7.0, b=0.1):
    """First-order and total indices (Ishigami and Homma 1990)."""
    first = 0.5 * (1 + b * np.pi**4 / 5) ** 2
    second = a**2 / 8
    both = b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    total = first + second + both
    return (
        np.array([first, second, 0]) / total,
        np.array([first + both, second, both]) / total,
    )


def pick(frame, index):
    return frame[frame["index"] == index].set_index("setting")


# Morris


def test_morris_of_a_linear_model_is_its_slopes_without_spread():
    x = morris_sample.sample(unit_problem(), 6, num_levels=4, seed=3)
    found = morris(x, x @ SLOPES + 5, NAMES)
    assert pick(found, "mu").loc[list(NAMES), "estimate"].to_numpy() == pytest.approx(SLOPES)
    stars = pick(found, "mu_star")
    assert stars.loc[list(NAMES), "estimate"].to_numpy() == pytest.approx(np.abs(SLOPES))
    assert stars[["low", "high"]].to_numpy() == pytest.approx(np.abs(SLOPES)[:, None].repeat(2, 1))
    assert pick(found, "sigma")["estimate"].to_numpy() == pytest.approx(0, abs=1e-12)
    assert set(found["used"]) == {6}
    assert set(found["dropped"]) == {0}


def test_morris_agrees_with_salib():
    x = morris_sample.sample(unit_problem(), 20, num_levels=4, seed=3)
    y = ishigami(x)
    found = morris(x, y, NAMES)
    oracle = salib_morris.analyze(unit_problem(), x, y, num_levels=4, seed=1)
    for index in ("mu", "mu_star", "sigma"):
        assert pick(found, index)["estimate"].to_numpy() == pytest.approx(np.array(oracle[index]))
    rows = pick(found, "mu_star")
    half = (rows["high"] - rows["low"]).to_numpy() / 2
    # Bootstrap percentiles against 1.96 bootstrap standard errors: both of 20 trajectories.
    assert half == pytest.approx(np.asarray(oracle["mu_star_conf"]), rel=0.35, abs=1e-9)


def test_a_trajectory_with_a_failed_point_is_left_out_whole():
    x = morris_sample.sample(unit_problem(), 8, num_levels=4, seed=5)
    y = ishigami(x)
    broken = y.copy()
    broken[[5, 6, 17]] = np.nan  # two in trajectory 1, one in trajectory 4
    rest = np.repeat(~np.isin(np.arange(8), [1, 4]), 4)
    found, wanted = morris(x, broken, NAMES), morris(x[rest], y[rest], NAMES)
    columns = ["estimate", "low", "high", "used"]
    assert found[columns].equals(wanted[columns])
    assert set(found["dropped"]) == {2}


# Sobol


@pytest.mark.parametrize("second", [True, False])
def test_sobol_of_ishigami(second):
    x = sobol_sample.sample(unit_problem(), 1024, calc_second_order=second, seed=7)
    found = sobol(x, ishigami(x), NAMES)
    for index, exact in zip(("S1", "ST"), ishigami_indices(), strict=True):
        rows = pick(found, index)
        error = (rows["high"] - rows["estimate"]).to_numpy() / 1.959964
        assert np.all(np.abs(rows["estimate"].to_numpy() - exact) < 4 * error)
        assert np.all(error < 0.05)


def test_sobol_of_pairs_finds_the_one_interaction_of_ishigami():
    x = sobol_sample.sample(unit_problem(), 1024, calc_second_order=True, seed=7)
    found = sobol(x, ishigami(x), NAMES, pairs=True)
    rows = found[found["index"] == "S2"].set_index(["setting", "other"])
    error = (rows["high"] - rows["estimate"]) / 1.959964
    first, total = ishigami_indices()
    exact = {("a", "b"): 0, ("a", "c"): total[0] - first[0], ("b", "c"): 0}
    for pair, value in exact.items():
        assert abs(rows.loc[pair, "estimate"] - value) < 4 * error[pair]


@pytest.mark.parametrize("second", [True, False])
def test_a_block_with_a_failed_run_is_left_out_whole(second):
    x = sobol_sample.sample(unit_problem(), 64, calc_second_order=second, seed=7)
    size = 8 if second else 5
    y = ishigami(x)
    broken = y.copy()
    broken[[0, size - 1, 10 * size + 2]] = np.nan  # blocks 0 and 10
    rest = np.repeat(~np.isin(np.arange(64), [0, 10]), size)
    found, wanted = sobol(x, broken, NAMES), sobol(x[rest], y[rest], NAMES)
    columns = ["estimate", "low", "high", "used"]
    assert found[columns].equals(wanted[columns])
    assert set(found["dropped"]) == {2}


# regression


def grid(levels=3, settings_=3):
    return np.array(list(product(np.linspace(0, 1, levels), repeat=settings_)))


def test_regression_of_a_linear_model_gives_the_shares_of_the_variance():
    x = grid()
    found = regression(x, x @ SLOPES - 1, NAMES)
    shares = SLOPES**2 / (SLOPES**2).sum()  # equal variances of the settings cancel
    rows = pick(found, "SRC")
    assert rows["estimate"].to_numpy() ** 2 == pytest.approx(shares)
    assert np.sign(rows["estimate"]).to_numpy() == pytest.approx(np.sign(SLOPES))
    assert pick(found, "R2")["estimate"].item() == pytest.approx(1)
    assert (rows["low"] <= rows["estimate"] + 1e-12).all()
    assert (rows["high"] >= rows["estimate"] - 1e-12).all()


def test_rank_regression_sees_through_a_monotone_curve():
    x = latin.sample(unit_problem(1), 50, seed=2)
    found = regression(x, np.exp(12 * x[:, 0]), NAMES[:1])
    assert pick(found, "SRRC")["estimate"].item() == pytest.approx(1)
    assert pick(found, "SRC")["estimate"].item() < 0.7


def test_regression_leaves_failed_points_out():
    x = latin.sample(unit_problem(), 60, seed=2)
    y = ishigami(x)
    broken = y.copy()
    broken[[3, 30, 59]] = np.nan
    rest = np.isfinite(broken)
    found, wanted = regression(x, broken, NAMES), regression(x[rest], y[rest], NAMES)
    columns = ["estimate", "low", "high", "used"]
    assert found[columns].equals(wanted[columns])
    assert set(found["dropped"]) == {3}


def test_the_interval_of_a_coefficient_covers_it(monkeypatch):
    """Of 20 samples of a model with noise about 19 intervals cover; 15 is 4 s.e. below."""
    monkeypatch.setattr("sim.analysis.indices.RESAMPLES", 200)
    exact = SLOPES[0] / np.sqrt((SLOPES**2).sum() + 12 * 1.0)
    covered = 0
    for seed in range(20):
        draw = np.random.Generator(np.random.PCG64(seed))
        x = draw.random((60, 3))
        found = regression(x, x @ SLOPES + draw.normal(size=60), NAMES)
        row = pick(found, "SRC").loc["a"]
        covered += row["low"] <= exact <= row["high"]
    assert covered >= 15


def test_points_of_a_block_are_drawn_together():
    x = latin.sample(unit_problem(), 20, seed=2)
    y = ishigami(x)
    twice = np.repeat(x, 2, axis=0), np.repeat(y, 2)
    columns = ["estimate", "low", "high"]
    once = regression(x, y, NAMES)[columns].to_numpy(float)
    assert regression(*twice, NAMES, block=2)[columns].to_numpy(float) == pytest.approx(once)
    apart = regression(*twice, NAMES)[columns].to_numpy(float)
    assert (apart[:, 2] - apart[:, 1])[0] < 0.85 * (once[:, 2] - once[:, 1])[0]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**31), st.floats(0.1, 100), st.floats(-5, 5))
def test_coefficients_do_not_depend_on_scale_or_origin(seed, scale, shift):
    draw = np.random.Generator(np.random.PCG64(seed))
    x, y = draw.random((12, 2)), draw.random(12)
    one, fit = standardised_coefficients(x, y, np.ones(12))
    other, other_fit = standardised_coefficients(scale * x + shift, scale * y - shift, np.ones(12))
    assert other == pytest.approx(one, abs=1e-8)
    assert other_fit == pytest.approx(fit, abs=1e-8)


def test_a_point_that_counts_twice_is_a_point_that_stands_there_twice():
    draw = np.random.Generator(np.random.PCG64(4))
    x, y, times = draw.random((9, 2)), draw.random(9), np.array([0, 1, 2, 1, 3, 1, 0, 1, 1])
    found, fit = standardised_coefficients(x, y, times.astype(float))
    x, y = np.repeat(x, times, axis=0), np.repeat(y, times)
    scaled = (x - x.mean(axis=0)) / x.std(axis=0)
    wanted = np.linalg.lstsq(scaled, (y - y.mean()) / y.std(), rcond=None)[0]
    assert found == pytest.approx(wanted)
    assert fit == pytest.approx(1 - ((y - y.mean()) / y.std() - scaled @ wanted).var())


# refusals


def test_what_is_too_small_or_wrong_is_refused_with_numbers():
    x = morris_sample.sample(unit_problem(), 2, num_levels=4, seed=3)
    y = x @ SLOPES
    y[0] = np.nan
    with pytest.raises(ValueError, match="1 of 2 trajectories have all their runs, at least 2"):
        morris(x, y, NAMES)
    with pytest.raises(ValueError, match="do not form Morris"):
        morris(grid(), grid() @ SLOPES, NAMES)
    with pytest.raises(ValueError, match="do not form Saltelli"):
        sobol(grid(), grid() @ SLOPES, NAMES)
    blocks = sobol_sample.sample(unit_problem(), 4, calc_second_order=False, seed=1)
    with pytest.raises(ValueError, match="second order"):
        sobol(blocks, blocks @ SLOPES, NAMES, pairs=True)
    with pytest.raises(ValueError, match="same at every point"):
        sobol(blocks, np.ones(20), NAMES)
    with pytest.raises(ValueError, match="4 of 4 points have all their runs, at least 5"):
        regression(grid()[:4], np.arange(4.0), NAMES)
    with pytest.raises(ValueError, match="same at every point"):
        regression(grid(), np.ones(27), NAMES)
    flat = grid() * [1, 1, 0]
    with pytest.raises(ValueError, match="c: the same at every point"):
        regression(flat, flat @ SLOPES, NAMES)
    tied = grid()
    tied[:, 2] = tied[:, 0] + tied[:, 1]
    with pytest.raises(ValueError, match="cannot be told apart"):
        regression(tied, tied @ SLOPES, NAMES)
