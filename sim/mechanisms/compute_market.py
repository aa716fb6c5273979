"""Market for compute: buyers with money budgets, nodes with unit costs and capacities.

Buyer b spends m_b wherever delivery is cheapest; node h sells up to Cap_h and earns a scarcity
rent lambda_h >= 0 only where its capacity binds:

    pi_b = min_h (c_h + t_bh + lambda_h),  x_bh > 0 only where the minimum is attained,
    sum_h x_bh = m_b / pi_b,  sum_b x_bh <= Cap_h, with equality where lambda_h > 0.

This is the Eisenberg-Gale programme max sum_b m_b ln(sum_h x_bh) - sum_bh (c_h + t_bh) x_bh over
x >= 0 within the capacities. With one pool and equal costs it is proportional fairness,
x_b = m_b Cap / sum m. Interior-point iterations find out who buys where; then prices, rents and
purchases follow exactly.

Source: Eisenberg and Gale (1959), Ann. Math. Stat. 30(1).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.mechanisms.compute_exact import settle
from sim.mechanisms.compute_interior import Iterate, Problem, advance, start

MAX_ITERATIONS = 120
PATIENCE = 60  # iterations after which a search that goes round in circles takes plain steps
FIRST_ATTEMPT = 1e-6  # mean complementarity product below which an exact solution is tried
LOOSE = 1e-8  # mean complementarity product at which the last iterate will do
HAIRS = (0.0, 1e-9, 1e-8, 1e-7, 1e-6)  # relative cost that tells near ties apart, tried in turn
GOLDEN = 0.6180339887  # spreads the hairs evenly
STEADY = 1e6  # strength of a link that the earlier clearing used


Solution = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Price (buyers,), rent (nodes,) and flow (edges,) of a `Problem`."""


class ClearingError(RuntimeError):
    """The market did not clear; the message names the worst buyer and node."""


class Clearing(NamedTuple):
    """Equilibrium of the market.

    Accurate to 1e-12 relative: sum_h quantity_bh = budget_b / price_b to rounding, quantity is 0
    off the cheapest nodes, and nodes with a rent are sold out. Where near ties keep it open who
    buys where, the last two hold to 1e-8 only.
    """

    price: np.ndarray  # (buyers,) delivered price; inf without reachable capacity [money / q]
    rent: np.ndarray  # (nodes,) scarcity rent; 0 without capacity [money / quantity]
    quantity: np.ndarray  # (buyers, nodes) purchases [quantity]


def local_price(unit_cost: np.ndarray, spending: np.ndarray, capacity: np.ndarray) -> np.ndarray:
    """Price of compute where a province has only its own capacity.

    unit_cost  (provinces,) cost of a unit > 0 [money / quantity]
    spending   (provinces,) money budgets >= 0 [money]
    capacity   (provinces,) > 0 [quantity]
    returns    (provinces,) max(unit cost, spending / capacity) [money / quantity]
    """
    return np.maximum(unit_cost, spending / capacity)


def clear(
    budget: np.ndarray,
    unit_cost: np.ndarray,
    capacity: np.ndarray,
    delivery: np.ndarray,
    earlier: Clearing | None = None,
) -> Clearing:
    """Prices, rents and purchases at which the market clears.

    budget     (buyers,) money to spend >= 0 [money]
    unit_cost  (nodes,) cost of a unit > 0 where there is capacity [money / quantity]
    capacity   (nodes,) >= 0; 0 for a node that is absent [quantity]
    delivery   (buyers, nodes) cost of delivery >= 0, inf where not reachable [money / quantity]
    earlier    clearing of a like market with the same buyers and nodes, which saves the search
               if not much changed who buys where; the result is the same to rounding
    returns    the equilibrium
    raises     ValueError for unusable numbers, or a buyer with a budget but no reachable capacity
    raises     ClearingError if no equilibrium was found, naming the worst buyer and node
    """
    _check(budget, unit_cost, capacity, delivery)
    open_nodes = capacity > 0
    delivered = np.where(open_nodes, delivery + np.where(open_nodes, unit_cost, 0.0), np.inf)
    reachable = np.isfinite(delivered)
    stranded = np.flatnonzero((budget > 0) & ~reachable.any(axis=1))
    if stranded.size:
        raise ValueError(f"buyers {stranded.tolist()} have a budget but no reachable capacity")
    buyers = np.flatnonzero(budget > 0)
    nodes = np.flatnonzero(reachable[buyers].any(axis=0))
    rent = np.zeros(capacity.size)
    quantity = np.zeros(delivery.shape)
    if buyers.size:
        row, col = np.nonzero(reachable[np.ix_(buyers, nodes)])
        problem = Problem(
            budget=budget[buyers],
            capacity=capacity[nodes],
            delivered=delivered[buyers[row], nodes[col]],
            row=row,
            col=col,
            first=np.searchsorted(row, np.arange(buyers.size)),
        )
        found = None if earlier is None else _again(problem, earlier, buyers, nodes)
        if found is None:
            found = _search_apart(problem, buyers, nodes)
        _, rent[nodes], flow = found
        quantity[buyers[row], nodes[col]] = flow
    return Clearing((delivered + rent).min(axis=1, initial=np.inf), rent, quantity)


