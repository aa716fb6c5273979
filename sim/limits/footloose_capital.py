r"""Home-market effect of footloose capital (L6; Martin and Rogers 1995; Baldwin et al. 2003).

    s_n = 1/2 + (1 + phi) / (1 - phi) (s_E - 1/2)

Capital, one unit per firm, moves until it earns the same everywhere; its owners stay, and spend a
given part of what the nation spends.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.config.base import Config, param
from sim.limits import theory
from sim.limits.base import Row, exact, identity
from sim.mechanisms.market_parts import Closure
from sim.mechanisms.relocation import towards_equal_return

Array = np.ndarray

SPEED = 0.5
"""Elasticity of capital to its relative return in one move; any speed leads to the same place."""

STILL = 1e-14
"""Largest relative change of capital at which it has settled."""

MOVES = 100_000
"""Moves after which it has not."""


class FootlooseCapitalLimit(Config):
    """Two regions of different size."""

    sigma: float = param(5.0, unit="-", gt=1, le=20, source="definition: it must not matter")
    """Elasticity of substitution."""

    freeness: float = param(0.4, unit="-", gt=0, lt=1, source="LIMITS L6")
    """phi between the regions."""

    spending: float = param(0.55, unit="share", gt=0, lt=1, source="LIMITS L6")
    """s_E: spending of the first region; near 1/2, so that firms stay in both."""


def returns(capital: Array, cfg: FootlooseCapitalLimit) -> Array:
    """Operating profit of a unit of capital by region, owners' income spent in fixed shares."""
    tech, share = theory.industry(cfg.sigma), 0.4
    spent = np.array([cfg.spending, 1 - cfg.spending])
    market = theory.economy(
        tech,
        theory.equidistant(2, cfg.freeness),
        theory.supply_of_firms(tech, capital, np.ones(2)),
        spent[:, None],
        share,
        Closure(fixed_wage=np.array([True]), profit_to=np.outer(spent, np.ones(2))),
    )
    found = theory.solve(market)
    return theory.profit(market, found) / capital


def measure(cfg: FootlooseCapitalLimit) -> Iterator[Row]:
    """Where capital settles.

    raises RuntimeError : it does not settle
    """
    capital, moved = np.array([0.5, 0.5]), 1.0
    for _ in range(MOVES):
        after = towards_equal_return(capital, returns(capital, cfg), SPEED)
        moved, capital = float(np.abs(after / capital - 1).max()), after
        if moved < STILL:
            break
    else:
        raise RuntimeError(f"footloose capital still moves by {moved:.1e}")
    slope = (1 + cfg.freeness) / (1 - cfg.freeness)
    value = 0.5 + slope * (cfg.spending - 0.5)
    earned = returns(capital, cfg)
    yield exact("L6a", "share of firms in the first region", capital[0], value)
    yield identity("L6b", "capital earns the same", float(np.ptp(earned)), float(earned.mean()))
