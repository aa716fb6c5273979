"""Who counts as a peer in digital adoption, and what production costs at each stage."""

from __future__ import annotations

import numpy as np

from sim.mechanisms.equilibrium import unit_cost
from sim.mechanisms.market import reference
from sim.state.columns import STAGES
from sim.state.world import World

Array = np.ndarray


def firms_above(world: World) -> Array:
    """Firms at or above each stage, (province, industry, stage)."""
    firms, n, k = world.firms, world.provinces.n, len(world.tech.codes)
    index = (firms["province"].astype(np.int64) * k + firms["industry"]) * STAGES + firms["stage"]
    people = np.where(firms["alive"], firms["weight"], 0.0)
    count = np.bincount(index, people, minlength=n * k * STAGES).reshape(n, k, STAGES)
    return count[:, :, ::-1].cumsum(axis=2)[:, :, ::-1]


def national_share(world: World) -> Array:
    """Share of all firms at or above each stage, the same in every (province, industry, stage)."""
    above = firms_above(world)
    total = above.sum(axis=(0, 1))
    return np.broadcast_to(total / total[0], above.shape)


def peer_share(world: World, distance: float) -> Array:
    """Share of peers at or above each stage, (province, industry, stage).

    Peers are firms of the industry; nearer or linked ones count more, by exp(-km / distance).
    """
    above = firms_above(world)
    link = world.provinces["knowledge_link"]
    near = np.exp(-world.geography.distance / (distance * (1 + link)))
    weighted = np.tensordot(near, above, axes=1)
    total = weighted[:, :, :1]
    return np.divide(weighted, total, out=np.zeros_like(weighted), where=total > 0)


def chain_share(world: World, peers: Array) -> Array:
    """Share of intelligent firms among suppliers and buyers, (province, industry)."""
    inputs = world.tech.inputs
    linked = (inputs + inputs.T) / (inputs + inputs.T).sum(axis=0)
    return peers[:, :, 3] @ linked


def stage_costs(world: World) -> Array:
    """Log unit cost by province, industry and stage at this quarter's input prices."""
    provinces, tech = world.provinces, world.tech
    goods = np.exp(np.log(provinces["price_to_sigma"]) / (1 - tech.sigma) @ tech.inputs)
    return unit_cost(tech, provinces["wage"], goods, provinces["compute_price"], reference(world))


def stage_cap(infrastructure: Array) -> Array:
    """Highest stage that the digital infrastructure of a province carries, floor(4 INF) + 1."""
    return np.minimum(np.floor(4 * infrastructure).astype(np.int64) + 1, STAGES - 1)


def equipment_price(world: World) -> Array:
    """Price of the equipment basket in each province, 2012 mean 1."""
    return np.exp(np.log(world.provinces["price"]) @ world.spending_shares["adoption"])
