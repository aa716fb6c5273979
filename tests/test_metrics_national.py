"""National means, ratios and growth."""

import math

import numpy as np
import pytest

from sim.metrics.national import growth_over_year, ratio_of_totals, region_ratio, weighted_mean


def test_a_mean_of_rates_is_the_rate_of_the_totals():
    unemployed, labour = np.array([1.0, 6.0, 2.0]), np.array([10.0, 40.0, 50.0])
    assert weighted_mean(unemployed / labour, labour) == pytest.approx(0.09, rel=1e-15)
    assert ratio_of_totals(unemployed, labour) == pytest.approx(0.09, rel=1e-15)


def test_steady_growth_is_found_from_the_second_year_on():
    quarters = np.arange(8048, 8058)
    growth = growth_over_year(quarters, 100 * 1.07 ** (quarters / 4))
    np.testing.assert_array_equal(np.isnan(growth), [True] * 4 + [False] * 6)
    np.testing.assert_allclose(growth[4:], 0.07, rtol=1e-12)


def test_growth_looks_up_the_same_quarter_even_if_quarters_are_left_out():
    growth = growth_over_year([0, 1, 4, 6], [1.0, 5.0, 1.1, 9.0])
    np.testing.assert_allclose(growth, [np.nan, np.nan, 0.1, np.nan], rtol=1e-12)


def test_regions_are_compared_per_head():
    gdp, people = np.array([6.0, 2.0, 4.0]), np.array([2.0, 2.0, 3.0])
    east = np.array([True, True, False])
    assert region_ratio(gdp, people, east, ~east) == pytest.approx(1.5, rel=1e-15)


def test_a_stack_gives_each_of_its_rows():
    rng = np.random.Generator(np.random.PCG64(3))
    rate, size = rng.uniform(0.01, 0.02, (2, 4, 3, 5))
    east = np.arange(5) < 2
    for function, rest in (
        (weighted_mean, ()),
        (ratio_of_totals, ()),
        (region_ratio, (east, ~east)),
    ):
        found = function(rate, size, *rest)
        for place in np.ndindex(4, 3):
            alone = function(rate[place], size[place], *rest)
            assert found[place] == pytest.approx(alone, rel=1e-14)


def test_growth_may_be_a_fall_or_more_than_double():
    growth = growth_over_year([0, 1, 4, 5], [4.0, 1.0, 1.0, 3.5])
    np.testing.assert_array_equal(growth, [np.nan, np.nan, -0.75, 2.5])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: weighted_mean([0.1, 0.2], [1.0]), "shape"),
        (lambda: weighted_mean([0.1], [1.0, 2.0]), "shape"),
        (lambda: weighted_mean([0.1, math.nan], [1.0, 1.0]), "NaN"),
        (lambda: weighted_mean([0.1, 0.2], [1.0, 0.0]), "above zero"),
        (lambda: ratio_of_totals([1.0], [0.0]), "adds up to zero"),
        (lambda: ratio_of_totals([1.0], [1.0, 2.0]), "shape"),
        (lambda: ratio_of_totals([1.0, 2.0], [1.0]), "shape"),
        (lambda: region_ratio([1.0, 2.0], [1.0, 1.0], [True, True], [False, False]), "without"),
        (lambda: region_ratio([1.0, 0.0], [1.0, 1.0], [True, False], [False, True]), "zero"),
        (lambda: growth_over_year([1, 0], [1.0, 2.0]), "ascend"),
        (lambda: growth_over_year([1, 1], [1.0, 2.0]), "ascend"),
        (lambda: growth_over_year([0], [1.0, 2.0]), "shape"),
        (lambda: growth_over_year([[0, 1]], [[1.0, 2.0]]), "shape"),
        (lambda: growth_over_year([0, 1], [1.0]), "shape"),
        (lambda: growth_over_year([0, 1], [1.0, 0.0]), "above zero"),
    ],
)
def test_bad_numbers_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
