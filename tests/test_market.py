"""The market on the world: what is collected, that all clears together, and what is written."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest

from sim import config
from sim.mechanisms import compute, investment, knowledge, market, matching, production, trade
from sim.mechanisms.compute_hubs import Hubs
from sim.mechanisms.equilibrium import Market, by_province
from sim.mechanisms.market import MarketConfig
from sim.mechanisms.market_parts import MarketError
from sim.mechanisms.settlement import RD_WAGES
from sim.model.config import RegionConfig
from sim.model.region import RegionModel

TOLERANCE = 1e-10
SCARCE = 0.1  # part of the capacity that is left
TOY = {
    "geography": {"provinces": ["Shanghai", "Guangdong", "Henan", "Sichuan"]},
    "population": {"firms": 300, "talents": 400},
}


@pytest.fixture(scope="module")
def model() -> RegionModel:
    """A toy after two quarters; nobody may change it."""
    model = RegionModel(config.validate(TOY, RegionConfig), seed=3, views=False)
    model.step()
    model.step()
    return model


class Quarter:
    """The third quarter of a copy of the toy, prepared up to the market and then through it.

    Sharing makes the compute market a national one; capacity of hubs is scaled.
    """

    def __init__(self, model: RegionModel, sharing: float = 0.0, capacity: float = 1.0) -> None:
        self.cfg, self.world, self.start = model.config, deepcopy(model.world), model.solution
        cfg, world = self.cfg, self.world
        world.begin_step()
        self.trade = trade.compute(world, cfg.trade)
        investment.plan(world, cfg.investment)
        knowledge.plan(world, cfg.knowledge)
        matching.apply(world, cfg.matching, model.streams.at("matching", world.clock.step))
        provinces = world.provinces
        provinces["compute_shared"] = sharing
        provinces["compute_limit"] = provinces["compute_limit"] * capacity
        self.posted = market.hub_prices(world)
        self.hubs = Hubs(world, cfg.compute, *self.posted)
        self.market = self.prepared()
        settings = cfg.market, cfg.compute, cfg.production, cfg.budgets.income_tax
        self.solution = market.apply(world, *settings, self.trade, self.start)

    def prepared(self) -> Market:
        world, cfg = self.world, self.cfg
        contribution = production.contributions(world, cfg.production)
        return Market(
            world.tech,
            self.trade,
            market.demand(world, cfg.market, cfg.budgets.income_tax),
            market.reference(world),
            production.cell_sums(world, contribution),
            world.provinces["labour"],
            world.host,
        )

    def solve(self, start, **changes):
        cfg = self.cfg.market.model_copy(update=changes)
        hubs = Hubs(self.world, self.cfg.compute, *self.posted)
        return market.solve(self.world, cfg, hubs, self.market, start)


@pytest.fixture(
    scope="module",
    params=[(0.0, 1.0), (0.0, SCARCE), (0.5, 1.0), (0.5, SCARCE)],
    ids=["local", "local-scarce", "pooled", "pooled-scarce"],
)
def quarter(request, model) -> Quarter:
    return Quarter(model, *request.param)


def test_goods_labour_and_compute_clear_together(quarter):
    """The compute market at the solution returns the prices at which goods were traded."""
    solution, cleared, accounts = quarter.solve(quarter.start)
    again = quarter.hubs.clear(quarter.market.bills(solution.sales)[2])
    np.testing.assert_allclose(again.price, cleared.price, rtol=TOLERANCE)
    np.testing.assert_allclose(
        solution.wage * quarter.market.labour, quarter.market.bills(solution.sales)[0], rtol=1e-9
    )
    bill, materials, _ = quarter.market.bills(solution.sales)
    demand = quarter.market.demand
    consumption = demand.propensity * bill.sum(axis=1) + demand.other
    wanted = consumption[:, None] * demand.consumption + demand.autonomous
    wanted += materials @ quarter.world.tech.inputs.T
    wanted += accounts.spending(quarter.world.spending_shares)
    np.testing.assert_allclose(solution.spending, wanted, rtol=1e-9)


def test_the_solution_does_not_depend_on_the_start(quarter):
    draw = np.random.default_rng(5)
    cold = replace(quarter.start)
    for name in ("wage", "price_to_sigma", "spending", "sales"):
        value = getattr(cold, name)
        setattr(cold, name, value * np.exp(0.5 * draw.normal(size=value.shape)))
    found = quarter.solve(cold)[0]
    np.testing.assert_allclose(found.wage, quarter.solution.wage, rtol=1e-8)
    np.testing.assert_allclose(found.spending, quarter.solution.spending, rtol=1e-8)


def test_solving_twice_gives_equal_bits_and_leaves_the_start_alone(quarter):
    before = quarter.start.sales.tobytes()
    one, two = quarter.solve(quarter.start)[0], quarter.solve(quarter.start)[0]
    assert one.sales.tobytes() == two.sales.tobytes()
    assert one.iterations == two.iterations
    assert quarter.start.sales.tobytes() == before


def test_the_damping_and_the_tolerance_do_not_move_the_solution(quarter):
    wages = [
        quarter.solve(quarter.start, damping=damping, tolerance=tolerance)[0].wage
        for damping, tolerance in ((0.5, 1e-12), (0.2, 1e-12), (0.5, 1e-9))
    ]
    np.testing.assert_allclose(wages[1], wages[0], rtol=1e-10)
    np.testing.assert_allclose(wages[2], wages[0], rtol=1e-7)


def test_the_search_goes_on_until_compute_prices_have_settled(model, monkeypatch):
    """Goods clear to this tolerance at once; prices that still jump keep the search going."""
    quarter, clear, calls = Quarter(model), Hubs.clear, []

    def jumping(hubs, spending):
        calls.append(1)
        cleared = clear(hubs, spending)
        return replace(cleared, price=cleared.price * (1.5 if len(calls) in {2, 4} else 1.0))

    monkeypatch.setattr(Hubs, "clear", jumping)
    found = quarter.solve(quarter.solution, tolerance=market.FIRST_AIM)[0]
    assert len(calls) > 4
    assert found.gap < market.FIRST_AIM


def test_too_few_iterations_are_an_error_that_names_province_and_industry(quarter):
    with pytest.raises(MarketError, match=r"after 10 iterations .*province row \d, industry \w+"):
        quarter.solve(quarter.start, max_iterations=10)


def test_hubs_spend_what_buyers_pay_less_fee_and_rent(quarter):
    _, cleared, accounts = quarter.solve(quarter.start)
    outlay = accounts.power + accounts.wear + accounts.delivery
    np.testing.assert_allclose(outlay, cleared.revenue - cleared.fee - cleared.rent, rtol=1e-9)
    spent = accounts.spending(quarter.world.spending_shares).sum(axis=1)
    np.testing.assert_allclose(spent, outlay, rtol=1e-12)
    bought = quarter.market.bills(quarter.solution.sales)[2].sum()
    assert cleared.revenue.sum() == pytest.approx(bought, rel=1e-9)


def test_a_province_on_its_own_pays_unit_cost_or_what_its_capacity_fetches(model):
    alone = Quarter(model, capacity=SCARCE)
    provinces = alone.world.provinces
    paid = alone.market.bills(alone.solution.sales)[2].sum(axis=1)
    price = np.maximum(alone.hubs.cost, paid / provinces["compute_limit"])
    assert (price > alone.hubs.cost).any()
    for k in range(provinces["compute_price"].shape[1]):
        np.testing.assert_allclose(provinces["compute_price"][:, k], price, rtol=1e-9)


def test_the_trade_balance_is_output_less_spending(quarter):
    provinces = quarter.world.provinces
    balance = provinces["exports"].sum() - provinces["imports"].sum()
    output, spending = provinces["output"].sum(), provinces["spending"].sum()
    assert output - spending == pytest.approx(balance, abs=1e-13 * output)


def test_what_is_written_is_the_solution(quarter):
    world, found = quarter.world, quarter.solution
    provinces, tech = world.provinces, world.tech
    np.testing.assert_array_equal(provinces["wage"], found.wage)
    np.testing.assert_allclose(
        provinces["price"] ** (1 - tech.sigma), found.price_to_sigma, rtol=1e-12
    )
    np.testing.assert_allclose(provinces["output"].sum(), found.sales.sum(), rtol=1e-12)
    firms = world.firms
    revenue = np.bincount(firms["place"], firms["revenue"] * firms["weight"], world.places.n)
    np.testing.assert_allclose(revenue, found.sales.sum(axis=(1, 2)), rtol=1e-12)
    labour = (found.sales * (tech.labour / tech.markup[:, None])).sum(axis=2)
    paid = by_province(labour, world.host, provinces.n)
    workers = provinces["employment"] * (found.wage @ tech.skill.T)
    np.testing.assert_allclose(workers, paid, rtol=1e-12)


def test_what_the_market_takes_as_given_is_all_that_was_ordered(quarter):
    """Investment, research (materials and wages), governments and orders: nothing is lost."""
    world, firms = quarter.world, quarter.world.firms
    live = np.where(firms["alive"], firms["weight"], 0.0)
    research = (firms["rd_spending"] * live).sum()
    assert research > 0
    assert market.rd_wages(world).sum() == pytest.approx(RD_WAGES * research, rel=1e-12)
    assert not market.rd_wages(world)[:, 0].any()
    total = (firms["investment"] * live).sum() + (1 - RD_WAGES) * research
    total += world.provinces["government"].sum() + world.provinces["orders"].sum()
    total += world.zones["government"].sum()
    assert market.autonomous(world).sum() == pytest.approx(total, rel=1e-12)


def test_households_spend_shares_of_income_and_deposits(model):
    toy = Quarter(model)
    cfg = MarketConfig(propensity=0.5, deposit_share=0.1)
    other = market.demand(toy.world, cfg, 0.2).other
    deposits = market.household_deposits(toy.world)
    expected = 0.5 * toy.world.provinces["household_income"] + 0.1 * deposits
    np.testing.assert_allclose(other, expected, rtol=1e-14)
    assert market.demand(toy.world, cfg, 0.2).propensity == pytest.approx(0.4)
    talents, ledger = toy.world.talents, toy.world.ledger
    held = ledger.balance[talents["account"][talents["alive"]]].sum()
    held += ledger.balance[toy.world.accounts.household].sum()
    assert deposits.sum() == pytest.approx(held, rel=1e-12)


def test_hubs_post_their_cost_at_the_prices_of_the_quarter_before(model):
    quarter = Quarter(model)
    cost = compute.unit_cost(model.world, model.config.compute, *market.hub_prices(model.world))
    np.testing.assert_array_equal(quarter.hubs.cost, cost)
    np.testing.assert_array_equal(quarter.world.provinces["compute_cost"], cost)
    cleared = quarter.hubs.clear(quarter.market.bills(quarter.solution.sales)[2])
    accounts = quarter.hubs.accounts(cleared)
    np.testing.assert_allclose(accounts.power + accounts.wear, cost * cleared.sold, rtol=1e-13)
