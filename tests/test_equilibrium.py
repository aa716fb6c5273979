"""Market of a quarter: identities, closed forms, symmetries, and an independent solution."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from sim.mechanisms.equilibrium import payments
from sim.mechanisms.equilibrium_iteration import Iteration
from sim.mechanisms.market_parts import Solution
from tests.market_worlds import (
    begin,
    changed,
    cleared,
    freeness,
    one_factor,
    plain_iteration,
    technology,
    wedges,
    world,
)

EXACT = 1e-12


def same(found: Solution, expected: Solution, tolerance: float) -> None:
    for name in ("wage", "sales", "supply", "market_access", "price_to_sigma", "spending"):
        np.testing.assert_allclose(
            getattr(found, name), getattr(expected, name), rtol=tolerance, err_msg=name
        )


def one_step(market, seed=0):
    """An arbitrary point, and what the market makes of it in one iteration."""
    start = begin(market, noise=0.3, seed=seed)
    shape = start.spending.shape
    draw = np.random.default_rng(seed + 1)
    compute, hubs = draw.uniform(0.5, 2, shape), draw.uniform(0, 0.1, shape)
    iteration = Iteration(market, start, damping=1.0)
    return start, compute, hubs, iteration.run(compute, hubs, 0.0, 1), iteration


@pytest.mark.nojit
@pytest.mark.parametrize("charged", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_an_iteration_is_the_equations_of_the_specification(seed, charged):
    market = world(technology(seed=seed), seed=seed)
    market = changed(market, wedges=wedges(market, seed)) if charged else market
    market.efficiency[1, 2, 0] = market.efficiency[3, 1, 1] = 0.0  # cells without firms
    market = changed(market)
    start, compute, hubs, found, iteration = one_step(market, seed)
    at = (start.wage, start.price_to_sigma, start.spending)
    expected = plain_iteration(market, *at, compute, hubs)
    for name in ("price_to_sigma", "sales", "supply", "market_access"):
        np.testing.assert_allclose(getattr(found, name), expected[name], rtol=EXACT, err_msg=name)
    moved = np.abs(expected["sales"] - start.sales).sum(axis=2)
    change = moved / expected["sales"].sum(axis=2)
    assert (found.gap_sales >= change * (1 - EXACT)).all()
    assert found.gap >= change.max() * (1 - EXACT)
    n = start.wage.size
    wage, rest = np.exp(iteration._point[:n]), np.exp(iteration._point[n:])  # damping 1: image
    np.testing.assert_allclose(wage, expected["wage"].ravel(), rtol=EXACT)
    images = [expected[name].T.ravel() for name in ("price_to_sigma", "spending")]
    np.testing.assert_allclose(rest, np.concatenate(images), rtol=EXACT)


def test_sales_are_spending_less_imports_plus_exports_at_every_iterate():
    market = world(technology())
    for found in (one_step(market)[3], cleared(market)):
        trade = market.trade
        imports = trade.imports * trade.world_supply / found.price_to_sigma * found.spending
        exports = found.supply.sum(axis=2) * trade.exports
        balance = found.spending.sum(axis=0) - imports.sum(axis=0) + exports.sum(axis=0)
        np.testing.assert_allclose(found.sales.sum(axis=(0, 2)), balance, rtol=1e-14)


def test_wages_pay_for_the_labour_at_work_and_all_income_is_spent_as_said():
    market = world(technology())
    found = cleared(market)
    bill, materials, _ = market.bills(found.sales)
    np.testing.assert_allclose(found.wage * market.labour, bill, rtol=EXACT)
    np.testing.assert_allclose(found.wage_bill, bill, rtol=EXACT)
    demand = market.demand
    consumption = demand.propensity * bill.sum(axis=1) + demand.other
    spent = consumption + demand.autonomous.sum(axis=1) + materials.sum(axis=1) + 3 * 0.01
    np.testing.assert_allclose(found.spending.sum(axis=1), spent, rtol=EXACT)


def test_payments_and_surplus_exhaust_sales():
    tech = technology()
    sales = np.random.default_rng(0).uniform(1, 2, (4, 3, 2))
    paid = sum(part.sum() for part in payments(tech, sales))
    surplus = (sales.sum(axis=2) * tech.gross_surplus).sum()
    assert paid + surplus == pytest.approx(sales.sum(), rel=EXACT)


@pytest.mark.parametrize("capital", [0.0, 0.3])
def test_autarky_has_the_closed_form_of_a_closed_economy(capital):
    """X = A / (1 - c alpha_L / m), w L = alpha_L X / m, S^(1 - zeta) = C X^(-zeta)."""
    tech, labour, autonomous = one_factor(4.0, capital), np.array([[2.0], [5.0]]), [3.0, 7.0]
    zero = np.zeros((2, 1))
    market = changed(
        world(tech, host=(0, 1)),
        home=np.eye(2)[None], imports=zero, exports=zero, rd_wages=zero, other=np.zeros(2),
        autonomous=np.array(autonomous)[:, None], labour=labour,
    )  # fmt: skip
    found = cleared(market, hubs=0.0)
    share = (1 - capital) * 3 / 4
    sales = np.array(autonomous) / (1 - 0.6 * share)
    wage = share * sales / labour[:, 0]
    np.testing.assert_allclose(found.sales.sum(axis=2)[:, 0], sales, rtol=EXACT)
    np.testing.assert_allclose(found.wage[:, 0], wage, rtol=EXACT)
    epsilon, zeta = tech.epsilon[0], tech.zeta[0]
    unit = 4 / 3 * wage / (1 - capital)
    cells = unit ** (-epsilon * (1 - capital)) * market.efficiency.sum(axis=(1, 2))
    supply = (cells * sales**-zeta) ** (1 / (1 - zeta))
    np.testing.assert_allclose(found.price_to_sigma[:, 0], supply, rtol=EXACT)


@pytest.mark.parametrize("cost", [0.1, 0.5])
def test_gains_from_trade_follow_the_home_share(cost):
    """Real wage over that of autarky = lambda_ii^(-1 / (sigma - 1)): Arkolakis et al. (2012)."""
    sigma, zero = 5.0, np.zeros((3, 1))
    closed = changed(
        world(one_factor(sigma), host=(0, 1, 2)),
        home=np.eye(3)[None], imports=zero, exports=zero, rd_wages=zero,
    )  # fmt: skip
    opened = changed(closed, home=freeness(1, 3, cost))
    real = []
    for market in (closed, opened):
        found = cleared(market, hubs=0.0)
        price = found.price_to_sigma[:, 0] ** (1 / (1 - sigma))
        real.append(found.wage[:, 0] / price)
    home_share = found.supply[:, 0, 0] / found.price_to_sigma[:, 0]
    assert (home_share < 0.999).all()
    np.testing.assert_allclose(real[1] / real[0], home_share ** (-1 / (sigma - 1)), rtol=EXACT)


def test_a_symmetric_world_stays_symmetric():
    tech = technology()
    market = world(tech, host=(0, 1, 2))
    home = np.full((3, 3, 3), 0.2) + 0.8 * np.eye(3)
    parts = {}
    for name in ("imports", "exports", "autonomous", "other", "rd_wages", "efficiency", "labour"):
        holder = next(h for h in (market, market.trade, market.demand) if name in vars(h))
        parts[name] = np.ones_like(vars(holder)[name])
    market = changed(market, home=home, **parts)
    for start in (begin(market), begin(market, noise=0.5)):
        found = cleared(market, start)
        for value in (found.wage, found.sales, found.price_to_sigma, found.spending):
            np.testing.assert_allclose(value, value[[1, 2, 0]], rtol=EXACT)


@pytest.mark.parametrize("seed", range(6))
def test_random_cold_starts_end_in_the_same_solution(seed):
    market = world(technology(), seed=seed)
    same(cleared(market, begin(market, noise=1.0, seed=seed)), cleared(market), 1e-11)


@pytest.mark.parametrize("scale", [0.01, 7.0])
def test_money_is_a_unit(scale):
    """All money, prices abroad and compute x s: wages, sales and spending x s."""
    market = world(technology())
    sigma, demand = market.tech.sigma, market.demand
    money = changed(
        market,
        autonomous=scale * demand.autonomous,
        other=scale * demand.other,
        rd_wages=scale * demand.rd_wages,
        exports=scale**sigma * market.trade.exports,
        world_supply=scale ** (1 - sigma) * market.trade.world_supply,
    )
    before, after = cleared(market), cleared(money, compute=scale, hubs=0.01 * scale)
    for name in ("wage", "sales", "spending"):
        np.testing.assert_allclose(getattr(after, name), scale * getattr(before, name), rtol=1e-11)


def test_a_permutation_of_provinces_permutes_the_solution():
    market = world(technology(), host=(0, 1, 2))
    order, trade, demand = np.array([2, 0, 1]), market.trade, market.demand
    moved = changed(
        market,
        home=trade.home[:, order][:, :, order],
        imports=trade.imports[order],
        exports=trade.exports[order],
        autonomous=demand.autonomous[order],
        other=demand.other[order],
        rd_wages=demand.rd_wages[order],
        efficiency=market.efficiency[order],
        labour=market.labour[order],
    )
    before, after = cleared(market), cleared(moved)
    for name in ("wage", "sales", "price_to_sigma", "spending"):
        np.testing.assert_allclose(getattr(after, name), getattr(before, name)[order], rtol=1e-11)


def test_twin_industries_may_buy_from_each_other_or_from_both():
    """Identical industries have one price, so the composition of inputs cannot matter."""
    base = technology(industries=1)
    twice = {
        f.name: np.repeat(getattr(base, f.name), 2, axis=0)
        for f in fields(base) if f.name not in {"codes", "inputs"}
    }  # fmt: skip
    crossed = replace(base, codes=("A", "B"), inputs=np.array([[0.0, 1], [1, 0]]), **twice)
    both = replace(crossed, inputs=np.full((2, 2), 0.5))
    one = world(base)
    trade, demand = one.trade, one.demand
    market = changed(
        one, tech=crossed, efficiency=one.efficiency.repeat(2, axis=1),
        home=trade.home.repeat(2, axis=0), imports=trade.imports.repeat(2, axis=1),
        exports=trade.exports.repeat(2, axis=1), world_supply=trade.world_supply.repeat(2),
        autonomous=demand.autonomous.repeat(2, axis=1), consumption=np.array([0.5, 0.5]),
        reference=replace(one.reference, materials=np.ones(2)),
    )  # fmt: skip
    found = cleared(market)
    np.testing.assert_allclose(found.sales[:, 0], found.sales[:, 1], rtol=EXACT)
    same(cleared(changed(market, tech=both)), found, 1e-11)


@pytest.mark.filterwarnings("error")
def test_a_search_ends_with_the_first_small_gap_whatever_nobody_buys():
    base = world(technology())
    inputs, autonomous = base.tech.inputs.copy(), base.demand.autonomous.copy()
    inputs[0], autonomous[1, 0] = 0.0, 0.0
    tech = replace(base.tech, inputs=inputs / inputs.sum(axis=0))
    market = changed(base, tech=tech, autonomous=autonomous, consumption=np.array([0, 0.5, 0.5]))
    start, prices, hubs = begin(market, noise=0.3), np.ones((3, 3)), np.zeros((3, 3))
    start.spending[1, 0] = 0.0
    iteration = Iteration(market, start, damping=0.5)
    assert iteration._parts(iteration._point)[1][1, 0, 1] == 0.0  # its log, as that of its image
    found = iteration.run(prices, hubs, 1e-6, 500)
    assert found.gap < 1e-6
    assert found.iterations < 60
    shorter = Iteration(market, start, 0.5).run(prices, hubs, 1e-6, found.iterations - 1)
    assert shorter.gap >= 1e-6
