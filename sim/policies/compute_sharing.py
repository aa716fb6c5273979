"""Lever compute_sharing: a national network pools the capacity of all compute hubs.

Full dose: all capacity is offered to everyone the network can reach. Users pay a network fee.
Adverse channel: local users of provinces with much capacity compete with the nation and pay more.

Rows of the paper: P2.3b (no national scheduling), R2.2c (hubs, network, scheduling).
"""

from __future__ import annotations

from sim.policies.base import LeverConfig, Targets, targeted
from sim.state.world import World

READS = ("zones.province", "zones.active")
WRITES = ("provinces.compute_shared",)


class ComputeSharingConfig(LeverConfig):
    """Pooling of compute capacity."""

    targets: Targets = "all"
    """Provinces whose hubs join."""


def apply(world: World, cfg: ComputeSharingConfig, dose: float) -> None:
    """Offer a share of each hub's capacity to the pool."""
    world.provinces["compute_shared"] = dose * targeted(world, cfg.targets)
