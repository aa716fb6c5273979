"""Uncertain settings: the quantile is the inverse of the distribution that SciPy knows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from sim.config import validate
from sim.runs import distributions
from sim.runs.uncertainty import UncertaintyConfig

SHARES = st.floats(0, 1)
NUMBERS = st.floats(-1e6, 1e6).map(lambda number: round(number, 6))
WIDTHS = st.floats(1e-3, 1e6)
GRID = np.linspace(0, 1, 1001)


def uncertain(**settings) -> UncertaintyConfig:
    return validate(settings, UncertaintyConfig)


def share_below(frozen, low: float, high: float, value: float) -> float:
    """Distribution function of a variable cut off at two ends."""
    below, above = frozen.cdf([low, high])
    return float((frozen.cdf(value) - below) / (above - below))


@given(SHARES, NUMBERS, WIDTHS)
def test_uniform_inverts_the_distribution_function(u, low, width):
    each = uncertain(low=low, high=low + width)
    value = float(each.quantile(u))
    assert low <= value <= low + width
    # the value is off by a unit in the last place of the ends at most
    slack = 4 * np.spacing(abs(low) + width) / width
    assert stats.uniform(low, width).cdf(value) == pytest.approx(u, abs=1e-15 + slack)


@given(SHARES, st.floats(1e-6, 1e6), st.floats(1.01, 1e6))
def test_log_uniform_inverts_the_distribution_function(u, low, ratio):
    each = uncertain(distribution="log_uniform", low=low, high=low * ratio)
    value = float(each.quantile(u))
    # 10 digits: the logarithm is off by 5e-10 at most
    assert stats.loguniform(low, low * ratio).cdf(value) == pytest.approx(
        u, abs=1e-9 / np.log(ratio)
    )


@given(st.floats(1e-6, 1 - 1e-6), st.floats(-1e3, 1e3), st.floats(1e-3, 1e3))
def test_normal_inverts_the_distribution_function(u, mean, sd):
    value = float(uncertain(distribution="normal", mean=mean, sd=sd).quantile(u))
    assert stats.norm(mean, sd).cdf(value) == pytest.approx(u, abs=1e-8)


@given(SHARES, st.floats(-3, 2), st.floats(0.1, 4))
def test_a_normal_cut_off_keeps_the_shape_between_the_ends(u, below, width):
    low, high = 5 + 2 * below, 5 + 2 * (below + width)
    value = float(uncertain(distribution="normal", mean=5, sd=2, low=low, high=high).quantile(u))
    assert low <= value <= high
    assert share_below(stats.norm(5, 2), low, high, value) == pytest.approx(u, abs=1e-7)


@given(SHARES, st.floats(0.1, 10), st.floats(0.05, 2), st.floats(0.2, 0.9), st.floats(1.1, 5))
def test_a_lognormal_cut_off_keeps_the_shape_between_the_ends(u, mean, spread, below, above):
    """Against SciPy's parameters, which are those of the logarithm."""
    low, high = mean * below, mean * above
    each = uncertain(distribution="lognormal", mean=mean, sd=spread * mean, low=low, high=high)
    shape = np.sqrt(np.log1p(spread**2))
    frozen = stats.lognorm(shape, scale=mean * np.exp(-(shape**2) / 2))
    assert share_below(frozen, low, high, float(each.quantile(u))) == pytest.approx(u, abs=1e-7)


@given(SHARES, st.floats(-30, 30), st.floats(1e-3, 5))
def test_a_cut_off_far_out_in_a_tail_keeps_its_digits(u, low, width):
    """Where the distribution function is 0 or 1 to the last digit; SciPy works in logarithms."""
    each = uncertain(distribution="normal", mean=0, sd=1, low=low, high=low + width)
    expected = stats.truncnorm.ppf(u, low, low + width)
    assert float(each.quantile(u)) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_mean_and_sd_of_a_lognormal_are_those_of_the_value():
    each = uncertain(distribution="lognormal", mean=3.0, sd=1.5)
    mean = integrate.quad(lambda u: float(each.quantile(u)), 0, 1)[0]
    square = integrate.quad(lambda u: float(each.quantile(u)) ** 2, 0, 1)[0]
    assert mean == pytest.approx(3.0, rel=1e-5)
    assert square - mean**2 == pytest.approx(1.5**2, rel=1e-3)


@given(SHARES, NUMBERS, WIDTHS, SHARES)
def test_triangular_inverts_the_distribution_function(u, low, width, place):
    high = low + width
    mode = min(low + place * width, high)
    each = uncertain(distribution="triangular", low=low, mode=mode, high=high)
    frozen = stats.triang(min((mode - low) / (high - low), 1), low, high - low)
    slack = 16 * np.spacing(abs(low) + width) / width
    assert frozen.cdf(float(each.quantile(u))) == pytest.approx(u, abs=1e-12 + slack)


