"""Settlement where amounts are small: losses, debts and estates below one [100m CNY]."""

import numpy as np
import pytest

from sim.mechanisms import settlement
from sim.mechanisms.budgets import BudgetsConfig
from sim.mechanisms.investment import InvestmentConfig
from sim.mechanisms.settlement import SettlementConfig, firm_accounts

CONFIG, BUDGETS, CAPITAL = SettlementConfig(payout=0.5), BudgetsConfig(), InvestmentConfig()


@pytest.fixture
def quarter(world):
    """A world whose ledger has forgotten the flows of the last quarter."""
    settlement.liquidate(world, BUDGETS)
    world.ledger.start_quarter()
    return world


def test_nothing_is_paid_out_of_a_small_loss(quarter):
    firms = quarter.firms
    quarter.ledger.balance[firms["account"]] = 0.0
    firms["weight"][:] *= 1e-6
    flows = firm_accounts(quarter, CONFIG, BUDGETS, CAPITAL)
    assert -1 < flows.profit.min() < 0
    expected = 0.5 * np.maximum(flows.profit - flows.profit_tax, 0.0)
    assert flows.payout == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("tax", [-0.2, 1.5])
def test_fees_of_inputs_that_are_charged_more_than_they_cost_or_paid_for(quarter, tax):
    tech, industry = quarter.tech, quarter.firms["industry"]
    quarter.places["wedge_tax"][:] = tax
    flows = firm_accounts(quarter, CONFIG, BUDGETS, CAPITAL)
    variable = flows.sales * ((1 - tech.capital) / tech.markup)[industry]
    assert flows.fees == pytest.approx(variable * tax / (1 + tax), rel=1e-12)


def test_a_guarantee_is_for_debts_however_small(quarter):
    """Two firms close: one owes .5, of which .4 are guaranteed, one leaves .25."""
    firms, ledger, dt = quarter.firms, quarter.ledger, 0.5
    quarter.clock.dt = dt
    quarter.places["guarantee"][:] = 0.8
    quarter.provinces["cost"], quarter.zones["cost"] = 0.0, 0.0
    quarter.provinces["receipts"] = quarter.zones["receipts"] = 1e5
    ledger.balance[quarter.place_account] = 10.0
    rows = np.flatnonzero(firms["alive"])[:2]
    firms["alive"][rows] = False
    ledger.balance[firms["account"][rows]] = [-0.5, 0.25]
    settlement.liquidate(quarter, BUDGETS)
    assert not ledger.balance[firms["account"][rows]].any()
    assert ledger.spent[quarter.place_account].sum() == pytest.approx(0.4, rel=1e-12)
    costs = quarter.provinces["cost"].sum() + quarter.zones["cost"].sum()
    assert costs == pytest.approx(0.4 / dt, rel=1e-12)


def test_what_was_due_is_paid_once(quarter):
    firms = quarter.firms
    for name in ("order", "subsidy_due"):
        firms[name][:] = 0.3
    settlement.apply(quarter, CONFIG, BUDGETS, CAPITAL, 0.5, 0.1, 100.0)
    assert not firms["order"].any()
    assert not firms["subsidy_due"].any()
