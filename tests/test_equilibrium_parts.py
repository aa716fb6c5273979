"""Parts of the market of a quarter, each against its formula: unit costs, cells, closures, gaps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.mechanisms.equilibrium import base_cost, by_province, payments, unit_cost
from sim.mechanisms.equilibrium_iteration import Iteration
from sim.mechanisms.market_parts import Closure, Reference
from sim.state.technology import Technology
from tests.market_worlds import Market, begin, changed, plain_iteration, technology, wedges, world

pytestmark = pytest.mark.nojit
EXACT = 1e-12

TECH = Technology(
    codes=("A", "B"),
    sigma=np.array([4.0, 6.0]),
    capital=np.array([0.2, 0.5]),
    materials=np.array([0.3, 0.0]),
    labour=np.array([[0.4, 0.25], [0.45, 0.3]]),
    compute=np.array([[0.1, 0.25], [0.05, 0.2]]),
    skill=np.array([[0.25, 0.75], [1.0, 0.0]]),
    inputs=np.array([[0.6, 0.5], [0.4, 0.5]]),
)
REFERENCE = Reference(np.array([2.0, 5.0]), np.array([3.0, 7.0]), 1.5)


def small(**changes):
    """A market whose prices of 2012 are none of them one, with rules and with empty cells."""
    market = replace_reference(world(technology(seed=5), seed=6))
    market.efficiency[1, 2, 0] = market.efficiency[3, 1, 1] = 0.0
    market.efficiency[2, 0] = 0.0
    return changed(market, wedges=wedges(market), **changes)


def replace_reference(market: Market) -> Market:
    return changed(market, reference=replace(market.reference, compute=1.7))


@pytest.mark.filterwarnings("error")
def test_unit_costs_are_products_of_prices_over_shares():
    """W = prod (p / a)^a with shares a of variable cost; digital stages at the prices of 2012."""
    base = [
        (2 / 0.125) ** 0.125 * (5 / 0.375) ** 0.375 * (3 / 0.375) ** 0.375 * (1.5 / 0.125) ** 0.125,
        (2 / 0.9) ** 0.9 * (1.5 / 0.1) ** 0.1,  # no general labour, no materials
    ]
    np.testing.assert_allclose(np.exp(base_cost(TECH, REFERENCE)), base, rtol=1e-14)
    wage, goods = np.array([[4.0, 5.0], [2.0, 15.0]]), np.array([[3.0, 7.0], [6.0, 9.0]])
    compute = np.array([[3.0, 0.5], [1.5, 6.0]])
    found = np.exp(unit_cost(TECH, wage, goods, compute, REFERENCE))
    factors = [  # place, industry, stage
        [
            [2 ** (0.25 * 0.5) * 2**0.125, 2 ** (0.25 * 0.3125) * 2**0.3125],
            [2**0.9 * (1 / 3) ** 0.1, 2**0.6 * (1 / 3) ** 0.4],
        ],
        [
            [3 ** (0.75 * 0.5) * 2**0.375, 3 ** (0.75 * 0.3125) * 2**0.375],
            [4**0.1, 4**0.4],
        ],
    ]
    np.testing.assert_allclose(found, np.array(base)[:, None] * factors, rtol=1e-13)


def test_payments_are_shares_of_sales_over_the_markup():
    """Markups are 4 / 3 and 6 / 5."""
    sales = np.array([[[4.0, 8.0], [6.0, 12.0]], [[0.0, 4.0], [1.2, 0.0]]])
    labour, materials, compute = payments(TECH, sales)
    np.testing.assert_allclose(labour, [[2.7, 5.25], [0.75, 0.45]], rtol=1e-14)
    np.testing.assert_allclose(materials, [[2.7, 0.0], [0.9, 0.0]], rtol=1e-14)
    np.testing.assert_allclose(compute, [[1.8, 2.25], [0.75, 0.05]], rtol=1e-14)


def test_sums_of_rows_by_province():
    values, host = np.arange(12.0).reshape(4, 3), np.array([2, 0, 2, 2])
    assert by_province(values, host, 4).tolist() == [[3, 4, 5], [0, 0, 0], [15, 18, 21], [0, 0, 0]]
    assert by_province(values[:, 0], host, 3).tolist() == [3, 0, 15]


def test_bills_leave_out_what_the_rules_charge_and_hold_research():
    market = small()
    sales = np.random.default_rng(0).uniform(1, 2, market.efficiency.shape)
    labour, materials, compute = (
        part / (1 + market.wedges.tax) for part in payments(market.tech, sales)
    )
    bill, goods, power = market.bills(sales)
    for r in range(3):
        there = market.host == r
        expected = labour[there].sum(axis=0) @ market.tech.skill + market.demand.rd_wages[r]
        np.testing.assert_allclose(bill[r], expected, rtol=1e-13)
        np.testing.assert_allclose(goods[r], materials[there].sum(axis=0), rtol=1e-13)
        np.testing.assert_allclose(power[r], compute[there].sum(axis=0), rtol=1e-13)


def test_supply_is_that_of_the_formula_at_any_prices():
    """S = MA^-zeta (m (1 + kappa) W / (1 - alpha))^(-epsilon (1 - alpha)) T."""
    market, draw = small(), np.random.default_rng(2)
    tech, variable = market.tech, 1 - market.tech.capital
    wage, goods, compute = (draw.uniform(0.5, 2, (3, n)) for n in (2, 3, 3))
    access = draw.uniform(0.5, 2, (4, 3))
    cost = np.exp(unit_cost(tech, wage, goods, compute, market.reference))[market.host]
    cost = cost * ((1 + market.wedges.loss) * (1 + market.wedges.tax))[:, :, None]
    unit = (tech.markup / variable)[:, None] * cost
    expected = unit ** -(tech.epsilon * variable)[:, None] * market.efficiency
    expected = expected * (access**-tech.zeta)[:, :, None]
    with np.errstate(all="raise"):
        found = market.supply(wage, goods, compute, access)
    np.testing.assert_allclose(found, expected, rtol=EXACT)
    assert (found[market.efficiency == 0] == 0).all()


@pytest.mark.filterwarnings("error")
def test_what_an_iteration_takes_as_given():
    demand = small().demand
    autonomous, consumption = demand.autonomous.copy(), np.array([0.0, 0.25, 0.75])
    autonomous[:2, 0] = 0.5, 0.0
    inputs = np.array([[0.0, 0, 0], [0.5, 1, 1], [0.5, 0, 0]])
    market = small(autonomous=autonomous, consumption=consumption)
    market = changed(market, tech=replace(market.tech, inputs=inputs), wedges=market.wedges)
    prices, hubs = np.linspace(1, 3, 9).reshape(3, 3), np.zeros((3, 3))
    hubs[2] = 0.5, 0.25, 0.125
    given, tech, trade = market.given(prices, hubs), market.tech, market.trade
    np.testing.assert_allclose(given.log_compute, np.log(prices / 1.7).T, rtol=1e-14)
    fixed = np.outer(market.demand.other, consumption) + autonomous + hubs
    np.testing.assert_allclose(given.fixed, fixed.T, rtol=1e-14)
    assert given.bought.tolist() == [[True, False, True], [True] * 3, [True] * 3]
    for name, expected in {
        "price_power": 1 / (1 - tech.sigma),
        "skill": tech.skill,
        "inputs": tech.inputs,
        "labour_paid": tech.labour / tech.markup[:, None],
        "materials_paid": tech.materials / tech.markup,
        "kept": 1 / (1 + market.wedges.tax),
        "log_wage": np.log(market.reference.wage),
        "log_materials": np.log(market.reference.materials),
        "home": trade.home,
        "home_to": np.swapaxes(trade.home, 1, 2),
        "imports": trade.imports.T * trade.world_supply[:, None],
        "exports": trade.exports,
        "labour": market.labour,
        "rd_wages": market.demand.rd_wages,
        "consumed": 0.6 * consumption,
        "surplus": np.zeros(3),
        "profit_to": np.zeros((3, 3)),
    }.items():
        np.testing.assert_allclose(getattr(given, name), expected, rtol=1e-14, err_msg=name)
    assert given.fixed_wage.tolist() == [False, False]
    assert given.nominal == 0.0
    nothing = market.given(prices, np.zeros((3, 3)))
    np.testing.assert_allclose(nothing.fixed, (fixed - hubs).T, rtol=1e-14)


def test_goods_are_bought_by_households_and_where_somebody_makes_what_needs_them():
    """Industry 0 serves only as an input of 2, which province 1 alone makes; 1 needs no inputs."""
    zero = np.zeros((3, 3))
    inputs = np.array([[1.0, 0.9, 0.6], [0.0, 0.1, 0.0], [0.0, 0.0, 0.4]])
    market = small(consumption=np.array([0.0, 0.5, 0.5]), autonomous=zero, other=np.zeros(3))
    efficiency, materials = 0.1 * market.efficiency, market.tech.materials.copy()
    efficiency[[0, 2, 3], 2], efficiency[:, 0], materials[1] = 0.0, 0.0, 0.0
    tech = replace(market.tech, inputs=inputs, materials=materials)
    bought = changed(market, tech=tech, efficiency=efficiency).given(np.ones((3, 3)), zero).bought
    assert bought.tolist() == [[False, True, False], [True] * 3, [True] * 3]


# ---------------------------------------------------------------- closures, gaps


CLOSURE = Closure(
    fixed_wage=np.array([False, True]),
    profit_to=np.array([[1.0, 0.0, 0.2], [0.0, 0.7, 0.3], [0.0, 0.3, 0.5]]),
    nominal=20.0,
)


def one_step(market, damping=1.0):
    """An arbitrary point, what the market makes of it, and the point after it."""
    start, draw = begin(market, noise=0.3), np.random.default_rng(1)
    compute, hubs = draw.uniform(0.5, 2, (3, 3)), draw.uniform(0, 0.1, (3, 3))
    iteration = Iteration(market, start, damping)
    found = iteration.run(compute, hubs, 0.0, 1)
    expected = plain_iteration(
        market, start.wage, start.price_to_sigma, start.spending, compute, hubs
    )
    after = np.exp(iteration._point)
    return start, found, expected, after[:6].reshape(3, 2), after[6:].reshape(2, 3, 3)


def test_profit_may_be_spent_at_once_a_wage_held_and_spending_pinned_down():
    market = small(closure=CLOSURE)
    _, found, plain, wage, (pi, spending) = one_step(market)
    tech, demand, sales = market.tech, market.demand, plain["sales"]
    for name in ("price_to_sigma", "sales", "supply", "market_access"):
        np.testing.assert_allclose(getattr(found, name), plain[name], rtol=EXACT, err_msg=name)
    np.testing.assert_allclose(pi.T, plain["price_to_sigma"], rtol=EXACT)
    held = market.reference.wage[1]
    np.testing.assert_allclose(wage[:, 0], plain["wage"][:, 0], rtol=EXACT)
    np.testing.assert_allclose(wage[:, 1], held, rtol=EXACT)
    bill = np.column_stack([plain["wage"][:, 0], np.full(3, held)]) * market.labour
    np.testing.assert_allclose(found.wage_bill, bill, rtol=EXACT)
    profit = (by_province(sales.sum(axis=2), market.host, 3) * tech.gross_surplus).sum(axis=1)
    income = bill.sum(axis=1) + CLOSURE.profit_to @ profit
    before = (plain["wage"] * market.labour).sum(axis=1)  # as if nothing were held or handed out
    more = np.outer(demand.propensity * (income - before), demand.consumption)
    wanted = plain["spending"] + more
    np.testing.assert_allclose(spending.T, wanted * 20 / wanted.sum(), rtol=EXACT)


def test_only_some_industries_may_make_a_profit():
    market = small(closure=Closure(profit_to=CLOSURE.profit_to))
    surplus = market.tech.gross_surplus
    assert (surplus > 0).all()
    given = market.given(np.ones((3, 3)), np.zeros((3, 3)))
    np.testing.assert_allclose(given.surplus, surplus, rtol=1e-15)
    np.testing.assert_allclose(given.profit_to, CLOSURE.profit_to, rtol=1e-15)
    assert not given.fixed_wage.any()


@pytest.mark.parametrize("damping", [0.25, 1.0])
def test_wages_move_part_of_the_way_and_gaps_are_those_of_the_whole(damping):
    market = small()
    start, found, plain, wage, (pi, spending) = one_step(market, damping)
    expected = start.wage ** (1 - damping) * plain["wage"] ** damping
    np.testing.assert_allclose(wage, expected, rtol=EXACT)
    np.testing.assert_allclose(spending.T, plain["spending"], rtol=EXACT)
    np.testing.assert_allclose(pi.T, plain["price_to_sigma"], rtol=EXACT)
    np.testing.assert_allclose(found.wage, start.wage, rtol=EXACT)
    np.testing.assert_allclose(found.spending, start.spending, rtol=EXACT)
    total = plain["sales"].sum(axis=2)
    moved = np.abs(plain["sales"] - start.sales).sum(axis=2)
    change = np.divide(moved, total, out=np.zeros_like(total), where=total > 0)
    rest = [
        np.abs(np.log(plain[name] / getattr(start, name)))
        for name in ("price_to_sigma", "spending")
    ]
    cells = np.maximum(change, np.maximum(*rest)[market.host])
    np.testing.assert_allclose(found.gap_sales, cells, rtol=1e-9)
    wages = np.abs(np.log(plain["wage"] / start.wage)).max()
    assert found.gap == pytest.approx(max(cells.max(), wages), rel=1e-9)
    assert found.iterations == 1
