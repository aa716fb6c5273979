r"""Frictional unemployment and employer links.

    P(employed -> unemployed) = s / (s + f) (1 - exp(-(s + f) dt)),  f = f0 (1 + m1 stage_r)

Steady state u* = s / (s + f) (Shimer 2005, exact discrete hazards). A talent's employer is drawn
in proportion to firms' use of that type of labour in the province and kept until separation.

Rows of the paper: M2.1 (data shorten job search; m1 may be negative).
"""

from __future__ import annotations

import numpy as np

from sim.config.base import Config, param
from sim.mechanisms.capability import type_use
from sim.state.draws import draw_rows
from sim.state.world import World

Array = np.ndarray

READS = (
    "firms.alive",
    "firms.province",
    "firms.place",
    "firms.industry",
    "firms.weight",
    "firms.stage",
    "firms.revenue",
    "talents.alive",
    "talents.province",
    "talents.type",
    "talents.human_capital",
    "talents.employed",
    "talents.employer",
    "talents.weight",
    "provinces.employed",
    "provinces.unemployed",
    "provinces.immobile",
    "provinces.digital_mean",
    "places.wedge_tax",
)
WRITES = (
    "talents.employed",
    "talents.employer",
    "talents.former",
    "provinces.employed",
    "provinces.unemployed",
    "provinces.labour",
    "provinces.unemployment",
)


class MatchingConfig(Config):
    """Job loss and job finding."""

    separation: float = param(
        0.02, unit="1 / quarter", ge=0, le=0.5, source="assumed; model specification"
    )
    """Separation hazard s."""

    finding: float = param(
        0.25, unit="1 / quarter", ge=0, le=4, source="assumed; model specification"
    )
    """Job-finding hazard f without digital tools."""

    digital_finding: float = param(
        0.05, unit="1 / stage", ge=-0.05, le=0.15, source="assumed; model specification; -.05-.15"
    )
    """Effect m1 of the mean digital stage of a province on job finding; may be negative."""


def transition(separation: Array | float, finding: Array | float, dt: float) -> tuple[Array, Array]:
    """Probabilities (employed -> unemployed, unemployed -> employed) over `dt` quarters.

    Competing hazards combine exactly: a person may change state more than once within a step.
    Both hazards zero means that nobody changes state.
    """
    separation, finding = np.broadcast_arrays(np.asarray(separation, float), finding)
    total = separation + finding
    moved = -np.expm1(-total * dt)
    share = np.divide(moved, total, out=np.zeros_like(total), where=total > 0)
    return separation * share, finding * share


def finding_hazard(world: World, cfg: MatchingConfig) -> Array:
    """f of each province [1 / quarter]; never below zero because |m1| * 4 < 1."""
    return cfg.finding * (1 + cfg.digital_finding * world.provinces["digital_mean"])


def match_general(world: World, cfg: MatchingConfig) -> None:
    """General labour changes state as a cohort."""
    provinces = world.provinces
    lose, find = transition(cfg.separation, finding_hazard(world, cfg), world.clock.dt)
    flow = find * provinces["unemployed"] - lose * provinces["employed"]
    provinces["employed"] += flow
    provinces["unemployed"] -= flow


def match_talents(world: World, cfg: MatchingConfig, draw: np.random.Generator) -> None:
    """Talents lose and find work; who finds work draws an employer."""
    talents = world.talents
    lose, find = transition(cfg.separation, finding_hazard(world, cfg), world.clock.dt)
    province = talents["province"]
    u, pick = draw.random(talents.n), draw.random(talents.n)
    employed, live = talents["employed"], talents["alive"]
    losing = live & employed & (u < lose[province])
    hired = live & ~employed & (u < find[province])
    talents["former"][losing] = talents["employer"][losing]
    talents["employer"][losing] = -1
    employed[losing] = False
    employed[hired] = True
    assign_employers(world, np.flatnonzero(hired), pick)


def assign_employers(world: World, rows: Array, pick: Array) -> None:
    """Draw an employer for the talents in `rows`; `pick` holds a uniform for every talent."""
    talents, firms = world.talents, world.firms
    use = type_use(world)
    for column in (0, 1):
        engineers = talents["type"][rows] == 1
        mine = rows[engineers if column == 0 else ~engineers]
        employer = draw_rows(use[column], firms["province"], talents["province"][mine], pick[mine])
        talents["employer"][mine] = employer


def count_labour(world: World) -> None:
    """Efficiency units at work and unemployment rates, by province and labour type."""
    provinces, talents = world.provinces, world.talents
    general = provinces["unemployed"] / (provinces["employed"] + provinces["unemployed"])
    units = provinces["immobile"] * (1 - general)[:, None]
    units[:, 0] += provinces["employed"]
    provinces["unemployment"][:, 0] = general
    labour_type = np.minimum(talents["type"], 2)
    group = talents["province"] * 3 + labour_type
    people = np.where(talents["alive"], talents["weight"], 0.0)
    at_work = people * talents["employed"]
    size = provinces.n * 3
    total = np.bincount(group, people, minlength=size).reshape(-1, 3)
    work = np.bincount(group, at_work, minlength=size).reshape(-1, 3)
    units += np.bincount(group, at_work * talents["human_capital"], minlength=size).reshape(-1, 3)
    rate = np.divide(work, total, out=np.ones_like(work), where=total > 0)
    provinces["unemployment"][:, 1:] = 1 - rate[:, 1:]
    provinces["labour"] = units


def apply(world: World, cfg: MatchingConfig, draw: np.random.Generator) -> None:
    """Who is at work in this quarter."""
    match_general(world, cfg)
    match_talents(world, cfg, draw)
    count_labour(world)
