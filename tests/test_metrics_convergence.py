"""Sigma and beta against closed forms and against statsmodels."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sim.metrics.convergence import (
    beta_convergence,
    beta_path,
    coefficient_of_variation,
    sigma_convergence,
)

INCOMES = arrays(float, st.integers(3, 31), elements=st.floats(0.1, 1e3))
SEEDS = st.integers(0, 2**32 - 1)


def _rng(seed):
    return np.random.Generator(np.random.PCG64(seed))


def _lognormal(spread):
    """Incomes and weights whose weighted means are those of a lognormal: Gauss-Hermite nodes."""
    node, weight = np.polynomial.hermite_e.hermegauss(60)
    return np.exp(spread * node), weight


def _after_barro(start, speed, years, steady_log=2.0, trend=0.03):
    left = math.exp(-speed * years)
    return np.exp(trend * years + left * np.log(start) + (1 - left) * steady_log)


@pytest.mark.parametrize("spread", [0.1, 0.5, 1.0])
def test_lognormal_incomes_have_the_known_sigma_and_variation(spread):
    income, weight = _lognormal(spread)
    assert sigma_convergence(income, weight) == pytest.approx(spread, rel=1e-12)
    expected = math.sqrt(math.expm1(spread**2))
    assert coefficient_of_variation(income, weight) == pytest.approx(expected, rel=1e-9)


def test_two_provinces_have_half_the_log_gap():
    assert sigma_convergence([1.0, math.e]) == pytest.approx(0.5, rel=1e-15)
    assert coefficient_of_variation([1.0, 3.0]) == pytest.approx(0.5, rel=1e-15)


@pytest.mark.parametrize("measure", [sigma_convergence, coefficient_of_variation])
@given(income=INCOMES, scale=st.floats(0.01, 100), seed=SEEDS)
def test_dispersion_ignores_units_order_and_replication(measure, income, scale, seed):
    rng = _rng(seed)
    weight = rng.integers(1, 5, income.size)
    value = measure(income, weight)
    order = rng.permutation(income.size)
    assert measure(scale * income, 7.0 * weight) == pytest.approx(value, rel=1e-9, abs=1e-12)
    assert measure(income[order], weight[order]) == pytest.approx(value, rel=1e-9, abs=1e-12)
    people = np.repeat(income, weight)
    assert measure(people) == pytest.approx(value, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("measure", [sigma_convergence, coefficient_of_variation])
def test_dispersion_of_a_stack_is_that_of_each_row(measure):
    income, weight = _rng(1).lognormal(size=(2, 5, 31))
    each = [measure(i, w) for i, w in zip(income, weight, strict=True)]
    np.testing.assert_allclose(measure(income, weight), each, rtol=1e-14)


@pytest.mark.parametrize("speed", [-0.02, 0.005, 0.02, 0.3])
@pytest.mark.parametrize("years", [2.0, 24.0])
def test_data_of_the_barro_equation_give_back_its_speed(speed, years):
    start = _rng(2).lognormal(2, 0.5, 31)
    found = beta_convergence(start, _after_barro(start, speed, years), years)
    assert found.speed == pytest.approx(speed, rel=1e-9)
    assert found.standard_error == pytest.approx(0.0, abs=1e-9)
    expected = math.log(2) / speed if speed > 0 else math.inf
    assert found.half_life == pytest.approx(expected, rel=1e-9)


def test_a_gap_that_loses_two_percent_a_year_has_the_known_half_life():
    start = np.exp([0.0, 0.3, 1.0])
    end = np.exp(0.98**20 * np.log(start))
    found = beta_convergence(start, end, 20)
    assert found.speed == pytest.approx(0.0202027, abs=5e-8)
    assert found.half_life == pytest.approx(34.3096, abs=5e-5)


def test_conditional_beta_allows_each_province_its_own_steady_state():
    rng = _rng(3)
    start, steady = rng.lognormal(2, 0.5, 31), rng.normal(2, 1, 31)
    end = _after_barro(start, 0.04, 8.0, steady_log=steady)
    assert beta_convergence(start, end, 8.0, steady).speed == pytest.approx(0.04, rel=1e-9)
    assert abs(beta_convergence(start, end, 8.0).speed - 0.04) > 0.01


@pytest.mark.parametrize("controls", [0, 1, 3])
def test_speed_and_standard_error_follow_from_statsmodels_ols(controls):
    rng = _rng(4)
    start, years = rng.lognormal(2, 0.5, 31), 7.0
    given_controls = rng.normal(size=(31, controls)) if controls else None
    end = _after_barro(start, 0.03, years) * rng.lognormal(0, 0.1, 31)
    design = np.column_stack([np.ones(31), np.log(start)])
    if controls:
        design = np.column_stack([design, given_controls])
    fit = sm.OLS(np.log(end / start) / years, design).fit()

    def speed_of(slope):
        return -np.log1p(slope * years) / years

    step = 1e-6
    derivative = (speed_of(fit.params[1] + step) - speed_of(fit.params[1] - step)) / (2 * step)
    found = beta_convergence(start, end, years, given_controls)
    assert found.speed == pytest.approx(speed_of(fit.params[1]), rel=1e-10)
    # the central difference is off by step^2 times the third derivative, below 1e-9
    assert found.standard_error == pytest.approx(fit.bse[1] * abs(derivative), rel=1e-8)


@given(seed=SEEDS, scale=st.floats(0.01, 100))
def test_beta_ignores_currency_order_and_common_growth(seed, scale):
    rng = _rng(seed)
    start, end = rng.lognormal(2, 0.5, (2, 12))
    end = start**0.7 * end**0.1
    found = beta_convergence(start, end, 5.0)
    order = rng.permutation(12)
    for other in (
        beta_convergence(scale * start, scale * end, 5.0),
        beta_convergence(start[order], end[order], 5.0),
        beta_convergence(start, 3.0 * end, 5.0),
    ):
        assert other.speed == pytest.approx(found.speed, rel=1e-8, abs=1e-10)
        assert other.standard_error == pytest.approx(found.standard_error, rel=1e-8)


def test_a_path_is_the_estimate_of_every_end_and_blank_where_the_order_turned():
    start = np.exp([0.0, 0.5, 1.0, 2.0])
    ends = np.stack([_after_barro(start, 0.1, 2.0), _after_barro(start, 0.1, 3.0), 1 / start])
    path = beta_path(start, ends, np.array([2.0, 3.0, 4.0]))
    np.testing.assert_allclose(path.speed, [0.1, 0.1, np.nan], rtol=1e-9)
    np.testing.assert_array_equal(np.isnan(path.standard_error), [False, False, True])
    np.testing.assert_array_equal(np.isnan(path.half_life), [False, False, True])
    with pytest.raises(ValueError, match="no real speed"):
        beta_convergence(start, 1 / start, 4.0)


@pytest.mark.parametrize(
    ("start", "end", "years", "controls", "message"),
    [
        ([1.0, 2.0], [1.0, 2.0], 1.0, None, "do not identify"),
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], 1.0, [1.0, 5.0, 2.0], "do not identify"),
        ([1.0, 2.0, 3.0], [1.0, 2.0], 1.0, None, "income_start has shape"),
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0, 4.0], 1.0, None, "income_start has shape"),
        ([[1.0, 2.0, 3.0]], [[1.0, 2.0, 3.0]], 1.0, None, "income_start has shape"),
        ([1.0, 2.0, 3.0], [1.0, 2.0, 0.0], 1.0, None, "above zero"),
        ([1.0, 2.0, np.nan], [1.0, 2.0, 3.0], 1.0, None, "NaN"),
        ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], 0.0, None, "above zero"),
        ([2.0, 2.0, 2.0], [1.0, 2.0, 3.0], 1.0, None, "start equal"),
        ([1.0, 2.0, 3.0, 4.0], [2.0, 3.0, 4.0, 5.0], 1.0, [7.0] * 4, "collinear"),
        ([1.0, 2.0, 3.0, 4.0], [2.0, 3.0, 4.0, 5.0], 1.0, [7.0] * 3, "controls have shape"),
        ([1.0, 2.0, 3.0, 4.0], [2.0, 3.0, 4.0, 5.0], 1.0, [7.0] * 5, "controls have shape"),
        ([1.0, 2.0, 3.0, 4.0], [2.0, 3.0, 4.0, 5.0], 1.0, [[[7.0]]] * 4, "controls have shape"),
    ],
)
def test_beta_refuses_what_it_cannot_estimate(start, end, years, controls, message):
    with pytest.raises(ValueError, match=message):
        beta_convergence(start, end, years, controls)


@pytest.mark.parametrize("measure", [sigma_convergence, coefficient_of_variation])
@pytest.mark.parametrize(
    ("income", "weight", "message"),
    [
        ([1.0, -2.0], None, "zero|negative"),
        ([1.0, math.inf], None, "infinity"),
        ([], None, "at least one"),
        (3.0, None, "at least one"),
        ([1.0, 2.0], [1.0], "shape"),
        ([1.0, 2.0], [1.0, 0.0], "above zero"),
        ([0.0, 0.0], None, "zero"),
    ],
)
def test_dispersion_refuses_bad_numbers(measure, income, weight, message):
    with pytest.raises(ValueError, match=message):
        measure(income, weight)


@pytest.mark.parametrize("unit", [1e-20, 1e20])
def test_beta_ignores_the_unit_of_a_control(unit):
    start, control = np.exp([0.0, 0.5, 1.0, 2.0, 2.2]), np.array([1.0, 3.0, 2.0, 5.0, 4.0])
    end = start**0.8 * np.exp([0.0, 0.1, 0.0, 0.2, 0.1])
    plain, scaled = (beta_convergence(start, end, 2.0, c) for c in (control, unit * control))
    assert scaled.speed == pytest.approx(plain.speed, rel=1e-9)


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        ([1.0, 2.0, 3.0], [[1.0, 2.0]], [1.0]),
        ([1.0, 2.0, 3.0], [[1.0, 2.0, 3.0, 4.0]], [1.0]),
        ([1.0, 2.0, 3.0], [[1.0, 2.0, 3.0]], [1.0, 2.0]),
        ([1.0, 2.0, 3.0], [[1.0, 2.0, 3.0]] * 2, [1.0]),
        ([[1.0, 2.0, 3.0]], [[[1.0, 2.0, 3.0]]], [1.0]),
    ],
)
def test_a_path_wants_an_end_for_every_province_and_period(start, end, years):
    with pytest.raises(ValueError, match="shapes: start"):
        beta_path(start, end, years)


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_a_path_that_closes_never_or_turned_is_no_arithmetic_error():
    """A slope of 0 has no half-life; one of -1.5 / T, which turns the order, no speed."""
    start = np.exp([0.0, 1.0, 2.0])
    path = beta_path(start, np.stack([2.0 * start, start**-0.5]), [1.0, 2.0])
    assert path.speed[0] == pytest.approx(0.0, abs=1e-12)
    assert np.isnan([path.speed[1], path.half_life[1]]).all()
