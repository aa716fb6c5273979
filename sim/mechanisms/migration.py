r"""Migration of talents (one by one) and of general labour (cohorts) by a logit.

    P(o -> d) ~ exp{ theta_s [ln w_ds (1 - t) + ln(1 - u_ds) - varsigma ln CPI_d
                     - h ln(N_d / land_d) + amenity_ds + beta_n ln(1 + n_od)]
                     - (c0_s + c_s max(0, 1 - open_d - TL_d)) 1[o != d]
                     - c_d ln(1 + d_od / 300 km) }

TL_d: services for talent where the province's work is. A share m_s reconsiders each quarter. Movers
arrive without work and take their deposits along. n_od is the stock of earlier movers from o in d
(McFadden 1974).

Rows of the paper: P2.2b (factor gaps between east and west).
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from sim.config.base import Config, param
from sim.mechanisms.cohorts import move_cohorts, net_arrivals
from sim.mechanisms.institutions import of_province
from sim.state.draws import draw_columns
from sim.state.world import World

Array = np.ndarray

MOST_IDLE = 0.99
"""Highest unemployment a mover counts on: that all of a few agents are idle is chance."""

Rule = Literal["logit", "best_reply"]

READS = (
    "talents.alive",
    "talents.province",
    "talents.type",
    "talents.employer",
    "talents.weight",
    "provinces.population",
    "provinces.employed",
    "provinces.unemployed",
    "provinces.immobile",
    "provinces.amenity",
    "provinces.open",
    "provinces.movers",
    "provinces.wage",
    "provinces.unemployment",
    "provinces.cpi",
    "places.province",
    "places.sales",
    "places.talent_services",
    "ledger",
)
WRITES = (
    "talents.province",
    "talents.employed",
    "talents.employer",
    "talents.former",
    "provinces.population",
    "provinces.employed",
    "provinces.unemployed",
    "provinces.movers",
    "ledger",
)


class MigrationConfig(Config):
    """Who moves, and where to; lists hold general labour, engineers, science staff."""

    frozen: bool = False
    """Nobody moves."""

    cohorts: bool = False
    """Talents move by expected flows between weights of agents, not one by one by chance."""

    rule: Rule = "logit"
    """How people choose: by a logit, or the best destination; then all reconsider every quarter."""

    sensitivity: tuple[float, float, float] = param(
        (1.0, 1.5, 2.0),
        unit="1 / ln utility",
        ge=0,
        le=4,
        source="assumed; model specification; .5-4",
    )
    """theta: weight of utility in the choice."""

    reconsider: tuple[float, float, float] = param(
        (0.01, 0.02, 0.03),
        unit="share / quarter",
        ge=0,
        le=1,
        source="assumed; model specification",
    )
    """m: share that thinks about moving in a quarter."""

    moving_cost: tuple[float, float, float] = param(
        (4.0, 3.2, 2.4), unit="utility", ge=0, le=12, source="assumed; model specification"
    )
    """c0: cost of leaving the province of residence."""

    closed_cost: tuple[float, float, float] = param(
        (2.0, 1.6, 1.2), unit="utility", ge=0, le=6, source="assumed; model specification"
    )
    """c_s: extra cost of a destination closed to newcomers."""

    distance_cost: float = param(
        1.0, unit="utility / ln(1+km/300)", ge=0, le=4, source="assumed; model specification"
    )
    """c_d."""

    price_weight: float = param(0.6, unit="-", ge=0, le=1, source="assumed; model specification")
    """varsigma: part of income spent at local prices."""

    crowding: float = param(0.15, unit="-", ge=0, le=1, source="assumed; model specification")
    """h: disutility of population density."""

    network: float = param(0.1, unit="-", ge=0, le=1, source="assumed; model specification")
    """beta_n: pull of earlier movers from the same origin."""


def choice(utility: Array, cost: Array, rule: Rule = "logit") -> Array:
    """Probabilities of each destination, rows are origins.

    utility (origin, destination), cost (origin, destination); returns the same shape, rows sum to 1
    Under best reply the best destinations share all who choose.
    """
    value = utility - cost
    best = value.max(axis=1, keepdims=True)
    weight = np.exp(value - best) if rule == "logit" else np.where(value == best, 1.0, 0.0)
    return weight / weight.sum(axis=1, keepdims=True)


def density(world: World) -> Array:
    """People per land, talents included, (province,) [persons / km2]."""
    return residents(world) / world.geography.land


def residents(world: World) -> Array:
    """Population of each province [10k persons]."""
    talents = world.talents
    people = np.where(talents["alive"], talents["weight"], 0.0)
    agents = np.bincount(talents["province"], people, minlength=world.provinces.n)
    return world.provinces["population"] + world.provinces["immobile"].sum(axis=1) + agents


def utility(world: World, cfg: MigrationConfig, labour: int, income_tax: float) -> Array:
    """theta times the utility of living at d for someone from o, (origin, destination)."""
    provinces = world.provinces
    value = np.log(provinces["wage"][:, labour] * (1 - income_tax))
    value += np.log1p(-np.minimum(provinces["unemployment"][:, labour], MOST_IDLE))
    value -= cfg.price_weight * np.log(provinces["cpi"])
    value -= cfg.crowding * np.log(density(world))
    value += provinces["amenity"][:, labour]
    network = cfg.network * np.log1p(provinces["movers"])
    return cfg.sensitivity[labour] * (value[None, :] + network)


def cost(world: World, cfg: MigrationConfig, labour: int) -> Array:
    """Cost of moving from o to d in units of the logit, (origin, destination)."""
    services = of_province(world, world.places["talent_services"])
    closed = cfg.closed_cost[labour] * np.maximum(0.0, 1 - world.provinces["open"] - services)
    moving = (cfg.moving_cost[labour] + closed)[None, :] * world.geography.foreign
    return moving + cfg.distance_cost * np.log1p(world.geography.distance / 300.0)


def probabilities(world: World, cfg: MigrationConfig, labour: int, income_tax: float) -> Array:
    """P(o -> d) of someone of a labour type who reconsiders."""
    return choice(utility(world, cfg, labour, income_tax), cost(world, cfg, labour), cfg.rule)


def reconsidering(cfg: MigrationConfig, labour: int, dt: float) -> float:
    """Share that reconsiders within `dt` quarters."""
    if cfg.rule == "best_reply":
        return 1.0
    return float(1 - (1 - cfg.reconsider[labour]) ** dt)


def flows(world: World, cfg: MigrationConfig, labour: int, chance: Array) -> Array:
    """Share of the people of a type at o who move to d in this step, (origin, destination)."""
    return reconsidering(cfg, labour, world.clock.dt) * chance * world.geography.foreign


def move_general(world: World, share: Array) -> None:
    """Cohorts move by expected flows (origin, destination); the employed give up their job."""
    provinces = world.provinces
    leaving = share.sum(axis=1)
    force = provinces["employed"] + provinces["unemployed"]
    people = share * provinces["population"][:, None]
    workers = share * force[:, None]
    provinces["population"] += net_arrivals(people)
    provinces["employed"] *= 1 - leaving
    provinces["unemployed"] *= 1 - leaving
    provinces["unemployed"] += workers.sum(axis=0)
    provinces["movers"] += people
    origin, destination = np.nonzero(world.geography.foreign)
    house = world.accounts.household
    mobile = provinces["population"] / (provinces["population"] + provinces["immobile"].sum(axis=1))
    money = (share * (world.ledger.balance[house] * mobile)[:, None])[origin, destination]
    world.ledger.pay(house[origin], house[destination], money, "migration")


def move_talents(
    world: World, cfg: MigrationConfig, chance: list[Array], draw: np.random.Generator
) -> None:
    """Talents who reconsider draw a province; their account goes with them."""
    talents, provinces = world.talents, world.provinces
    u, pick = draw.random(talents.n), draw.random(talents.n)
    for labour in (1, 2):
        mine = talents["alive"] & (talents["type"] == labour)
        rows = np.flatnonzero(mine & (u < reconsidering(cfg, labour, world.clock.dt)))
        origin = talents["province"][rows]
        target = draw_columns(chance[labour], origin, pick[rows])
        away = target != origin
        movers, source, goal = rows[away], origin[away], target[away]
        np.add.at(provinces["movers"], (source, goal), talents["weight"][movers])
        talents["province"][movers] = goal
        talents["former"][movers] = talents["employer"][movers]
        talents["employer"][movers] = -1
        talents["employed"][movers] = False


def apply(world: World, cfg: MigrationConfig, income_tax: float, draw: np.random.Generator) -> None:
    """A share of each type chooses where to live."""
    if cfg.frozen:
        return
    chance = [probabilities(world, cfg, labour, income_tax) for labour in range(3)]
    flow = [flows(world, cfg, labour, chance[labour]) for labour in range(3)]
    move_general(world, flow[0])
    if cfg.cohorts:
        move_cohorts(world, flow)
    else:
        move_talents(world, cfg, chance, draw)


def people_by_type(world: World) -> Array:
    """Mobile people of each labour type, (province, labour type) [10k persons]."""
    talents = world.talents
    group = talents["province"] * 3 + np.minimum(talents["type"], 2)
    people = np.where(talents["alive"], talents["weight"], 0.0)
    total = np.bincount(group, people, minlength=world.provinces.n * 3).reshape(-1, 3)
    total[:, 0] = world.provinces["population"]
    return total
