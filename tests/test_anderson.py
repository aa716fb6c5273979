"""Acceleration of a fixed point: exact on linear maps, never worse than the plain iteration."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.mechanisms.anderson import Anderson, coefficients


def iterate(function, start, memory, limit=500, tolerance=1e-12):
    mixer, point = Anderson(start.size, memory), start
    for count in range(1, limit + 1):
        residual = function(point) - point
        gap = np.abs(residual).max()
        if gap < tolerance:
            return point, count
        point = mixer.step(point, residual, gap)
    return point, limit


@pytest.mark.nojit
@pytest.mark.parametrize("size", [1, 2, 4])
def test_a_linear_map_is_solved_after_as_many_differences_as_it_has_dimensions(size):
    """With size + 1 residuals the least squares are exact: one evaluation more confirms it."""
    draw = np.random.default_rng(size)
    matrix = draw.normal(size=(size, size))
    matrix *= 0.5 / np.abs(np.linalg.eigvals(matrix)).max()
    shift = draw.normal(size=size)
    found, count = iterate(lambda x: matrix @ x + shift, np.zeros(size), 5, tolerance=1e-9)
    np.testing.assert_allclose(found, np.linalg.solve(np.eye(size) - matrix, shift), rtol=1e-8)
    assert count <= size + 3


def test_without_memory_every_step_is_plain():
    point, count = iterate(lambda x: x / 2, np.ones(3), 0, limit=10, tolerance=0.0)
    assert count == 10
    assert (point == 2.0**-10).all()


def test_a_slow_map_takes_a_tenth_of_the_steps():
    """Rates up to 0.99 take 27 / -ln 0.99 = 2750 plain steps to 1e-12."""
    rates = np.linspace(0.2, 0.99, 6)
    found, count = iterate(lambda x: rates * x + 1, np.zeros(6), 8)
    np.testing.assert_allclose(found, 1 / (1 - rates), rtol=1e-9)
    assert count < 275


@given(st.integers(1, 8), st.integers(0, 1000))
def test_coefficients_are_those_of_least_squares(columns, seed):
    draw = np.random.default_rng(seed)
    changes, residual = draw.normal(size=(20, columns)), draw.normal(size=20)
    order = draw.permutation(columns)
    found = coefficients(changes.T @ changes, changes.T @ residual, order)
    expected = np.linalg.lstsq(changes, residual)[0]
    np.testing.assert_allclose(found, expected, atol=1e-8)


def test_a_difference_that_repeats_a_newer_one_is_left_out():
    changes = np.array([[1.0, 2.0], [1.0, 2.0], [0.0, 0.0]])
    found = coefficients(changes.T @ changes, changes.T @ np.ones(3), np.array([1, 0]))
    assert found[0] == 0.0
    assert found[1] == pytest.approx(0.5)


@pytest.mark.nojit
@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("useless", [[2.0, 0.0, 2.0], [0.0, 0.0, 0.0], [1.0, 1e-7, 1.0]])
def test_a_useless_difference_between_others_leaves_them_their_coefficients(useless, unit):
    """Twice the newest, nothing, or the newest but for rounding, in any unit."""
    oldest, newest, residual = [0.0, 1.0, 1.0], [1.0, 0.0, 1.0], np.array([3.0, 1.0, 2.0])
    changes = unit * np.column_stack([oldest, useless, newest])
    found = coefficients(changes.T @ changes, changes.T @ residual, np.array([2, 1, 0]))
    expected = np.linalg.lstsq(changes[:, [0, 2]], residual)[0]
    assert found[1] == 0.0
    np.testing.assert_allclose(found[[0, 2]], expected, rtol=1e-9)


def test_a_step_that_misleads_is_taken_back_to_the_plain_one():
    mixer = Anderson(1, 3)
    first = mixer.step(np.array([0.0]), np.array([1.0]), 1.0)
    second = mixer.step(first, np.array([0.9]), 0.9)
    assert first == 1.0
    assert second == pytest.approx(10.0)  # the secant through both residuals
    back = mixer.step(second, np.array([50.0]), 50.0)
    assert back == pytest.approx(1.9)  # the plain step from the second point
    assert mixer.step(back, np.array([0.1]), 0.1) == pytest.approx(2.0)  # memory starts anew


def test_not_a_number_counts_as_misleading():
    mixer = Anderson(1, 3)
    first = mixer.step(np.array([0.0]), np.array([1.0]), 1.0)
    second = mixer.step(first, np.array([0.9]), 0.9)
    assert mixer.step(second, np.array([np.nan]), np.nan) == pytest.approx(1.9)


def test_no_difference_is_taken_across_a_cut():
    """After a cut the first step uses what was learnt, and does not mix two functions."""
    mixer = Anderson(1, 3)
    point = mixer.step(np.array([0.0]), np.array([1.0]), 1.0)
    point = mixer.step(point, np.array([0.5]), 0.5)  # slope -1/2 learnt, root at 2
    mixer.cut()
    point = mixer.step(point, np.array([-0.5]), 0.5)  # the function moved down by 1/2
    assert point == pytest.approx(1.0)


@pytest.mark.parametrize(("growth", "taken"), [(1.9, True), (2.1, False)])
def test_a_gap_may_at_most_double(growth, taken):
    mixer = Anderson(1, 3)
    first = mixer.step(np.array([0.0]), np.array([0.25]), 0.25)
    second = mixer.step(first, np.array([0.225]), 0.225)
    third = mixer.step(second, np.array([growth * 0.225]), growth * 0.225)
    assert (third != pytest.approx(first + 0.225)) is taken


def test_memory_holds_the_newest_differences_and_the_newest_comes_first():
    points, residuals = np.random.default_rng(3).normal(size=(2, 8, 4))
    mixer = Anderson(4, 3)
    for number, (point, residual) in enumerate(zip(points, residuals, strict=True), 1):
        mixer.step(point, residual, 1.0)
        changes = np.diff(residuals[:number], axis=0)[::-1][:3]
        both = changes + np.diff(points[:number], axis=0)[::-1][:3]
        order = mixer._order
        np.testing.assert_array_equal(mixer._changes[:, order].T.reshape(changes.shape), changes)
        np.testing.assert_array_equal(mixer._both[:, order].T.reshape(both.shape), both)
        np.testing.assert_allclose(mixer._gram[np.ix_(order, order)], changes @ changes.T)


def test_a_step_that_misleads_empties_the_memory():
    points, residuals = np.random.default_rng(4).normal(size=(2, 6, 4))
    mixer = Anderson(4, 3)
    for point, residual in zip(points, residuals, strict=True):
        mixer.step(point, residual, 1.0)
    mixer.step(points[0], residuals[0], 3.0)
    assert mixer._order.size == 0
    assert mixer.step(points[1], residuals[1], 1.0) == pytest.approx(points[1] + residuals[1])
