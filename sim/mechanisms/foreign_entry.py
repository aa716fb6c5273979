r"""Foreign firms: how many come, how good they are, and what local partners learn from them.

    intensity R_ok = open_ok exp{beta_F (DR_o + IP_ok + TX_o) / 3},   1 in 2012
    open_ok        = 1 + SO_ok (1 / s0 - 1) for services, 1 for goods
    entrants of a cell: n (1 + f (R - 1)), of them foreign f R / (1 + f (R - 1))

n is what the cell would draw in 2012's rules (profit included), f the share of foreign firms among
them, s0 the openness of services in 2012 against the frontier. A foreign entrant may start at a
share of the foreign frontier. While an industry is not open, some foreign firms are bound to a
partner:

    A_i <- A_i + [1 - (1 - lambda_J p)^dt] max(0, A_F - A_i)
    p = bound foreign firms per local firm,   bound share = cap (1 - SO_ok)

A_F is the mean efficiency of the foreign firms in the industry and province of local firm i, p at
most 1. Opening brings more foreign firms and ends what joint ventures taught: it can go either way.

Rows of the paper: P3.1a (services are closed), P4.4 (disputes), P4.2 (protection), M4.2 (attract
firms).
"""

from __future__ import annotations

import numpy as np

from sim.config.base import Config, param
from sim.mechanisms.founding import FOREIGN
from sim.mechanisms.imitation import cells, closed_share
from sim.state.world import World

Array = np.ndarray

READS = (
    "firms.alive",
    "firms.province",
    "firms.place",
    "firms.industry",
    "firms.owner",
    "firms.weight",
    "firms.efficiency",
    "firms.revenue",
    "places.services_opening",
)
WRITES = ("firms.efficiency",)


class ForeignEntryConfig(Config):
    """Foreign firms."""

    pull: float = param(1.0, unit="ln entrants", ge=0, le=3, source="assumed")
    """beta_F: weight of courts, protection and taxes in foreign firms' choice of place."""

    services_2012: float = param(0.5, unit="share of the frontier", gt=0, le=1, source="assumed")
    """s0: foreign entry into services in 2012 against that at full opening."""

    frontier_share: float = param(
        0.0, unit="share of the frontier", ge=0, le=1.5, source="scenario; 0: like other entrants"
    )
    """Efficiency of foreign entrants, relative to the foreign frontier of their industry."""

    cap: float = param(0.3, unit="share of foreign firms", ge=0, le=1, source="assumed")
    """Foreign firms that must have a local partner in 2012."""

    spillover: float = param(0.0, unit="1 / year", ge=0, le=0.5, source="off; scenarios use .02-.1")
    """lambda_J: speed at which a partner closes the gap to the foreign firm."""


def intensity(world: World, cfg: ForeignEntryConfig) -> Array:
    """R_ok, foreign entry relative to that under the rules of 2012, (place, industry)."""
    places = world.places
    opening = 1 + places["services_opening"] * (1 / cfg.services_2012 - 1)
    rules = (places["dispute_resolution"] + places["tax_competitiveness"])[:, None]
    rules = (rules + places["protection"][:, world.exposure.technology]) / 3
    return np.asarray(opening * np.exp(cfg.pull * rules))


def more_entrants(share: Array, ratio: Array) -> Array:
    """Factor on the entrants of a cell, of which `share` were foreign, at intensity `ratio`."""
    return 1 + share * (ratio - 1)


def owner_shares(world: World, ratio: Array) -> Array:
    """Shares of state and of foreign firms among entrants, (place, industry, 2)."""
    state, foreign = world.ownership.T
    total = more_entrants(foreign, ratio)
    return np.stack([state / total, foreign * ratio / total], axis=-1)


def partners(bound: Array, local: Array) -> Array:
    """Chance of a local firm to have a foreign partner, by cell; at most 1.

    bound  foreign firms that must have a partner;  local  firms that may be it
    """
    chance = np.divide(bound, local, out=np.zeros_like(local), where=local > 0)
    return np.minimum(chance, 1.0)


def apply(world: World, cfg: ForeignEntryConfig) -> None:
    """Local firms learn from foreign partners of their industry and province."""
    if cfg.spillover == 0 or cfg.cap == 0:
        return
    firms, size = world.firms, world.provinces.n * len(world.tech.codes)
    cell, level = cells(world), firms["efficiency"]
    abroad = firms["owner"] == FOREIGN
    live = np.where(firms["alive"], firms["weight"], 0.0)
    foreign, local = live * abroad, live * ~abroad
    bound = cfg.cap * (1 - world.places["services_opening"][firms["place"], firms["industry"]])
    number = np.bincount(cell, foreign, minlength=size)
    teachers = np.bincount(cell, foreign * bound, minlength=size)
    mean = np.divide(
        np.bincount(cell, foreign * level, minlength=size),
        number,
        out=np.zeros(size),
        where=number > 0,
    )
    chance = partners(teachers, np.bincount(cell, local, minlength=size))[cell]
    closed = closed_share(cfg.spillover * chance, world.clock.years_per_step)
    rise = closed * np.maximum(0.0, mean[cell] - level)
    rows = np.flatnonzero((local > 0) & (rise > 0))
    world.book_growth("imitation", rows, np.log1p(rise[rows] / level[rows]))
    firms["efficiency"][rows] += rise[rows]
