r"""Payments of the quarter for production, income, taxes and final demand.

Buyers pay into the goods account and sellers are paid out of it; wages go through the labour
account, compute through the scheduler's. All three are empty after the quarter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.mechanisms.budgets import BudgetsConfig
from sim.state.ledger import CENTRE, GOODS, LABOUR, ROW, SCHEDULER
from sim.state.world import World

Array = np.ndarray


@dataclass(frozen=True)
class FirmAccounts:
    """Flows of each firm agent (all its firms together) [100m CNY / quarter], shape (firms,)."""

    sales: Array
    materials: Array
    labour: Array
    compute: Array
    rd_wages: Array
    rd_materials: Array
    fees: Array
    vat: Array
    surplus: Array
    profit: Array
    profit_tax: Array
    payout: Array


def pay_production(world: World, flows: FirmAccounts) -> None:
    """Sales, materials, wages, compute, R&D, investment and last quarter's orders."""
    firms, ledger, dt = world.firms, world.ledger, world.clock.dt
    account, weight = firms["account"], firms["weight"]
    ledger.pay(GOODS, account, flows.sales * dt, "sales")
    ledger.pay(account, GOODS, flows.materials * dt, "materials")
    ledger.pay(account, LABOUR, flows.labour * dt, "wages")
    ledger.pay(account, SCHEDULER, flows.compute * dt, "compute")
    ledger.pay(account, LABOUR, flows.rd_wages * dt, "rd_wages")
    ledger.pay(account, GOODS, flows.rd_materials * dt, "rd_materials")
    ledger.pay(account, GOODS, firms["investment"] * weight * dt, "investment")
    payer = world.place_account[firms["place"]]
    ledger.pay(payer, account, firms["subsidy_due"] * weight * dt, "subsidy")
    ledger.pay(account, GOODS, firms["order"] * weight * dt, "orders")


def units_at_work(world: World) -> tuple[Array, Array]:
    """Labour services that earn a wage [efficiency units].

    returns  (province, labour type) of households, and (talents,) of each talent agent
    """
    provinces, talents = world.provinces, world.talents
    units = provinces["immobile"] * (1 - provinces["unemployment"][:, :1])
    units[:, 0] += provinces["employed"]
    at_work = talents["alive"] & talents["employed"]
    return units, np.where(at_work, talents["weight"] * talents["human_capital"], 0.0)


def pay_wages(world: World, income_tax: float) -> None:
    """Wages reach households and talents; income tax goes to the province."""
    provinces, talents, ledger = world.provinces, world.talents, world.ledger
    dt, house = world.clock.dt, world.accounts.household
    rate = provinces["wage_bill"] / provinces["labour"]
    units, services = units_at_work(world)
    wages = (rate * units).sum(axis=1) * dt
    mine = services * dt * rate[talents["province"], np.minimum(talents["type"], 2)]
    ledger.pay(LABOUR, house, wages, "wages")
    ledger.pay(LABOUR, talents["account"], mine, "wages")
    government = world.accounts.province
    ledger.pay(house, government, income_tax * wages, "income_tax")
    ledger.pay(talents["account"], government[talents["province"]], income_tax * mine, "income_tax")


def pay_taxes(world: World, flows: FirmAccounts, cfg: BudgetsConfig) -> None:
    """Value-added and profit tax, shared between the centre and the government of the place.

    Charges on inputs (fees, tariffs) go to that government.
    """
    ledger, dt, account = world.ledger, world.clock.dt, world.firms["account"]
    local = world.place_account[world.firms["place"]]
    for kind, tax, central in (
        ("vat", flows.vat, cfg.central_vat),
        ("profit_tax", flows.profit_tax, cfg.central_profit_tax),
    ):
        ledger.pay(account, CENTRE, central * tax * dt, kind)
        ledger.pay(account, local, (1 - central) * tax * dt, kind)
    if flows.fees.any():
        ledger.pay(account, local, flows.fees * dt, "input_fees")


