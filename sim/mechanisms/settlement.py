r"""Settlement: every payment of the quarter goes through the ledger.

Buyers pay into the goods account and sellers are paid out of it; wages go through the labour
account. Both are empty afterwards. Value-added tax t / (1 + t) of value added comes out of the
surplus; half of after-tax profit is paid out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.config.base import Config, param
from sim.mechanisms.budgets import BudgetsConfig, pay_transfers
from sim.mechanisms.investment import InvestmentConfig
from sim.state.ledger import BANK, CENTRE, GOODS, LABOUR, ROW, SCHEDULER
from sim.state.world import World

Array = np.ndarray

RD_WAGES = 0.6
"""Share of R&D spending that is wages of engineers and science staff; the rest is materials."""


class SettlementConfig(Config):
    """Who gets profits, and what money costs."""

    payout: float = param(0.5, unit="share of after-tax profit", ge=0, le=1, source="MODEL base")
    """Dividends."""

    cash_target: float = param(0.5, unit="quarterly revenue", ge=0, le=8, source="assumed")
    """Money a firm keeps; what it holds beyond is paid out as well, at a rate of one per quarter."""

    home_dividends: float = param(0.7, unit="share", ge=0, le=1, source="MODEL base")
    """Private dividends that stay with households of the firm's province."""

    deposit_interest: float = param(0.005, unit="1 / quarter", ge=0, le=0.05, source="MODEL base")
    """Interest on deposits."""

    loan_interest: float = param(0.0125, unit="1 / quarter", ge=0, le=0.05, source="MODEL base")
    """Interest on loans."""


@dataclass(frozen=True)
class FirmAccounts:
    """Flows of each firm agent (all its firms together) [100m CNY / quarter], shape (firms,)."""

    sales: Array
    materials: Array
    labour: Array
    compute: Array
    research: Array
    vat: Array
    profit: Array
    profit_tax: Array
    payout: Array


def firm_accounts(
    world: World, cfg: SettlementConfig, budgets: BudgetsConfig, investment: InvestmentConfig
) -> FirmAccounts:
    """Profit and loss of each firm from its revenue and plans."""
    firms, tech = world.firms, world.tech
    industry, stage, weight = firms["industry"], firms["stage"], firms["weight"]
    markup = tech.markup[industry]
    sales = np.where(firms["alive"], firms["revenue"] * weight, 0.0)
    materials = sales * tech.materials[industry] / markup
    labour = sales * tech.labour[industry, stage] / markup
    compute = sales * tech.compute[industry, stage] / markup
    research = np.where(firms["alive"], firms["rd_spending"] * weight, 0.0)
    home = 1 - world.places["export_share"][firms["place"], industry]
    rate = world.vat[industry]
    vat = rate / (1 + rate) * (sales - materials - compute) * home
    price = world.provinces["investment_price"][firms["province"]]
    wear = investment.depreciation * firms["capital"] * weight * price
    balance = np.where(firms["alive"], world.ledger.balance[firms["account"]], 0.0)
    interest = interest_on(balance, cfg)
    profit = sales - materials - labour - compute - research - vat - wear + interest
    tax = budgets.profit_tax * np.maximum(profit, 0.0)
    excess = np.maximum(0.0, balance - cfg.cash_target * firms["revenue"] * weight)
    # a founder's money is still to be spent on capital
    excess = np.where(firms["revenue"] > 0, excess, 0.0)
    payout = cfg.payout * np.maximum(profit - tax, 0.0) + excess
    return FirmAccounts(sales, materials, labour, compute, research, vat, profit, tax, payout)


def interest_on(balance: Array, cfg: SettlementConfig) -> Array:
    """Interest per quarter: received on deposits, paid (negative) on loans."""
    return np.where(balance > 0, cfg.deposit_interest, cfg.loan_interest) * balance


