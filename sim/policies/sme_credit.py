"""Lever sme_credit: governments guarantee loans of small firms.

Full dose: 80 % of a small firm's loan is guaranteed, which closes that part of the gap between its
credit limit and a large firm's. When a firm fails, the government of the place pays the guaranteed
part of the loss. Adverse channel: firms that would have had to close live on credit.

Rows of the paper: P1.2 (small firms lack means), R1.2c.
"""

from __future__ import annotations

from typing import Literal

from sim.config.base import param
from sim.policies.base import FirmLeverConfig, places_of
from sim.state.columns import FIRM_CLASSES
from sim.state.world import World

READS = ("places.province", "zones.province", "zones.active")
WRITES = ("places.guarantee",)


class SmeCreditConfig(FirmLeverConfig):
    """Guarantee of loans."""

    firm_classes: tuple[Literal["small", "large"], ...] = ("small",)
    """Firms below, or above, the mean revenue of their industry."""

    rate: float = param(
        0.8, unit="share of the loan", ge=0, le=1, source="assumed; model specification"
    )
    """Guaranteed share at full dose."""


def apply(world: World, cfg: SmeCreditConfig, dose: float) -> None:
    """Guarantee loans in the places and for the firms addressed."""
    places = places_of(world, cfg)
    for column, name in enumerate(FIRM_CLASSES):
        if name in cfg.firm_classes:
            world.places["guarantee"][places, column] = dose * cfg.rate
