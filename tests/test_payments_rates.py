"""Payments of half a quarter at rates drawn at random, account by account."""

from dataclasses import fields

import numpy as np
import pytest

from sim.mechanisms import payments
from sim.mechanisms.budgets import BudgetsConfig
from sim.mechanisms.payments import FirmAccounts
from sim.state.ledger import CENTRE, GOODS, LABOUR, ROW, SCHEDULER

EXACT = {"rel": 1e-12, "abs": 1e-12}


@pytest.fixture
def half(world):
    """Half a quarter about to begin; the ledger has forgotten the last one."""
    world.clock.dt = 0.5
    world.ledger.start_quarter()
    return world


@pytest.fixture
def flows(world):
    """Flows of firms of which every number is drawn."""
    draw = np.random.default_rng(4)
    return FirmAccounts(*draw.uniform(1, 2, (len(fields(FirmAccounts)), world.firms.n)))


def moves(world, account):
    """What accounts received less what they spent."""
    return world.ledger.received[account] - world.ledger.spent[account]


def by(rows, values, accounts):
    """Sums of `values` by rows, one for each of the accounts."""
    return np.bincount(rows, values, minlength=len(accounts))


def test_firms_sell_and_pay_for_inputs_research_and_capital(half, flows):
    firms, draw = half.firms, np.random.default_rng(5)
    for name in ("investment", "order", "subsidy_due", "weight"):
        firms[name] = draw.uniform(1, 2, firms.n)
    payments.pay_production(half, flows)
    orders, subsidy = (
        firms["weight"] * rate
        for rate in (firms["investment"] + firms["order"], firms["subsidy_due"])
    )
    goods = flows.materials + flows.rd_materials + orders
    labour = flows.labour + flows.rd_wages
    left = flows.sales + subsidy - goods - labour - flows.compute
    assert moves(half, firms["account"]) == pytest.approx(0.5 * left, **EXACT)
    assert moves(half, GOODS) == pytest.approx(0.5 * (goods - flows.sales).sum(), **EXACT)
    assert moves(half, LABOUR) == pytest.approx(0.5 * labour.sum(), **EXACT)
    assert moves(half, SCHEDULER) == pytest.approx(0.5 * flows.compute.sum(), **EXACT)
    paid = by(firms["place"], subsidy, half.place_account)
    assert half.ledger.spent[half.place_account] == pytest.approx(0.5 * paid, **EXACT)
    moved = half.ledger.moved
    assert moved("wages", "firm", "labour") == pytest.approx(0.5 * flows.labour.sum())
    assert moved("rd_wages", "firm", "labour") == pytest.approx(0.5 * flows.rd_wages.sum())


def test_centre_and_place_share_taxes_and_the_place_has_the_fees(half, flows):
    firms = half.firms
    payments.pay_taxes(half, flows, BudgetsConfig(central_vat=0.3, central_profit_tax=0.9))
    paid = flows.vat + flows.profit_tax + flows.fees
    assert moves(half, firms["account"]) == pytest.approx(-0.5 * paid, **EXACT)
    central = 0.3 * flows.vat + 0.9 * flows.profit_tax
    assert moves(half, CENTRE) == pytest.approx(0.5 * central.sum(), **EXACT)
    local = by(firms["place"], paid - central, half.place_account)
    assert moves(half, half.place_account) == pytest.approx(0.5 * local, **EXACT)


def test_dividends_of_state_firms_are_halved_and_foreign_ones_leave(half, flows):
    firms, house = half.firms, half.accounts.household
    deposits = np.maximum(half.ledger.balance[house], 0.0)
    got = payments.pay_dividends(half, flows, 0.6)
    private, state, foreign = (np.where(firms["owner"] == k, flows.payout, 0.0) for k in range(3))
    assert min(private.sum(), state.sum(), foreign.sum()) > 0
    home = by(firms["province"], 0.6 * private, house)
    deposits += 0.5 * home  # what is left to the pool follows deposits after these
    expected = home + 0.4 * private.sum() * deposits / deposits.sum()
    assert got == pytest.approx(expected, rel=1e-9)
    assert moves(half, house) == pytest.approx(0.5 * expected, rel=1e-9)
    local = by(firms["province"], 0.5 * state, house)
    assert moves(half, half.accounts.province) == pytest.approx(0.5 * local, **EXACT)
    assert moves(half, CENTRE) == pytest.approx(0.25 * state.sum(), **EXACT)
    assert moves(half, ROW) == pytest.approx(0.5 * foreign.sum(), **EXACT)
    assert moves(half, firms["account"]) == pytest.approx(-0.5 * flows.payout, **EXACT)


@pytest.fixture
def earned(half):
    """Half a quarter; what households and talents earn, by hand, before tax."""
    provinces, talents = half.provinces, half.talents
    talents["alive"][:3], talents["employed"][:3] = [False, True, True], [True, False, True]
    rate = provinces["wage_bill"] / provinces["labour"]
    at_work = provinces["immobile"] * (1 - provinces["unemployment"][:, 0])[:, None]
    income = (rate * at_work).sum(axis=1) + rate[:, 0] * provinces["employed"]
    mine = np.zeros(talents.n)
    for row in np.flatnonzero(talents["alive"] & talents["employed"]):
        kind = {0: 0, 1: 1}.get(int(talents["type"][row]), 2)
        services = talents["weight"][row] * talents["human_capital"][row]
        mine[row] = services * rate[talents["province"][row], kind]
    assert set(talents["type"][mine > 0]) >= {1, 2}
    return half, income, mine


def test_wages_are_paid_and_taxed(earned):
    world, income, mine = earned
    payments.pay_wages(world, 0.2)
    house, accounts = world.accounts.household, world.talents["account"]
    assert moves(world, house) == pytest.approx(0.4 * income, **EXACT)
    assert moves(world, accounts) == pytest.approx(0.4 * mine, **EXACT)
    tax = income + by(world.talents["province"], mine, house)
    assert moves(world, world.accounts.province) == pytest.approx(0.1 * tax, **EXACT)
    assert moves(world, LABOUR) == pytest.approx(-0.5 * (income.sum() + mine.sum()), **EXACT)


def test_final_demand_is_paid_by_those_who_buy(earned):
    world, income, mine = earned
    provinces, zones, draw = world.provinces, world.zones, np.random.default_rng(6)
    deposits, held = draw.uniform(1, 2, 6), draw.uniform(1, 2, world.talents.n)
    for name in ("household_income", "government", "programme_order", "exports", "imports"):
        provinces[name] = draw.uniform(1, 2, 6)
    zones["government"] = draw.uniform(1, 2, zones.n)
    payments.pay_final_demand(world, 0.6, 0.1, 0.2, deposits, held)
    general = 0.6 * (0.8 * income + provinces["household_income"]) + 0.1 * deposits
    private = 0.6 * 0.8 * mine + 0.1 * held
    public = provinces["government"] + provinces["programme_order"]
    abroad = provinces["exports"].sum() - provinces["imports"].sum()
    for account, rate in (
        (world.accounts.household, general),
        (world.talents["account"], private),
        (world.accounts.province, public),
        (world.accounts.zone, zones["government"]),
        (ROW, abroad),
    ):
        assert moves(world, account) == pytest.approx(-0.5 * rate, **EXACT)
    total = general.sum() + private.sum() + public.sum() + zones["government"].sum() + abroad
    assert moves(world, GOODS) == pytest.approx(0.5 * total, **EXACT)
