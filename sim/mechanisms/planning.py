r"""Industrial plans: each zone names three target industries, which attract entrants.

Uncoordinated, zones draw targets from a softmax of b_h national growth + b_a own advantage.
Coordinated, the same information is used jointly: zones choose one after another and see what was
chosen, so that overlap costs and industries that supply or buy from others' targets gain.
Duplication has no penalty of its own; it lowers prices through the market.

Rows of the paper: P2.1a (plans weigh national growth against own advantage), P2.2c (zones neglect
complementarity), R2.1a (overall plan).
"""

from __future__ import annotations

import numpy as np

from sim.config.base import Config, param
from sim.state.clock import INSTANT
from sim.state.world import TARGETS, World

Array = np.ndarray

READS = (
    "provinces.output",
    "zones.province",
    "zones.place",
    "zones.active",
    "zones.joint_planning",
)
WRITES = ("places.plan_bonus", "zones.target")


class PlanningConfig(Config):
    """How zones choose their target industries."""

    frozen: bool = False
    """Ignore coordination: every zone plans alone."""

    hotness: float = param(1.0, unit="-", ge=0, le=10, source="assumed")
    """b_h: weight of national growth of an industry (per cent a year, standardised)."""

    advantage: float = param(1.0, unit="-", ge=0, le=10, source="assumed")
    """b_a: weight of the province's own advantage (log location quotient)."""

    overlap: float = param(2.5, unit="-", ge=0, le=10, source="assumed")
    """Weight of targets that other zones have named, under coordination."""

    complementarity: float = param(1.0, unit="-", ge=0, le=10, source="assumed")
    """Weight of links along the input-output table to others' targets, under coordination."""

    interval: int = param(
        12, unit="quarters", ge=1, le=80, source="assumed; plans last three years"
    )
    """Quarters between two plans."""


def own_value(world: World, cfg: PlanningConfig, growth: Array) -> Array:
    """What each zone thinks of each industry on its own, (zone, industry).

    growth  (industry,) growth of national output since the last plan
    """
    output = world.provinces["output"][world.zones["province"]]
    nation = world.provinces["output"].sum(axis=0)
    quotient = (output / output.sum(axis=1, keepdims=True)) / (nation / nation.sum())
    spread = growth.std()
    hot = (growth - growth.mean()) / (spread if spread > 0 else 1.0)
    own = np.log(np.where(quotient > 0, quotient, 1.0))
    # an industry the province does not have cannot be chosen
    return np.where(quotient > 0, cfg.hotness * hot + cfg.advantage * own, -np.inf)


def draw_targets(value: Array, u: Array) -> Array:
    """Draw distinct industries one after another by softmax.

    value  (industry,) -inf where not eligible;  u (targets,) uniforms;  returns (targets,) rows
    """
    value = value.copy()
    chosen = np.empty(u.size, dtype=np.int32)
    for slot in range(u.size):
        weight = np.exp(value - value.max())
        ladder = np.cumsum(weight / weight.sum())
        chosen[slot] = min(
            np.searchsorted(ladder, u[slot], side="right"), np.flatnonzero(weight)[-1]
        )
        value[chosen[slot]] = -np.inf
    return chosen


def joint_value(world: World, cfg: PlanningConfig, named: Array) -> Array:
    """What coordination adds, given how often each industry was named, (industry,)."""
    total = max(named.sum(), 1.0)
    links = world.tech.inputs + world.tech.inputs.T
    chain = links @ (named / total)
    even = named.size * named / total
    return cfg.complementarity * chain - cfg.overlap * even


def choose(world: World, cfg: PlanningConfig, growth: Array, u: Array, order: Array) -> Array:
    """Targets of every active zone, (zone, target); zones plan in the order given."""
    value = own_value(world, cfg, growth)
    value[:, ~world.tradable] = -np.inf
    named = np.zeros(value.shape[1])
    targets = world.zones["target"].copy()
    for zone in order[world.zones["active"][order]]:
        dose = 0.0 if cfg.frozen else world.zones["joint_planning"][zone]
        joint = dose * joint_value(world, cfg, named) if dose > 0 else 0.0
        targets[zone] = draw_targets(value[zone] + joint, u[zone])
        named[targets[zone]] += 1
    return targets


def apply(world: World, cfg: PlanningConfig, founded: Array, draw: np.random.Generator) -> None:
    """New zones plan at once, all zones again every few years."""
    zones, places = world.zones, world.places
    u, order = draw.random((zones.n, TARGETS)), np.argsort(draw.random(zones.n))
    due = abs(world.clock.quarters % cfg.interval) < INSTANT
    if not zones["active"].any() or not (due or founded.size):
        return
    output = world.provinces["output"].sum(axis=0)
    grown = (output > 0) & (world.planned_output > 0)
    growth = np.log(np.where(grown, output, 1.0) / np.where(grown, world.planned_output, 1.0))
    if due:
        world.planned_output = output.copy()
    targets = choose(world, cfg, growth, u, order)
    renew = np.flatnonzero(zones["active"]) if due else founded
    zones["target"][renew] = targets[renew]
    for zone in renew:
        bonus = np.zeros(len(world.tech.codes))
        bonus[zones["target"][zone]] = 1.0
        places["plan_bonus"][zones["place"][zone]] = bonus
