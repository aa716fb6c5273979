import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from sim.mechanisms import founding


@given(mean=st.floats(0.01, 30), more=st.floats(0, 5))
def test_numbers_of_entrants_are_poisson(mean, more):
    n = 500
    u = (np.arange(n) + 0.5) / n
    drawn = founding.numbers(np.full(n, mean), u)
    # Midpoints of the quantiles: each step of the staircase is off by at most half a part, and
    # the tail cut off at 1 - .5 / n holds less than one more.
    assert drawn.mean() == pytest.approx(mean, abs=(drawn.max() + 2) / n)
    assert (np.diff(drawn) >= 0).all()
    assert (founding.numbers(np.full(n, mean + more), u) >= drawn).all()


def test_nobody_enters_where_nobody_is_expected():
    assert not founding.numbers(np.zeros(3), np.array([0.0, 0.5, 1 - 1e-12])).any()


@pytest.mark.parametrize("mean", [0.02, 0.7, 3.0, 25.0])
def test_numbers_are_the_smallest_that_reach_the_uniform(mean):
    u = np.array([1e-9, 0.01, np.exp(-mean), 0.3, 0.9, 0.999999])
    assert founding.numbers(np.full(6, mean), u).tolist() == poisson.ppf(u, mean).tolist()


def test_entrants_of_2012_are_measured_by_the_firms_of_their_cell(start):
    capital, efficiency = founding.usual(start)
    for found, name in ((capital, "capital"), (efficiency, "efficiency")):
        assert found == pytest.approx(start.cell_means(name)[0], rel=1e-12)


def test_what_entrants_are_measured_by_grows_with_the_industry(start):
    before = founding.usual(start)
    start.firms["capital"] *= 3.0
    start.firms["efficiency"] *= 2.0
    capital, efficiency = founding.usual(start)
    assert capital == pytest.approx(3 * before[0], rel=1e-12)
    assert efficiency == pytest.approx(2 * before[1], rel=1e-12)


def test_places_of_entrants_repeat_their_numbers():
    number = np.array([[0, 2], [1, 0], [0, 3]])
    place, industry, slot = founding.places_of(number)
    assert place.tolist() == [0, 0, 1, 2, 2, 2]
    assert industry.tolist() == [1, 1, 0, 1, 1, 1]
    assert slot.tolist() == [0, 1, 0, 0, 1, 2]


def test_an_entrant_draws_the_same_however_many_enter_elsewhere():
    u = np.random.default_rng(1).random((3, 2, founding.SLOTS, 3))
    few = founding.places_of(np.array([[0, 0], [2, 0], [0, 1]]))
    many = founding.places_of(np.array([[5, 1], [2, 9], [0, 1]]))
    draws = founding.slot_draws(u, *few), founding.slot_draws(u, *many)
    for cell, slot in (((1, 0), 0), ((1, 0), 1), ((2, 1), 0)):
        found = []
        for (place, industry, number), drawn in zip((few, many), draws, strict=True):
            row = (place == cell[0]) & (industry == cell[1]) & (number == slot)
            found.append(drawn[:, row])
        assert (found[0] == found[1]).all()
    assert ((draws[1] >= 0) & (draws[1] < 1)).all()
    assert np.unique(draws[1][0]).size == draws[1].shape[1]


def test_owners_are_drawn_by_the_shares_of_their_industry(start):
    n, industry = 4000, 5
    u = (np.arange(n) + 0.5) / n
    owner = founding.draw_owner(np.tile(start.ownership[industry], (n, 1)), u)
    state, foreign = start.ownership[industry]
    expected = [1 - state - foreign, state, foreign]
    assert np.bincount(owner, minlength=3) / n == pytest.approx(expected, abs=1 / n)