def _again(
    problem: Problem, earlier: Clearing, buyers: np.ndarray, nodes: np.ndarray
) -> Solution | None:
    """The equilibrium if it is little different from `earlier`, else None."""
    flow = earlier.quantity[buyers[problem.row], nodes[problem.col]]
    total = np.add.reduceat(flow, problem.first)
    delivered = problem.delivered + earlier.rent[nodes][problem.col]
    cheapest = delivered == np.minimum.reduceat(delivered, problem.first)[problem.row]
    newcomer = (total == 0)[problem.row]  # bought nothing then: starts where it is cheapest
    share = np.where(newcomer, cheapest, flow / np.where(total > 0, total, 1.0)[problem.row])
    return settle(problem, share * STEADY, np.where(earlier.rent[nodes] > 0, 0.0, STEADY))


def _search_apart(problem: Problem, buyers: np.ndarray, nodes: np.ndarray) -> Solution:
    """The equilibrium; where near ties break the search, costs are told apart by a hair.

    The hair is the same for the same buyer and node, so that near markets clear alike.
    """
    pattern = (np.arange(problem.delivered.size) * GOLDEN) % 1.0
    for hair in HAIRS[:-1]:
        try:
            return _search(_apart(problem, hair * pattern), buyers, nodes)
        except ClearingError:
            continue  # the next hair is wider; the last one lets the error out
    return _search(_apart(problem, HAIRS[-1] * pattern), buyers, nodes)


def _apart(problem: Problem, hair: np.ndarray) -> Problem:
    """The market with costs that differ by `hair`, relative, (edges,)."""
    return problem._replace(delivered=problem.delivered * (1 + hair))


def _search(problem: Problem, buyers: np.ndarray, nodes: np.ndarray) -> Solution:
    """The equilibrium from scratch; `buyers` and `nodes` are the names used in an error."""
    at, weight = start(problem)
    mean = imbalance = np.inf
    for count in range(MAX_ITERATIONS):
        try:
            mean, imbalance = advance(problem, at, weight, plain=count >= PATIENCE)
        except np.linalg.LinAlgError:
            break  # rounding has the last word
        if mean < FIRST_ATTEMPT and imbalance < FIRST_ATTEMPT:
            money = problem.budget[problem.row]
            # Both sides of a product relative to what they are when wholly used.
            edges = at.flow * at.price[problem.row] ** 2 / (money * at.gap)
            idle = at.spare * weight / (problem.capacity**2 * at.rent)
            found = settle(problem, edges, idle)
            if found is not None:
                return found
    if max(mean, imbalance) < LOOSE:
        return _near(problem, at)
    raise ClearingError(_complaint(problem, at, buyers, nodes))


def _near(problem: Problem, at: Iterate) -> Solution:
    """The last iterate, where who buys where cannot be told exactly.

    Buyers spend their budgets to rounding; the other conditions hold as closely as the search got.
    """
    price = np.minimum.reduceat(problem.delivered + at.rent[problem.col], problem.first)
    bought = np.add.reduceat(at.flow, problem.first)
    scale = problem.budget / price / bought
    return price, at.rent, at.flow * scale[problem.row]


def _complaint(problem: Problem, at: Iterate, buyers: np.ndarray, nodes: np.ndarray) -> str:
    """Message that names the buyer and the node whose conditions are met worst."""
    sold = np.bincount(problem.col, at.flow, nodes.size)
    bought = np.add.reduceat(at.flow, problem.first)
    buyer_error = np.abs(bought * at.price / problem.budget - 1)
    buyer_error += np.add.reduceat(at.flow * at.gap, problem.first) / problem.budget
    node_error = np.maximum(sold / problem.capacity - 1, 0)
    node_error += at.rent * at.spare / (problem.capacity * (at.rent + problem.delivered.min()))
    b, h = int(np.argmax(buyer_error)), int(np.argmax(node_error))
    return (
        f"compute market did not clear: worst buyer {buyers[b]} (off by {buyer_error[b]:.2e} of "
        f"its budget), worst node {nodes[h]} (off by {node_error[h]:.2e} of its capacity)"
    )


def _check(
    budget: np.ndarray, unit_cost: np.ndarray, capacity: np.ndarray, delivery: np.ndarray
) -> None:
    """Raise ValueError unless shapes agree and every number is usable."""
    if delivery.shape != (budget.size, capacity.size) or unit_cost.shape != capacity.shape:
        raise ValueError(
            f"delivery {delivery.shape} must be buyers x nodes: budget {budget.shape}, "
            f"unit_cost {unit_cost.shape}, capacity {capacity.shape}"
        )
    for name, values in (("budget", budget), ("capacity", capacity)):
        wrong = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
        if wrong.size:
            raise ValueError(f"{name} must be finite and >= 0; it is not at {wrong.tolist()}")
    wrong = np.flatnonzero((capacity > 0) & ~(np.isfinite(unit_cost) & (unit_cost > 0)))
    if wrong.size:
        raise ValueError(f"unit_cost must be finite and > 0; it is not at nodes {wrong.tolist()}")
    if not (delivery >= 0).all():
        raise ValueError("delivery must be >= 0, inf where not reachable, never NaN")
