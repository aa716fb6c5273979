r"""Budgets of provinces and zones: taxes, plans, programmes, debt.

A government buys what it received in the last quarter plus a part of its balance; what it pays for
programmes lowers the balance and so its purchases. Programmes are cut pro rata above a share of
receipts and stop at the debt limit. The centre passes its receipts on in standing shares.

Rows of the paper: R2.1a (plans need budgets).
"""

from __future__ import annotations

import numpy as np

from sim.config.base import Config, param
from sim.state.ledger import CENTRE
from sim.state.world import World

Array = np.ndarray

READS = (
    "provinces.receipts",
    "provinces.cost",
    "provinces.orders_next",
    "provinces.programme_next",
    "zones.active",
    "zones.receipts",
    "ledger",
)
WRITES = (
    "provinces.government",
    "provinces.orders_next",
    "provinces.programme_next",
    "zones.government",
)


class BudgetsConfig(Config):
    """Taxes and the rules of public spending."""

    income_tax: float = param(
        0.10, unit="share of wages", ge=0, le=0.5, source="assumed; model specification"
    )
    """Personal income tax, kept by the province."""

    profit_tax: float = param(0.25, unit="share of profit", ge=0, le=0.5, source="statutory rate")
    """Corporate income tax."""

    central_vat: float = param(0.5, unit="share", ge=0, le=1, source="tax sharing since 2016")
    """Part of value-added tax that goes to the centre."""

    central_profit_tax: float = param(
        0.6, unit="share", ge=0, le=1, source="tax sharing since 2003"
    )
    """Part of corporate income tax that goes to the centre."""

    balance_spent: float = param(0.1, unit="share / quarter", ge=0, le=1, source="assumed")
    """Part of a positive or negative balance by which purchases rise or fall."""

    least_spending: float = param(0.5, unit="share of receipts", ge=0, le=1, source="assumed")
    """Purchases are not cut below this."""

    programme_cap: float = param(
        0.08, unit="share of receipts", ge=0, le=1, source="assumed; model specification"
    )
    """Programme outlays above this are cut pro rata."""

    debt_limit: float = param(
        4.0,
        unit="quarters of receipts",
        ge=0,
        le=40,
        source="assumed one year; model specification",
    )
    """Debt at which programmes stop."""


def planned_purchases(receipts: Array, balance: Array, cfg: BudgetsConfig) -> Array:
    """Purchases of a government in this quarter [100m CNY / quarter]."""
    wanted = receipts + cfg.balance_spent * balance
    return np.maximum(wanted, cfg.least_spending * np.maximum(receipts, 0.0))


def next_debt(debt: Array, deficit: Array, interest: float, growth: float) -> Array:
    """Debt over income after a period, d' = d (1 + r) / (1 + g) + deficit.

    debt      over the income of the period before;  deficit before interest, over that of this one
    interest  r and growth of income g, per period
    returns   at rest deficit (1 + g) / (g - r), if g > r
    """
    return np.asarray(debt * (1 + interest) / (1 + growth) + deficit)


def plan(world: World, cfg: BudgetsConfig) -> None:
    """Purchases of provinces and zones; services for what levers have booked by now, for links."""
    order_programme(world, world.provinces["cost"].sum(axis=1), "services")
    balance = world.ledger.balance
    world.provinces["government"] = planned_purchases(
        world.provinces["receipts"], balance[world.accounts.province], cfg
    )
    world.zones["government"] = np.where(
        world.zones["active"],
        planned_purchases(world.zones["receipts"], balance[world.accounts.zone], cfg),
        0.0,
    )


def order_programme(world: World, amount: Array, basket: str) -> None:
    """Provinces order `amount` (province,) [100m CNY / quarter] and pay next quarter."""
    world.provinces["programme_next"] += amount
    world.place_order(np.arange(world.provinces.n), amount, basket)


def programme_room(world: World, cfg: BudgetsConfig) -> Array:
    """Largest programme outlay of the government of each place [100m CNY / quarter]."""
    receipts = np.concatenate([world.provinces["receipts"], world.zones["receipts"]])
    debt = -world.ledger.balance[world.place_account]
    room = cfg.programme_cap * np.maximum(receipts, 0.0)
    return np.where(debt < cfg.debt_limit * receipts, room, 0.0)


def pro_rata(claims: Array, room: Array) -> Array:
    """Share of each claim that is paid: all of it, or what keeps the sum within `room`."""
    return np.where(claims > room, room / np.where(claims > 0, claims, 1.0), 1.0)


def pay_transfers(world: World, central_receipts: float) -> None:
    """The centre passes last quarter's receipts on to the provinces."""
    amount = world.provinces["transfer_share"] * central_receipts * world.clock.dt
    world.ledger.pay(CENTRE, world.accounts.province, amount, "transfer")
