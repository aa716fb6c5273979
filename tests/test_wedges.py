"""Wedges on cost: closed forms, who is paid, and what a wedge of a single firm is worth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.mechanisms import payments, production, settlement, wedges
from sim.mechanisms.budgets import BudgetsConfig
from sim.mechanisms.equilibrium import payments as input_bills
from sim.mechanisms.investment import InvestmentConfig
from sim.mechanisms.production import ProductionConfig
from sim.mechanisms.settlement import SettlementConfig
from sim.mechanisms.wedges import WedgesConfig, contract_loss, shortage_loss
from sim.model.rows import firm_rows
from tests import market_worlds

EXACT = 1e-12


def accounts_of(world):
    return settlement.firm_accounts(world, SettlementConfig(), BudgetsConfig(), InvestmentConfig())


@given(index=st.floats(0, 1), specificity=st.floats(0, 1), risk=st.floats(0, 0.3))
def test_better_courts_take_away_part_of_the_contract_risk_of_2012(index, specificity, risk):
    """(1 + kappa) (1 + c) = 1 + c (1 - DR): cost in 2012 times the wedge is the cost now."""
    loss = contract_loss(np.array([0.0, index]), np.array([specificity]), risk)
    assert loss[0, 0] == 0
    risky = risk * specificity
    assert (1 + loss[1, 0]) * (1 + risky) == pytest.approx(1 + risky * (1 - index), rel=1e-14)


def test_losses_of_a_shortage():
    loss = shortage_loss(np.array([0.0, 0.5, 0.5]), np.array([0.0, 1.0, 0.25]), 0.8)
    assert loss.tolist() == pytest.approx([0, 0, 0.3], rel=1e-14)


def test_without_charges_and_shortages_nothing_is_added(world):
    world.firms["wedge"] = 1.0
    wedges.begin(world, WedgesConfig())
    wedges.apply(world, WedgesConfig())
    assert (world.places["critical_supply"] == 1).all()
    for name in ("wedge_loss", "wedge_tax"):
        assert not world.places[name].any()
    assert not world.firms["wedge"].any()


def test_wedges_by_place_and_firm(world):
    cfg = WedgesConfig(charge=0.02, charge_in_zones=0.1, supply={"E1": 0.4}, bottleneck=0.5)
    world.places["dispute_resolution"][3] = 1.0
    wedges.begin(world, cfg)
    wedges.apply(world, cfg)
    inside, firms = world.places["zone"] >= 0, world.firms
    assert (world.places["wedge_tax"][inside] == 0.1).all()
    assert (world.places["wedge_tax"][~inside] == 0.02).all()
    risk = cfg.contract_risk * world.exposure.specificity
    assert world.places["wedge_loss"][3] == pytest.approx(1 / (1 + risk) - 1, rel=EXACT)
    assert not np.delete(world.places["wedge_loss"], 3, axis=0).any()
    short = firms["alive"] & (firms["industry"] == world.tech.codes.index("E1"))
    expected = np.where(short, 0.5 * firms["foreign_input"] * 0.6, 0.0)
    assert firms["wedge"] == pytest.approx(expected, rel=EXACT)
    assert (firms["wedge"][short] > 0).any()
    every = dict.fromkeys(world.tech.codes, 0.4)  # nothing is there in full
    wedges.begin(world, cfg.model_copy(update={"supply": every}))
    wedges.apply(world, cfg)
    expected = np.where(firms["alive"], 0.5 * firms["foreign_input"] * 0.6, 0.0)
    assert firms["wedge"] == pytest.approx(expected, rel=EXACT)


def test_supply_falls_by_the_wedge_to_its_elasticity():
    """S ~ (1 + kappa)^(-epsilon (1 - alpha_K)) at given prices, whoever gets it."""
    market = market_worlds.world(market_worlds.technology())
    ruled = market_worlds.changed(market, wedges=market_worlds.wedges(market))
    shape = (market.provinces, len(market.tech.codes))
    at = (np.ones(market.labour.shape), np.ones(shape), np.ones(shape))
    access = np.ones(market.efficiency.shape[:2])
    factor = (1 + ruled.wedges.loss) * (1 + ruled.wedges.tax)
    power = market.tech.epsilon * (1 - market.tech.capital)
    expected = market.supply(*at, access) * (factor**-power)[:, :, None]
    np.testing.assert_allclose(ruled.supply(*at, access), expected, rtol=EXACT)


def test_a_wedge_of_every_firm_of_a_cell_is_one_of_the_cell():
    """T with B (1 + kappa)^-(1 - alpha_K) against kappa_res: the same supply, sales, prices."""
    market = market_worlds.world(market_worlds.technology())
    tech, loss = market.tech, market_worlds.wedges(market).loss
    nothing = np.zeros_like(loss)
    ruled = market_worlds.changed(market, wedges=type(market.wedges)(loss, nothing))
    factor = production.hampered(loss, tech.capital) ** tech.epsilon
    firms = market_worlds.changed(market, efficiency=market.efficiency * factor[:, :, None])
    one, two = market_worlds.cleared(ruled), market_worlds.cleared(firms)
    for name in ("wage", "sales", "supply", "price_to_sigma", "spending"):
        np.testing.assert_allclose(getattr(one, name), getattr(two, name), rtol=1e-11)


def test_sellers_of_inputs_and_the_payee_share_variable_cost():
    """alpha_j X / (m (1 + kappa)) and (1 - alpha_K) X / m kappa / (1 + kappa): together as ever."""
    market = market_worlds.world(market_worlds.technology())
    ruled = market_worlds.changed(market, wedges=market_worlds.wedges(market))
    tech, tax = ruled.tech, ruled.wedges.tax
    sales = np.random.default_rng(0).uniform(1, 2, market.efficiency.shape)
    labour, materials, power = (part / (1 + tax) for part in input_bills(tech, sales))
    bill, goods, computing = ruled.bills(sales)
    assert bill.sum() == pytest.approx(labour.sum() + ruled.demand.rd_wages.sum(), rel=EXACT)
    assert goods.sum() == pytest.approx(materials.sum(), rel=EXACT)
    assert computing.sum() == pytest.approx(power.sum(), rel=EXACT)
    total = sales.sum(axis=2)
    charge = total * (1 - tech.capital) / tech.markup * tax / (1 + tax)
    cost = total * (1 - tech.capital) / tech.markup
    np.testing.assert_allclose(labour + materials + power + charge, cost, rtol=EXACT)


def test_firms_pay_charges_out_of_their_variable_cost(world):
    before = accounts_of(world)
    world.places["wedge_tax"][2] = 0.25
    after, firms, tech = accounts_of(world), world.firms, world.tech
    mine, industry = firms["place"] == 2, firms["industry"]
    assert before.fees[mine].sum() == 0 < after.fees[mine].sum()
    for name in ("materials", "labour", "compute"):
        ratio = getattr(after, name)[mine] * 1.25
        assert ratio == pytest.approx(getattr(before, name)[mine], rel=EXACT)
        assert (getattr(after, name)[~mine] == getattr(before, name)[~mine]).all()
    expected = before.sales * ((1 - tech.capital) / tech.markup)[industry] * 0.2
    assert after.fees == pytest.approx(np.where(mine, expected, 0.0), rel=EXACT, abs=1e-15)
    gross = after.sales - after.materials - after.labour - after.compute - after.fees
    assert gross == pytest.approx(after.sales * tech.gross_surplus[industry], rel=1e-11, abs=1e-12)
    assert after.surplus == pytest.approx(gross - after.vat, rel=1e-11, abs=1e-12)


def test_charges_go_to_the_government_of_the_place(world):
    inside = int(world.zones["place"][1])
    world.places["wedge_tax"][inside] = 0.1
    flows, ledger = accounts_of(world), world.ledger
    ledger.start_quarter()
    payments.pay_taxes(world, flows, BudgetsConfig(central_vat=1.0, central_profit_tax=1.0))
    received = ledger.received[world.accounts.zone]
    assert received[1] == pytest.approx(flows.fees.sum() * world.clock.dt, rel=EXACT)
    assert received[1] > 0
    assert not np.delete(received, 1).any()
    assert ledger.moved("input_fees", "firm", "zone") == pytest.approx(received[1], rel=EXACT)


def test_recorded_employment_counts_what_labour_gets(world):
    before, places = firm_rows(world)["employment"], world.firms["place"][world.firms["alive"]]
    world.places["wedge_tax"][2] = 0.25
    ratio = np.where(places == 2, 0.8, 1.0)
    assert firm_rows(world)["employment"] == pytest.approx(before * ratio, rel=EXACT)


def test_a_firm_that_loses_makes_less_of_its_inputs(world):
    """B falls by (1 + kappa)^-(1 - alpha_K), so its part of the cell by that to epsilon."""
    cfg, firms, tech = ProductionConfig(), world.firms, world.tech
    before = production.contributions(world, cfg)
    row = int(np.flatnonzero(before > 0)[0])
    firms["wedge"][row] = 0.2
    ratio = production.contributions(world, cfg) / np.where(before > 0, before, 1.0)
    k = firms["industry"][row]
    expected = 1.2 ** (-(1 - tech.capital[k]) * tech.epsilon[k])
    assert ratio[row] == pytest.approx(expected, rel=EXACT)
    others = before > 0
    others[row] = False
    assert ratio[others] == pytest.approx(1.0, rel=1e-15)
