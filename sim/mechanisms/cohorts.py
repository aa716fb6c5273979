r"""Talents that move as cohorts: expected flows between provinces, in and out of agents' weights.

    stock_d' = stock_d + sum_o (F_od stock_o - F_do stock_d),    F = m P(o -> d), o != d

The deterministic counterpart of talents who move one by one: without chance, provinces that are
alike stay alike. Who arrives joins the agents there in proportion to their weight, with the
deposits brought along, and takes over their state.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.state.world import World

Array = np.ndarray

TALENT_TYPES = (1, 2)
"""Labour types of talents who move within the country."""


def net_arrivals(people: Array) -> Array:
    """Arrivals less departures, (province,), of people who move, (origin, destination)."""
    return people.sum(axis=0) - people.sum(axis=1)


def move_cohorts(world: World, flow: Sequence[Array]) -> None:
    """Move expected shares of each type.

    flow  by labour type: (origin, destination) share that moves in this step, zero at home
    raises RuntimeError : people would arrive in a province without agents of their type
    """
    talents = world.talents
    for labour in TALENT_TYPES:
        rows = np.flatnonzero(talents["alive"] & (talents["type"] == labour))
        home, weight = talents["province"][rows], talents["weight"][rows]
        stock = np.bincount(home, weight, minlength=world.provinces.n)
        people = flow[labour] * stock[:, None]
        if (people.sum(axis=0)[stock == 0] > 0).any():
            raise RuntimeError("cohorts arrive in a province without agents of their type")
        _take_deposits(world, rows, flow[labour], stock)
        change = np.divide(net_arrivals(people), stock, where=stock > 0, out=0 * stock)
        talents["weight"][rows] = weight * (1 + change[home])
        world.provinces["movers"] += people


def _take_deposits(world: World, rows: Array, flow: Array, stock: Array) -> None:
    """Deposits of those who move, through the households of both provinces.

    rows  agents of one type;  stock (province,) people they stand for
    """
    talents, ledger, house = world.talents, world.ledger, world.accounts.household
    home, account = talents["province"][rows], talents["account"][rows]
    held = np.bincount(home, ledger.balance[account], minlength=stock.size)
    ledger.pay(account, house[home], flow.sum(axis=1)[home] * ledger.balance[account], "migration")
    origin, destination = np.nonzero(world.geography.foreign)
    moved = flow * held[:, None]
    ledger.pay(house[origin], house[destination], moved[origin, destination], "migration")
    part = moved.sum(axis=0)[home] * talents["weight"][rows] / stock[home]
    ledger.pay(house[home], account, part, "migration")
