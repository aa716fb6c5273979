import dataclasses

import numpy as np
import pytest

from sim.mechanisms import payments, settlement
from sim.mechanisms.budgets import BudgetsConfig
from sim.mechanisms.investment import InvestmentConfig
from sim.mechanisms.settlement import SettlementConfig, firm_accounts, interest_on
from sim.state.ledger import BANK, CENTRE, GOODS, LABOUR, ROW, SCHEDULER

CONFIG = SettlementConfig(payout=0.5, cash_target=0.5, deposit_interest=0.005, loan_interest=0.0125)
BUDGETS = BudgetsConfig(
    profit_tax=0.25, central_vat=0.5, central_profit_tax=0.6, programme_cap=0.08
)
CAPITAL = InvestmentConfig(depreciation=0.025)


def accounts_of(world):
    return firm_accounts(world, CONFIG, BUDGETS, CAPITAL)


@pytest.fixture
def quarter(world):
    """A world whose ledger has forgotten the flows of the last quarter."""
    world.ledger.start_quarter()
    return world


def test_interest_is_received_on_deposits_and_paid_on_loans():
    assert interest_on(np.array([200.0, 0.0, -200.0]), CONFIG).tolist() == [1.0, 0.0, -2.5]


def test_sales_less_inputs_are_the_gross_surplus(world):
    flows, industry = accounts_of(world), world.firms["industry"]
    surplus = flows.sales - flows.materials - flows.labour - flows.compute
    assert (flows.sales > 0).sum() > 300
    assert surplus == pytest.approx(flows.sales * world.tech.gross_surplus[industry], rel=1e-12)


def test_profit_is_what_is_left_of_sales(world):
    flows, firms = accounts_of(world), world.firms
    price = world.provinces["investment_price"][firms["province"]]
    wear = 0.025 * firms["capital"] * firms["weight"] * price
    balance = np.where(firms["alive"], world.ledger.balance[firms["account"]], 0.0)
    costs = flows.materials + flows.labour + flows.compute + flows.rd_wages + flows.rd_materials
    expected = flows.sales - costs - flows.vat - wear + interest_on(balance, CONFIG)
    assert flows.profit == pytest.approx(expected, rel=1e-11, abs=1e-9)
    research = np.where(firms["alive"], firms["rd_spending"] * firms["weight"], 0.0)
    assert flows.rd_wages + flows.rd_materials == pytest.approx(research, rel=1e-13)


def test_value_added_tax_spares_exports(world):
    firms, row = world.firms, int(np.flatnonzero(world.firms["revenue"] > 0)[0])
    place, industry = firms["place"][row], firms["industry"][row]
    world.places["export_share"][place, industry] = 0.25
    flows = accounts_of(world)
    made = (flows.sales - flows.materials - flows.compute)[row]
    rate = world.vat[industry]
    assert flows.vat[row] == pytest.approx(0.75 * made * rate / (1 + rate), rel=1e-13)
    world.places["export_share"][place, industry] = 1.0
    assert accounts_of(world).vat[row] == 0


def test_payout_and_tax_follow_profit(world):
    flows, firms = accounts_of(world), world.firms
    assert flows.profit_tax == pytest.approx(0.25 * np.maximum(flows.profit, 0), rel=1e-14)
    assert (flows.profit < 0).any()
    balance = world.ledger.balance[firms["account"]]
    target = 0.5 * firms["revenue"] * firms["weight"]
    selling = firms["alive"] & (firms["revenue"] > 0)
    expected = 0.5 * np.maximum(flows.profit - flows.profit_tax, 0)
    expected = expected + np.maximum(balance - target, 0)
    assert flows.payout[selling] == pytest.approx(expected[selling], rel=1e-13)
    # Founders have not bought their capital yet and keep their money.
    founders = firms["alive"] & (firms["revenue"] == 0)
    assert (balance[founders] > 0).any()
    assert (flows.payout[founders] <= 0.5 * np.maximum(flows.profit, 0)[founders]).all()


def test_the_dead_have_no_flows(world):
    gone, flows = ~world.firms["alive"], accounts_of(world)
    assert gone.any()
    for field in dataclasses.fields(flows):
        assert not getattr(flows, field.name)[gone].any(), field.name


