import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.state.draws import draw_columns, draw_rows

WEIGHTS = st.lists(st.sampled_from([0.0, 1e-9, 0.3, 1.0, 7.0]), min_size=1, max_size=12)
UNIFORM = st.floats(0, 1 - 1e-9)


def grid(n):
    """Midpoints of n equal parts: a sample without noise."""
    return (np.arange(n) + 0.5) / n


def test_rows_are_drawn_in_proportion_to_weight():
    weight = np.array([2.0, 5.0, 0.0, 1.0, 3.0, 9.0])
    group = np.array([0, 1, 0, 0, 0, 1])
    rows = draw_rows(weight, group, np.zeros(600, dtype=int), grid(600))
    # Group 0 holds weights 2, 0, 1, 3 of 6; a grid of quantiles is off by at most one.
    count = np.bincount(rows, minlength=6)
    assert np.abs(count - [200, 0, 0, 100, 300, 0]).max() <= 1


def test_groups_draw_apart():
    weight, group = np.array([1.0, 1.0, 4.0]), np.array([5, 9, 5])
    rows = draw_rows(weight, group, np.array([5, 9, 5, 9]), np.array([0.1, 0.1, 0.9, 0.9]))
    assert rows.tolist() == [0, 1, 2, 1]


def test_a_group_without_weight_gives_none():
    weight, group = np.array([0.0, 1.0, 0.0]), np.array([0, 1, 0])
    rows = draw_rows(weight, group, np.array([0, 1, 2]), np.array([0.5, 0.5, 0.5]))
    assert rows.tolist() == [-1, 1, -1]


@given(weight=WEIGHTS, u=UNIFORM, seed=st.integers(0, 99))
def test_a_row_drawn_has_weight_and_the_right_group(weight, u, seed):
    weight = np.array(weight)
    group = np.random.default_rng(seed).integers(0, 3, weight.size)
    for wanted in range(3):
        (row,) = draw_rows(weight, group, np.array([wanted]), np.array([u]))
        if weight[group == wanted].sum() == 0:
            assert row == -1
        else:
            assert group[row] == wanted
            assert weight[row] > 0


def test_the_largest_uniform_stays_within_the_group():
    weight, group = np.array([0.1, 0.2, 0.3, 0.0, 5.0]), np.array([0, 0, 0, 0, 1])
    rows = draw_rows(weight, group, np.array([0]), np.array([np.nextafter(1.0, 0.0)]))
    assert rows.tolist() == [2]


def test_columns_are_drawn_by_the_chances_of_the_row():
    chance = np.array([[0.25, 0.75, 0.0], [0.5, 0.0, 0.5]])
    for row, expected in enumerate([[100, 300, 0], [200, 0, 200]]):
        drawn = draw_columns(chance, np.full(400, row), grid(400))
        assert np.abs(np.bincount(drawn, minlength=3) - expected).max() <= 1


@given(weight=WEIGHTS, u=UNIFORM, rows=st.integers(1, 50))
def test_a_column_drawn_has_a_chance(weight, u, rows):
    weight = np.array(weight) + (np.arange(len(weight)) == 0) * (sum(weight) == 0)
    chance = np.tile(weight / weight.sum(), (rows, 1))
    drawn = draw_columns(chance, np.arange(rows), np.full(rows, u))
    # A chance of 1e-10 may be met or missed by rounding, never one of zero.
    assert (chance[np.arange(rows), drawn] > 0).all()


def test_draws_rise_with_the_uniform():
    chance = np.random.default_rng(1).dirichlet(np.ones(7), 4)
    for row in range(4):
        drawn = draw_columns(chance, np.full(50, row), grid(50))
        assert (np.diff(drawn) >= 0).all()


@pytest.mark.parametrize("u", [0.0, 0.5])
def test_no_seekers_draw_nothing(u):
    nobody = np.zeros(0, dtype=int)
    assert draw_rows(np.ones(2), np.zeros(2, dtype=int), nobody, np.full(0, u)).size == 0
    assert draw_columns(np.ones((1, 2)) / 2, nobody, np.full(0, u)).size == 0
