"""Exact prices and purchases of the compute market once it is known who buys where.

Buyers and nodes linked by a purchase form groups within which all prices and rents differ by
known delivered costs; nodes without a rent are linked to a common ground of rent zero. The level
of a group is then the ground, or the one root of sum_b m_b / (L + offset_b) = sum_h Cap_h. If the
result satisfies every condition of the equilibrium it is the equilibrium, to rounding.

Prices, rents and totals per buyer are unique. Purchases are not where several nodes deliver at one
price; then they are the most even ones (greatest entropy), x_bh = u_b v_h on cheapest edges with
idle capacity as one more buyer. This choice depends neither on the order nor on the division of
buyers and nodes, nor on the way by which the prices were found.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from scipy.linalg.lapack import dposv

from sim.mechanisms.compute_interior import Problem

TIE = 1e-12  # delivered prices closer than this, relative, are the same price
EXACT = 1e-12  # largest relative violation of a condition that is taken for rounding
SPREAD_ITERATIONS = 80  # purchases that must vanish shrink by e each time: 1e-12 takes 28
FIRM = 1e9  # strength of a link put in to mend a guess
REPAIRS = 6  # wrong guesses of who buys where that are mended before the search goes on
VANISHED = 1e-6  # share of a buyer's purchases below which an edge is given up
BALANCING = 3  # rounds of row and column scaling before Newton steps
TINY = 1e-300
HOPELESS = 120.0  # ln of the ratio of attractions beyond which no purchases fit


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
        curve.ravel()[:: room.size + 1] += sold * (1 + 1e-11) + TINY
        _, step, info = dposv(curve, excess, lower=1)
        if info != 0:
            break
        stride = step.max() - step.min()
        weight -= step * (np.log1p(stride) / stride if stride > 0 else 1.0)
    return flow
