"""Payments of half a quarter: rates times its length, from and to whom they belong."""

import dataclasses

import numpy as np
import pytest

from sim.mechanisms import payments, settlement
from sim.mechanisms.budgets import BudgetsConfig
from sim.mechanisms.investment import InvestmentConfig
from sim.mechanisms.settlement import SettlementConfig, firm_accounts, interest_on
from sim.state.ledger import CENTRE, GOODS, ROW

CONFIG, BUDGETS, CAPITAL = SettlementConfig(), BudgetsConfig(), InvestmentConfig()


@pytest.fixture
def half(world):
    """Half a quarter about to begin; the ledger has forgotten the last one."""
    world.clock.dt = 0.5
    world.ledger.start_quarter()
    return world


def moves(world, account):
    """What accounts received less what they spent."""
    return world.ledger.received[account] - world.ledger.spent[account]


def test_hubs_pay_their_inputs_and_share_their_rent(half):
    provinces, accounts, draw = half.provinces, half.accounts, np.random.default_rng(1)
    names = ("revenue", "power", "wear", "delivery", "fee", "rent")
    given = {name: draw.uniform(1, 2, 6) for name in names}
    for name, amount in given.items():
        provinces[f"compute_{name}"] = amount
    provinces["hub_order"], provinces["central_order"] = draw.uniform(1, 2, (2, 6))
    found = payments.pay_hubs(half)
    assert found == pytest.approx(0.5 * given["rent"], rel=1e-14)
    inputs = given["power"] + given["wear"] + given["delivery"]
    left = given["revenue"] - inputs - given["fee"] - given["rent"]
    assert moves(half, accounts.hub) == pytest.approx(0.5 * left, abs=1e-12)
    assert moves(half, accounts.province) == pytest.approx(0.25 * given["rent"], rel=1e-12)
    household = 0.5 * given["rent"] - provinces["hub_order"]
    assert moves(half, accounts.household) == pytest.approx(0.5 * household, abs=1e-12)
    centre = given["fee"].sum() - provinces["central_order"].sum()
    assert moves(half, CENTRE) == pytest.approx(0.5 * centre, abs=1e-12)
    orders = provinces["hub_order"].sum() + provinces["central_order"].sum()
    assert moves(half, GOODS) == pytest.approx(0.5 * (inputs.sum() + orders), rel=1e-12)


def test_the_centre_refunds_provinces_and_zones(half):
    half.provinces["reimbursed"] = np.arange(6.0)
    half.zones["reimbursed"] = 10.0 + np.arange(half.zones.n)
    payments.pay_refunds(half)
    assert moves(half, half.accounts.province) == pytest.approx(0.5 * np.arange(6.0))
    zones = 0.5 * (10.0 + np.arange(half.zones.n))
    assert moves(half, half.accounts.zone) == pytest.approx(zones)
    assert moves(half, CENTRE) == pytest.approx(-7.5 - zones.sum())


@pytest.mark.parametrize("deposits", ["as they are", "debts", "small"])
def test_dividends_spread_over_deposits_or_evenly(half, deposits):
    ledger, house, firms = half.ledger, half.accounts.household, half.firms
    if deposits == "debts":
        ledger.balance[house] = -1e9
    if deposits == "small":
        ledger.balance[house] = -1e9
        ledger.balance[house[:2]] = [0.1, 0.3]
    flows = firm_accounts(half, CONFIG, BUDGETS, CAPITAL)
    payout = np.zeros(firms.n)
    for owner, amount in ((0, 8.0), (1, 6.0), (2, 4.0)):
        payout[np.flatnonzero(firms["alive"] & (firms["owner"] == owner))[0]] = amount
    flows = dataclasses.replace(flows, payout=payout)
    before = ledger.balance[house].copy()
    got = payments.pay_dividends(half, flows, 0.0)
    held = np.maximum(before, 0.0)
    share = held / held.sum() if held.any() else np.full(6, 1 / 6)
    assert got == pytest.approx(8.0 * share, rel=1e-9, abs=1e-12)
    assert moves(half, house) == pytest.approx(4.0 * share, rel=1e-9, abs=1e-12)
    assert moves(half, half.accounts.province).sum() == pytest.approx(1.5)
    assert moves(half, CENTRE) == pytest.approx(1.5)
    assert moves(half, ROW) == pytest.approx(2.0)
    assert moves(half, GOODS) == pytest.approx(0.0, abs=1e-12)
    again = payments.pay_dividends(half, flows, 1.0)  # all of it stays
    home = firms["province"][np.flatnonzero(payout == 8.0)[0]]
    assert again == pytest.approx(8.0 * (np.arange(6) == home), abs=1e-12)
    expected = 4.0 * share + 4.0 * (np.arange(6) == home)
    assert moves(half, house) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_firms_and_governments_pay_for_half_a_quarter(half):
    firms, ledger = half.firms, half.ledger
    for name, rate in (("subsidy_due", 1.0), ("order", 2.0), ("investment", 3.0)):
        firms[name][:] = rate
    flows = firm_accounts(half, CONFIG, BUDGETS, CAPITAL)
    payments.pay_production(half, flows)
    weight = firms["weight"].sum()
    assert ledger.flows["subsidy"].sum() == pytest.approx(0.5 * weight)
    assert ledger.moved("orders", "firm", "goods") == pytest.approx(weight)
    assert ledger.moved("investment", "firm", "goods") == pytest.approx(1.5 * weight)
    assert ledger.moved("sales", "goods", "firm") == pytest.approx(0.5 * flows.sales.sum())
    half.zones["government"][:] = 2.0
    half.provinces["government"][:] = 3.0
    nothing = np.zeros(6), np.zeros(half.talents.n)
    payments.pay_final_demand(half, 0.5, 0.1, 0.1, *nothing)
    assert ledger.moved("government", "zone", "goods") == pytest.approx(half.zones.n)
    assert ledger.moved("government", "province", "goods") == pytest.approx(9.0)


