r"""Compute as an input: local markets, the national pool, capacity, and what hubs earn.

A hub sells at unit cost, electricity times power usage effectiveness plus amortisation. Without
sharing a province buys from its own capacity at max(unit cost, spending / capacity). With sharing
a share theta of each hub's capacity is sold to all who can reach it; prices clear with a scarcity
rent where capacity binds (`compute_market`). Interactive work needs a short round trip.

Rows of the paper: P2.3b (no national scheduling), R2.2c (hubs, network, scheduling), M2.2 (western
energy becomes a compute export).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.config.base import Config, param
from sim.mechanisms.compute_market import Clearing, clear, local_price
from sim.mechanisms.compute_rules import tolerance_classes
from sim.state.world import World

Array = np.ndarray


class ComputeConfig(Config):
    """Cost, reach and growth of compute."""

    frozen: bool = False
    """Ignore sharing and central building: every province keeps to itself."""

    electricity_share: float = param(
        0.4, unit="share of unit cost", ge=0, le=0.9, source="assumed; model specification"
    )
    """Electricity in the unit cost of 2012, national mean; the rest is amortisation."""

    utilisation: float = param(
        0.6, unit="share of capacity", gt=0, le=1, source="occupancy of ten clusters, 62.7 % (2024)"
    )
    """Used share of capacity in 2012."""

    latency_limit: float = param(20.0, unit="ms", gt=0, le=200, source="national hub-to-hub target")
    """Longest round trip of interactive work."""

    latency_fixed: float = param(2.0, unit="ms", ge=0, le=50, source="assumed")
    """Round trip at distance zero."""

    latency_distance: float = param(
        0.015, unit="ms / km", ge=0, le=0.1, source="speed of light in fibre, detours"
    )
    """Round trip per distance."""

    latency_tolerance: Literal["limit", "exponential"] = "limit"
    """Whether interactive work bears the limit, or jobs differ in what they bear."""

    mean_tolerance: float = param(20.0, unit="ms", gt=0, le=1000, source="assumed as the limit")
    """Mean round trip that jobs bear, if it is exponential."""

    tolerance_classes: int = param(4, unit="classes", ge=1, le=50, source="numerical")
    """Classes of jobs that stand for the exponential."""

    delivery_cost: float = param(
        0.02, unit="2012 unit cost / 1000 km", ge=0, le=1, source="assumed"
    )
    """Network cost of a unit of pooled compute; paid to telecommunications at the hub."""

    network_fee: float = param(0.02, unit="2012 unit cost", ge=0, le=1, source="assumed")
    """Fee on pooled compute, paid to the national scheduler."""

    growth_threshold: float = param(
        0.8, unit="share of capacity", gt=0, le=1, source="assumed; model specification"
    )
    """Use above which hubs build."""

    growth: float = param(
        0.03, unit="1 / quarter", ge=0, le=0.3, source="assumed; model specification"
    )
    """Growth of capacity of a hub that builds."""

    build_cost: float = param(8.0, unit="quarters of unit cost", ge=0, le=40, source="assumed")
    """Price of a unit of capacity."""

    opening_boost: float = param(0.5, unit="share of 2012 capacity", ge=0, le=5, source="assumed")
    """Capacity a national hub adds when it opens, paid by the centre."""

    outage_hazard: float = param(0.02, unit="1 / year", ge=0, le=1, source="assumed")
    """Hazard that a province's hubs fail in a quarter."""

    outage_loss: float = param(0.5, unit="share of capacity", ge=0, le=0.95, source="assumed")
    """Capacity missing in a quarter with an outage."""


@dataclass(frozen=True)
class Cleared:
    """Outcome of the compute market.

    price    (province, industry) price paid; sold, revenue, delivery, fee, rent: (province,)
             of the hubs: units, money from buyers, and what of it is network cost, fee and rent
    bought   (province,) units bought by the firms of a province
    pooled   who buys where, if there is a national pool: the next search starts from it
    """

    price: Array
    sold: Array
    revenue: Array
    delivery: Array
    fee: Array
    rent: Array
    bought: Array
    pooled: Clearing | None = None


def unit_cost(
    world: World, cfg: ComputeConfig, electricity_price: Array, investment_price: Array
) -> Array:
    """Unit cost of each province's compute, 2012 national mean about 1."""
    energy = cfg.electricity_share * world.energy_cost * electricity_price
    return energy + (1 - cfg.electricity_share) * investment_price


def electricity_part(
    world: World, cfg: ComputeConfig, electricity_price: Array, investment_price: Array
) -> Array:
    """Share of electricity in the unit cost, (province,)."""
    energy = cfg.electricity_share * world.energy_cost * electricity_price
    return energy / unit_cost(world, cfg, electricity_price, investment_price)