def pay_production(world: World, flows: FirmAccounts) -> None:
    """Sales, materials, wages, compute, R&D, investment and last quarter's orders."""
    firms, ledger, dt = world.firms, world.ledger, world.clock.dt
    account, weight = firms["account"], firms["weight"]
    ledger.pay(GOODS, account, flows.sales * dt, "sales")
    ledger.pay(account, GOODS, flows.materials * dt, "materials")
    ledger.pay(account, LABOUR, flows.labour * dt, "wages")
    ledger.pay(account, SCHEDULER, flows.compute * dt, "compute")
    ledger.pay(account, LABOUR, RD_WAGES * flows.research * dt, "rd_wages")
    ledger.pay(account, GOODS, (1 - RD_WAGES) * flows.research * dt, "rd_materials")
    ledger.pay(account, GOODS, firms["investment"] * weight * dt, "investment")
    payer = world.place_account[firms["place"]]
    ledger.pay(payer, account, firms["subsidy_due"] * weight * dt, "subsidy")
    ledger.pay(account, GOODS, firms["order"] * weight * dt, "orders")


def pay_wages(world: World, income_tax: float) -> None:
    """Wages reach households and talents; income tax goes to the province."""
    provinces, talents, ledger = world.provinces, world.talents, world.ledger
    dt, house = world.clock.dt, world.accounts.household
    rate = provinces["wage_bill"] / provinces["labour"]
    general = 1 - provinces["unemployment"][:, 0]
    units = provinces["immobile"] * general[:, None]
    units[:, 0] += provinces["employed"]
    wages = (rate * units).sum(axis=1) * dt
    kind = np.minimum(talents["type"], 2)
    at_work = talents["alive"] & talents["employed"]
    mine = np.where(at_work, talents["weight"] * talents["human_capital"], 0.0) * dt
    mine = mine * rate[talents["province"], kind]
    ledger.pay(LABOUR, house, wages, "wages")
    ledger.pay(LABOUR, talents["account"], mine, "wages")
    government = world.accounts.province
    ledger.pay(house, government, income_tax * wages, "income_tax")
    ledger.pay(talents["account"], government[talents["province"]], income_tax * mine, "income_tax")


def pay_taxes(world: World, flows: FirmAccounts, cfg: BudgetsConfig) -> None:
    """Value-added and profit tax, shared between the centre and the government of the place."""
    ledger, dt, account = world.ledger, world.clock.dt, world.firms["account"]
    local = world.place_account[world.firms["place"]]
    for kind, tax, central in (
        ("vat", flows.vat, cfg.central_vat),
        ("profit_tax", flows.profit_tax, cfg.central_profit_tax),
    ):
        ledger.pay(account, CENTRE, central * tax * dt, kind)
        ledger.pay(account, local, (1 - central) * tax * dt, kind)


def pay_dividends(world: World, flows: FirmAccounts, cfg: SettlementConfig) -> Array:
    """Payout by owner; returns what households of each province got [100m CNY / quarter]."""
    firms, ledger, dt = world.firms, world.ledger, world.clock.dt
    account, province, owner = firms["account"], firms["province"], firms["owner"]
    house = world.accounts.household
    private, state, foreign = (np.where(owner == code, flows.payout, 0.0) for code in range(3))
    home = cfg.home_dividends * private
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


def pay_interest(world: World, cfg: SettlementConfig) -> Array:
    """The bank pays and collects interest; its profit of the quarter, of either sign, is the centre's.

    returns  (province,) interest of general households [100m CNY / quarter]
    """
    ledger, accounts, dt = world.ledger, world.accounts, world.clock.dt
    holders = np.concatenate(
        [
            accounts.province,
            accounts.zone,
            accounts.household,
            accounts.hub,
            world.firms["account"],
            world.talents["account"],
        ]
    )
    interest = interest_on(ledger.balance[holders], cfg) * dt
    ledger.pay(BANK, holders, interest, "interest")
    ledger.pay(BANK, CENTRE, -interest.sum(), "bank_profit")
    first = len(accounts.province) + len(accounts.zone)
    return interest[first : first + len(accounts.household)] / dt


