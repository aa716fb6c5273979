"""Theil and Gini against closed forms, the decomposition identity and the `inequality` package."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from inequality.gini import Gini
from inequality.theil import Theil, TheilD
from scipy.special import roots_laguerre
from scipy.stats import norm

from sim.metrics.inequality import gini, theil, theil_decomposition

INCOMES = arrays(float, st.integers(2, 31), elements=st.just(0.0) | st.floats(1e-6, 1e3))
SEEDS = st.integers(0, 2**32 - 1)


def _rng(seed):
    return np.random.Generator(np.random.PCG64(seed))


@pytest.mark.parametrize("spread", [0.1, 0.5, 1.0])
def test_theil_of_lognormal_incomes_is_half_the_variance(spread):
    node, weight = np.polynomial.hermite_e.hermegauss(60)
    assert theil(np.exp(spread * node), weight) == pytest.approx(spread**2 / 2, rel=1e-9)


@pytest.mark.parametrize("tail", [4.0, 8.0])
def test_theil_of_pareto_incomes_is_the_known_function_of_the_tail(tail):
    # ln(income) is exponential, so Gauss-Laguerre nodes and weights stand for the distribution
    node, weight = roots_laguerre(40)
    expected = 1 / (tail - 1) + math.log((tail - 1) / tail)
    assert theil(np.exp(node / tail), weight) == pytest.approx(expected, rel=1e-8)


# Income classes of equal size at their exact mean: the polygon through n points of the Lorenz
# curve lies above it by less than the triangles of base 1/n, so Gini is too low by less than 1/n.
CLASSES = 20_000


@pytest.mark.parametrize("spread", [0.2, 0.5, 1.0])
def test_gini_of_lognormal_incomes_is_the_normal_probability(spread):
    edge = norm.ppf(np.linspace(0, 1, CLASSES + 1))
    expected = 2 * norm.cdf(spread / math.sqrt(2)) - 1
    found = gini(np.diff(norm.cdf(edge - spread)))
    assert expected - 1 / CLASSES < found < expected + 1e-12


@pytest.mark.parametrize("tail", [1.5, 3.0])
def test_gini_of_pareto_incomes_is_the_known_function_of_the_tail(tail):
    lorenz = 1 - (1 - np.linspace(0, 1, CLASSES + 1)) ** (1 - 1 / tail)
    expected = 1 / (2 * tail - 1)
    found = gini(np.diff(lorenz))
    assert expected - 1 / CLASSES < found < expected + 1e-12


def test_one_rich_among_poor_has_the_extreme_values():
    income = [0.0, 0.0, 0.0, 5.0]
    assert gini(income) == pytest.approx(3 / 4, rel=1e-15)
    assert theil(income) == pytest.approx(math.log(4), rel=1e-15)


def test_equal_incomes_have_no_inequality():
    assert gini([2.0, 2.0, 2.0], [1.0, 5.0, 2.0]) == pytest.approx(0.0, abs=1e-15)
    assert theil([2.0, 2.0, 2.0], [1.0, 5.0, 2.0]) == pytest.approx(0.0, abs=1e-15)


def test_equal_weights_agree_with_the_inequality_package():
    income = _rng(1).lognormal(0, 0.6, (8, 31))
    groups = np.repeat([0, 1, 2], [11, 8, 12])
    package = TheilD(income.T, groups)
    parts = theil_decomposition(income, groups)
    np.testing.assert_allclose(theil(income), Theil(income.T).T, rtol=1e-12)
    np.testing.assert_allclose(parts.between, package.bg, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(parts.within, package.wg, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(gini(income), [Gini(row).g for row in income], rtol=1e-12)


@given(income=INCOMES, seed=SEEDS)
def test_weights_count_people_as_the_inequality_package_counts_copies(income, seed):
    assume(income.sum() > 0.1)
    weight = _rng(seed).integers(1, 6, income.size)
    people = np.repeat(income, weight)
    assert gini(income, weight) == pytest.approx(Gini(people).g, abs=1e-9)
    assert theil(income, weight) == pytest.approx(Theil(people).T, abs=1e-9)


@given(income=INCOMES, seed=SEEDS)
def test_theil_is_the_sum_of_between_and_within(income, seed):
    assume(income.sum() > 0.1)
    rng = _rng(seed)
    weight = rng.uniform(0.1, 10, income.size)
    groups = rng.choice(["east", "central", "west"], income.size)
    parts = theil_decomposition(income, groups, weight)
    assert parts.between + parts.within == pytest.approx(parts.total, rel=1e-9, abs=1e-12)
    assert parts.total == pytest.approx(theil(income, weight), rel=1e-12, abs=1e-15)
    assert min(parts.between, parts.within) > -1e-12


def test_between_is_the_theil_of_group_means_and_within_vanishes_without_groups_apart():
    income, weight = np.array([1.0, 3.0, 2.0, 6.0]), np.array([3.0, 1.0, 2.0, 2.0])
    parts = theil_decomposition(income, ["a", "a", "b", "b"], weight)
    assert parts.between == pytest.approx(theil([1.5, 4.0], [4.0, 4.0]), rel=1e-12)
    alone = theil_decomposition(income, [1, 2, 3, 4], weight)
    assert alone.within == pytest.approx(0.0, abs=1e-15)
    together = theil_decomposition(income, [1, 1, 1, 1], weight)
    assert together.between == pytest.approx(0.0, abs=1e-15)


def test_a_region_without_income_has_no_inequality_within():
    parts = theil_decomposition([0.0, 0.0, 2.0, 2.0], ["a", "a", "b", "b"])
    assert parts.within == pytest.approx(0.0, abs=1e-15)
    assert parts.between == pytest.approx(math.log(2), rel=1e-12)


@pytest.mark.parametrize("measure", [theil, gini])
@given(income=INCOMES, scale=st.floats(0.01, 100), seed=SEEDS)
def test_inequality_ignores_units_and_order(measure, income, scale, seed):
    assume(income.sum() > 0.1)
    rng = _rng(seed)
    weight = rng.uniform(0.1, 10, income.size)
    order = rng.permutation(income.size)
    value = measure(income, weight)
    assert measure(scale * income, scale * weight) == pytest.approx(value, rel=1e-9, abs=1e-12)
    assert measure(income[order], weight[order]) == pytest.approx(value, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("measure", [theil, gini])
def test_inequality_of_a_stack_is_that_of_each_row(measure):
    income, weight = _rng(2).lognormal(size=(2, 5, 31))
    each = [measure(i, w) for i, w in zip(income, weight, strict=True)]
    np.testing.assert_allclose(measure(income, weight), each, rtol=1e-14)


@pytest.mark.parametrize("measure", [theil, gini])
def test_one_row_of_weights_serves_a_whole_stack(measure):
    income, weight = _rng(4).lognormal(size=(2, 3, 5)), _rng(5).lognormal(size=5)
    spelt_out = np.broadcast_to(weight, income.shape)
    np.testing.assert_array_equal(measure(income, weight), measure(income, spelt_out))


@pytest.mark.parametrize("measure", [theil, gini])
@pytest.mark.parametrize(
    ("income", "weight", "message"),
    [
        ([1.0, -2.0], None, "negative"),
        ([1.0, math.nan], None, "NaN"),
        ([0.0, 0.0], None, "zero"),
        ([1.0, 2.0], [1.0, 2.0, 3.0], "shape"),
        ([1.0, 2.0], [1.0, -1.0], "above zero"),
    ],
)
def test_inequality_refuses_bad_numbers(measure, income, weight, message):
    with pytest.raises(ValueError, match=message):
        measure(income, weight)


@pytest.mark.parametrize("groups", [["a", "b"], ["a", "b", "c", "d"]])
def test_the_decomposition_wants_one_group_per_province(groups):
    with pytest.raises(ValueError, match="groups have shape"):
        theil_decomposition([1.0, 2.0, 3.0], groups)


def test_the_decomposition_of_a_stack_is_that_of_each_row():
    income, groups = _rng(3).lognormal(size=(4, 6)), [0, 0, 1, 1, 2, 2]
    each = [theil_decomposition(row, groups) for row in income]
    np.testing.assert_allclose(
        theil_decomposition(income, groups), np.transpose(each), rtol=1e-13, atol=1e-16
    )
