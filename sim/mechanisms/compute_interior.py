"""Interior-point iterations for the compute market: one predictor-corrector step at a time.

The unknowns are prices pi_b, rents lambda_h, purchases x_bh, price gaps
s_bh = c_h + t_bh + lambda_h - pi_b and idle capacities w_h. The iterations drive x_bh s_bh and
lambda_h w_h to zero while pi_b sum_h x_bh = m_b and sum_b x_bh + w_h = Cap_h come to hold.
Prices are eliminated by their diagonal block; what is left is one symmetric system in the rents.

Source: Mehrotra (1992), SIAM J. Optim. 2(4); Ye (2008), Math. Program. 111 (Eisenberg-Gale).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotrs

START_CENTRALITY = 0.3  # share of a budget by which each complementarity product starts above zero
START_RENT = 0.5  # first rents exceed the proportional-load guess by this share of the price
CURVED_STEP = 0.5  # share of the plain step below which second-order terms are left out
CENTRING = 0.8  # ... and least share of the mean product then aimed at
LEAST_STEP = 0.9  # least share of the step to the boundary that is taken
MOST_STEP = 1 - 1e-6  # ... and most: rounding must not put an unknown at zero


class Problem(NamedTuple):
    """A market without idle parts: every buyer has money and an edge, every node is reachable."""

    budget: np.ndarray  # (buyers,) > 0 [money]
    capacity: np.ndarray  # (nodes,) > 0 [quantity]
    delivered: np.ndarray  # (edges,) unit cost plus delivery cost > 0 [money / quantity]
    row: np.ndarray  # (edges,) buyer of the edge, ascending
    col: np.ndarray  # (edges,) node of the edge
    first: np.ndarray  # (buyers,) first edge of each buyer


class Iterate(NamedTuple):
    """A strictly interior point; `advance` updates it in place."""

    price: np.ndarray  # (buyers,)
    rent: np.ndarray  # (nodes,)
    flow: np.ndarray  # (edges,) purchases
    gap: np.ndarray  # (edges,) delivered cost plus rent less price
    spare: np.ndarray  # (nodes,) idle capacity


def start(problem: Problem) -> tuple[Iterate, np.ndarray]:
    """First iterate, centred up to the capacity balance, and the money weights of the nodes.

    problem  the market
    returns  iterate, weight (nodes,) > 0 [money]: lambda_h w_h is measured against it
    """
    budget, capacity, delivered, row, col, _ = problem
    buyers, nodes = budget.size, capacity.size
    reach = np.bincount(row, capacity[col], buyers)
    load = np.bincount(col, budget[row] / reach[row], nodes)  # money per unit if spread evenly
    cheapest = np.full(nodes, np.inf)
    np.minimum.at(cheapest, col, delivered)
    level = np.maximum(cheapest, load)
    rent = level - cheapest + START_RENT * level
    weight = capacity * level
    ceiling = np.full(buyers, np.inf)
    np.minimum.at(ceiling, row, delivered + rent[col])
    # With this price a buyer of one node is exactly centred, others nearly.
    price = ceiling / (1 + START_CENTRALITY)
    gap = delivered + rent[col] - price[row]
    flow = 1 / gap
    flow *= (budget / price / np.bincount(row, flow, buyers))[row]
    spare = START_CENTRALITY * weight / rent
    return Iterate(price, rent, flow, gap, spare), weight


class _Linear(NamedTuple):
    """Linearised market at an iterate: what both solves of a step share."""

    ratio: np.ndarray  # (edges,) flow / gap
    diagonal: np.ndarray  # (buyers,) pivot of each price
    factor: np.ndarray  # (nodes, nodes) Cholesky factor of the system in the rents
    imbalance: np.ndarray  # (nodes,) capacity neither sold nor idle


def _linearise(problem: Problem, at: Iterate, bought: np.ndarray) -> _Linear:
    """Pivots and factorised rent system at iterate `at`; `bought` (buyers,) sums its flows."""
    row, col = problem.row, problem.col
    nodes = problem.capacity.size
    ratio = at.flow / at.gap
    diagonal = np.add.reduceat(ratio, problem.first) + bought / at.price
    spread = np.zeros((problem.budget.size, nodes))
    spread[row, col] = ratio
    system = -(spread.T @ (spread / diagonal[:, None]))
    system.ravel()[:: nodes + 1] += spread.sum(axis=0) + at.spare / at.rent
    factor, info = dpotrf(system, lower=1)
    if info != 0:
        raise np.linalg.LinAlgError(f"rent system not positive definite at pivot {info}")
    imbalance = problem.capacity - np.bincount(col, at.flow, nodes) - at.spare
    return _Linear(ratio, diagonal, factor, imbalance)


def _direction(
    problem: Problem,
    at: Iterate,
    linear: _Linear,
    money: np.ndarray,
    products: np.ndarray,
    rent_products: np.ndarray,
) -> Iterate:
    """Newton direction.

    problem, at    market and iterate
    linear         linearisation at the iterate
    money          (buyers,) wanted change of (purchases - budget / price)
    products       (edges,) wanted change of flow * gap
    rent_products  (nodes,) wanted change of rent * spare
    returns        changes of price, rent, flow, gap, spare
    """
    row, col = problem.row, problem.col
    nodes = problem.capacity.size
    push = products / at.gap
    pull = (money - np.add.reduceat(push, problem.first)) / linear.diagonal
    right = rent_products / at.rent - linear.imbalance
    right += np.bincount(col, push + linear.ratio * pull[row], nodes)
    rent, _ = dpotrs(linear.factor, right, lower=1)
    at_nodes = rent[col]
    price = pull + np.add.reduceat(linear.ratio * at_nodes, problem.first) / linear.diagonal
    gap = at_nodes - price[row]
    flow = push - linear.ratio * gap
    spare = linear.imbalance - np.bincount(col, flow, nodes)
    return Iterate(price, rent, flow, gap, spare)


def _longest_step(at: Iterate, move: Iterate) -> float:
    """Longest step in (0, 1] along `move` that keeps every unknown at or above zero."""
    with np.errstate(over="ignore"):  # an unknown next to zero: -inf stops the step, as it must
        lowest = min(float((change / value).min()) for value, change in zip(at, move, strict=True))
    return 1.0 / max(1.0, -lowest)


def advance(
    problem: Problem, at: Iterate, weight: np.ndarray, *, plain: bool = False
) -> tuple[float, float]:
    """One predictor-corrector step; `at` is moved in place.

    problem  the market
    at       iterate, all entries > 0
    weight   (nodes,) money against which rent * spare is measured
    plain    leave second-order terms out: slow, but it cannot go round in circles
    returns  mean complementarity product as a share of money, and largest relative imbalance of
             a buyer (at prices after the step) or node; else both before the step
    raises   numpy.linalg.LinAlgError if rounding has destroyed the system
    """
    flow, gap, rent, spare = at.flow, at.gap, at.rent, at.spare
    money = problem.budget[problem.row]
    bought = np.add.reduceat(flow, problem.first)
    excess = problem.budget / at.price - bought
    linear = _linearise(problem, at, bought)
    products, rent_products = flow * gap, rent * spare
    count = flow.size + rent.size
    mean = ((products / money).sum() + (rent_products / weight).sum()) / count

    move = _direction(problem, at, linear, excess, -products, -rent_products)
    step = _longest_step(at, move)
    ahead = ((flow + step * move.flow) * (gap + step * move.gap) / money).sum()
    ahead += ((rent + step * move.rent) * (spare + step * move.spare) / weight).sum()
    target = mean * min(1.0, ahead / count / mean) ** 3
    # Money, price times purchases, is bilinear: its second-order term is exact, as in the products.
    curved = excess - move.price * np.add.reduceat(move.flow, problem.first) / at.price
    bent = _direction(
        problem,
        at,
        linear,
        curved,
        target * money - products - move.flow * move.gap,
        target * weight - rent_products - move.rent * move.spare,
    )
    reach = _longest_step(at, bent)
    if plain or reach < CURVED_STEP * step:  # far from the solution these terms can mislead
        target = max(target, CENTRING * mean)
        bent = _direction(
            problem, at, linear, excess, target * money - products, target * weight - rent_products
        )
        reach = _longest_step(at, bent)
    step = min(1.0, reach * min(max(LEAST_STEP, 1.0 - mean), MOST_STEP))
    move = bent
    for unknown, change in zip(at, move, strict=True):
        np.add(unknown, step * change, out=unknown)
    imbalance = max(
        np.abs(excess * at.price / problem.budget).max(),
        np.abs(linear.imbalance / problem.capacity).max(),
    )
    return float(mean), float(imbalance)
