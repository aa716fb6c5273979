"""Lever digital_infrastructure: build networks and platforms ahead of demand.

Full dose: the digital infrastructure of the provinces addressed reaches the frontier in five
years. The province pays. Adverse channel: the outlay becomes debt and crowds out other purchases.

Rows of the paper: P2.1c (infrastructure should run moderately ahead of demand), R1.2c (networks).
"""

from __future__ import annotations

import numpy as np

from sim.config.base import param
from sim.policies.base import LeverConfig, targeted
from sim.state.world import World

READS = ("provinces.infrastructure_2012", "zones.province", "zones.active")
WRITES = ("provinces.infrastructure_push",)


class DigitalInfrastructureConfig(LeverConfig):
    """Extra digital infrastructure."""

    years: float = param(5.0, unit="years", ge=1, le=40, source="assumed; model specification")
    """Years in which the frontier is reached at full dose."""


def apply(world: World, cfg: DigitalInfrastructureConfig, dose: float) -> None:
    """Push the index by the same amount every quarter."""
    provinces = world.provinces
    gap = 1 - provinces["infrastructure_2012"]
    push = dose * gap / (4 * cfg.years)
    provinces["infrastructure_push"] = np.where(targeted(world, cfg.targets), push, 0.0)
