"""Capacity of compute hubs: opening, outages, and building.

Rows of the paper: P2.3b (security), R2.2c (hubs, reliability).
"""

from __future__ import annotations

import numpy as np

from sim.mechanisms.compute import ComputeConfig
from sim.state.world import World

Array = np.ndarray

READS = (
    "provinces.investment_price",
    "provinces.orders_next",
    "provinces.compute_capacity",
    "provinces.compute_used",
    "provinces.central_next",
    "provinces.cost",
    "provinces.hub",
    "provinces.compute_build",
    "provinces.programme_next",
    "provinces.compute_build_local",
)
WRITES = (
    "provinces.orders_next",
    "provinces.compute_capacity",
    "provinces.compute_limit",
    "provinces.central_next",
    "provinces.hub_next",
    "provinces.cost",
    "provinces.hub",
    "provinces.programme_next",
)


def available(capacity: Array, failed: Array, loss: float) -> Array:
    """Units hubs can sell in a quarter, `failed` (province,) bool."""
    return capacity * np.where(failed, 1 - loss, 1.0)


def begin(world: World, cfg: ComputeConfig, draw: np.random.Generator) -> None:
    """Open the hubs that are due and draw outages; history starts without any."""
    open_hubs(world, cfg)
    chance = -np.expm1(-cfg.outage_hazard * world.clock.years_per_step)
    failed = draw.random(world.provinces.n) < (chance if world.clock.step > 0 else 0.0)
    capacity = world.provinces["compute_capacity"]
    world.provinces["compute_limit"] = available(capacity, failed, cfg.outage_loss)


def open_hubs(world: World, cfg: ComputeConfig) -> None:
    """National hubs start on their date with new capacity, paid by the centre."""
    provinces = world.provinces
    opening = (world.hub_opening <= world.clock.quarter) & ~provinces["hub"]
    added = np.where(opening, cfg.opening_boost * world.baseline.capacity, 0.0)
    provinces["compute_capacity"] += added
    price = cfg.build_cost * provinces["investment_price"]
    outlay = added * price / world.clock.dt
    provinces["central_next"] += outlay
    world.place_order(np.arange(provinces.n), outlay, "investment")
    provinces["hub"] |= opening


def build(world: World, cfg: ComputeConfig) -> None:
    """Hubs near their limit grow at their owners' cost; the centre pays for what it orders."""
    provinces, dt = world.provinces, world.clock.dt
    capacity = provinces["compute_capacity"]
    busy = provinces["compute_used"] > cfg.growth_threshold * capacity
    private = np.where(busy, ((1 + cfg.growth) ** dt - 1) * capacity, 0.0)
    push = 0.0 if cfg.frozen else provinces["compute_build"]
    public = push * world.baseline.capacity * dt
    price = cfg.build_cost * provinces["investment_price"]
    provinces["hub_next"] = private * price / dt
    local = provinces["compute_build_local"]
    provinces["central_next"] += np.where(local > 0, 0.0, public * price / dt)
    provinces["programme_next"] += np.where(local > 0, public * price / dt, 0.0)
    world.add_cost("compute_investment", "province", public * price / dt)
    world.place_order(np.arange(provinces.n), (private + public) * price / dt, "investment")
    provinces["compute_capacity"] = capacity + private + public
