"""Factorial designs: all combinations of levels, and fractions that keep effects apart."""

from __future__ import annotations

from itertools import combinations, product
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyDOE3 import fracfact_by_res

from sim.runs.design import count, points, unit_points
from sim.runs.designs.factorial import words
from tests.design_file import factors, made


@given(st.lists(st.integers(2, 5), min_size=1, max_size=5))
def test_a_full_factorial_is_the_product_of_its_levels(levels):
    ranges = {
        f"x{position}": {"distribution": "integer", "low": 0, "high": size - 1}
        for position, size in enumerate(levels)
    }
    design, uncertainties = made("full_factorial", ranges)
    rows = [tuple(point.values()) for point in points(design, uncertainties)]
    assert rows == list(product(*map(range, levels)))  # the last varies fastest
    assert count(design, uncertainties) == prod(levels)


def coded(number: int, resolution: int) -> np.ndarray:
    """Design matrix with -1 for low and 1 for high, (runs, factors)."""
    design, uncertainties = made("fractional_factorial", factors(number), resolution=resolution)
    return 2 * unit_points(design, uncertainties) - 1


def shortest_word(matrix: np.ndarray, longest: int) -> int:
    """Fewest columns whose product is constant; `longest` + 1 if there are none up to that."""
    for size in range(1, longest + 1):
        for columns in combinations(matrix.T, size):
            if abs(np.prod(columns, axis=0).sum()) == len(matrix):
                return size
    return longest + 1


@pytest.mark.parametrize("number", [*range(3, 13), 16, 17, 20])
def test_resolution_four_keeps_main_effects_clear_of_each_other_and_of_pairs(number):
    matrix = coded(number, 4)
    assert (matrix.sum(axis=0) == 0).all()
    assert np.array_equal(matrix.T @ matrix, len(matrix) * np.eye(number))
    pairs = [one * other for one, other in combinations(matrix.T, 2)]
    # the pair of a factor with another one is that other: only pairs of two others can alias
    aliased = matrix.T @ np.array(pairs).T
    assert (aliased == 0).all()


@pytest.mark.parametrize("resolution", [3, 4, 5])
@pytest.mark.parametrize("number", [3, 5, 6, 8, 11])
def test_no_product_of_fewer_factors_than_the_resolution_is_constant(number, resolution):
    assert shortest_word(coded(number, resolution), min(resolution, number) - 1) >= min(
        resolution, number
    )


@pytest.mark.parametrize("number", range(1, 40))
def test_the_fewest_runs_of_resolution_four(number):
    """2^m runs hold 2^(m-1) factors (Box and Hunter, 1961): the words with an odd bit count."""
    design, uncertainties = made("fractional_factorial", factors(number))
    basic = next(m for m in range(1, 10) if 2 ** (m - 1) >= number)
    assert count(design, uncertainties) == len(unit_points(design, uncertainties)) == 2**basic


@pytest.mark.parametrize("number", range(5, 16))
def test_as_few_runs_as_pydoe_where_that_is_right(number):
    """From 16 factors on `fracfact_by_res` mixes words of odd and even length: resolution III."""
    theirs = fracfact_by_res(number, 4)
    assert len(coded(number, 4)) == len(theirs)
    assert shortest_word(theirs, 3) == 4


def test_five_factors_in_sixteen_runs_reach_resolution_five():
    assert words(5, 4) == [0b1, 0b10, 0b100, 0b1000, 0b1111]
    assert shortest_word(coded(5, 4), 5) == 5
