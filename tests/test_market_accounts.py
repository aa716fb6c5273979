"""What the market collects from the world and writes into it, for numbers drawn at random."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from sim.mechanisms import market, trade
from sim.mechanisms.equilibrium import Market
from sim.mechanisms.market import MarketConfig
from sim.mechanisms.market_parts import Solution, Wedges
from sim.state.columns import STAGES

EXACT = 1e-12


@pytest.fixture
def quarter(world, config):
    """A world with charges, its market, and a solution of which every number is drawn."""
    draw, n, k = np.random.default_rng(8), world.provinces.n, len(world.tech.codes)
    shape = (world.places.n, k)
    made = Market(
        world.tech,
        trade.compute(world, config.trade),
        market.demand(world, MarketConfig(propensity=0.6), 0.2),
        market.reference(world),
        np.ones((*shape, STAGES)),
        world.provinces["labour"],
        world.host,
        Wedges(draw.uniform(0, 0.1, shape), draw.uniform(0.1, 0.3, shape)),
    )
    sales = draw.uniform(0.01, 0.2, (*shape, STAGES))  # also cells that sell less than one
    sales[3, 2] = 0.0
    solution = Solution(
        wage=draw.uniform(1, 2, (n, 3)),
        sales=sales,
        supply=draw.uniform(0.01, 0.2, (*shape, STAGES)),
        market_access=draw.uniform(1, 2, shape),
        price_to_sigma=draw.uniform(0.5, 2, (n, k)),
        spending=draw.uniform(10, 20, (n, k)),
        wage_bill=np.ones((n, 3)),
        gap_sales=np.zeros(shape),
    )
    return world, made, solution


def test_accounts_of_provinces_are_sums_over_their_places(quarter):
    world, made, solution = quarter
    tech, provinces, n = world.tech, world.provinces, world.provinces.n
    market.write_accounts(world, made, solution, SimpleNamespace(power=1.0, wear=2.0))
    zeros = np.zeros((n, len(tech.codes)))
    sold, materials, power, paid, capital = (zeros.copy() for _ in range(5))
    for (place, k, stage), value in np.ndenumerate(solution.sales):
        cell, kept = (world.host[place], k), 1 / (1 + made.wedges.tax[place, k])
        sold[cell] += value
        materials[cell] += value * tech.materials[k] / tech.markup[k] * kept
        power[cell] += value * tech.compute[k, stage] / tech.markup[k] * kept
        paid[cell] += value * tech.labour[k, stage] / tech.markup[k] * kept
        capital[cell] += value * tech.capital[k] / tech.markup[k]
    wages = paid @ tech.skill + made.demand.rd_wages
    workers = np.array([tech.skill @ wage for wage in solution.wage])
    expected = {
        "output": sold,
        "value_added": sold - materials - power,
        "compute_paid": power.sum(axis=1),
        "capital_cost": capital.sum(axis=1),
        "wage_bill": wages,
        "consumption": 0.6 * 0.8 * wages.sum(axis=1) + made.demand.other,
        "employment": paid / workers,
    }
    for name, value in expected.items():
        np.testing.assert_allclose(provinces[name], value, rtol=EXACT, err_msg=name)
    assert (provinces["compute_power"] == 1).all()
    assert (provinces["compute_wear"] == 2).all()
    assert (provinces["rd_wages"] == made.demand.rd_wages).all()
    bill = market.compute_bill(made, solution.sales)
    np.testing.assert_allclose(bill, power, rtol=EXACT)


def test_prices_and_trade_of_a_solution(quarter):
    world, made, solution = quarter
    tech, provinces, places = world.tech, world.provinces, world.places
    market.write_prices(world, solution, made.trade)
    price = solution.price_to_sigma ** (1 / (1 - tech.sigma))
    np.testing.assert_allclose(provinces["price"], price, rtol=EXACT)
    for name, purpose in (("cpi", "consumption"), ("investment_price", "investment")):
        index = np.prod(price ** world.spending_shares[purpose], axis=1)
        np.testing.assert_allclose(provinces[name], index, rtol=EXACT)
    for name in ("wage", "spending", "price_to_sigma"):
        assert (provinces[name] == getattr(solution, name)).all()
    for name in ("supply", "sales", "market_access"):
        assert (places[name] == getattr(solution, name)).all()
    abroad = solution.supply.sum(axis=2) * made.trade.exports
    sales = solution.sales.sum(axis=2)
    share = abroad / np.where(sales > 0, sales, np.inf)
    np.testing.assert_allclose(places["export_share"], share, rtol=EXACT)
    assert not places["export_share"][3, 2]
    exports = np.bincount(world.host, abroad.sum(axis=1))
    np.testing.assert_allclose(provinces["exports"], exports, rtol=EXACT)
    part = made.trade.imports * made.trade.world_supply / solution.price_to_sigma
    bought = part * solution.spending
    np.testing.assert_allclose(provinces["imports"], bought.sum(axis=1), rtol=EXACT)
    np.testing.assert_allclose(world.imports_by_industry, bought.sum(axis=0), rtol=EXACT)


def test_hubs_post_prices_of_electricity_and_of_capital_goods(quarter):
    world, shares = quarter[0], quarter[0].spending_shares
    price = np.random.default_rng(2).uniform(0.5, 2, world.provinces["price"].shape)
    world.provinces["price"] = price
    for found, purpose in zip(market.hub_prices(world), ("electricity", "investment"), strict=True):
        np.testing.assert_allclose(found, np.prod(price ** shares[purpose], axis=1), rtol=EXACT)


def test_demand_that_is_fixed_is_that_of_live_firms_and_of_governments(quarter):
    """Two fifths of research buy materials, three fifths pay skilled labour of the industry."""
    world, firms, draw = quarter[0], quarter[0].firms, np.random.default_rng(9)
    for name in ("investment", "rd_spending"):
        firms[name] = draw.uniform(1, 2, firms.n)  # also of the dead, who do not buy
    assert not firms["alive"].all()
    world.zones["government"] = draw.uniform(1, 2, world.zones.n)
    provinces, shares, skill = world.provinces, world.spending_shares, world.tech.skill
    provinces["orders"] = draw.uniform(1, 2, provinces["orders"].shape)
    fixed, wages = provinces["orders"].copy(), np.zeros((provinces.n, 3))
    for place in range(provinces.n):
        for row in np.flatnonzero(firms["alive"] & (firms["province"] == place)):
            weight, k = firms["weight"][row], firms["industry"][row]
            research = firms["rd_spending"][row] * weight
            fixed[place] += firms["investment"][row] * weight * shares["investment"]
            fixed[place] += 0.4 * research * shares["research"]
            wages[place, 1:] += 0.6 * research * skill[k, 1:] / (skill[k, 1] + skill[k, 2])
        zones = world.zones["government"][world.zones["province"] == place].sum()
        fixed[place] += (provinces["government"][place] + zones) * shares["government"]
    np.testing.assert_allclose(market.autonomous(world), fixed, rtol=EXACT)
    np.testing.assert_allclose(market.rd_wages(world), wages, rtol=EXACT)


def test_deposits_are_those_of_households_and_of_live_talents(world):
    talents, balance = world.talents, world.ledger.balance
    balance[talents["account"]] = np.arange(1.0, talents.n + 1)
    talents["alive"][:3] = False
    expected = balance[world.accounts.household].copy()
    for row in np.flatnonzero(talents["alive"]):
        expected[talents["province"][row]] += row + 1
    np.testing.assert_allclose(market.household_deposits(world), expected, rtol=EXACT)


def test_costs_refer_to_the_prices_of_2012(world):
    found = market.reference(world)
    assert found.wage is world.baseline.wage
    assert found.materials is world.baseline.materials
    assert found.compute == 1.0
