"""The unit of money does not matter in any single rule; nor does the level of prices."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.mechanisms import compute_market, digital, investment, settlement
from sim.mechanisms.adoption_rules import adoption_cost, adoption_gain
from sim.mechanisms.budgets import BudgetsConfig
from sim.mechanisms.digital import DigitalConfig
from sim.mechanisms.investment import InvestmentConfig
from sim.mechanisms.production import ProductionConfig
from sim.mechanisms.settlement import SettlementConfig
from sim.start.trade_inversion import invert
from sim.state.world import World
from tests import market_worlds
from tests.test_metamorphic import QUICK, SCALES, SEEDS, compute_market_of, same
from tests.test_start import economy

Array = np.ndarray

# --- the unit of money --------------------------------------------------------------------------


@QUICK
@given(seed=SEEDS, scale=SCALES)
def test_money_is_neutral_in_the_market(seed: int, scale: float) -> None:
    """Spending, prices at home in 2012 and prices abroad all times c, as real things stay."""
    tech = market_worlds.technology(seed=seed)
    market = market_worlds.world(tech, seed=seed)
    trade, demand, reference = market.trade, market.demand, market.reference
    other = market_worlds.changed(
        market,
        trade=replace(
            trade,
            # E^W / Pi^W with Pi^W a sum of prices to 1 - sigma
            exports=trade.exports * scale**tech.sigma,
            world_supply=trade.world_supply * scale ** (1 - tech.sigma),
        ),
        demand=replace(
            demand,
            autonomous=demand.autonomous * scale,
            other=demand.other * scale,
            rd_wages=demand.rd_wages * scale,
        ),
        reference=replace(
            reference,
            wage=reference.wage * scale,
            materials=reference.materials * scale,
            compute=reference.compute * scale,
        ),
    )
    one = market_worlds.cleared(market)
    two = market_worlds.cleared(other, compute=scale, hubs=0.01 * scale)
    for name in ("wage", "sales", "spending", "wage_bill"):
        assert same(getattr(two, name), scale * getattr(one, name)), name
    powers = scale ** (1 - tech.sigma)
    assert same(two.price_to_sigma, powers * one.price_to_sigma)
    assert same(two.supply, powers[:, None] * one.supply)


@QUICK
@given(seed=SEEDS, scale=SCALES)
def test_money_is_neutral_in_the_trade_inversion(seed: int, scale: float) -> None:
    sales, spending, exports, imports, *costs = economy(seed)[0]
    one = invert(sales, spending, exports, imports, *costs)
    two = invert(scale * sales, scale * spending, scale * exports, scale * imports, *costs)
    for name, factor in (
        ("supply", 1.0),
        ("price_to_sigma", 1.0),
        ("world_supply", 1.0),
        ("market_access", scale),
        ("world_demand", scale),
    ):
        assert same(getattr(two, name), factor * getattr(one, name)), name


@QUICK
@given(seed=SEEDS, scale=SCALES)
def test_money_is_neutral_in_the_compute_market(seed: int, scale: float) -> None:
    budget, cost, capacity, delivery = compute_market_of(seed)
    one = compute_market.clear(budget, cost, capacity, delivery)
    two = compute_market.clear(scale * budget, scale * cost, capacity, scale * delivery)
    assert same(two.price, scale * one.price)
    assert same(two.rent, scale * one.rent, abs=1e-9 * scale)
    assert same(two.quantity, one.quantity, abs=1e-9)


def dearer(world: World, scale: float) -> World:
    """The same world at `scale` times its prices: what is money grows, capital does not."""
    other = copy.deepcopy(world)
    for table, names in (
        ("firms", ("revenue", "rd_spending", "order", "subsidy_due", "investment")),
        ("provinces", ("wage", "price", "cpi", "investment_price", "compute_price")),
    ):
        for name in names:
            getattr(other, table)[name] *= scale
    other.provinces["price_to_sigma"] *= scale ** (1 - world.tech.sigma)
    other.ledger.balance[:] *= scale
    return other


@QUICK
@given(scale=SCALES)
def test_money_is_neutral_in_settlement(grown: Any, scale: float) -> None:
    rules = SettlementConfig(), BudgetsConfig(), InvestmentConfig()
    one = settlement.firm_accounts(grown.world, *rules)
    two = settlement.firm_accounts(dearer(grown.world, scale), *rules)
    for name, flow in vars(one).items():
        assert same(getattr(two, name), scale * flow, abs=1e-12 * scale), name


@QUICK
@given(scale=SCALES)
def test_money_is_neutral_in_investment(grown: Any, scale: float) -> None:
    one, two = copy.deepcopy(grown.world), dearer(grown.world, scale)
    investment.plan(one, InvestmentConfig())
    investment.plan(two, InvestmentConfig())
    spent = one.firms["investment"]
    assert (spent > 0).any()
    assert same(two.firms["investment"], scale * spent, abs=1e-12 * scale * spent.max())
    # installed, it is the same capital
    for world in (one, two):
        investment.install(world, InvestmentConfig())
    assert same(two.firms["capital"], one.firms["capital"])


@QUICK
@given(scale=SCALES, revenue=st.floats(0.01, 100), specificity=st.floats(0, 1))
def test_money_is_neutral_in_the_rules_of_adoption(
    scale: float, revenue: float, specificity: float
) -> None:
    costs = [adoption_cost(0.4, c * revenue, c, specificity, 0.5, 0.1, 0.2) for c in (1, scale)]
    gains = [adoption_gain(c * revenue, 3.0, 0.04, 1.01, 0.2) for c in (1, scale)]
    assert costs[1] == pytest.approx(scale * costs[0], rel=1e-12)
    assert gains[1] == pytest.approx(scale * gains[0], rel=1e-12)


@QUICK
@given(scale=SCALES)
def test_money_is_neutral_in_the_gain_of_adoption(grown: Any, scale: float) -> None:
    firms = grown.world.firms
    rows = np.flatnonzero(firms["alive"] & (firms["stage"] < 4) & (firms["revenue"] > 0))
    one = digital.gains(grown.world, rows, ProductionConfig())
    two = digital.gains(dearer(grown.world, scale), rows, ProductionConfig())
    assert same(two, scale * one, abs=1e-9 * scale * np.abs(one).max())


def test_money_is_neutral_in_the_cost_of_adoption(grown: Any) -> None:
    """At twice all prices a step costs twice as much, not 2^1.8 times."""
    firms = grown.world.firms
    rows = np.flatnonzero(firms["alive"] & (firms["stage"] < 4) & (firms["revenue"] > 0))
    one = digital.costs(grown.world, rows, DigitalConfig())
    assert same(digital.costs(dearer(grown.world, 2.0), rows, DigitalConfig()), 2.0 * one)
