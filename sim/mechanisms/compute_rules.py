"""Rules that ration compute by quantity: even shares, weighted shares, queue, surplus market.

    max-min        x_i = min(d_i, level),      sum x = capacity
    proportional   x_i = min(d_i, w_i level),  sum x = capacity
    queue          who comes first is served first
    market         max sum_bh (v_b - c_h - t_bh) x_bh over x >= 0 within demands and capacities

`compute_market` clears money budgets instead; these rules are for demand in quantities, with a
reservation value v beyond which a job is not worth running. Jobs that wait are a queue M/M/c, and
jobs differ in the round trip that they tolerate, exponentially.

Sources: Bertsekas and Gallager (1992), Data Networks, 6.5 (max-min); Kelly, Maulloo and Tan (1998),
J. Oper. Res. Soc. 49(3) (proportional); Erlang (1917) (queue).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog

from sim.mechanisms.water_level import water_level

Array = np.ndarray


class Surplus(NamedTuple):
    """Outcome of the market with reservation values."""

    quantity: Array  # (buyers, hubs) purchases [quantity]
    rent: Array  # (hubs,) scarcity rent >= 0, positive only where sold out [money / quantity]
    gain: Array  # (buyers,) surplus of a unit of demand >= 0 at these rents [money / quantity]


def max_min(demand: Array, capacity: float) -> Array:
    """As even as demands allow: nobody can get more without someone with less losing.

    demand    (buyers,) >= 0 [quantity]
    capacity  >= 0 [quantity]
    returns   (buyers,) [quantity]
    """
    return proportional(demand, np.ones_like(demand), capacity)


def proportional(demand: Array, weight: Array, capacity: float) -> Array:
    """Shares in proportion to weights; what some leave over goes to the others.

    demand    (buyers,) >= 0, inf for one that is never satisfied [quantity]
    weight    (buyers,) > 0 [-]; with money budgets it maximises sum w ln x
    capacity  >= 0 [quantity]
    returns   (buyers,) [quantity]
    """
    if demand.sum() <= capacity:
        return demand.astype(float)
    return np.minimum(demand, weight * water_level(weight, demand, capacity))


def queue(demand: Array, order: Array, capacity: float) -> Array:
    """Who comes first is served first, as long as capacity lasts.

    demand    (buyers,) >= 0 [quantity]
    order     (buyers,) rows in order of arrival
    capacity  >= 0 [quantity]
    returns   (buyers,) [quantity]
    """
    waiting = demand[order]
    left = np.maximum(0.0, capacity - np.concatenate([[0.0], np.cumsum(waiting)[:-1]]))
    served = np.empty(demand.size)
    served[order] = np.minimum(waiting, left)
    return served


def market(
    demand: Array, reservation: Array, unit_cost: Array, capacity: Array, delivery: Array
) -> Surplus:
    """Purchases of greatest surplus, and the rents at which everybody wants them.

    demand       (buyers,) >= 0 [quantity]
    reservation  (buyers,) value of a unit [money / quantity]
    unit_cost    (hubs,) [money / quantity]
    capacity     (hubs,) >= 0 [quantity]
    delivery     (buyers, hubs) network cost and latency, inf where out of reach [money / quantity]
    raises       ValueError : shapes differ
    """
    buyers, hubs = demand.size, capacity.size
    if delivery.shape != (buyers, hubs) or (reservation.shape, unit_cost.shape) != (
        demand.shape,
        capacity.shape,
    ):
        raise ValueError(f"delivery must be buyers x hubs {(buyers, hubs)}: {delivery.shape}")
    row, col = np.nonzero(np.isfinite(delivery))
    worth = reservation[row] - unit_cost[col] - delivery[row, col]
    edges = np.arange(row.size)
    limits = np.zeros((buyers + hubs, row.size))
    limits[row, edges] = limits[buyers + col, edges] = 1.0
    solved = linprog(-worth, A_ub=limits, b_ub=np.concatenate([demand, capacity]), method="highs")
    quantity = np.zeros((buyers, hubs))
    quantity[row, col] = solved.x
    price = -np.asarray(solved.ineqlin.marginals)
    return Surplus(quantity, price[buyers:], price[:buyers])


def random_demand(
    mean: float, deviation: float, shape: tuple[int, ...], draw: np.random.Generator
) -> Array:
    """Normal demand, never negative, of the given shape [quantity].

    mean, deviation  of a buyer's demand in a period [quantity]
    """
    return np.maximum(0.0, draw.normal(mean, deviation, shape))


def waiting_probability(load: float, servers: int) -> float:
    """Probability that a job has to wait in a queue M/M/c (Erlang C).

    load     arrivals over the service rate of one server, 0 <= load < servers [servers]
    servers  c >= 1
    raises   ValueError : a queue that grows for ever
    """
    if not 0 <= load < servers:
        raise ValueError(f"load must be >= 0 and below the {servers} servers: {load}")
    blocked = 1.0  # Erlang B, server by server
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked / (1 - load / servers * (1 - blocked))


def mean_wait(arrivals: float, service: float, servers: int) -> float:
    """Mean time before a job starts in a queue M/M/c.

    arrivals, service  rates of arrival, and of service by one server > 0 [1 / time]
    returns            [time]
    """
    return waiting_probability(arrivals / service, servers) / (servers * service - arrivals)


def tolerated(round_trip: Array | float, mean_tolerance: float) -> Array:
    """Share of jobs that bear a round trip, when what they bear is exponential.

    round_trip      >= 0 [ms]
    mean_tolerance  > 0 [ms]
    """
    return np.exp(-np.asarray(round_trip) / mean_tolerance)


def tolerance_classes(mean_tolerance: float, number: int) -> Array:
    """Longest round trips that classes of jobs of the same size bear, (class,) [ms].

    mean_tolerance  of an exponential > 0 [ms]
    number          of classes; each stands for the middle of its part of the distribution, so that
                    the share that bears a round trip is right to half a class
    """
    return -mean_tolerance * np.log1p(-(np.arange(number) + 0.5) / number)
