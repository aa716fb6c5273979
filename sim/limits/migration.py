r"""Where people are in the long run if their choices do not change what they choose from (L15).

A chain of logit choices with symmetric costs c_ij keeps

    pi_i ~ e^{theta V_i} sum_j e^{theta V_j - c_ij}

and meets detailed balance, pi_i P_ij = pi_j P_ji: both sides are e^{theta (V_i + V_j) - c_ij}.
Without costs all who reconsider choose alike, and a share m of them per quarter closes the gap to
pi by (1 - m)^T. Sources: McFadden (1974); Kelly (1979), Reversibility and Stochastic Networks.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

import numpy as np
from pydantic import model_validator

from sim.config.base import Config, param
from sim.limits.base import Row, exact, identity
from sim.mechanisms import migration
from sim.mechanisms.migration import MigrationConfig
from sim.model.config import RegionConfig
from sim.start.build import blank_world
from sim.start.config import GeographyConfig
from sim.state.columns import LABOUR_TYPES
from sim.state.rng import Streams
from sim.state.world import World

MANY = 2**30
"""Steps after which a chain of moves has settled."""

FREE = {"moving_cost": (0.0,) * 3, "closed_cost": (0.0,) * 3, "distance_cost": 0.0}
"""Settings under which a move costs nothing."""

Array = np.ndarray


class MigrationLimit(Config):
    """People who move between provinces that stay as they are."""

    migration: MigrationConfig = MigrationConfig(crowding=0.0, network=0.0)
    """Who moves; neither crowding nor earlier movers may count, for they change with the moves."""

    provinces: int = param(22, unit="provinces", ge=2, le=200, source="definition")
    """Number of provinces."""

    extent: float = param(2000.0, unit="km", ge=0, le=20000, source="definition")
    """Side of the square over which they lie at random."""

    spread: float = param(0.4, unit="sd of utility", ge=0, le=5, source="definition")
    """Of wages and of amenities over provinces."""

    openness: float = param(0.5, unit="index 0-1", ge=0, le=1, source="definition")
    """Openness to newcomers, alike everywhere: so that costs are symmetric."""

    income_tax: float = param(0.1, unit="share of wages", ge=0, le=0.9, source="definition")
    """Income tax."""

    quarters: int = param(40, unit="quarters", ge=1, le=1000, source="numerical")
    """Time of the approach without costs."""

    seed: int = param(15, unit="-", ge=0, le=2**32, source="numerical")
    """Of places, wages, unemployment, prices and amenities."""

    @model_validator(mode="after")
    def _utility_is_given(self) -> MigrationLimit:
        if self.migration.crowding > 0 or self.migration.network > 0:
            raise ValueError("crowding and network must be 0: utility must not follow the moves")
        return self


def world_of_people(cfg: MigrationLimit) -> World:
    """A world of people without firms, in which provinces differ in all that migrants look at."""
    draw = Streams(cfg.seed).at("provinces", 0)
    invented = {
        f"Province {number}": {"x": x, "y": y}
        for number, (x, y) in enumerate(draw.uniform(0, cfg.extent, (cfg.provinces, 2)).tolist())
    }
    geography = GeographyConfig.model_validate({"invented": invented})
    world, _ = blank_world(RegionConfig(geography=geography), 0)
    provinces = world.provinces
    provinces["open"] = cfg.openness
    for column in ("wage", "cpi"):
        provinces[column] = np.exp(cfg.spread * draw.normal(size=provinces[column].shape))
    provinces["amenity"] = cfg.spread * draw.normal(size=provinces["amenity"].shape)
    provinces["unemployment"] = draw.uniform(0, 0.2, provinces["unemployment"].shape)
    provinces["population"] = draw.lognormal(size=provinces.n)
    provinces["employed"] = 0.0
    provinces["unemployed"] = 0.0
    return world


def attraction(cfg: MigrationLimit, world: World, labour: int) -> Array:
    """theta V of each province, (province,)."""
    provinces, rule = world.provinces, cfg.migration
    value = np.log(provinces["wage"][:, labour] * (1 - cfg.income_tax))
    value += np.log(1 - provinces["unemployment"][:, labour]) + provinces["amenity"][:, labour]
    return rule.sensitivity[labour] * (value - rule.price_weight * np.log(provinces["cpi"]))


def costs(cfg: MigrationLimit, world: World, labour: int) -> Array:
    """c_ij, (province, province)."""
    rule, away = cfg.migration, 1 - np.eye(cfg.provinces)
    leaving = rule.moving_cost[labour] + rule.closed_cost[labour] * (1 - cfg.openness)
    return leaving * away + rule.distance_cost * np.log(1 + world.geography.distance / 300)


def long_run(attracted: Array, cost: Array) -> Array:
    """pi of the theory, (province,)."""
    weight = np.exp(attracted) * (np.exp(attracted[None, :] - cost)).sum(axis=1)
    return weight / weight.sum()


def measure(cfg: MigrationLimit) -> Iterator[Row]:
    """Long run and balance of the choices of each labour type, then cohorts on their way."""
    world = world_of_people(cfg)
    for labour, name in enumerate(LABOUR_TYPES[:3]):
        chance = migration.probabilities(world, cfg.migration, labour, cfg.income_tax)
        pi = long_run(attraction(cfg, world, labour), costs(cfg, world, labour))
        settled = np.linalg.matrix_power(chance, MANY)[0]
        settled /= settled.sum()  # rounding over many steps
        liked = pi.argmax()
        yield exact("L15a", f"largest long-run share of type {name}", settled[liked], pi[liked])
        gap = np.abs(settled / pi - 1).max()
        yield identity("L15a", f"long-run shares of type {name}, largest relative gap", gap)
        flow = settled[:, None] * chance
        gap = (np.abs(flow - flow.T) / (flow + flow.T)).max()
        yield identity("L15b", f"flows of type {name} there and back, largest relative gap", gap)
    yield rest(cfg, world)
    yield from approach(cfg, world)


def pass_quarters(world: World, cfg: MigrationLimit, rule: MigrationConfig, count: int) -> None:
    """Migration of some quarters."""
    for quarter in range(count):
        draw = Streams(cfg.seed).at("migration", quarter)
        migration.apply(world, rule, cfg.income_tax, draw)


def rest(cfg: MigrationLimit, start: World) -> Row:
    """Cohorts in the proportions of the theory stay in them."""
    world, pi = copy.deepcopy(start), long_run(attraction(cfg, start, 0), costs(cfg, start, 0))
    world.provinces["population"] = pi
    pass_quarters(world, cfg, cfg.migration, 1)
    gap = np.abs(world.provinces["population"] / pi - 1).max()
    return identity("L15c", "cohorts at rest after a quarter, largest relative gap", gap)


def approach(cfg: MigrationLimit, start: World) -> Iterator[Row]:
    """Cohorts that move without cost draw near geometrically."""
    world, rule = copy.deepcopy(start), cfg.migration.model_copy(update=FREE)
    before = world.provinces["population"].copy()
    pi = long_run(attraction(cfg, start, 0), np.zeros((cfg.provinces, cfg.provinces)))
    goal = pi * before.sum()
    pass_quarters(world, cfg, rule, cfg.quarters)
    value = goal + (1 - rule.reconsider[0]) ** cfg.quarters * (before - goal)
    found, name = world.provinces["population"], f"after {cfg.quarters} quarters without costs"
    gap = np.abs(found / value - 1).max()
    yield exact("L15d", f"largest cohort {name}", found[value.argmax()], value.max())
    yield identity("L15d", f"cohorts {name}, largest relative gap", gap)
