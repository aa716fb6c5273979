"""Lever digital_subsidy: governments pay part of the cost of digital adoption.

Full dose: half of the cost. The government of the place pays: the zone inside, the province
outside; claims are cut pro rata above a share of receipts. Adverse channel: large, strong firms
adopt more and absorb most of the money.

Rows of the paper: R1.2c (support policy, lower cost for small firms), P1.2.
"""

from __future__ import annotations

from sim.config.base import param
from sim.policies.base import FirmLeverConfig, places_of
from sim.state.columns import FIRM_CLASSES
from sim.state.world import World

READS = ("places.province", "zones.province", "zones.active")
WRITES = ("places.adoption_subsidy",)


class DigitalSubsidyConfig(FirmLeverConfig):
    """Subsidy of digital adoption."""

    rate: float = param(
        0.5, unit="share of adoption cost", ge=0, le=1, source="assumed; model specification"
    )
    """Share of the cost paid at full dose."""


def apply(world: World, cfg: DigitalSubsidyConfig, dose: float) -> None:
    """Offer the subsidy in the places and to the firms addressed."""
    places = places_of(world, cfg)
    for column, name in enumerate(FIRM_CLASSES):
        if name in cfg.firm_classes:
            world.places["adoption_subsidy"][places, column] = dose * cfg.rate
