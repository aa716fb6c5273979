r"""CES demand and Cobb-Douglas cost (L1; Dixit and Stiglitz 1977).

sum p q = E,    P Q = E,    P of n equal varieties = n^(1 / (1 - sigma)) p
unit cost = prod (w_j / a_j)^a_j
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.random import Generator

from sim.config.base import Config, param
from sim.limits import theory
from sim.limits.base import Row, exact
from sim.mechanisms.equilibrium import Market, unit_cost
from sim.mechanisms.market_parts import Closure, Reference
from sim.state.rng import Streams
from sim.state.technology import Technology

Array = np.ndarray


class CesLimit(Config):
    """Many varieties sold to one region."""

    sigma: float = param(5.0, unit="-", gt=1, le=50, source="LIMITS L1")
    """Elasticity of substitution."""

    varieties: int = param(64, unit="varieties", ge=2, le=5000, source="LIMITS L1")
    """n: varieties, one firm each."""

    spread: float = param(0.5, unit="sd of ln", ge=0, le=2, source="definition")
    """Spread of efficiency where varieties differ."""

    seed: int = param(1, unit="seed", ge=0, le=2**31, source="definition")
    """Seed of efficiencies and input prices."""


def market_of(cfg: CesLimit, efficiency: Array) -> Market:
    """A region that spends its income on varieties made at home by one firm each."""
    tech, n = theory.industry(cfg.sigma), efficiency.size
    return theory.economy(
        tech,
        np.ones((1, 1, 1)),
        theory.supply_of_firms(tech, np.ones(n), efficiency),
        np.ones((1, 1)),
        0.4,
        Closure(fixed_wage=np.array([True]), profit_to=np.ones((1, 1))),
        host=np.zeros(n, dtype=np.int64),
    )


def measure(cfg: CesLimit) -> Iterator[Row]:
    """Demand, price index and unit cost."""
    draw = Streams(cfg.seed).at("ces", 0)
    n, sigma = cfg.varieties, cfg.sigma
    market = market_of(cfg, np.exp(cfg.spread * draw.standard_normal(n)))
    found = theory.solve(market)
    price = found.supply[:, 0, 0] ** (1 / (1 - sigma))
    quantity = found.sales[:, 0, 0] / price
    spent = found.spending.item()
    index = theory.price_index(market, found).item()
    composite = (quantity ** ((sigma - 1) / sigma)).sum() ** (sigma / (sigma - 1))
    yield exact("L1a", "sum p q = E", float(price @ quantity), spent)
    yield exact("L1b", "P Q = E", index * composite, spent)
    alike = market_of(cfg, np.ones(n))
    solved = theory.solve(alike)
    relative = theory.price_index(alike, solved).item() / solved.supply[0].item() ** (
        1 / (1 - sigma)
    )
    yield exact("L1c", f"P / p of {n} equal varieties", relative, n ** (1 / (1 - sigma)))
    yield unit_cost_row(draw)


def unit_cost_row(draw: Generator) -> Row:
    """L1d: Cobb-Douglas unit cost of three kinds of labour, materials and compute."""
    share = draw.dirichlet(np.ones(5))
    price, before = np.exp(0.5 * draw.standard_normal((2, 5)))
    tech = Technology(
        ("M",),
        np.array([5.0]),
        np.zeros(1),
        share[3:4],
        share[:3].sum() * np.ones((1, 1)),
        share[4:] * np.ones((1, 1)),
        (share[:3] / share[:3].sum())[None],
        np.ones((1, 1)),
    )
    reference = Reference(before[:3], before[3:4], float(before[4]))
    cost = unit_cost(tech, price[None, :3], price[None, 3:4], price[None, 4:], reference)
    value = np.prod((price / share) ** share)
    return exact("L1d", "Cobb-Douglas unit cost", float(np.exp(cost).item()), float(value))