def test_the_bank_keeps_nothing_of_the_interest(quarter):
    before = quarter.ledger.balance.copy()
    income = settlement.pay_interest(quarter, CONFIG)
    ledger, house = quarter.ledger, quarter.accounts.household
    assert ledger.balance[BANK] == pytest.approx(before[BANK], abs=1e-8)
    assert ledger.balance.sum() == pytest.approx(before.sum(), abs=1e-6)
    expected = interest_on(before[house], CONFIG)
    assert income == pytest.approx(expected, rel=1e-14)
    assert ledger.balance[house] - before[house] == pytest.approx(expected, rel=1e-9)
    assert ledger.moved("bank_profit", "bank", "centre") == pytest.approx(
        -sum(
            ledger.moved("interest", "bank", name)
            for name in ("province", "zone", "household", "hub", "firm", "talent")
        ),
        rel=1e-12,
    )


def payout_of(world, owner, amount=10.0):
    """Flows in which one firm of an owner pays out, and its row."""
    firms = world.firms
    row = int(np.flatnonzero(firms["alive"] & (firms["owner"] == owner))[0])
    payout = np.zeros(firms.n)
    payout[row] = amount
    return dataclasses.replace(accounts_of(world), payout=payout), row


def test_private_dividends_stay_and_spread(quarter):
    flows, row = payout_of(quarter, owner=0)
    ledger, house = quarter.ledger, quarter.accounts.household
    deposits = ledger.balance[house].copy()
    assert (deposits > 0).all()
    got = payments.pay_dividends(quarter, flows, 0.7)
    home = quarter.firms["province"][row]
    after_home = deposits + 7.0 * (np.arange(6) == home)
    expected = 7.0 * (np.arange(6) == home) + 3.0 * after_home / after_home.sum()
    assert got == pytest.approx(expected, rel=1e-12)
    assert ledger.balance[house] - deposits == pytest.approx(expected, abs=1e-8)
    assert ledger.spent[quarter.firms["account"][row]] == pytest.approx(10, rel=1e-14)
    assert ledger.received[GOODS] == pytest.approx(ledger.spent[GOODS], rel=1e-12)


def test_state_and_foreign_dividends(quarter):
    flows, row = payout_of(quarter, owner=1)
    assert not payments.pay_dividends(quarter, flows, 0.7).any()
    ledger, home = quarter.ledger, quarter.firms["province"][row]
    assert ledger.received[quarter.accounts.province[home]] == 5
    assert ledger.received[CENTRE] == 5
    flows, _ = payout_of(quarter, owner=2)
    payments.pay_dividends(quarter, flows, 0.7)
    assert ledger.received[ROW] == 10
    assert ledger.moved("repatriated_profit", "firm", "row") == 10


def test_wages_reach_everyone_at_work(quarter):
    payments.pay_wages(quarter, 0.1)
    provinces, ledger = quarter.provinces, quarter.ledger
    bill = provinces["wage_bill"].sum() * quarter.clock.dt
    # The labour services counted at matching are those that are paid (people have moved since).
    talents = quarter.talents
    paid = ledger.spent[LABOUR]
    assert paid == pytest.approx(bill, rel=0.05)
    tax = sum(ledger.moved("income_tax", who, "province") for who in ("household", "talent"))
    assert tax == pytest.approx(0.1 * paid, rel=1e-12)
    idle = talents["account"][talents["alive"] & ~talents["employed"]]
    assert idle.size
    assert not ledger.received[idle].any()
    row = int(np.flatnonzero(talents["alive"] & talents["employed"])[0])
    place, kind = talents["province"][row], min(talents["type"][row], 2)
    rate = provinces["wage_bill"][place, kind] / provinces["labour"][place, kind]
    assert ledger.received[talents["account"][row]] == pytest.approx(
        rate * talents["weight"][row] * talents["human_capital"][row], rel=1e-13
    )


