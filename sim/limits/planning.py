r"""Plans made alone: how often they coincide if all industries look alike (L13).

Z zones name k of K eligible industries each. The classical occupancy problem gives

    K (1 - (1 - 1/K)^Z)    distinct industries among the zones' first targets
    K (1 - (1 - k/K)^Z)    distinct industries among all targets
    k^2 / K                targets that two plans share

Source: Feller (1968), An Introduction to Probability Theory and Its Applications, vol. 1, ch. 4.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.config.base import Config, param
from sim.config.errors import ConfigError, Problem
from sim.limits.base import Row
from sim.limits.estimate import mean_row
from sim.mechanisms import planning
from sim.mechanisms.planning import PlanningConfig
from sim.model.config import RegionConfig
from sim.start.build import blank_world
from sim.start.config import GeographyConfig
from sim.state.rng import Streams
from sim.state.world import TARGETS, World

Array = np.ndarray


class PlanningLimit(Config):
    """Zones that plan on their own."""

    planning: PlanningConfig = PlanningConfig(hotness=0.0, advantage=0.0)
    """What a zone weighs: neither growth nor advantage, so that all industries look alike."""

    geography: GeographyConfig = GeographyConfig.model_validate(
        {"equidistant": {"count": 22, "zone": "2012Q1"}}
    )
    """Where the zones are."""

    eligible: int = param(12, unit="industries", ge=TARGETS, le=14, source="definition")
    """Industries that a plan may name: those whose firms may be counted into a zone."""

    rounds: int = param(1000, unit="draws", ge=2, le=10**6, source="numerical")
    """Plans drawn by every zone."""

    seed: int = param(13, unit="-", ge=0, le=2**32, source="numerical")
    """Of the draws."""


def world_of_zones(cfg: PlanningLimit) -> World:
    """A world without agents, of unlike provinces, in which all zones act.

    raises ConfigError : fewer than two zones
    """
    world, _ = blank_world(RegionConfig(geography=cfg.geography), 0)
    if world.zones.n < 2:  # noqa: PLR2004 - a pair
        raise ConfigError(Problem(f"plans overlap from two zones on, here are {world.zones.n}"))
    output = world.provinces["output"]
    output[:] = Streams(cfg.seed).at("output", 0).lognormal(size=output.shape)
    world.zones["active"] = True
    world.tradable = np.arange(len(world.tech.codes)) < cfg.eligible
    return world


def plans(cfg: PlanningLimit, world: World) -> Array:
    """Targets drawn, (round, zone, target)."""
    draw = Streams(cfg.seed).at("planning", 0)
    growth = draw.normal(size=len(world.tech.codes))
    drawn = np.empty((cfg.rounds, world.zones.n, TARGETS), dtype=np.int64)
    for plan in drawn:
        u, order = draw.random(plan.shape), np.argsort(draw.random(world.zones.n))
        plan[:] = planning.choose(world, cfg.planning, growth, u, order)
    return drawn


def measure(cfg: PlanningLimit) -> Iterator[Row]:
    """Distinct targets and the overlap of plans, as means over the rounds."""
    world = world_of_zones(cfg)
    drawn, codes = plans(cfg, world), np.arange(len(world.tech.codes))
    zones, industries = world.zones.n, cfg.eligible
    named = (drawn[..., None] == codes).any(axis=2)  # round, zone, industry
    first = (drawn[..., 0, None] == codes).any(axis=1).sum(axis=1)
    value = industries * (1 - (1 - 1 / industries) ** zones)
    yield mean_row("L13a", f"distinct first targets, {zones} zones", first, value)
    value = industries * (1 - (1 - TARGETS / industries) ** zones)
    distinct = named.any(axis=1).sum(axis=1)
    yield mean_row("L13b", f"distinct targets, {zones} zones", distinct, value)
    # pairs of zones that both name an industry, per pair of zones
    count = named.sum(axis=1)
    overlap = (count * (count - 1)).sum(axis=1) / (zones * (zones - 1))
    yield mean_row("L13c", "targets that two plans share", overlap, TARGETS**2 / industries)
