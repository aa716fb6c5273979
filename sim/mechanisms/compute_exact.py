"""Exact prices and purchases of the compute market once it is known who buys where.

Buyers and nodes linked by a purchase form groups within which all prices and rents differ by
known delivered costs; nodes without a rent are linked to a common ground of rent zero. The level
of a group is then the ground, or the one root of sum_b m_b / (L + offset_b) = sum_h Cap_h. If the
result satisfies every condition of the equilibrium it is the equilibrium, to rounding.

Prices, rents and totals per buyer are unique; `compute_spread` chooses among the purchases.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.mechanisms.compute_interior import Problem
from sim.mechanisms.compute_spread import EXACT, spread_evenly

TIE = 1e-12  # delivered prices closer than this, relative, are the same price
FIRM = 1e9  # strength of a link put in to mend a guess
REPAIRS = 6  # wrong guesses of who buys where that are mended before the search goes on
VANISHED = 1e-6  # share of a buyer's purchases below which an edge is given up


def _offsets(
    tail: np.ndarray, head: np.ndarray, cost: np.ndarray, vertices: int
) -> tuple[np.ndarray, np.ndarray]:
    """Groups of linked vertices and values relative to their group.

    tail, head  (links,) vertices, the strongest link first; one that closes a circle is ignored
    cost        (links,) value at tail less value at head
    vertices    number of vertices
    returns     group (vertices,), offset (vertices,) value less the level of the group
    """
    group = np.arange(vertices)
    offset = np.zeros(vertices)
    for link in range(tail.size):
        a, b = tail[link], head[link]
        if group[a] != group[b]:
            shift = offset[a] - cost[link] - offset[b]
            moved = group == group[b]
            offset[moved] += shift
            group[moved] = group[a]
    return group, offset


def _level(budget: np.ndarray, offset: np.ndarray, capacity: float) -> float:
    """Root L of sum m / (L + offset) = capacity.

    budget    (buyers,) > 0 [money]
    offset    (buyers,) price less level [money / quantity]
    capacity  > 0 [quantity]
    returns   level above every -offset

    Newton on the reciprocal, which is concave: from a start below the root it rises to it.
    """
    level = (budget / capacity - offset).max()
    for _ in range(100):
        quantity = budget / (level + offset)
        total = quantity.sum()
        rise = total * (total / capacity - 1.0) / (quantity / (level + offset)).sum()
        level += rise
        if rise <= 1e-16 * np.abs(level + offset).min():
            break
    return level


offsets = njit(cache=True)(_offsets)
level = njit(cache=True)(_level)


def _rents(
    problem: Problem, edge_strength: np.ndarray, node_strength: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Prices and rents implied by who buys where.

    problem        the market
    edge_strength  (edges,) how surely the edge carries a purchase; above 1 it is taken to
    node_strength  (nodes,) how surely the node has idle capacity and no rent
    returns        price (buyers,), rent (nodes,), not yet checked
    """
    buyers, nodes = problem.budget.size, problem.capacity.size
    ground = nodes + buyers
    best = np.maximum.reduceat(edge_strength, problem.first)
    edges = np.flatnonzero((edge_strength > 1) | (edge_strength == best[problem.row]))
    idle = np.flatnonzero(node_strength > 1)
    tail = np.concatenate((problem.row[edges] + nodes, idle))
    head = np.concatenate((problem.col[edges], np.full(idle.size, ground)))
    cost = np.concatenate((problem.delivered[edges], np.zeros(idle.size)))
    order = np.argsort(-np.concatenate((edge_strength[edges], node_strength[idle])), kind="stable")
    group, offset = offsets(tail[order], head[order], cost[order], ground + 1)
    height = np.zeros(ground + 1)
    height[group[ground]] = -offset[ground]
    for member in np.unique(group[nodes:ground]):
        if member != group[ground]:
            bought = group[nodes:ground] == member
            sold = problem.capacity[group[:nodes] == member].sum()
            height[member] = level(problem.budget[bought], offset[nodes:ground][bought], sold)
    value = offset + height[group]
    sellers = np.isin(group[:nodes], group[nodes:])
    return value[nodes:ground], np.where(sellers, value[:nodes], 0.0)


def settle(
    problem: Problem, edge_strength: np.ndarray, node_strength: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """The equilibrium, if the guess of who buys where is right or can be mended in a few rounds.

    problem, edge_strength, node_strength  as in `_rents`
    returns  price (buyers,), rent (nodes,), flow (edges,), all conditions met to EXACT; or None

    Mending: a node whose rent would be negative has idle capacity; a buyer who finds a cheaper
    node goes there first; where purchases do not fit the capacities, links on which they vanish
    are given up, because they tied together groups that have each a level of their own.
    """
    row, col = problem.row, problem.col
    nothing = EXACT * _cheapest(problem)
    edge_strength, node_strength = edge_strength.copy(), node_strength.copy()
    for _ in range(REPAIRS):
        implied, rent = _rents(problem, edge_strength, node_strength)
        negative = rent < -nothing
        rent = np.where(rent > nothing, rent, 0.0)  # what rounding left of a rent of zero
        delivered = problem.delivered + rent[col]
        price = np.minimum.reduceat(delivered, problem.first)
        cheaper = np.abs(price - implied) > EXACT * price
        if negative.any() or cheaper.any():
            node_strength[negative] = FIRM
            edge_strength[(cheaper & (price < implied))[row] & (delivered == price[row])] = FIRM
            continue
        quantity = problem.budget / price
        cheapest = delivered <= (price * (1 + TIE))[row]
        flow, left, fits = spread_evenly(problem, quantity, cheapest, rent > 0)
        if fits:
            return price, rent, flow
        edge_strength[flow < VANISHED * quantity[row]] = 0.0
        node_strength[left < VANISHED * problem.capacity] = 0.0
    return None


def _cheapest(problem: Problem) -> np.ndarray:
    """Lowest delivered cost of each node, shape (nodes,) [money / quantity]."""
    cheapest = np.full(problem.capacity.size, np.inf)
    np.minimum.at(cheapest, problem.col, problem.delivered)
    return cheapest
