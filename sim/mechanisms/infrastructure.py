r"""Digital infrastructure INF of provinces: an index in [0, 1] that caps the digital stage.

    dINF = [kappa (1 - INF) + push] dt

The standing programme is part of ordinary purchases; the push of the lever is ordered from
equipment makers and paid by the government of the place.

Rows of the paper: P2.1c (infrastructure lags and should run moderately ahead), R1.2c (networks).
"""

from __future__ import annotations

import numpy as np

from sim.config.base import Config, param
from sim.mechanisms.budgets import order_programme
from sim.state.world import World

READS = (
    "provinces.value_added",
    "provinces.orders_next",
    "provinces.infrastructure",
    "provinces.cost",
    "provinces.programme_next",
    "provinces.infrastructure_push",
)
WRITES = (
    "provinces.orders_next",
    "provinces.infrastructure",
    "provinces.cost",
    "provinces.programme_next",
)


class InfrastructureConfig(Config):
    """Networks and platforms that digital production needs."""

    frozen: bool = False
    """Ignore the lever: only the standing programme builds."""

    growth: float = param(
        0.04,
        unit="share of the gap / year",
        ge=0,
        le=0.5,
        source="assumed from broadband 2012-2019",
    )
    """Speed at which the standing programme closes the gap to the frontier."""

    cost: float = param(
        0.08, unit="share of annual GDP per index point", ge=0, le=0.5, source="assumed"
    )
    """Cost of raising the index from 0 to 1 by the lever."""


def apply(world: World, cfg: InfrastructureConfig) -> None:
    """A quarter of building; the lever's part is ordered and paid next quarter."""
    provinces, dt = world.provinces, world.clock.dt
    index = provinces["infrastructure"]
    standing = (1 - (1 - cfg.growth) ** (dt / 4)) * (1 - index)
    push = 0.0 if cfg.frozen else provinces["infrastructure_push"] * dt
    extra = np.minimum(push, 1 - index - standing)
    provinces["infrastructure"] = index + standing + extra
    output = provinces["value_added"].sum(axis=1) * 4
    amount = cfg.cost * extra * output / dt
    order_programme(world, amount, "adoption")
    world.add_cost("digital_infrastructure", "province", amount)
