"""Amenities of 2012, by inversion of migration."""

from __future__ import annotations

import numpy as np

from sim.mechanisms import migration
from sim.state.world import World

Array = np.ndarray


def invert_amenities(
    world: World, cfg: migration.MigrationConfig, income_tax: float, growth: Array
) -> None:
    """Set amenities, by labour type, so that net migration grows populations as observed.

    growth  (province,) population growth less the national [1 / quarter]
    raises RuntimeError : the iteration does not close
    """
    provinces = world.provinces
    for labour in range(3):
        stock = migration.people_by_type(world)[:, labour]
        target = growth * stock
        target -= stock * (target.sum() / stock.sum())
        share = cfg.reconsider[labour] / cfg.sensitivity[labour]
        for _ in range(4000):
            chance = (
                migration.probabilities(world, cfg, labour, income_tax) * world.geography.foreign
            )
            flow = cfg.reconsider[labour] * chance * stock[:, None]
            gap = target - (flow.sum(axis=0) - flow.sum(axis=1))
            gross = np.maximum(flow.sum(axis=0) + flow.sum(axis=1), 1e-3 * share * stock)
            provinces["amenity"][:, labour] += (
                0.5 * np.clip(gap / gross, -1, 1) / cfg.sensitivity[labour]
            )
            if np.abs(gap).max() < 1e-10 * stock.sum():
                break
        else:
            raise RuntimeError(f"amenities of labour type {labour} did not close")
