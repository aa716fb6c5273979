"""Lever compute_investment: the centre builds compute capacity in the west.

Full dose: capacity equal to that of 2012 is added in five years. The centre pays. Adverse channel:
capacity nobody uses is still paid for.

Rows of the paper: R2.2c (green layout, eastern data to western compute).
"""

from __future__ import annotations

from typing import Literal

from sim.config.base import param
from sim.policies.base import LeverConfig, Targets, targeted
from sim.state.calendar import parse_quarter
from sim.state.world import World

READS = ("zones.province", "zones.active")
WRITES = ("provinces.compute_build", "provinces.compute_build_local")


class ComputeInvestmentConfig(LeverConfig):
    """Central building of compute capacity."""

    payer: Literal["local", "centre"] = "centre"
    """Who pays: the centre, or the provinces where capacity is built."""

    targets: Targets = "west"
    """Provinces where capacity is built."""

    years: float = param(5.0, unit="years", ge=1, le=40, source="assumed; model specification")
    """Years of building."""

    increase: float = param(
        1.0, unit="share of baseline capacity", ge=0, le=10, source="assumed; model specification"
    )
    """Capacity added at full dose over the whole time."""


def apply(world: World, cfg: ComputeInvestmentConfig, dose: float) -> None:
    """Add capacity every quarter until the building years are over."""
    elapsed = world.clock.start + world.clock.quarters - parse_quarter(cfg.start)
    if elapsed >= 4 * cfg.years:
        return
    rate = dose * cfg.increase / (4 * cfg.years)
    chosen = targeted(world, cfg.targets)
    world.provinces["compute_build"] = rate * chosen
    world.provinces["compute_build_local"] = chosen * (cfg.payer == "local")
