"""Purchases at given prices of the compute market: the most even ones that the capacities allow.

Where several nodes deliver at one price, prices do not say who buys where. Of all purchases that
fill every node with a rent and overload none, those of greatest entropy are taken: on cheapest
edges x_bh = u_b v_h, with idle capacity as one more buyer. If all buyers reach all such nodes, each
node is used in proportion to its capacity. The choice depends neither on the order nor on the
division of buyers and nodes, nor on the way by which the prices were found.

Source: Bregman (1967), USSR Comput. Math. Math. Phys. 7(3): balancing as greatest entropy.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from scipy.linalg.lapack import dposv

from sim.mechanisms.compute_interior import Problem

EXACT = 1e-12  # largest relative violation of a condition that is taken for rounding
SPREAD_ITERATIONS = 80  # purchases that must vanish shrink by e each time: 1e-12 takes 28
BALANCING = 3  # rounds of row and column scaling before Newton steps
HOPELESS = 250.0  # ln of the ratio of attractions beyond which no purchases fit
RIDGE = 1e-13  # holds the level of attractions, which nothing else fixes; below it flows vanish
TINY = 1e-300  # keeps an empty sum from dividing by zero; nothing times it is still nothing


def spread_evenly(
    problem: Problem, quantity: np.ndarray, cheapest: np.ndarray, binding: np.ndarray
) -> tuple[np.ndarray, np.ndarray, bool]:
    """Purchases on the cheapest edges, as even as the capacities allow.

    problem   the market
    quantity  (buyers,) what each buyer gets
    cheapest  (edges,) bool, whether the edge delivers at the buyer's price; one per buyer at least
    binding   (nodes,) bool, whether the whole capacity must be sold
    returns   flow (edges,) >= 0, idle capacity (nodes,), and whether capacities are met to EXACT;
              if not, there are no such purchases, and those that stood in the way have vanished
    """
    capacity = problem.capacity
    edges = np.flatnonzero(cheapest)
    row, col = problem.row[edges], problem.col[edges]
    wanted, left = quantity.copy(), capacity.copy()
    part, undecided = peel(row, col, wanted, left, binding, EXACT * capacity)
    split = np.flatnonzero(undecided)
    if split.size:
        shoppers, who = np.unique(row[split], return_inverse=True)
        nodes, at = np.unique(col[split], return_inverse=True)
        # Idle capacity shops too, at every node that may keep some.
        reach = np.zeros((shoppers.size + 1, nodes.size), dtype=bool)
        reach[who, at] = True
        reach[-1] = ~binding[nodes]
        amount = np.append(wanted[shoppers], 0.0)
        amount[-1] = max(0.0, left[nodes].sum() - amount.sum()) if reach[-1].any() else 0.0
        share = _entropy_flows(reach, amount, left[nodes], EXACT * capacity[nodes])
        part[split] = share[who, at]
        left[nodes] -= share[:-1].sum(axis=0)
    flow = np.zeros(problem.row.size)
    flow[edges] = part
    wrong = np.where(binding, np.abs(left), -left) > EXACT * capacity
    return flow, left, not wrong.any()


def _peel(
    row: np.ndarray,
    col: np.ndarray,
    wanted: np.ndarray,
    left: np.ndarray,
    binding: np.ndarray,
    nothing: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Purchases that leave no choice: the last edge of a buyer, of a sold-out or of a full node.

    row, col  (edges,) buyer and node
    wanted    (buyers,) quantity still to buy; used up in place
    left      (nodes,) capacity still to sell; used up in place
    binding   (nodes,) bool, whether the whole capacity must be sold
    nothing   (nodes,) capacity that is a rounding error
    returns   flow (edges,), undecided (edges,) bool
    """
    flow = np.zeros(row.size)
    undecided = np.ones(row.size, np.bool_)
    buyer_edges = np.bincount(row, minlength=wanted.size)
    node_edges = np.bincount(col, minlength=left.size)
    again = True
    while again:
        again = False
        for edge in np.flatnonzero(undecided):
            buyer, node = row[edge], col[edge]
            if buyer_edges[buyer] == 1:
                flow[edge] = wanted[buyer]
            elif binding[node] and node_edges[node] == 1:
                flow[edge] = min(max(left[node], 0.0), wanted[buyer])
            elif left[node] > nothing[node]:
                continue
            wanted[buyer] -= flow[edge]
            left[node] -= flow[edge]
            buyer_edges[buyer] -= 1
            node_edges[node] -= 1
            undecided[edge] = False
            again = True
    return flow, undecided


peel = njit(cache=True)(_peel)


def _entropy_flows(
    reach: np.ndarray, amount: np.ndarray, room: np.ndarray, tolerance: np.ndarray
) -> np.ndarray:
    """Flows u_b v_h on the edges of `reach` with row sums `amount` and column sums `room`.

    reach      (buyers, nodes) bool
    amount     (buyers,) >= 0
    room       (nodes,), same total as `amount` over every linked group
    tolerance  (nodes,) error of a column sum at which to stop
    returns    (buyers, nodes); row sums exact, column sums as near as they came

    Newton on the convex dual in ln v; the shortened step converges from anywhere
    (Sun and Tran-Dinh 2019, Math. Program. 178: logistic losses are self-concordant).
    """
    target = np.maximum(room, 1e-3 * tolerance)
    weight = np.log(target)
    mask = reach.astype(float)
    flow = np.zeros(reach.shape)
    for iteration in range(SPREAD_ITERATIONS):
        odds = mask * np.exp(weight - weight.max())
        # A buyer without an odd is idle capacity that no node has, or a flow beyond all numbers.
        flow = odds * (amount / np.maximum(odds.sum(axis=1), TINY))[:, None]
        sold = flow.sum(axis=0)
        excess = sold - room
        if (np.abs(excess) <= 0.01 * tolerance).all() or np.ptp(weight) > HOPELESS:
            break
        if iteration < BALANCING:
            weight += np.log(target / np.maximum(sold, TINY))
            continue
        curve = -(flow.T @ (flow / np.maximum(amount, TINY)[:, None]))
        curve.ravel()[:: room.size + 1] += sold * (1 + RIDGE) + TINY
        _, step, info = dposv(curve, excess, lower=1)
        if info != 0:
            break
        stride = step.max() - step.min()
        weight -= step * (np.log1p(stride) / stride if stride > 0 else 1.0)
    return flow
