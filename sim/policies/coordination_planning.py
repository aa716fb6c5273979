"""Lever coordination_planning: zones assign their target industries jointly.

Full dose: targets are chosen one after another with full weight on overlap and complementarity.
Both provinces of a link pay for running it. Adverse channel: zones give up some of the targets in
which they have an advantage of their own.

Rows of the paper: P2.1a (no model of niches), P2.2c (no overall plan), R2.1a (overall plan).
"""

from __future__ import annotations

from sim.policies.base import LinkLeverConfig, charge_links, links
from sim.state.world import World

READS = ("provinces.value_added", "provinces.cost", "zones.province", "zones.active")
WRITES = ("provinces.cost", "zones.joint_planning")


class CoordinationPlanningConfig(LinkLeverConfig):
    """Joint planning of target industries."""


def apply(world: World, cfg: CoordinationPlanningConfig, dose: float) -> None:
    """Zones of linked provinces plan jointly."""
    pairs = links(world, cfg)
    linked = pairs[world.zones["province"]].any(axis=1)
    world.zones["joint_planning"] = dose * linked
    charge_links(world, cfg, "coordination_planning", dose, pairs)
