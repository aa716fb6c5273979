r"""Core and periphery (L5; Krugman 1991, J. Polit. Econ. 99(3); Fujita, Krugman, Venables 1999).

Firms are in proportion to mobile workers, who are all their labour and own them; farmers stay.
With rho = (sigma - 1) / sigma:

    break     T^(1 - sigma) = (rho - mu)(1 - mu) / ((rho + mu)(1 + mu))
    sustain   T^(-sigma mu) [(1 + mu) T^(1 - sigma) + (1 - mu) T^(sigma - 1)] / 2 = 1
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.optimize import bisect

from sim.config.base import Config, param
from sim.limits import theory
from sim.limits.base import Row, threshold
from sim.mechanisms.market_parts import Closure

Array = np.ndarray

ENTRANT = 1e-9
"""Workers of the empty region."""


class CorePeripheryLimit(Config):
    """Two regions with mobile workers and immobile farmers."""

    share: float = param(0.4, unit="share of income", gt=0, lt=0.75, source="LIMITS L5")
    """mu: spending on the industry, and part of the people who work in it."""

    sigma: float = param(5.0, unit="-", gt=1, le=20, source="LIMITS L5")
    """Elasticity of substitution; (sigma - 1) / sigma > mu, or there is no break point."""


def real_wages(workers: Array, trade_cost: float, share: float, sigma: float) -> Array:
    """Log real income of a worker in each of two regions.

    workers  (2,) shares of the mobile workers
    """
    tech = theory.industry(sigma, kinds=2, uses=1)
    labour = np.stack([np.full(2, (1 - share) / 2), share * workers], axis=1)
    market = theory.economy(
        tech,
        theory.equidistant(2, trade_cost ** (1 - sigma)),
        theory.supply_of_firms(tech, workers, np.ones(2)),
        labour,
        share,
        Closure(fixed_wage=np.array([True, False]), profit_to=np.eye(2)),
    )
    found = theory.solve(market)
    income = found.wage[:, 1] * labour[:, 1] + theory.profit(market, found)
    return np.log(income / labour[:, 1]) - share * np.log(theory.price_index(market, found))


def attracts(trade_cost: float, share: float, sigma: float) -> float:
    """Change of a small surplus of workers as a few choose by best reply: > 0 if it grows."""
    stock = theory.disturbed(2)
    value = real_wages(stock, trade_cost, share, sigma)
    return float(theory.after_choice(stock, value, theory.PERTURBATION, "best_reply")[0] - stock[0])


def deviation(trade_cost: float, share: float, sigma: float) -> float:
    """Log real wage of the first to leave the core, over that in the core."""
    value = real_wages(np.array([1 - ENTRANT, ENTRANT]), trade_cost, share, sigma)
    return float(value[1] - value[0])


def break_cost(share: float, sigma: float) -> float:
    """Trade cost below which the symmetric state is unstable.

    raises ValueError : there is none
    """
    rho = (sigma - 1) / sigma
    if rho <= share:
        raise ValueError(f"no break point: (sigma - 1) / sigma = {rho:g} must be above share")
    phi = (rho - share) * (1 - share) / ((rho + share) * (1 + share))
    return phi ** (1 / (1 - sigma))


def sustain_cost(share: float, sigma: float) -> float:
    """Trade cost below which the core holds."""

    def gap(cost: float) -> float:
        inner = (1 + share) * cost ** (1 - sigma) + (1 - share) * cost ** (sigma - 1)
        return float(cost ** (-sigma * share) * inner / 2 - 1)

    return float(bisect(gap, break_cost(share, sigma), 50.0, xtol=1e-14, rtol=1e-14))


def measure(cfg: CorePeripheryLimit) -> Iterator[Row]:
    """Break and sustain points."""
    given = (cfg.share, cfg.sigma)
    broken, sustained = break_cost(*given), sustain_cost(*given)
    name = f"mu={cfg.share:g} sigma={cfg.sigma:g}"
    found = theory.crossing(lambda cost: attracts(cost, *given), 0.5 * (1 + broken), 2 * broken)
    yield threshold("L5a", f"break cost, {name}", found, broken)
    found = theory.crossing(lambda cost: deviation(cost, *given), broken, 2 * sustained)
    yield threshold("L5b", f"sustain cost, {name}", found, sustained)
