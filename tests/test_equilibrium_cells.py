"""Cells of the market: an oracle that knows only firms, zones, empty cells, and failures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import root

from sim.mechanisms.equilibrium import by_province, unit_cost
from sim.mechanisms.equilibrium_iteration import Iteration
from tests.market_worlds import begin, changed, cleared, technology, wedges, world

COMPUTE, HUBS = 1.3, 0.01


def firms_residual(unknown, market):
    """How far one firm per cell is from optimum and markets from clearing; no S, epsilon or zeta.

    A firm of efficiency B = T^(1 / epsilon) makes y at variable cost W (y / B)^(1 / (1 - alpha_K)),
    charges m times marginal cost, and sells p^(-sigma) of each unit of market access. Of its cost,
    the part 1 - 1 / (1 + kappa_tax) is a charge; sellers of inputs get the rest.
    """
    tech, trade, demand, host = market.tech, market.trade, market.demand, market.host
    n, k, types = market.provinces, len(tech.codes), market.labour.shape[1]
    price, wage, output = np.split(np.exp(unknown), [n * k, n * (k + types)])
    price, wage = price.reshape(n, k), wage.reshape(n, types)
    output = output.reshape(market.efficiency.shape)
    goods, variable = np.exp(np.log(price) @ tech.inputs), (1 - tech.capital)[:, None]
    rules = market.wedges
    index = np.exp(unit_cost(tech, wage, goods, np.full((n, k), COMPUTE), market.reference))[host]
    index = index * ((1 + rules.loss) * (1 + rules.tax))[:, :, None]
    firm = market.efficiency ** (1 / tech.epsilon[:, None])
    cost = index * (output / firm) ** (1 / variable)
    charged = tech.markup[:, None] * cost / (variable * output)
    sales = charged * output
    cost = cost / (1 + rules.tax)[:, :, None]
    labour = (cost * (tech.labour / variable)).sum(axis=2)
    materials = (cost * (tech.materials[:, None] / variable)).sum(axis=2)
    bill = by_province(labour, host, n) @ tech.skill + demand.rd_wages
    consumption = demand.propensity * bill.sum(axis=1) + demand.other
    spending = consumption[:, None] * demand.consumption + demand.autonomous + HUBS
    spending = spending + by_province(materials, host, n) @ tech.inputs.T
    power = 1 - tech.sigma
    from_home = trade.home.transpose(1, 2, 0)[host]  # place, destination, industry
    offers = (charged ** power[:, None]).sum(axis=2)
    sums = (from_home * offers[:, None, :]).sum(axis=0) + trade.imports * trade.world_supply
    access = (from_home * spending / price**power).sum(axis=1) + trade.exports
    return np.concatenate([
        np.log(sums / price**power).ravel(),
        np.log(bill / (wage * market.labour)).ravel(),
        np.log(charged ** power[:, None] * access[:, :, None] / sales).ravel(),
    ])  # fmt: skip


@pytest.mark.parametrize("ruled", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_optimal_firms_and_clearing_markets_give_the_same_world(seed, ruled):
    market = world(technology(seed=seed), seed=seed)
    market = changed(market, wedges=wedges(market, seed)) if ruled else market
    found = cleared(market, compute=COMPUTE, hubs=HUBS)
    n, k = found.spending.shape
    size = n * k + market.labour.size + market.efficiency.size
    oracle = root(firms_residual, np.zeros(size), args=(market,), method="hybr", tol=1e-13)
    assert np.abs(oracle.fun).max() < 1e-10
    price, wage, _ = np.split(np.exp(oracle.x), [n * k, n * k + market.labour.size])
    np.testing.assert_allclose(found.wage.ravel(), wage, rtol=1e-8)
    ours = found.price_to_sigma ** (1 / (1 - market.tech.sigma))
    np.testing.assert_allclose(ours.ravel(), price, rtol=1e-8)


def test_supply_at_given_prices_is_the_supply_of_the_solution():
    market = world(technology())
    found = cleared(market)
    goods = np.exp(np.log(found.price_to_sigma) / (1 - market.tech.sigma) @ market.tech.inputs)
    compute = np.ones_like(goods)
    supply = market.supply(found.wage, goods, compute, found.market_access)
    np.testing.assert_allclose(supply, found.supply, rtol=1e-11)


def test_unit_cost_at_the_prices_of_2012_does_not_depend_on_the_stage():
    tech = technology()
    ref = world(tech).reference
    cost = unit_cost(tech, ref.wage[None], ref.materials[None], np.ones((1, 3)), ref)
    np.testing.assert_allclose(cost[:, :, 0], cost[:, :, 1], rtol=1e-14)
    dearer = unit_cost(tech, ref.wage[None], ref.materials[None], np.full((1, 3), np.e), ref)
    np.testing.assert_allclose(dearer - cost, [tech.compute / (1 - tech.capital)[:, None]])


def test_firms_in_a_zone_compete_as_if_they_were_outside():
    """A zone is at distance zero: moving firms into it, with equal exports, changes no total."""
    market = world(technology())
    equal = changed(market, exports=market.trade.exports[[0, 1, 2, 0]])
    share = np.array([0.3, 1, 1, 0.7])[:, None, None]
    together = by_province(equal.efficiency, equal.host, 3)
    moved = changed(equal, efficiency=together[equal.host] * share)
    outside = changed(
        equal, efficiency=together, host=np.arange(3), exports=equal.trade.exports[:3]
    )
    split, whole = cleared(moved), cleared(outside)
    np.testing.assert_allclose(by_province(split.sales, moved.host, 3), whole.sales, rtol=1e-11)
    np.testing.assert_allclose(split.wage, whole.wage, rtol=1e-11)


@pytest.mark.nojit
def test_a_place_without_firms_leaves_no_trace():
    """Bit for bit: a zone that is not founded yet must not move the baseline."""
    market = world(technology(), host=(0, 1, 2))
    empty = np.zeros((1, 3, 2))
    wider = changed(
        market, host=np.array([0, 1, 2, 1]),
        efficiency=np.concatenate([market.efficiency, empty]),
        exports=np.concatenate([market.trade.exports, np.full((1, 3), 9.0)]),
    )  # fmt: skip
    before, after = cleared(market, tolerance=1e-11), cleared(wider, tolerance=1e-11)
    assert after.sales[:3].tobytes() == before.sales.tobytes()
    assert after.wage.tobytes() == before.wage.tobytes()
    assert not after.sales[3].any()
    assert (after.market_access[3] > 9.0).all()


def test_an_industry_that_nobody_buys_in_a_province_is_skipped_there():
    market = world(technology())
    demand, tech = market.demand, market.tech
    inputs = tech.inputs.copy()
    inputs[0] = 0.0
    autonomous = demand.autonomous.copy()
    autonomous[1, 0] = 0.0
    parts = {name: getattr(tech, name) for name in tech.__dataclass_fields__}
    nobody = changed(
        market,
        tech=type(tech)(**{**parts, "inputs": inputs / inputs.sum(axis=0)}),
        autonomous=autonomous,
        consumption=np.array([0.0, 0.5, 0.5]),
    )
    found = cleared(nobody, hubs=0.0)
    assert found.spending[1, 0] == 0.0
    assert (np.delete(found.spending.ravel(), 3) > 0).all()
    assert (found.sales > 0).all()


def test_equal_markets_give_equal_bits():
    market = world(technology())
    again = changed(market)
    assert cleared(market).sales.tobytes() == cleared(again).sales.tobytes()


def test_an_interrupted_search_goes_on_where_it_stopped():
    market = world(technology())
    shape = (3, 3)
    iteration = Iteration(market, begin(market), damping=0.5)
    for _ in range(100):
        found = iteration.run(np.ones(shape), np.full(shape, 0.01), 1e-13, 3)
        if found.gap < 1e-13:
            break
    assert found.gap < 1e-13
    assert found.iterations == iteration.iterations > 3
    np.testing.assert_allclose(found.sales, cleared(market).sales, rtol=1e-11)


def test_a_price_sum_of_nothing_stops_the_search_and_names_the_industry():
    """Spending on goods that nobody makes and nobody imports has no solution."""
    market = world(technology())
    efficiency, imports = market.efficiency.copy(), market.trade.imports.copy()
    efficiency[:, 1] = imports[:, 1] = 0.0
    broken = changed(market, efficiency=efficiency, imports=imports)
    iteration = Iteration(broken, begin(broken), damping=0.5)
    with np.errstate(all="ignore"):
        found = iteration.run(np.ones((3, 3)), np.zeros((3, 3)), 1e-10, 50)
    assert not np.isfinite(found.gap)
    assert iteration.iterations < 50
    assert "industry I1" in broken.worst(found)


def test_the_worst_cell_is_named_by_its_host_province_and_industry():
    market = world(technology())
    found = begin(market)
    found.gap_sales[3, 1] = 2.0
    assert "province row 0, industry I1" in market.worst(found)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12))
def test_sums_by_province_add_every_place_once(host):
    rows = np.array(host)
    values = np.arange(rows.size * 6, dtype=float).reshape(rows.size, 2, 3)
    expected = [values[rows == r].sum(axis=0) for r in range(4)]
    assert (by_province(values, rows, 4) == np.array(expected)).all()