def pay_dividends(world: World, flows: FirmAccounts, home_share: float) -> Array:
    """Payout by owner; returns what households of each province got [100m CNY / quarter].

    home_share  part of private dividends that stays in the firm's province
    """
    firms, ledger, dt = world.firms, world.ledger, world.clock.dt
    account, province, owner = firms["account"], firms["province"], firms["owner"]
    house = world.accounts.household
    private, state, foreign = (np.where(owner == code, flows.payout, 0.0) for code in range(3))
    home = home_share * private
    ledger.pay(account, house[province], home * dt, "dividends")
    deposits = np.maximum(ledger.balance[house], 0.0)
    share = deposits / deposits.sum() if deposits.sum() > 0 else np.full(len(house), 1 / len(house))
    pool = (private - home).sum() * share
    ledger.pay(account, GOODS, (private - home) * dt, "dividend_pool")
    ledger.pay(GOODS, house, pool * dt, "dividend_pool")
    ledger.pay(account, world.accounts.province[province], 0.5 * state * dt, "dividends")
    ledger.pay(account, CENTRE, 0.5 * state * dt, "dividends")
    ledger.pay(account, ROW, foreign * dt, "repatriated_profit")
    return np.bincount(province, home, minlength=len(house)) + pool


def pay_final_demand(
    world: World,
    propensity: float,
    deposit_share: float,
    income_tax: float,
    deposits: Array,
    talent_deposits: Array,
) -> None:
    """Households, governments and the rest of the world pay for what they buy.

    deposits, talent_deposits  balances before the market, as consumption was decided
    """
    provinces, talents, ledger = world.provinces, world.talents, world.ledger
    dt, accounts = world.clock.dt, world.accounts
    rate = provinces["wage_bill"] / provinces["labour"] * (1 - income_tax)
    units, services = units_at_work(world)
    wage = services * rate[talents["province"], np.minimum(talents["type"], 2)]
    mine = propensity * wage + deposit_share * talent_deposits
    ledger.pay(talents["account"], GOODS, mine * dt, "consumption")
    general = propensity * ((rate * units).sum(axis=1) + provinces["household_income"])
    ledger.pay(accounts.household, GOODS, (general + deposit_share * deposits) * dt, "consumption")
    ledger.pay(accounts.province, GOODS, provinces["government"] * dt, "government")
    ledger.pay(accounts.province, GOODS, provinces["programme_order"] * dt, "programmes")
    ledger.pay(accounts.zone, GOODS, world.zones["government"] * dt, "government")
    ledger.pay(ROW, GOODS, provinces["exports"].sum() * dt, "exports")
    ledger.pay(GOODS, ROW, provinces["imports"].sum() * dt, "imports")


def pay_hubs(world: World) -> Array:
    """Compute revenue, its costs, and rents; returns what households of each province got."""
    provinces, ledger, dt, accounts = world.provinces, world.ledger, world.clock.dt, world.accounts
    hub, house = accounts.hub, accounts.household
    ledger.pay(SCHEDULER, hub, provinces["compute_revenue"] * dt, "compute")
    for column in ("compute_power", "compute_wear", "compute_delivery"):
        ledger.pay(hub, GOODS, provinces[column] * dt, "hub_inputs")
    ledger.pay(hub, CENTRE, provinces["compute_fee"] * dt, "network_fee")
    rent = provinces["compute_rent"]
    ledger.pay(hub, accounts.province, 0.5 * rent * dt, "hub_rent")
    ledger.pay(hub, house, 0.5 * rent * dt, "hub_rent")
    ledger.pay(house, GOODS, provinces["hub_order"] * dt, "hub_investment")
    ledger.pay(CENTRE, GOODS, provinces["central_order"] * dt, "central_orders")
    return 0.5 * rent


def pay_refunds(world: World) -> None:
    """The centre pays local governments back what its levers cost them last quarter."""
    dt = world.clock.dt
    for table, account in (
        (world.provinces, world.accounts.province),
        (world.zones, world.accounts.zone),
    ):
        world.ledger.pay(CENTRE, account, table["reimbursed"] * dt, "refund")
