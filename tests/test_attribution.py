"""Shapley values: the axioms that define them, and levers whose effects multiply."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.runs.attribution import interaction, shapley

PLAYERS = ("digital", "compute", "coordination", "tax")
COALITIONS = [frozenset(chosen) for n in range(5) for chosen in itertools.combinations(PLAYERS, n)]
NUMBERS = st.floats(-1e3, 1e3)
GAMES = st.tuples(*[NUMBERS] * len(COALITIONS)).map(
    lambda values: dict(zip(COALITIONS, values, strict=True))
)


def _close(number):
    # 16 coalitions of values up to 1e3: rounding stays below 1e-10
    return pytest.approx(number, rel=1e-9, abs=1e-9)


@given(game=GAMES)
def test_parts_add_up_to_the_effect_of_all_over_none(game):
    effect = game[frozenset(PLAYERS)] - game[frozenset()]
    assert sum(shapley(game, PLAYERS).values()) == _close(effect)


@given(game=GAMES)
def test_parts_are_means_over_all_orders(game):
    parts = dict.fromkeys(PLAYERS, 0.0)
    for order in itertools.permutations(PLAYERS):
        for place, player in enumerate(order):
            gain = game[frozenset(order[: place + 1])] - game[frozenset(order[:place])]
            parts[player] += gain / math.factorial(len(PLAYERS))
    assert shapley(game, PLAYERS) == _close(parts)


@given(game=GAMES)
def test_levers_that_do_the_same_have_the_same_part(game):
    swap = {"digital": "compute", "compute": "digital"}
    alike = {
        each: game[each] + game[frozenset(swap.get(player, player) for player in each)]
        for each in COALITIONS
    }
    parts = shapley(alike, PLAYERS)
    assert parts["digital"] == _close(parts["compute"])


@given(game=GAMES, own=NUMBERS)
def test_a_lever_that_only_adds_its_own_effect_has_that_as_its_part(game, own):
    alone = {each: game[each - {"tax"}] + own * ("tax" in each) for each in COALITIONS}
    assert shapley(alone, PLAYERS)["tax"] == _close(own)
    dummy = {each: game[each - {"tax"}] for each in COALITIONS}
    assert shapley(dummy, PLAYERS)["tax"] == _close(0.0)


@given(one=GAMES, other=GAMES, scale=st.floats(-10, 10))
def test_parts_of_a_sum_of_outcomes_are_sums_of_parts(one, other, scale):
    both = {each: one[each] + scale * other[each] for each in COALITIONS}
    first, second = shapley(one, PLAYERS), shapley(other, PLAYERS)
    expected = {player: first[player] + scale * second[player] for player in PLAYERS}
    assert shapley(both, PLAYERS) == _close(expected)


@given(game=GAMES)
def test_interactions_of_all_coalitions_make_up_the_parts(game):
    parts = dict.fromkeys(PLAYERS, 0.0)
    for each in COALITIONS[1:]:
        for player in each:
            parts[player] += interaction(game, sorted(each)) / len(each)
    assert shapley(game, PLAYERS) == _close(parts)


def test_multiplying_levers_have_the_closed_form():
    x, y, z = 0.06, 0.03, 0.04
    effect = {"x": x, "y": y, "z": z}
    game = {
        frozenset(chosen): math.prod(1 + effect[lever] for lever in chosen) - 1
        for n in range(4)
        for chosen in itertools.combinations("xyz", n)
    }
    parts = shapley(game, "xyz")
    assert parts["x"] == pytest.approx(x + x * (y + z) / 2 + x * y * z / 3, rel=1e-12)
    assert interaction(game, "xyz") == pytest.approx(x * y * z, rel=1e-9)
    assert interaction(game, "x") == pytest.approx(x, rel=1e-12)


def test_no_lever_has_no_part():
    assert shapley({frozenset(): 3.0}, ()) == {}
    assert shapley({frozenset(): 3.0, frozenset("a"): 5.0}, "a") == {"a": 2.0}


@pytest.mark.parametrize("function", [shapley, interaction])
@pytest.mark.parametrize(
    ("value", "players", "message"),
    [
        ({frozenset(): 0.0, frozenset("a"): 1.0, frozenset("ab"): 2.0}, "ab", "{b} has no value"),
        ({frozenset("a"): 1.0}, "a", "coalition {} has no value"),
        ({frozenset(): 0.0, frozenset("a"): math.nan}, "a", "coalition {a} has the value nan"),
        ({frozenset(): 0.0, frozenset("a"): 1.0}, "aa", "named twice: a, a"),
    ],
)
def test_what_cannot_be_attributed_is_refused(function, value, players, message):
    with pytest.raises(ValueError, match=message):
        function(value, players)
