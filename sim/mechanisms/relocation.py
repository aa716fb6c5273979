r"""Firms move: a share reconsiders, weighs what it could sell elsewhere against the cost of moving.

    P(o -> o') ~ exp{theta [ln potential_o'k] - (cost) 1[o != o']}

potential_ok is what a firm of given efficiency sells at o. Staff stay behind and the mover pays
for services in its new province.

Rows of the paper: M4.2 (attract firms), P2.2b (factor gaps).
"""

from __future__ import annotations

import numpy as np

from sim.config.base import Config, param
from sim.mechanisms.peers import stage_costs
from sim.state.draws import draw_columns
from sim.state.world import World

Array = np.ndarray

READS = (
    "firms.alive",
    "firms.place",
    "firms.industry",
    "firms.weight",
    "firms.revenue",
    "firms.order",
    "talents.alive",
    "talents.province",
    "talents.employer",
    "provinces.wage",
    "provinces.price_to_sigma",
    "provinces.orders_next",
    "provinces.compute_price",
    "places.province",
    "places.market_access",
    "places.wedge_loss",
    "places.wedge_tax",
    "zones.active",
)
WRITES = (
    "firms.province",
    "firms.place",
    "firms.order",
    "talents.employed",
    "talents.employer",
    "talents.former",
    "provinces.orders_next",
)


class RelocationConfig(Config):
    """Moves of existing firms."""

    frozen: bool = False
    """No firm moves."""

    reconsider: float = param(0.01, unit="share of firms / year", ge=0, le=1, source="assumed")
    """Firms that think about moving."""

    sensitivity: float = param(1.0, unit="-", ge=0, le=4, source="assumed; as entry")
    """theta: weight of what could be sold."""

    barrier: float = param(3.0, unit="ln potential", ge=0, le=12, source="assumed")
    """Cost of moving in the choice."""

    cost: float = param(0.5, unit="quarterly revenue", ge=0, le=8, source="assumed")
    """Services a mover buys."""


def potential(world: World) -> Array:
    """Log of what a firm of unit efficiency sells in each place, (place, industry)."""
    tech = world.tech
    cost = stage_costs(world)[world.host, :, 0]
    cost = cost + np.log1p(world.places["wedge_loss"]) + np.log1p(world.places["wedge_tax"])
    access = np.log(world.places["market_access"])
    return (1 - tech.zeta) * access - tech.epsilon * (1 - tech.capital) * cost


def choice(world: World, cfg: RelocationConfig) -> Array:
    """Probability of each new place, by old place and industry, (place * industry, place)."""
    value = np.where(world.open_places()[:, None], cfg.sensitivity * potential(world), -np.inf).T
    stay = cfg.barrier * ~np.eye(world.places.n, dtype=bool)
    utility = value[None, :, :] - stay[:, None, :]
    weight = np.exp(utility - utility.max(axis=2, keepdims=True))
    chance = weight / weight.sum(axis=2, keepdims=True)
    return chance.reshape(-1, world.places.n)


def towards_equal_return(stock: Array, rate: Array, speed: float) -> Array:
    """Footloose capital by place after it has moved towards where it earns more.

    stock  (places,) capital > 0;  rate (places,) its return > 0, which falls as more comes
    speed  in (0, 1]: elasticity of the stock to its relative return
    returns  (places,) with the same total; where returns are equal nothing moves
    Source: footloose capital of Martin and Rogers (1995), J. Int. Econ. 39.
    """
    pulled = stock * rate**speed
    return pulled * (stock.sum() / pulled.sum())


def apply(world: World, cfg: RelocationConfig, draw: np.random.Generator) -> None:
    """A few firms choose their place anew."""
    firms, talents, dt = world.firms, world.talents, world.clock.dt
    u, pick = draw.random(firms.n), draw.random(firms.n)
    chance = -np.expm1(-cfg.reconsider * world.clock.years_per_step)
    rows = np.flatnonzero(firms["alive"] & (firms["revenue"] > 0) & (u < chance) & (not cfg.frozen))
    if not rows.size:
        return
    start = firms["place"][rows].astype(np.int64) * len(world.tech.codes) + firms["industry"][rows]
    goal = draw_columns(choice(world, cfg), start, pick[rows])
    moved = goal != firms["place"][rows]
    rows, goal = rows[moved], goal[moved]
    outlay = cfg.cost * firms["revenue"][rows]
    firms["order"][rows] += outlay / dt
    firms["place"][rows] = goal
    firms["province"][rows] = world.host[goal]
    world.place_order(world.host[goal], outlay * firms["weight"][rows] / dt, "entry")
    employer = talents["employer"]
    left = talents["alive"] & np.isin(employer, rows)
    left &= talents["province"] != firms["province"][np.maximum(employer, 0)]
    talents["former"][left] = employer[left]
    talents["employer"][left] = -1
    talents["employed"][left] = False