def reach(world: World, cfg: ComputeConfig, limit: float | None = None) -> tuple[Array, Array]:
    """Delivery cost from hub to province for interactive and for batch work, (buyer, hub).

    inf where the round trip is longer than `limit` [ms], by default that of the config; a province
    always reaches its own capacity.
    """
    distance = world.geography.distance
    cost = cfg.network_fee + cfg.delivery_cost * distance / 1000
    round_trip = cfg.latency_fixed + cfg.latency_distance * distance
    longest = cfg.latency_limit if limit is None else limit
    near = (round_trip <= longest) | ~world.geography.foreign
    return np.where(near, cost, np.inf), cost


def bearable(cfg: ComputeConfig) -> Array:
    """Longest round trip of each class of interactive work, all of the same size, (class,) [ms]."""
    if cfg.latency_tolerance == "limit":
        return np.array([cfg.latency_limit])
    return tolerance_classes(cfg.mean_tolerance, cfg.tolerance_classes)


def shared(world: World, cfg: ComputeConfig) -> Array:
    """Share of capacity that each hub offers to the national pool, (province,)."""
    if cfg.frozen:
        return np.zeros(world.provinces.n)
    return world.provinces["compute_shared"]


def clear_local(cost: Array, spending: Array, capacity: Array) -> Cleared:
    """Every province buys from itself; `spending` (province, industry)."""
    total = spending.sum(axis=1)
    price = local_price(cost, total, capacity)
    units = total / price
    nothing = np.zeros_like(total)
    prices = np.repeat(price[:, None], spending.shape[1], axis=1)
    return Cleared(prices, units, total, nothing, nothing, (price - cost) * units, units)


def clear_pooled(
    world: World, cfg: ComputeConfig, cost: Array, spending: Array, earlier: Clearing | None
) -> Cleared:
    """Part of every hub's capacity is sold nationwide; nodes are local parts, then pooled parts."""
    n, capacity, share = len(cost), world.provinces["compute_limit"], shared(world, cfg)
    interactive = world.interactive
    limits = bearable(cfg)
    classes = [spending @ interactive / limits.size] * limits.size
    budget = np.concatenate([*classes, spending @ (1 - interactive)])
    reached = [*(reach(world, cfg, limit)[0] for limit in limits), reach(world, cfg)[1]]
    own = np.where(world.geography.foreign, np.inf, 0.0)
    delivery = np.block([[own, cost_there] for cost_there in reached])
    offered = np.concatenate([(1 - share) * capacity, share * capacity])
    result = clear(budget, np.tile(cost, 2), offered, delivery, earlier)
    near = (result.price[:-n].reshape(-1, n) ** (1 / limits.size)).prod(axis=0)
    price = near[:, None] ** interactive * result.price[-n:, None] ** (1 - interactive)
    units = result.quantity
    pooled = units[:, n:]
    fee = cfg.network_fee * pooled.sum(axis=0)
    extra = (units * np.where(units > 0, delivery, 0.0)).sum(axis=0)
    paid = _payments(budget, units)
    revenue = paid.sum(axis=0)
    per_hub = [part[:n] + part[n:] for part in (units.sum(axis=0), revenue, extra)]
    sold, money, carried = per_hub
    bought = units.sum(axis=1).reshape(-1, n).sum(axis=0)
    rent = money - carried - cost * sold
    return Cleared(price, sold, money, carried - fee, fee, rent, bought, result)


def _payments(budget: Array, units: Array) -> Array:
    """Money from each buyer to each node; rows add up to the budget exactly."""
    total = units.sum(axis=1, keepdims=True)
    share = np.divide(units, total, out=np.zeros_like(units), where=total > 0)
    return budget[:, None] * share


def clear_market(
    world: World,
    cfg: ComputeConfig,
    cost: Array,
    spending: Array,
    earlier: Clearing | None = None,
) -> Cleared:
    """Prices and sales of compute for the spending of each province's industries.

    earlier  clearing at near spending, which makes the search quicker and changes nothing else
    """
    if shared(world, cfg).any():
        return clear_pooled(world, cfg, cost, spending, earlier)
    return clear_local(cost, spending, world.provinces["compute_limit"])


def record(world: World, cost: Array, cleared: Cleared) -> None:
    """Write the outcome of the quarter into the province columns."""
    provinces = world.provinces
    provinces["compute_cost"] = cost
    provinces["compute_price"] = cleared.price
    provinces["compute_used"] = cleared.sold
    provinces["compute_bought"] = cleared.bought
    provinces["compute_revenue"] = cleared.revenue
    provinces["compute_delivery"] = cleared.delivery
    provinces["compute_fee"] = cleared.fee
    provinces["compute_rent"] = cleared.rent