def pay_final_demand(
    world: World,
    propensity: float,
    deposit_share: float,
    income_tax: float,
    deposits: Array,
    talent_deposits: Array,
) -> None:
    """Households, governments, hubs and the rest of the world pay for what they buy.

    deposits, talent_deposits  balances before the market, as consumption was decided
    """
    provinces, talents, ledger = world.provinces, world.talents, world.ledger
    dt, accounts = world.clock.dt, world.accounts
    rate = provinces["wage_bill"] / provinces["labour"] * (1 - income_tax)
    kind = np.minimum(talents["type"], 2)
    at_work = talents["alive"] & talents["employed"]
    wage = np.where(at_work, talents["weight"] * talents["human_capital"], 0.0)
    wage = wage * rate[talents["province"], kind]
    mine = propensity * wage + deposit_share * talent_deposits
    ledger.pay(talents["account"], GOODS, mine * dt, "consumption")
    units = provinces["immobile"] * (1 - provinces["unemployment"][:, :1])
    units[:, 0] += provinces["employed"]
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


def liquidate(world: World) -> None:
    """Money of closed firms: what is left goes to the owners, debts are the bank's loss.

    The government of the place makes good the guaranteed part of a debt.
    """
    firms, ledger = world.firms, world.ledger
    rows = np.flatnonzero(~firms["alive"])
    balance = ledger.balance[firms["account"][rows]]
    rows, balance = rows[balance != 0], balance[balance != 0]
    account, province, owner, place = (
        firms[name][rows] for name in ("account", "province", "owner", "place")
    )
    kind = firms["large"][rows].astype(np.int64)
    guaranteed = world.places["guarantee"][place, kind] * np.maximum(0.0, -balance)
    ledger.pay(world.place_account[place], BANK, guaranteed, "guarantee")
    spent = np.bincount(place, guaranteed, minlength=world.places.n) / world.clock.dt
    world.add_cost("sme_credit", "province", spent[: world.provinces.n])
    world.add_cost("sme_credit", "zone", spent[world.provinces.n :])
    targets = [
        world.accounts.household[province],
        world.accounts.province[province],
        np.full(rows.size, ROW),
    ]
    target = np.where(balance > 0, np.choose(owner, targets), BANK)
    ledger.pay(account, target, balance, "liquidation")


def apply(
    world: World,
    cfg: SettlementConfig,
    budgets: BudgetsConfig,
    capital: InvestmentConfig,
    propensity: float,
    deposit_share: float,
    central_receipts: float,
) -> float:
    """All payments of the quarter; returns the receipts of the centre [100m CNY / quarter]."""
    ledger, firms, dt = world.ledger, world.firms, world.clock.dt
    deposits = ledger.balance[world.accounts.household].copy()
    talents = np.where(world.talents["alive"], ledger.balance[world.talents["account"]], 0.0)
    flows = firm_accounts(world, cfg, budgets, capital)
    income = pay_interest(world, cfg)
    pay_production(world, flows)
    pay_wages(world, budgets.income_tax)
    pay_final_demand(world, propensity, deposit_share, budgets.income_tax, deposits, talents)
    pay_taxes(world, flows, budgets)
    income = income + pay_dividends(world, flows, cfg) + pay_hubs(world)
    pay_transfers(world, central_receipts)
    liquidate(world)
    world.provinces["household_income"] = income
    firms["profit"] = flows.profit / firms["weight"]
    firms["loss_quarters"] = np.where(flows.profit < 0, firms["loss_quarters"] + dt, 0.0)
    firms["order"] = 0.0
    firms["subsidy_due"] = 0.0
    received = ledger.received / dt
    world.provinces["receipts"] = received[world.accounts.province]
    world.zones["receipts"] = received[world.accounts.zone]
    return float(received[CENTRE])
