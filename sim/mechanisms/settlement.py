r"""Settlement: every payment of the quarter goes through the ledger.

Value-added tax t / (1 + t) of value added comes out of the surplus; a share of after-tax profit
and the money above a cash target are paid out. The single payments stand in `payments`.
"""

from __future__ import annotations

import numpy as np

from sim.config.base import Config, param
from sim.mechanisms import settlement_columns
from sim.mechanisms.budgets import BudgetsConfig, pay_transfers, pro_rata, programme_room
from sim.mechanisms.investment import InvestmentConfig
from sim.mechanisms.payments import (
    FirmAccounts,
    pay_dividends,
    pay_final_demand,
    pay_hubs,
    pay_production,
    pay_refunds,
    pay_taxes,
    pay_wages,
)
from sim.state.ledger import BANK, CENTRE, ROW
from sim.state.world import World

Array = np.ndarray

READS = settlement_columns.READS
WRITES = settlement_columns.WRITES

RD_WAGES = 0.6
"""Share of R&D spending that is wages of engineers and science staff; the rest is materials."""


class SettlementConfig(Config):
    """Who gets profits, and what money costs."""

    payout: float = param(
        0.5, unit="share of after-tax profit", ge=0, le=1, source="assumed; model specification"
    )
    """Dividends."""

    cash_target: float = param(0.5, unit="quarterly revenue", ge=0, le=8, source="assumed")
    """Money a firm keeps; what it holds beyond is paid out too, at a rate of one per quarter."""

    home_dividends: float = param(
        0.7, unit="share", ge=0, le=1, source="assumed; model specification"
    )
    """Private dividends that stay with households of the firm's province."""

    deposit_interest: float = param(
        0.005, unit="1 / quarter", ge=0, le=0.05, source="assumed; model specification"
    )
    """Interest on deposits."""

    loan_interest: float = param(
        0.0125, unit="1 / quarter", ge=0, le=0.05, source="assumed; model specification"
    )
    """Interest on loans."""


def firm_accounts(
    world: World, cfg: SettlementConfig, budgets: BudgetsConfig, investment: InvestmentConfig
) -> FirmAccounts:
    """Profit and loss of each firm from its revenue and plans."""
    firms, tech = world.firms, world.tech
    industry, stage, weight = firms["industry"], firms["stage"], firms["weight"]
    markup = tech.markup[industry]
    sales = np.where(firms["alive"], firms["revenue"] * weight, 0.0)
    kept = world.kept(firms["place"], industry)
    materials = sales * tech.materials[industry] / markup * kept
    labour = sales * tech.labour[industry, stage] / markup * kept
    compute = sales * tech.compute[industry, stage] / markup * kept
    fees = sales * (1 - tech.capital[industry]) / markup * (1 - kept)
    research = np.where(firms["alive"], firms["rd_spending"] * weight, 0.0)
    home = 1 - world.places["export_share"][firms["place"], industry]
    rate = world.vat[industry]
    vat = rate / (1 + rate) * (sales - materials - compute) * home
    price = world.provinces["investment_price"][firms["province"]]
    wear = investment.depreciation * firms["capital"] * weight * price
    balance = np.where(firms["alive"], world.ledger.balance[firms["account"]], 0.0)
    surplus = sales - materials - labour - compute - fees - vat
    profit = surplus - research - wear + interest_on(balance, cfg)
    tax = budgets.profit_tax * np.maximum(profit, 0.0)
    excess = np.maximum(0.0, balance - cfg.cash_target * firms["revenue"] * weight)
    # a founder's money is still to be spent on capital
    excess = np.where(firms["revenue"] > 0, excess, 0.0)
    return FirmAccounts(
        sales=sales,
        materials=materials,
        labour=labour,
        compute=compute,
        rd_wages=RD_WAGES * research,
        rd_materials=(1 - RD_WAGES) * research,
        fees=fees,
        vat=vat,
        surplus=surplus,
        profit=profit,
        profit_tax=tax,
        payout=cfg.payout * np.maximum(profit - tax, 0.0) + excess,
    )


def interest_on(balance: Array, cfg: SettlementConfig) -> Array:
    """Interest per quarter: received on deposits, paid (negative) on loans."""
    return np.where(balance > 0, cfg.deposit_interest, cfg.loan_interest) * balance


def pay_interest(world: World, cfg: SettlementConfig) -> Array:
    """The bank pays and collects interest; its profit, of either sign, is the centre's.

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


def liquidate(world: World, budgets: BudgetsConfig) -> None:
    """Money of closed firms: what is left goes to the owners, debts are the bank's loss.

    The government of the place makes good the guaranteed part of a debt, as far as its programme
    budget goes.
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
    room = programme_room(world, budgets) * world.clock.dt
    claims = np.bincount(place, guaranteed, minlength=world.places.n)
    guaranteed = guaranteed * pro_rata(claims, room)[place]
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
    income = income + pay_dividends(world, flows, cfg.home_dividends) + pay_hubs(world)
    pay_transfers(world, central_receipts)
    liquidate(world, budgets)
    world.provinces["household_income"] = income
    firms["profit"] = flows.profit / firms["weight"]
    firms["surplus"] = flows.surplus / firms["weight"]
    firms["loss_quarters"] = np.where(flows.profit < 0, firms["loss_quarters"] + dt, 0.0)
    firms["order"] = 0.0
    firms["subsidy_due"] = 0.0
    # refunds of lever costs are no income: they are not spent again
    received = ledger.received / dt
    pay_refunds(world)
    world.provinces["receipts"] = received[world.accounts.province]
    world.zones["receipts"] = received[world.accounts.zone]
    return float(received[CENTRE])
