"""Small economies of theory, put together from the model's market.

One industry under monopolistic competition, without capital and materials, in regions that trade
at given freeness; what is not spent on it goes to agriculture, the numeraire, which is traded
freely and takes the general labour that is left. General labour is taken to suffice.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import bisect

from sim.mechanisms.cohorts import net_arrivals
from sim.mechanisms.equilibrium import Market
from sim.mechanisms.equilibrium_iteration import Iteration
from sim.mechanisms.market_parts import Closure, Demand, Reference, Solution, Trade
from sim.mechanisms.migration import Rule, choice
from sim.mechanisms.production import ProductionConfig, supply_weight
from sim.state.technology import Technology

Array = np.ndarray

TOLERANCE = 1e-14
"""Gap at which a market counts as solved: rounding."""

ROUNDS = 5000
"""Iterations after which a market counts as unsolved."""

PERTURBATION = 1e-6
"""Share of a region's mobile people by which a symmetric state is disturbed."""

PLAIN = ProductionConfig(quality_exponent=0.0)
"""Production without quality: demand depends on prices alone."""


def industry(sigma: float, kinds: int = 1, uses: int = 0) -> Technology:
    """Technology of an industry that is made of one kind of labour.

    kinds  labour types in the economy;  uses  the one it employs
    """
    one = np.ones((1, 1))
    skill = np.zeros((1, kinds))
    skill[0, uses] = 1.0
    zero = np.zeros(1)
    return Technology(("M",), np.array([sigma]), zero, zero, one, 0 * one, skill, one)


def equidistant(regions: int, freeness: float) -> Array:
    """Trade freeness between regions: 1 at home, the same elsewhere, (1, region, region)."""
    return np.where(np.eye(regions) > 0, 1.0, freeness)[None]


def supply_of_firms(tech: Technology, number: Array, efficiency: Array) -> Array:
    """T of each place from its firms and their efficiency, (place, 1, 1)."""
    weight = supply_weight(
        tech, np.zeros(number.size, dtype=np.int64), efficiency, efficiency, PLAIN
    )
    return (number * weight)[:, None, None]


def economy(
    tech: Technology,
    freeness: Array,
    supply: Array,
    labour: Array,
    share: float,
    closure: Closure,
    host: Array | None = None,
) -> Market:
    """Market of a closed economy whose people spend all their income.

    freeness (1, region, region), supply T (place, 1, 1), labour (region, type)
    share    of income spent on the industry; the rest goes to agriculture
    """
    n, places = labour.shape[0], supply.shape[0]
    return Market(
        tech,
        Trade(freeness, np.zeros((n, 1)), np.zeros((places, 1)), np.zeros(1)),
        Demand(
            np.zeros((n, 1)),
            np.array([share]),
            1.0,
            np.zeros(n),
            np.zeros(labour.shape),
            closure,
        ),
        Reference(np.ones(labour.shape[1]), np.ones(1), 1.0),
        supply,
        labour,
        np.arange(n) if host is None else host,
    )


def solve(market: Market) -> Solution:
    """Equilibrium of an economy, from scratch.

    raises RuntimeError : it is not found
    """
    n, places = market.provinces, market.efficiency.shape[0]
    start = Solution(
        wage=np.ones(market.labour.shape),
        sales=np.ones((places, 1, 1)),
        supply=np.ones((places, 1, 1)),
        market_access=np.ones((places, 1)),
        price_to_sigma=np.ones((n, 1)),
        spending=np.ones((n, 1)),
        wage_bill=np.ones(market.labour.shape),
        gap_sales=np.ones((places, 1)),
    )
    # labour demand falls with the wage to the power sigma: a longer step overshoots
    iteration = Iteration(market, start, damping=1 / market.tech.sigma[0])
    ones = np.ones((n, 1))
    best = iteration.run(ones, 0 * ones, TOLERANCE, ROUNDS)
    if not best.gap < 100 * TOLERANCE:  # rounding may keep the gap just above
        raise RuntimeError(f"the economy did not clear: gap {best.gap:.1e}")
    return best


def profit(market: Market, found: Solution) -> Array:
    """Operating profit by region, (region,)."""
    made = found.sales.sum(axis=(1, 2)) * market.tech.gross_surplus[0]
    return np.bincount(market.host, made, minlength=market.provinces)


def price_index(market: Market, found: Solution) -> Array:
    """Price index of the industry by region, (region,)."""
    return found.price_to_sigma[:, 0] ** (1 / (1 - market.tech.sigma[0]))


def disturbed(regions: int) -> Array:
    """Shares of people by region, the first with a little more than the others."""
    stock = np.full(regions, 1 / regions)
    stock[0] += PERTURBATION / regions
    return stock / stock.sum()


def after_choice(stock: Array, value: Array, share: float, rule: Rule = "logit") -> Array:
    """People by region after a share of them has chosen where to live, (region,).

    value  (region,) utility of living there; moving is free
    """
    n = stock.size
    chance = choice(np.tile(value, (n, 1)), np.zeros((n, n)), rule)
    return stock + net_arrivals(share * stock[:, None] * chance)


def crossing(gap: Callable[[float], float], low: float, high: float) -> float:
    """Where a gap changes sign between two values, by bisection.

    raises ValueError : it has the same sign at both
    """
    return float(bisect(gap, low, high, xtol=1e-12, rtol=1e-9))