def test_a_quarter_is_settled_and_remembered(half):
    firms, ledger, provinces = half.firms, half.ledger, half.provinces
    firms["loss_quarters"][:] = 2.0
    provinces["reimbursed"][:] = 5.0
    interest = interest_on(ledger.balance[half.accounts.household], CONFIG)
    flows = firm_accounts(half, CONFIG, BUDGETS, CAPITAL)
    assert (flows.profit < 0).any()
    centre = settlement.apply(half, CONFIG, BUDGETS, CAPITAL, 0.5, 0.1, 100.0)
    assert firms["profit"] == pytest.approx(flows.profit / firms["weight"])
    assert firms["surplus"] == pytest.approx(flows.surplus / firms["weight"])
    assert (firms["loss_quarters"] == np.where(flows.profit < 0, 2.5, 0.0)).all()
    assert not firms["order"].any()
    refunds = 0.5 * 5.0
    received = ledger.received[half.accounts.province] - refunds
    assert provinces["receipts"] == pytest.approx(received / 0.5)
    assert half.zones["receipts"] == pytest.approx(ledger.received[half.accounts.zone] / 0.5)
    assert centre == pytest.approx(ledger.received[CENTRE] / 0.5)
    kinds = (("dividends", "firm"), ("dividend_pool", "goods"), ("hub_rent", "hub"))
    income = sum(ledger.moved(kind, payer, "household") for kind, payer in kinds) / 0.5
    assert provinces["household_income"].sum() == pytest.approx(interest.sum() + income)


def test_guarantees_of_half_a_quarter_fit_its_room(half):
    firms, ledger = half.firms, half.ledger
    settlement.liquidate(half, BUDGETS)
    ledger.start_quarter()
    half.provinces["cost"][:] = half.zones["cost"][:] = 0.0
    row = int(np.flatnonzero(firms["alive"] & ~firms["large"])[0])
    place, home = firms["place"][row], firms["province"][row]
    assert place == home
    half.places["guarantee"][place] = 0.8
    half.provinces["receipts"][home] = 200.0
    ledger.balance[half.accounts.province[home]] = 10.0
    firms["alive"][row] = False
    ledger.balance[firms["account"][row]] = -50.0
    settlement.liquidate(half, BUDGETS)
    room = 0.5 * BUDGETS.programme_cap * 200.0
    assert ledger.spent[half.accounts.province[home]] == pytest.approx(room)
    assert half.provinces["cost"].sum() == pytest.approx(room / 0.5)


@pytest.mark.parametrize("small", [0.5, -0.5])
def test_small_balances_bear_interest_and_are_left_to_somebody(half, small):
    rate = CONFIG.deposit_interest if small > 0 else CONFIG.loan_interest
    assert interest_on(np.array([small]), CONFIG) == pytest.approx(rate * small)
    firms, ledger = half.firms, half.ledger
    settlement.liquidate(half, BUDGETS)
    ledger.start_quarter()
    row = int(np.flatnonzero(firms["alive"] & (firms["owner"] == 2))[0])
    firms["alive"][row] = False
    half.places["guarantee"][:] = 0.0
    ledger.balance[firms["account"][row]] = small
    settlement.liquidate(half, BUDGETS)
    assert ledger.balance[firms["account"][row]] == 0.0
    assert ledger.received[ROW] == pytest.approx(max(small, 0.0))


def test_interest_of_half_a_quarter_is_told_as_a_rate(half):
    ledger, house = half.ledger, half.accounts.household
    expected = interest_on(ledger.balance[house], CONFIG)
    assert settlement.pay_interest(half, CONFIG) == pytest.approx(expected)
    assert moves(half, house) == pytest.approx(0.5 * expected)


def test_three_fifths_of_research_are_wages(half):
    flows = firm_accounts(half, CONFIG, BUDGETS, CAPITAL)
    assert flows.rd_wages == pytest.approx(1.5 * flows.rd_materials, rel=1e-12)
    assert flows.rd_wages.sum() > 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        flows.sales = flows.profit
