"""Moran's I against closed forms, every permutation, and esda."""

import itertools
import math

import numpy as np
import pytest
from esda.moran import Moran
from hypothesis import given
from hypothesis import strategies as st
from libpysal.weights import W

from sim.metrics.spatial import contiguity_weights, moran, moran_moments

ISLAND = 99


def _rng(seed):
    return np.random.Generator(np.random.PCG64(seed))


def _ring(n):
    return contiguity_weights(range(n), [(i, (i + 1) % n) for i in range(n)])


def _random_map(rng, n):
    """Chain of n provinces with random further borders, and an island."""
    pairs = [(i, i + 1) for i in range(n - 1)]
    return pairs + [(i, j) for i in range(n) for j in range(i) if rng.random() < 0.15]


@pytest.mark.parametrize("seed", range(5))
def test_moran_and_its_moments_agree_with_esda_island_included(seed):
    rng = _rng(seed)
    pairs, codes = _random_map(rng, 20), [*range(20), ISLAND]
    neighbours = {code: [] for code in codes}
    for one, other in set(pairs) | {(j, i) for i, j in pairs}:
        neighbours[one].append(other)
    values = rng.lognormal(size=21)
    package = Moran(values, W(neighbours, id_order=codes, silence_warnings=True), permutations=0)
    weights = contiguity_weights(codes, pairs)
    moments = moran_moments(weights)
    assert moran(values, weights) == pytest.approx(package.I, rel=1e-12)
    assert moments.expectation == pytest.approx(package.EI, rel=1e-12)
    assert moments.variance == pytest.approx(package.VI_norm, rel=1e-12)
    shuffled = moran_moments(weights, values)
    assert shuffled.expectation == pytest.approx(package.EI, rel=1e-12)
    assert shuffled.variance == pytest.approx(package.VI_rand, rel=1e-12)


@pytest.mark.parametrize("waves", [1, 2, 5, 11])
def test_a_wave_on_a_ring_has_the_cosine_of_its_step(waves):
    # cos(2 pi k i / n) is an eigenvector of the ring's weights with eigenvalue cos(2 pi k / n)
    step = 2 * math.pi * waves / 22
    values = np.cos(step * np.arange(22))
    assert moran(values, _ring(22)) == pytest.approx(math.cos(step), abs=1e-12)


def test_over_all_orders_moran_averages_to_minus_one_over_n_minus_one():
    weights = contiguity_weights([0, 1, 2, 3, 4, ISLAND], [(0, 1), (1, 2), (2, 3), (1, 3), (3, 4)])
    orders = np.array(list(itertools.permutations([1.0, 2.0, 4.0, 5.5, 9.0, 7.0])))
    assert moran(orders, weights).mean() == pytest.approx(-1 / 5, rel=1e-12)
    expected = moran_moments(weights, orders[0]).variance
    assert moran(orders, weights).var() == pytest.approx(expected, rel=1e-12)


def test_moments_on_a_ring_of_22_are_the_known_numbers_and_those_of_draws():
    moments = moran_moments(_ring(22))
    assert moments.expectation == pytest.approx(-0.0476190, abs=5e-8)
    assert moments.variance == pytest.approx(0.0412107, abs=5e-8)
    drawn = moran(_rng(7).normal(size=(40_000, 22)), _ring(22))
    squared = (drawn - drawn.mean()) ** 2
    assert abs(drawn.mean() - moments.expectation) < 4 * drawn.std() / 200
    assert abs(squared.mean() - moments.variance) < 4 * squared.std() / 200


@given(seed=st.integers(0, 2**32 - 1), scale=st.floats(0.01, 100), shift=st.floats(-10, 10))
def test_moran_ignores_units_zero_point_and_numbering(seed, scale, shift):
    rng = _rng(seed)
    pairs, values = _random_map(rng, 12), rng.normal(size=12)
    found = moran(values, contiguity_weights(range(12), pairs))
    assert moran(shift + scale * values, contiguity_weights(range(12), pairs)) == pytest.approx(
        found, rel=1e-8, abs=1e-10
    )
    order = rng.permutation(12)
    renumbered = contiguity_weights([int(i) for i in order], pairs)
    assert moran(values[order], renumbered) == pytest.approx(found, rel=1e-9, abs=1e-12)


def test_weights_are_row_standardised_in_either_direction_and_zero_for_an_island():
    weights = contiguity_weights([3, 1, 2, ISLAND], [(1, 2), (2, 1), (2, 3)])
    expected = [[0, 0, 1, 0], [0, 0, 1, 0], [0.5, 0.5, 0, 0], [0, 0, 0, 0]]
    np.testing.assert_array_equal(weights, expected)


def test_moran_and_its_moments_ignore_the_unit_of_values_and_weights():
    values, weights = _rng(5).normal(size=7), _ring(7)
    small = 1e-6 * values, 1e-6 * weights
    assert moran(*small) == pytest.approx(moran(values, weights), rel=1e-9)
    usual = moran_moments(weights, values)
    assert moran_moments(small[1], small[0]) == pytest.approx(usual, rel=1e-9)


def test_a_run_whose_provinces_stand_still_has_the_same_moran_in_every_quarter():
    values = _rng(4).normal(size=6)
    found = moran(np.tile(values, (3, 1)), _ring(6))
    np.testing.assert_array_equal(found, np.full(3, moran(values, _ring(6))))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: contiguity_weights([1, 2, 1], [(1, 2)]), "twice"),
        (lambda: contiguity_weights([1, 2], [(1, 3)]), "not a pair"),
        (lambda: contiguity_weights([1, 2], [(1, 1)]), "not a pair"),
        (lambda: contiguity_weights([110000, 2], [(110000, int("110000"))]), "not a pair"),
        (lambda: moran([1.0, 2.0, 3.0], np.eye(2)), "shape"),
        (lambda: moran([1.0, 2.0], np.eye(3)), "shape"),
        (lambda: moran([1.0, 2.0], np.ones((2, 3))), "square"),
        (lambda: moran([1.0, 2.0, 3.0], np.ones((3, 2))), "square"),
        (lambda: moran([1.0, 2.0], np.ones(2)), "square"),
        (lambda: moran([1.0, 2.0], np.ones((2, 2, 2))), "square"),
        (lambda: moran([1.0, 2.0], np.zeros((2, 2))), "zero"),
        (lambda: moran([1.0, 2.0], [[0.0, -1.0], [1.0, 0.0]]), "negative"),
        (lambda: moran([1.0, math.nan], np.ones((2, 2))), "NaN"),
        (lambda: moran([2.0, 2.0], np.ones((2, 2))), "equal"),
        (lambda: moran([[1.0, 2.0], [2.0, 2.0]], np.ones((2, 2))), "equal"),
        (lambda: moran_moments(np.ones((4, 4)), np.ones(5)), "values have shape"),
        (lambda: moran_moments(np.ones((5, 5)), np.arange(4.0)), "values have shape"),
        (lambda: moran_moments(np.ones((3, 3)), [1.0, 2.0, 4.0]), "weights are of 3"),
        (lambda: moran_moments(np.ones((4, 4)), np.ones(4)), "equal"),
    ],
)
def test_bad_numbers_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