def test_taxes_are_shared_with_the_government_of_the_place(quarter):
    flows = accounts_of(quarter)
    payments.pay_taxes(quarter, flows, BUDGETS)
    ledger, dt = quarter.ledger, quarter.clock.dt
    assert ledger.received[CENTRE] == pytest.approx(
        dt * (0.5 * flows.vat.sum() + 0.6 * flows.profit_tax.sum()), rel=1e-12
    )
    tax = 0.5 * flows.vat + 0.4 * flows.profit_tax
    inside = quarter.places["zone"][quarter.firms["place"]] >= 0
    assert inside[quarter.firms["alive"]].any()
    for accounts, mine in ((quarter.accounts.zone, inside), (quarter.accounts.province, ~inside)):
        assert ledger.received[accounts].sum() == pytest.approx(dt * tax[mine].sum(), rel=1e-12)


@pytest.mark.parametrize("owner", [0, 1, 2])
def test_what_a_closed_firm_leaves_goes_to_its_owner(quarter, owner):
    firms, ledger = quarter.firms, quarter.ledger
    settlement.liquidate(quarter, BUDGETS)
    ledger.start_quarter()
    row = int(np.flatnonzero(firms["alive"] & (firms["owner"] == owner))[0])
    firms["alive"][row] = False
    account, home = firms["account"][row], firms["province"][row]
    ledger.balance[account] = 40.0
    settlement.liquidate(quarter, BUDGETS)
    target = [quarter.accounts.household[home], quarter.accounts.province[home], ROW][owner]
    assert ledger.received[target] == pytest.approx(40, rel=1e-12)
    assert ledger.balance[account] == 0


@pytest.mark.parametrize(("receipts", "paid"), [(1e5, 40.0), (200.0, 16.0), (0.0, 0.0)])
def test_debts_of_a_closed_firm_are_lost_by_bank_and_guarantor(quarter, receipts, paid):
    """A guarantee of 80 % is honoured within the programme budget, 8 % of receipts."""
    firms, ledger = quarter.firms, quarter.ledger
    settlement.liquidate(quarter, BUDGETS)
    ledger.start_quarter()
    quarter.provinces["cost"], quarter.zones["cost"] = 0.0, 0.0
    row = int(np.flatnonzero(firms["alive"] & ~firms["large"])[0])
    place, home = firms["place"][row], firms["province"][row]
    assert place == home
    quarter.places["guarantee"][place, 0] = 0.8
    quarter.provinces["receipts"][home] = receipts
    ledger.balance[quarter.accounts.province[home]] = 10.0
    firms["alive"][row] = False
    ledger.balance[firms["account"][row]] = -50.0
    equity = ledger.balance[BANK]
    settlement.liquidate(quarter, BUDGETS)
    assert ledger.balance[firms["account"][row]] == 0
    assert ledger.balance[BANK] - equity == pytest.approx(paid - 50, rel=1e-9)
    assert ledger.spent[quarter.accounts.province[home]] == pytest.approx(paid, rel=1e-14)
    assert quarter.provinces["cost"].sum() == pytest.approx(paid / quarter.clock.dt, rel=1e-14)


def test_clearing_accounts_are_empty_after_a_quarter(grown):
    ledger, flows = grown.world.ledger, grown.world.ledger.received
    for account in (GOODS, LABOUR, SCHEDULER):
        assert flows[account] > 0
        assert ledger.balance[account] == pytest.approx(0, abs=1e-9 * flows[account] * 20)


def test_receipts_are_what_governments_received(grown):
    world = grown.world
    for table, rows in (("provinces", world.accounts.province), ("zones", world.accounts.zone)):
        receipts = getattr(world, table)["receipts"]
        assert (receipts >= 0).all()
        assert receipts.sum() > 0
        assert receipts == pytest.approx(world.ledger.received[rows] / world.clock.dt, rel=1e-12)


def test_a_granted_subsidy_is_paid_by_the_government_of_the_place(quarter):
    firms, ledger = quarter.firms, quarter.ledger
    row = int(np.flatnonzero(firms["alive"])[0])
    firms["subsidy_due"][:] = 0.0
    firms["subsidy_due"][row] = 0.7
    payments.pay_production(quarter, accounts_of(quarter))
    paid = 0.7 * firms["weight"][row] * quarter.clock.dt
    sector = "zone" if quarter.places["zone"][firms["place"][row]] >= 0 else "province"
    assert ledger.moved("subsidy", sector, "firm") == pytest.approx(paid, rel=1e-14)
    assert ledger.flows["subsidy"].sum() == pytest.approx(paid, rel=1e-14)
