"""Lever coordination_barriers: zones cut the institutional border between their provinces.

Full dose: the border cost of a coordinated pair falls by the share set in `trade`. Both provinces
pay for running the link. Adverse channel: firms that the border protected meet competition, and
talent leaves.

Rows of the paper: P2.2b (institutional and market barriers), R3.1d (cross-zone coordination by
law), P2.2c.
"""

from __future__ import annotations

from sim.policies.base import LinkLeverConfig, charge_links, links
from sim.state.world import World

READS = ("provinces.value_added", "provinces.cost", "zones.province", "zones.active")
WRITES = ("provinces.cost", "provinces.barrier_cut")


class CoordinationBarriersConfig(LinkLeverConfig):
    """Coordination that lowers trade barriers."""


def apply(world: World, cfg: CoordinationBarriersConfig, dose: float) -> None:
    """Cut the border of each coordinated pair."""
    pairs = links(world, cfg)
    world.provinces["barrier_cut"] = dose * pairs
    charge_links(world, cfg, "coordination_barriers", dose, pairs)
