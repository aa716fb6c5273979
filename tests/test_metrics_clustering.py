"""Specialisation and concentration against closed forms and the dart board."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inequality.gini import Gini

from sim.metrics.clustering import (
    ellison_glaeser,
    herfindahl,
    krugman_index,
    location_quotient,
    locational_gini,
    maurel_sedillot,
    plant_herfindahl,
    raw_concentration,
)

SEEDS = st.integers(0, 2**32 - 1)


def _rng(seed):
    return np.random.Generator(np.random.PCG64(seed))


def test_a_nation_of_alike_provinces_has_quotients_of_one_and_no_specialisation():
    table = np.outer([1.0, 2.0, 5.0], [3.0, 1.0, 4.0, 2.0])
    np.testing.assert_allclose(location_quotient(table), 1.0, rtol=1e-14)
    np.testing.assert_allclose(krugman_index(table), 0.0, atol=1e-15)


@pytest.mark.parametrize("provinces", [2, 5, 31])
def test_provinces_with_an_industry_each_are_fully_specialised(provinces):
    table = np.eye(provinces)
    np.testing.assert_allclose(np.diag(location_quotient(table)), provinces, rtol=1e-14)
    np.testing.assert_allclose(krugman_index(table), 2 * (1 - 1 / provinces), rtol=1e-14)


@given(seed=SEEDS)
def test_quotients_average_to_one_and_ignore_units_and_order(seed):
    rng = _rng(seed)
    table = rng.lognormal(size=(6, 4))
    quotient = location_quotient(table)
    size = table.sum(axis=1) / table.sum()
    np.testing.assert_allclose(size @ quotient, 1.0, rtol=1e-12)
    order = rng.permutation(6)
    np.testing.assert_allclose(location_quotient(9 * table[order]), quotient[order], rtol=1e-12)
    np.testing.assert_allclose(krugman_index(9 * table[order]), krugman_index(table)[order])


@pytest.mark.parametrize("parts", [1, 4, 31])
def test_equal_parts_have_the_inverse_of_their_number(parts):
    assert herfindahl(np.full(parts, 3.0)) == pytest.approx(1 / parts, rel=1e-14)


@given(seed=SEEDS)
def test_herfindahl_is_one_plus_squared_variation_over_number(seed):
    amounts = _rng(seed).lognormal(size=14)
    variation = amounts.std() / amounts.mean()
    assert herfindahl(amounts) == pytest.approx((1 + variation**2) / 14, rel=1e-12)


@given(seed=SEEDS)
def test_a_firm_of_weight_ten_is_ten_plants(seed):
    rng = _rng(seed)
    size, weight = rng.lognormal(size=20), rng.integers(1, 11, 20)
    plants = np.repeat(size, weight)
    assert plant_herfindahl(size, weight) == pytest.approx(herfindahl(plants), rel=1e-12)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_an_industry_in_one_province_has_one_minus_its_share_as_locational_gini(share):
    rest = np.full(4, (1 - share) / 4)
    found = locational_gini([7.0, 0, 0, 0, 0], [share, *rest])
    assert found == pytest.approx(1 - share, rel=1e-12)


def test_locational_gini_of_two_provinces_is_the_gap_of_their_shares():
    assert locational_gini([3.0, 1.0], [4.0, 6.0]) == pytest.approx(0.75 - 0.4, rel=1e-12)


def test_locational_gini_over_equal_provinces_is_the_plain_gini():
    jobs = _rng(1).lognormal(size=31)
    assert locational_gini(jobs, np.ones(31)) == pytest.approx(Gini(jobs).g, rel=1e-12)


@given(seed=SEEDS)
def test_locational_gini_ignores_the_split_of_a_province(seed):
    rng = _rng(seed)
    jobs, everything = rng.lognormal(size=(2, 8))
    halves = locational_gini(np.repeat(jobs, 2), np.repeat(everything, 2))
    assert halves == pytest.approx(locational_gini(3 * jobs, everything), rel=1e-9, abs=1e-12)


def _thrown(rng, plants, chance, draws):
    """Activity by province of plants that each hit a province at random, (draws, provinces)."""
    ladder = np.cumsum(chance)[:-1]
    hit = np.searchsorted(ladder, rng.random((draws, plants.size)), side="right")
    cell = (np.arange(draws)[:, np.newaxis] * chance.size + hit).ravel()
    thrown = np.bincount(cell, np.tile(plants, draws), draws * chance.size)
    return thrown.reshape(draws, chance.size)


def test_ellison_glaeser_expects_nothing_of_plants_thrown_at_random():
    rng = _rng(1997)
    chance, plants = rng.dirichlet(np.full(22, 3.0)), rng.lognormal(0, 1, 60)
    activity = _thrown(rng, plants, chance, 60_000)
    own = plant_herfindahl(plants, np.ones(60))
    index = ellison_glaeser(activity, chance, np.full(60_000, own))
    assert abs(index.mean()) < 4 * index.std() / math.sqrt(60_000)
    raw = ((activity / plants.sum() - chance) ** 2).sum(axis=1)
    expected = (1 - (chance**2).sum()) * own
    assert abs(raw.mean() - expected) < 4 * raw.std() / math.sqrt(60_000)


def test_ellison_glaeser_expects_one_of_plants_that_stay_together():
    # the province of the cluster is drawn from the benchmark: an exact sum over its 22 places
    chance = _rng(5).dirichlet(np.full(22, 3.0))
    index = ellison_glaeser(np.eye(22), chance, np.full(22, 0.07))
    assert chance @ index == pytest.approx(1.0, rel=1e-12)


def test_an_industry_spread_like_all_others_is_less_concentrated_than_by_chance():
    size = np.array([1.0, 2.0, 3.0])
    assert ellison_glaeser(5 * size, size, 0.2) == pytest.approx(-0.2 / 0.8, rel=1e-12)


@given(seed=SEEDS)
def test_maurel_sedillot_is_the_chance_that_two_plants_meet_beyond_the_benchmark(seed):
    rng = _rng(seed)
    chance, plants = rng.dirichlet(np.full(6, 3.0)), rng.lognormal(size=9)
    place = rng.integers(0, 6, 9)
    activity = np.bincount(place, plants, 6)
    weight = np.outer(plants, plants) * (1 - np.eye(9))
    meet = weight[place[:, np.newaxis] == place].sum() / weight.sum()
    alone = (chance**2).sum()
    own = plant_herfindahl(plants, np.ones(9))
    # sum s^2 = H + (1 - H) meet: a plant meets itself with chance H
    found = maurel_sedillot(activity, chance, own)
    assert found == pytest.approx((meet - alone) / (1 - alone), rel=1e-9, abs=1e-12)


def test_maurel_sedillot_knows_large_from_small_provinces_and_ellison_glaeser_does_not():
    size, own = np.array([5.0, 3.0, 2.0]), 0.1
    shift = np.array([0.6, -0.3, -0.3])
    large, small = size + shift, size - shift
    assert ellison_glaeser(large, size, own) == pytest.approx(ellison_glaeser(small, size, own))
    assert maurel_sedillot(large, size, own) > maurel_sedillot(small, size, own)
    assert maurel_sedillot([0.0, 0.0, 1.0], size, own) == pytest.approx(1.0, rel=1e-12)
    assert maurel_sedillot(size, size, own) == pytest.approx(-0.1 / 0.9, rel=1e-12)


def test_raw_concentration_is_the_squared_distance_of_shares():
    assert raw_concentration([6.0, 2.0], [1.0, 1.0]) == pytest.approx(2 * 0.25**2, rel=1e-12)


@pytest.mark.parametrize("function", [location_quotient, krugman_index, herfindahl])
def test_a_stack_of_periods_gives_each_period(function):
    activity = _rng(9).lognormal(size=(2, 3, 4, 5))
    found = function(activity)
    for place in np.ndindex(2, 3):
        np.testing.assert_allclose(found[place], function(activity[place]), rtol=1e-12)


@pytest.mark.parametrize("benchmark", [(4,), (2, 3, 4)])
@pytest.mark.parametrize("function", [locational_gini, ellison_glaeser, maurel_sedillot])
def test_industries_of_many_periods_are_measured_one_by_one(function, benchmark):
    rng = _rng(10)
    activity, size = rng.lognormal(size=(2, 3, 4)), rng.lognormal(size=benchmark)
    plants = () if function is locational_gini else (0.1,)
    found = function(activity, size, *plants)
    for place in np.ndindex(2, 3):
        alone = function(activity[place], size[place] if size.ndim > 1 else size, *plants)
        assert found[place] == pytest.approx(alone, rel=1e-12)


def test_an_industry_of_small_numbers_has_plants_too():
    """Sizes in any unit: what adds up to less than one is not nothing."""
    assert plant_herfindahl([0.1, 0.3], [1.0, 1.0]) == pytest.approx(0.625, rel=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: location_quotient([[1.0, -1.0], [1.0, 1.0]]), "negative"),
        (lambda: location_quotient([[1.0, 0.0], [1.0, 0.0]]), "industry without activity"),
        (lambda: location_quotient([[0.0, 0.0], [1.0, 2.0]]), "province adds up to zero"),
        (lambda: krugman_index([[0.0, 0.0], [1.0, 2.0]]), "province adds up to zero"),
        (lambda: herfindahl([0.0, 0.0]), "adds up to zero"),
        (lambda: herfindahl([1.0, math.inf]), "infinity"),
        (lambda: plant_herfindahl([1.0, 2.0], [1.0]), "shape"),
        (lambda: plant_herfindahl([1.0], [1.0, 2.0]), "shape"),
        (lambda: plant_herfindahl([[1.0, 2.0]], [[1.0, 2.0]]), "shape"),
        (lambda: plant_herfindahl([1.0, 2.0], [1.0, 0.0]), "above zero"),
        (lambda: plant_herfindahl([0.0, 0.0], [1.0, 1.0]), "adds up to zero"),
        (lambda: locational_gini([1.0, 2.0], [1.0, 2.0, 3.0]), "shape"),
        (lambda: locational_gini([1.0, 2.0], [1.0, 0.0]), "above zero"),
        (lambda: ellison_glaeser([1.0, 2.0], [1.0, 2.0, 3.0], 0.1), "shape"),
        (lambda: ellison_glaeser([1.0, 2.0], [1.0, 2.0], [0.1, 0.2]), "shape"),
        (lambda: ellison_glaeser([1.0, 2.0], [1.0, 2.0], 1.0), "between 0 and 1"),
        (lambda: ellison_glaeser([1.0, 2.0], [1.0, 2.0], -0.1), "between 0 and 1"),
        (lambda: ellison_glaeser([1.0, 2.0], [1.0, 2.0], 1.1), "between 0 and 1"),
        (lambda: ellison_glaeser([1.0, 2.0], [1.0, 0.0], 0.1), "one province"),
        (lambda: ellison_glaeser([0.0, 0.0], [1.0, 2.0], 0.1), "adds up to zero"),
        (lambda: maurel_sedillot([1.0, 2.0], [1.0, 2.0], 0.0), "between 0 and 1"),
        (lambda: maurel_sedillot([1.0, 2.0], [0.0, 2.0], 0.1), "one province"),
        (lambda: raw_concentration([1.0, 2.0], [1.0, 2.0, 3.0]), "shape"),
    ],
)
def test_bad_numbers_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
