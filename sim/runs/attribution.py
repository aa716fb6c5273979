"""Attribution: how much of a joint effect is owed to each lever."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import combinations
from math import factorial, isfinite
from typing import TypeVar

Player = TypeVar("Player", bound=Hashable)


def shapley(
    value: Mapping[frozenset[Player], float], players: Sequence[Player]
) -> dict[Player, float]:
    """Mean contribution of each lever over all orders in which levers could be switched on.

    phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! [v(S + i) - v(S)]

    value    outcome of every coalition of levers, none and all included, in one unit
    players  the levers, each once
    returns  lever -> its part; parts add up to v(all) - v(none), in the unit of `value`
    raises ValueError : a lever is named twice, or a coalition is missing or has no finite value
    Source: Shapley (1953), Contributions to the Theory of Games II.
    """
    _check(value, players)
    n, parts = len(players), dict.fromkeys(players, 0.0)
    for player in players:
        others = [other for other in players if other != player]
        for coalition in _coalitions(others):
            size = len(coalition)
            orders = factorial(size) * factorial(n - size - 1) / factorial(n)
            parts[player] += orders * (value[coalition | {player}] - value[coalition])
    return parts


def interaction(value: Mapping[frozenset[Player], float], players: Sequence[Player]) -> float:
    """Effect of levers together that no smaller coalition of them has.

    The contrast sum over S of (-1)^(n - |S|) v(S) of the full factorial design; positive if the
    levers strengthen each other.

    value, players  see `shapley`; levers may be some of those in `value`
    returns         in the unit of `value`; of a single lever its own effect
    raises ValueError : see `shapley`
    Source: Harsanyi (1963), Int. Econ. Rev. 4(2).
    """
    _check(value, players)
    n = len(players)
    return float(sum((-1) ** (n - len(each)) * value[each] for each in _coalitions(players)))


def _coalitions(players: Sequence[Player]) -> Iterator[frozenset[Player]]:
    """All sets of players, the smallest first."""
    for size in range(len(players) + 1):
        yield from (frozenset(chosen) for chosen in combinations(players, size))


def _check(value: Mapping[frozenset[Player], float], players: Sequence[Player]) -> None:
    if len(set(players)) < len(players):
        raise ValueError(f"a player is named twice: {', '.join(map(str, players))}")
    for coalition in _coalitions(players):
        name = "{" + ", ".join(str(player) for player in players if player in coalition) + "}"
        if coalition not in value:
            raise ValueError(f"coalition {name} has no value")
        if not isfinite(value[coalition]):
            raise ValueError(f"coalition {name} has the value {value[coalition]}")