@given(st.integers(-50, 50), st.integers(1, 30), st.integers(1, 20))
def test_integers_are_whole_and_equally_likely(low, width, times):
    size = width + 1
    shares = (np.arange(size * times) + 0.5) / (size * times)
    values = uncertain(distribution="integer", low=low, high=low + width).quantile(shares)
    assert values.dtype == np.int64
    found, counts = np.unique(values, return_counts=True)
    assert found.tolist() == list(range(low, low + size))
    assert set(counts) == {times}


def test_a_choice_gives_its_values_as_they_were_written():
    each = uncertain(distribution="choice", values=["free", 2, 2.5, True])
    values = each.quantile(np.array([0.0, 0.3, 0.6, 1.0])).tolist()
    assert values == ["free", 2, 2.5, True]
    assert [type(value) for value in values] == [str, int, float, bool]
    truth = uncertain(distribution="choice", values=[1, True, 0.0, False])
    assert [type(value) for value in truth.values] == [int, bool, float, bool]
    assert each.quantile(np.array([[0.1], [0.9]])).tolist() == [["free"], [True]]


CELL = 2.0**-31
STANDARD = {"distribution": "normal", "mean": 0, "sd": 1}
EVERY = {
    "uniform": {"low": 0.1, "high": 0.3},
    "log_uniform": {"low": 0.1, "high": 30.1},
    "normal": {"mean": 1 / 3, "sd": 0.1, "low": 0.1, "high": 0.7},
    "lognormal": {"mean": 1 / 3, "sd": 0.1, "low": 0.1, "high": 0.7},
    "triangular": {"low": 0.1, "mode": 0.1, "high": 0.3},
    "integer": {"low": -2, "high": 2},
}


@pytest.mark.parametrize("kind", EVERY)
def test_ends_are_exact_and_the_quantile_rises(kind):
    each = uncertain(distribution=kind, **EVERY[kind])
    values = each.quantile(GRID)
    assert (values[0], values[-1]) == (EVERY[kind]["low"], EVERY[kind]["high"])
    assert (np.diff(values) >= 0).all()
    assert values.shape == GRID.shape
    assert each.quantile(0.5) == each.quantile(np.array([0.5]))[0]


@pytest.mark.parametrize(
    ("settings", "low", "high"),
    [
        (STANDARD, stats.norm.ppf(CELL), stats.norm.isf(CELL)),
        # the part above -1 has the mass Phi(1), that below 0 one half
        ({**STANDARD, "low": -1}, -1, stats.norm.isf(CELL * stats.norm.cdf(1))),
        ({**STANDARD, "high": 0}, stats.norm.ppf(CELL / 2), 0),
    ],
)
def test_without_a_bound_the_ends_are_half_a_sobol_cell_away(settings, low, high):
    ends = uncertain(**settings).quantile(np.array([0.0, 1.0]))
    assert ends == pytest.approx([low, high], rel=1e-6)


@pytest.mark.parametrize("kind", ["log_uniform", "lognormal"])
def test_what_comes_from_an_exponential_has_ten_digits(kind):
    """Its last bits differ between processors; the rounded number does not."""
    for value in uncertain(distribution=kind, **EVERY[kind]).quantile(GRID[1:-1]).tolist():
        assert value == float(f"{value:.9e}")


def test_rounding_is_to_ten_significant_digits():
    values = distributions.rounded(np.array([[1 / 3, -2e10 / 3], [0.0, 5e-324]]))
    assert values.tolist() == [[0.3333333333, -6666666667.0], [0.0, 5e-324]]


@pytest.mark.parametrize("share", [-1e-9, 1 + 1e-9, np.nan])
def test_a_probability_outside_the_unit_interval_is_refused(share):
    with pytest.raises(ValueError, match="between 0 and 1"):
        uncertain(low=0, high=1).quantile(np.array([0.5, share]))


@pytest.mark.parametrize(
    ("settings", "levels"),
    [
        ({"low": 0, "high": 1, "levels": 3}, [0, 0.5, 1]),
        ({"distribution": "log_uniform", "low": 1, "high": 100, "levels": 3}, [1, 10, 100]),
        ({"distribution": "integer", "low": 2, "high": 5}, [2, 3, 4, 5]),
        ({"distribution": "integer", "low": 0, "high": 10, "levels": 3}, [0, 5, 10]),
        ({"distribution": "choice", "values": ["b", "a", "c"]}, ["b", "a", "c"]),
    ],
)
def test_levels_of_a_factorial(settings, levels):
    each = uncertain(**settings)
    assert each.quantile(each.unit_levels()).tolist() == levels
    assert each.count_levels() == len(levels)


@given(st.data(), st.integers(2, 200))
def test_levels_of_integers_are_all_different(data, size):
    levels = data.draw(st.integers(2, size))
    each = uncertain(distribution="integer", low=-3, high=size - 4, levels=levels)
    assert len(set(each.quantile(each.unit_levels()).tolist())) == levels


def test_a_continuum_has_no_levels_of_its_own():
    each = uncertain(low=0, high=1)
    assert each.count_levels() is None
    with pytest.raises(ValueError, match="no levels"):
        each.unit_levels()
