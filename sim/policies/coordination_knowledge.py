"""Lever coordination_knowledge: zones share knowledge, which shortens the distance to learn over.

Full dose: the knowledge distance of a coordinated pair is halved. Both provinces pay for running
the link. Adverse channel: what leaks from leading firms lowers the return to their own R&D.

Rows of the paper: M2.3 (networks link unlike regions), P2.2c, R3.1d.
"""

from __future__ import annotations

from sim.policies.base import LinkLeverConfig, charge_links, links
from sim.state.world import World

READS = ("provinces.value_added", "provinces.cost", "zones.province", "zones.active")
WRITES = ("provinces.cost", "provinces.knowledge_link")


class CoordinationKnowledgeConfig(LinkLeverConfig):
    """Coordination that shares knowledge."""


def apply(world: World, cfg: CoordinationKnowledgeConfig, dose: float) -> None:
    """Link each coordinated pair."""
    pairs = links(world, cfg)
    world.provinces["knowledge_link"] = dose * pairs
    charge_links(world, cfg, "coordination_knowledge", dose, pairs)
