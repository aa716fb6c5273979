"""Founding of firms: how many enter where, what they start with, and who pays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri, pdtr, pdtrik

from sim.state.draws import draw_rows
from sim.state.ledger import ROW
from sim.state.world import World

Array = np.ndarray

SLOTS = 8
"""Entrants of a cell and quarter that have draws of their own; further ones reuse shifted draws."""

FOREIGN = 2
"""Owner code of foreign firms."""


@dataclass(frozen=True)
class Entrant:
    """What entrants start with.

    size, level  capital and efficiency relative to the incumbents' mean
    spread    sd of ln efficiency
    owners    (place, industry, 2) shares of state and of foreign firms
    frontier  efficiency of foreign entrants over the foreign frontier; 0: like that of others
    """

    size: float
    level: float
    spread: float
    owners: Array
    frontier: float


def numbers(mean: Array, u: Array) -> Array:
    """Poisson numbers by the inverse of their distribution.

    mean, u  (...);  near means give near numbers, so that scenarios stay comparable
    """
    upper = np.ceil(pdtrik(u, np.where(mean > 0, mean, 1.0)))
    lower = np.maximum(upper - 1, 0.0)
    enough = pdtr(lower, np.where(mean > 0, mean, 1.0)) >= u
    return np.where(mean > 0, np.where(enough, lower, upper), 0.0).astype(np.int64)


def places_of(number: Array) -> tuple[Array, Array, Array]:
    """Place, industry and slot (0, 1, ... within its cell) of each entrant."""
    cell = np.argwhere(number > 0)
    count = number[number > 0]
    place, industry = np.repeat(cell, count, axis=0).reshape(-1, 2).T
    first = np.repeat(np.cumsum(count) - count, count)
    return place, industry, np.arange(count.sum()) - first


def slot_draws(u: Array, place: Array, industry: Array, slot: Array) -> Array:
    """Three uniforms of each entrant, (3, entrants), the same however many enter elsewhere.

    u  (place, industry, slot, 3)
    """
    mine = u[place, industry, slot % SLOTS]
    return ((mine + 0.6180339887 * (slot // SLOTS)[:, None]) % 1.0).T


def create(
    world: World,
    place: Array,
    industry: Array,
    u: Array,
    kind: Entrant,
) -> Array:
    """Add entrants in the given cells; returns their rows.

    u  (3, entrants) uniforms: whom they resemble, efficiency, owner
    """
    count, firms = place.size, world.firms
    province = world.host[place]
    model = incumbent(world, province, industry, u[0])
    capital, efficiency = (part[province, industry] for part in usual(world))
    efficiency = kind.level * efficiency
    owner = draw_owner(kind.owners[place, industry], u[2])
    if kind.frontier > 0:
        best = kind.frontier * world.baseline.frontier[industry]
        efficiency = np.where(owner == FOREIGN, best, efficiency)
    return firms.add(
        count,
        alive=True,
        province=province,
        place=place,
        industry=industry,
        owner=owner,
        weight=world.baseline.firm_weight[place, industry],
        efficiency=efficiency * np.exp(kind.spread * ndtri(np.maximum(u[1], 1e-12))),
        founding_capital=kind.size * capital,
        specificity=firms["specificity"][model],
        rd_share=firms["rd_share"][model],
        position=world.position[industry],
        foreign_input=firms["foreign_input"][model],
        age=0.0,
        account=world.ledger.open("firm", count),
    )


def usual(world: World) -> tuple[Array, Array]:
    """Capital and efficiency that entrants are measured by, (province, industry) each.

    Both are the local means of 2012 grown with the nation's industry. Efficiency moves towards the
    local mean of today as far as there are firms to learn from: half way with as many firms as in
    2012, less where few are left, whose mean says little about a new firm.
    """
    firms, base, k = world.firms, world.baseline, len(world.tech.codes)
    live = np.where(firms["alive"] & (firms["capital"] > 0), firms["weight"], 0.0)
    number = np.bincount(firms["industry"], live, minlength=k)
    now = [  # an industry that has died out starts again as it was in 2012
        np.divide(
            np.bincount(firms["industry"], live * firms[name], minlength=k),
            number,
            out=usually.copy(),
            where=number > 0,
        )
        for name, usually in (("capital", base.capital), ("efficiency", base.efficiency))
    ]
    capital = base.cell_capital * now[0] / base.capital
    efficiency = base.cell_efficiency * now[1] / base.efficiency
    cell = firms["province"].astype(np.int64) * k + firms["industry"]
    present = np.bincount(cell, live, minlength=capital.size).reshape(capital.shape)
    local = world.cell_means("efficiency")[0]
    trust = present / (present + base.cell_firms)
    return capital, efficiency * (local / efficiency) ** trust


def incumbent(world: World, province: Array, industry: Array, u: Array) -> Array:
    """A live firm of the same industry, of the same province if there is one, as a model."""
    firms, k = world.firms, len(world.tech.codes)
    live = np.where(firms["alive"], firms["weight"], 0.0)
    local = draw_rows(live, firms["province"] * k + firms["industry"], province * k + industry, u)
    nation = draw_rows(live, firms["industry"], industry, u)
    return np.where(local >= 0, local, nation)


def draw_owner(shares: Array, u: Array) -> Array:
    """Owner of each entrant: 0 private, 1 state, 2 foreign.

    shares  (entrants, 2) chance of a state and of a foreign owner;  u (entrants,) uniforms
    """
    state, foreign = shares.T
    return np.where(u < foreign, FOREIGN, np.where(u < foreign + state, 1, 0))


def endow(world: World, rows: Array, setup_share: float) -> None:
    """Founders pay for capital and set-up; both are ordered now and paid next quarter.

    setup_share  services bought, relative to the mean quarterly revenue of 2012
    """
    firms, ledger, dt = world.firms, world.ledger, world.clock.dt
    province, industry, owner, weight = (
        firms[name][rows] for name in ("province", "industry", "owner", "weight")
    )
    price = world.provinces["investment_price"][province]
    setup = setup_share * world.baseline.revenue[industry] * price
    money = firms["founding_capital"][rows] * price + setup
    firms["order"][rows] = setup / dt
    world.place_order(province, setup * weight / dt, "entry")
    founders = [
        world.accounts.household[province],
        world.accounts.province[province],
        np.full(rows.size, ROW),
    ]
    ledger.pay(np.choose(owner, founders), firms["account"][rows], money * weight, "equity")
    abroad = np.where(owner == FOREIGN, money * weight, 0.0) / dt
    world.provinces["fdi"] += np.bincount(province, abroad, minlength=world.provinces.n)
