r"""Imitation: from whom a firm learns, and how much of the gap it closes.

    closed share  c = 1 - (1 - lambda)^dt,  lambda per year
    level rule    A' = A + c max(0, A_target - A)              (Nelson and Phelps 1966)
    log rule      ln A' = ln A + c max(0, ln A_target - ln A)  (Barro and Sala-i-Martin 1992)
    lambda        lambda_im AC_i (1 - IP_c + lic),  IP_c = IP_2012 + (1 - IP_2012) index_oc
    noise         ln A' += s e,  s^2 = s_year^2 [1 - (1 - c)^2] / [1 - (1 - lambda)^2]

All conversions are exact: four quarters close the gap of a year and spread firms as much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.mechanisms.capability import (
    absorptive_capacity,
    relative,
    research_share,
    skilled_share,
)
from sim.mechanisms.institutions import protection
from sim.state.draws import draw_columns, draw_rows
from sim.state.world import World

if TYPE_CHECKING:
    from sim.mechanisms.knowledge import KnowledgeConfig

Array = np.ndarray
Numbers = float | Array

LAST_QUARTER = 3
"""Quarter of the year, counted from 0, at whose end annual imitation happens."""


def protected(index: Numbers, cfg: KnowledgeConfig) -> Numbers:
    """IP at an index that counts from 2012: 0 as then, 1 full protection."""
    return cfg.protection + (1 - cfg.protection) * index


def speed(capacity: Numbers, cfg: KnowledgeConfig, index: Numbers = 0.0) -> Numbers:
    """Share of a gap that closes in a year.

    capacity is relative to its mean of 2012; index is that of protection, since 2012
    """
    return cfg.imitation * capacity * (1 - protected(index, cfg) + cfg.licensing)


def closed_share(rate: Numbers, years: float) -> Array:
    """Share of a gap that closes in `years` if `rate` of it closes in a year.

    Where the rate is 1 or more, as when revenue collapses below planned R&D, nothing is left of it.
    """
    with np.errstate(divide="ignore"):
        left = np.log1p(-np.minimum(rate, 1.0)) * years
    return np.asarray(-np.expm1(left))


def noise_scale(rate: Numbers, years: float, yearly: float) -> Array:
    """Standard deviation of the noise of a step, such that its steps add up to `yearly` in a year.

    rate  >= 0: noise fades as gaps close, so that of the first quarter counts least
    """
    faded = -np.expm1(2 * years * np.log1p(-rate))
    year = -np.expm1(2 * np.log1p(-rate))
    part = np.divide(faded, year, out=np.full(np.shape(year), float(years)), where=year > 0)
    return yearly * np.sqrt(part)


def learned(
    level: Array, target: Array, rate: Numbers, years: float, cfg: KnowledgeConfig, shock: Array
) -> Array:
    """Relative rise of efficiency in `years`, (firms,); nobody unlearns, noise apart.

    level, target  (firms,) efficiency of learner and target, in one unit; nobody learns from 0
    rate           share of the gap that closes in a year >= 0
    shock          (firms,) standard normal numbers, used if there is noise
    """
    closed = closed_share(rate, years)
    if cfg.rule == "log":
        gain = np.expm1(closed * np.maximum(0.0, np.log(target / level)))
    else:
        rise = closed * np.maximum(0.0, target - level)
        gain = np.divide(rise, level, out=np.zeros_like(level), where=level > 0)
    if cfg.noise > 0:
        gain = (1 + gain) * np.exp(noise_scale(rate, years, cfg.noise) * shock) - 1
    return np.asarray(gain)


def frontier_rise(years: float, cfg: KnowledgeConfig) -> float:
    """Efficiency of the foreign frontier after `years`, over that before."""
    return float(np.exp(cfg.frontier_growth * years))


def cells(world: World) -> Array:
    """Cell (province, industry) of each firm, flat."""
    return (
        world.firms["province"].astype(np.int64) * len(world.tech.codes) + world.firms["industry"]
    )


def contact(world: World, cfg: KnowledgeConfig) -> Array:
    """Probability that a firm of a cell (province, industry) meets one of another cell.

    returns  (cells, cells), rows sum to 1
    """
    link = 0.0 if cfg.frozen else world.provinces["knowledge_link"]
    reach = cfg.distance_reach * (1 + cfg.link_effect * link)
    space = np.exp(-world.geography.distance / reach)
    line = np.exp(-np.abs(world.position[:, None] - world.position) / cfg.technology_reach)
    firms = world.firms
    people = np.where(firms["alive"], firms["weight"], 0.0)
    size = space.shape[0] * line.shape[0]
    count = np.bincount(cells(world), people, minlength=size)
    weight = np.einsum("rs,kl->rksl", space, line).reshape(size, size) * count
    return weight / weight.sum(axis=1, keepdims=True)


def met(world: World, cfg: KnowledgeConfig, meet: Array, who: Array) -> Array:
    """Row of the firm that each firm meets, -1 for nobody; meet, who (firms,) uniforms."""
    group = cells(world)
    target_cell = draw_columns(contact(world, cfg), group, meet)
    live = np.where(world.firms["alive"], world.firms["weight"], 0.0)
    return draw_rows(live, group, target_cell, who)


def years_to_learn(world: World, cfg: KnowledgeConfig) -> float:
    """Years of imitation in this step: its length, or a whole year at the year's end."""
    clock = world.clock
    if not cfg.annual:
        return clock.years_per_step
    return float(clock.ends_quarter and clock.quarter % 4 == LAST_QUARTER)


def imitate(world: World, cfg: KnowledgeConfig, draw: np.random.Generator) -> None:
    """Each firm meets a target, or looks to the frontier, and closes part of the gap."""
    firms, years = world.firms, years_to_learn(world, cfg)
    if years == 0:
        return
    meet, who = draw.random(firms.n), draw.random(firms.n)
    if cfg.target == "frontier":
        level, target = firms["efficiency"], world.baseline.frontier[firms["industry"]]
    else:
        level, row = relative(world), met(world, cfg, meet, who)
        target = np.where(row >= 0, level[row], level)
    capacity = absorptive_capacity(research_share(world), skilled_share(world), cfg.absorption)
    capacity /= world.baseline.absorption
    shock = draw.standard_normal(firms.n) if cfg.noise > 0 else np.zeros(firms.n)
    rate = speed(capacity, cfg, protection(world, firms["place"], firms["industry"]))
    gain = learned(level, target, rate, years, cfg, shock)
    gain = np.where(firms["alive"], gain, 0.0)
    rows = np.flatnonzero(gain)
    world.book_growth("imitation", rows, np.log1p(gain[rows]))
    firms["efficiency"] *= 1 + gain
