r"""Random growth of firms: sales drift and scatter in proportion to size (Gibrat; Gabaix 1999).

    ln X' = ln X + m dt + s sqrt(dt) e + lift,    A' = A (X' / X)^(1 / eta)
    eta   = epsilon + xi (1 - zeta),  the elasticity of sales to efficiency at given markets

`lift` keeps a firm from falling below the floor, a share of its industry's mean sales: firms that
would are put back to it. The step is that of a Brownian motion reflected there, so it is exact for
any length: with a floor of fixed size the firms' sales become Pareto with exponent -2 m / s^2, the
root of E (X' / X)^z = 1 (Kesten 1973). The drift may differ by owner; without scatter the shares
of two kinds of owner follow the replicator equation. Off by default.

What it adds to efficiency is not booked to a source of growth.
"""

from __future__ import annotations

import numpy as np

from sim.config.base import Config, param
from sim.mechanisms.production import ProductionConfig, mean_revenue
from sim.state.technology import Technology
from sim.state.world import World

Array = np.ndarray
Numbers = float | Array

READS = (
    "firms.alive",
    "firms.industry",
    "firms.owner",
    "firms.revenue",
    "firms.weight",
    "firms.efficiency",
)
WRITES = ("firms.efficiency",)


class FirmGrowthConfig(Config):
    """Growth of firms by chance, whatever their size."""

    drift: tuple[float, float, float] = param(
        (0.0, 0.0, 0.0), unit="ln sales / year", ge=-0.5, le=0.5, source="off; theory limits use it"
    )
    """m of private, state and foreign firms."""

    volatility: float = param(
        0.0, unit="ln sales / sqrt(year)", ge=0, le=1, source="off; theory limits use it"
    )
    """s: scatter of growth."""

    floor: float = param(
        0.0, unit="share of mean sales", ge=0, lt=1, source="none; theory limits use it"
    )
    """Size to which firms that shrink below it are put back."""

    @property
    def off(self) -> bool:
        """Whether nothing grows."""
        return self.volatility == 0 and not any(self.drift)


def grown(
    size: Array,
    owner: Array,
    years: Numbers,
    cfg: FirmGrowthConfig,
    shock: Array,
    dip: Array,
) -> Array:
    """Sizes after `years`, in units of the mean that the floor refers to, (firms,).

    size   (firms,) > 0;  owner (firms,) codes;  years scalar or (firms,) >= 0
    shock  (firms,) standard normal numbers
    dip    (firms,) uniforms in [0, 1): how low a firm fell on the way. Given its change w, a
           Brownian motion has fallen by b with probability exp(-2 b (b + w) / (s^2 t)).
    """
    change = np.asarray(cfg.drift)[owner] * years + cfg.volatility * np.sqrt(years) * shock
    if cfg.floor == 0:
        return np.asarray(size * np.exp(change))
    spread = cfg.volatility**2 * years
    lowest = (change - np.sqrt(change**2 - 2 * spread * np.log1p(-dip))) / 2
    lift = np.maximum(0.0, np.log(cfg.floor / size) - lowest)
    return np.asarray(size * np.exp(change + lift))


def sales_elasticity(tech: Technology, production: ProductionConfig) -> Array:
    """eta: rise of a firm's sales with its efficiency at given markets, (industry,)."""
    return np.asarray(tech.epsilon + production.quality_exponent * (1 - tech.zeta))


def efficiency_rise(size: Array, new_size: Array, elasticity: Array) -> Array:
    """Factor of efficiency that makes firms of `size` as large as `new_size`, (firms,)."""
    return np.asarray((new_size / size) ** (1 / elasticity))


def apply(
    world: World,
    cfg: FirmGrowthConfig,
    production: ProductionConfig,
    draw: np.random.Generator,
) -> None:
    """Firms that sell grow or shrink."""
    if cfg.off:
        return
    firms = world.firms
    shock, dip = draw.standard_normal(firms.n), draw.random(firms.n)
    rows = np.flatnonzero(firms["alive"] & (firms["revenue"] > 0))
    industry = firms["industry"][rows]
    size = firms["revenue"][rows] / mean_revenue(world)[industry]
    years = world.clock.years_per_step
    new_size = grown(size, firms["owner"][rows], years, cfg, shock[rows], dip[rows])
    elasticity = sales_elasticity(world.tech, production)[industry]
    firms["efficiency"][rows] *= efficiency_rise(size, new_size, elasticity)
