import copy
import math
from types import SimpleNamespace

import numpy as np
import pytest

from sim.mechanisms import production
from sim.mechanisms.production import ProductionConfig, effective_efficiency, supply_weight
from sim.state.columns import STAGES

CONFIG = ProductionConfig(
    stage_gain=(0.0, 0.04, 0.08, 0.14, 0.18),
    quality_exponent=0.2,
    externality=0.05,
    disruption=0.03,
)


def effective(stage=0, disrupted=0.0, externality=1.0, capital=1.0):
    args = [np.array([value]) for value in (2.0, stage, disrupted, externality, capital, 0.25)]
    return float(effective_efficiency(*args, CONFIG)[0])


def test_effective_efficiency_closed_form():
    assert effective() == 2
    assert effective(stage=3) == pytest.approx(2 * math.exp(0.14), rel=1e-14)
    assert effective(disrupted=1.0) == pytest.approx(2 * 0.97, rel=1e-14)
    assert effective(externality=1.1) == pytest.approx(2.2, rel=1e-14)
    assert effective(capital=16.0) == pytest.approx(4, rel=1e-14)


def test_supply_rises_with_efficiency_by_its_elasticity(start):
    industry = np.arange(len(start.tech.codes))
    ones = np.ones(industry.size)
    once = supply_weight(start.tech, industry, ones, ones, CONFIG)
    twice = supply_weight(start.tech, industry, 2 * ones, 2 * ones, CONFIG)
    power = CONFIG.quality_exponent * (1 - start.tech.zeta) + start.tech.epsilon
    assert np.log2(twice / once) == pytest.approx(power, rel=1e-13)


def test_cells_add_up_live_firms_by_weight(world):
    values = np.arange(world.firms.n) / 3
    cells = production.cell_sums(world, values)
    assert cells.shape == (world.places.n, len(world.tech.codes), 5)
    expected = np.zeros(cells.shape)
    table = {name: world.firms[name] for name in ("alive", "place", "industry", "stage", "weight")}
    for row in np.flatnonzero(table["alive"]):
        place, industry, stage = (table[name][row] for name in ("place", "industry", "stage"))
        expected[place, industry, stage] += values[row] * table["weight"][row]
    assert not table["alive"].all()
    assert cells == pytest.approx(expected, rel=1e-12)


def test_splitting_an_agent_changes_no_cell(world):
    """Results must not depend on the weight an agent stands for."""
    before = production.cell_sums(world, production.contributions(world, CONFIG))
    row = int(np.flatnonzero(world.firms["alive"] & (world.firms["capital"] > 0))[0])
    twin = {name: world.firms[name][row].copy() for name in world.firms}
    world.firms.add(1, **twin)
    world.firms["weight"][[row, -1]] /= 2
    after = production.cell_sums(world, production.contributions(world, CONFIG))
    assert after == pytest.approx(before, rel=1e-13)


def test_the_dead_make_nothing(world):
    made = production.contributions(world, CONFIG)
    alive = world.firms["alive"]
    assert (made[~alive] == 0).all()
    assert (made[alive & (world.firms["capital"] > 0)] > 0).all()


def solved(grown):
    """A world, what its firms add to their cells, and a solution with known sales."""
    world = copy.deepcopy(grown.world)
    contribution = production.contributions(world, CONFIG)
    solution = copy.copy(grown.solution)
    filled = production.cell_sums(world, contribution) > 0
    solution.sales, solution.supply = np.where(filled, 12.0, 0.0), np.where(filled, 0.3, 0.0)
    return world, contribution, solution


def test_firms_share_the_sales_of_their_cell(grown):
    world, contribution, solution = solved(grown)
    cells = production.cell_sums(world, contribution)
    production.distribute(world, contribution, cells, solution)
    revenue = world.firms["revenue"]
    assert production.cell_sums(world, revenue) == pytest.approx(solution.sales, rel=1e-12)
    assert (revenue[~world.firms["alive"]] == 0).all()
    # Within a cell sales are in proportion to what firms add.
    cell = production.cell(
        world.firms["place"], world.firms["industry"], world.firms["stage"], len(world.tech.codes)
    )
    mine = np.flatnonzero((cell == np.bincount(cell[contribution > 0]).argmax()) & (revenue > 0))
    assert mine.size > 1
    assert revenue[mine] / revenue[mine[0]] == pytest.approx(
        contribution[mine] / contribution[mine[0]], rel=1e-12
    )


def test_large_firms_sell_more_than_the_mean_of_their_industry(world):
    firms, mean = world.firms, production.mean_revenue(world)
    for industry in range(len(world.tech.codes)):
        mine = firms["alive"] & (firms["industry"] == industry) & (firms["revenue"] > 0)
        assert mean[industry] == pytest.approx(
            np.average(firms["revenue"][mine], weights=firms["weight"][mine]), rel=1e-12
        )


def test_prices_of_firms_add_up_to_the_supply_of_the_cell(grown):
    """S_okD = sum of weight * p^(1 - sigma) over the firms of the cell."""
    world, contribution, solution = solved(grown)
    cells = production.cell_sums(world, contribution)
    price = production.price_of(world, contribution, cells, solution)
    power = 1 - world.tech.sigma[world.firms["industry"]]
    part = np.where(np.isfinite(price), np.where(np.isfinite(price), price, 1.0) ** power, 0.0)
    found = production.cell_sums(world, part)
    assert found[cells > 0] == pytest.approx(solution.supply[cells > 0], rel=1e-11)
    assert np.isnan(price[contribution == 0]).all()


def test_the_deflator_follows_matched_firms_only(world):
    firms, start = world.firms, world.provinces["deflator"].copy()
    before = firms["price"].copy()
    firms["weight"][:] *= 1e-9  # however little firms stand for
    price = 1.5 * before
    entrant = int(np.flatnonzero(np.isfinite(before))[0])
    firms["price"][entrant] = np.nan  # sold nothing last quarter
    price[entrant] = 1e6
    production.deflate(world, price)
    assert world.provinces["deflator"] == pytest.approx(1.5 * start, rel=1e-13)
    assert firms["price"][entrant] == 1e6


def test_the_deflator_weighs_firms_by_value_added(start):
    firms, tech = start.firms, start.tech
    one, two = np.flatnonzero((firms["province"] == 2) & (firms["industry"] < 2))[[0, -1]]
    firms["price"] = np.nan
    firms["price"][[one, two]] = 1.0
    price = np.full(firms.n, np.nan)
    price[[one, two]] = [2.0, 3.0]
    rows = np.array([one, two])
    industry = firms["industry"][rows]
    start.places["wedge_tax"][2, industry[0]] = 0.5  # charged: less of its sales goes to sellers
    kept = np.where(industry == industry[0], 1 / 1.5, 1.0)
    margin = 1 - (tech.materials / tech.markup)[industry] * kept
    weight = firms["revenue"][rows] * firms["weight"][rows] * margin
    production.deflate(start, price)
    expected = math.exp((weight @ np.log([2.0, 3.0])) / weight.sum())
    assert start.provinces["deflator"][2] == pytest.approx(expected, rel=1e-13)
    assert (np.delete(start.provinces["deflator"], 2) == 1).all()


def test_externality_is_a_power_of_employment(start):
    provinces = start.provinces
    provinces["employment"] = 3 * provinces["employment_2012"]
    provinces["employment"][0, 0] = 0.0
    production.update_externality(start, CONFIG)
    assert provinces["externality"][1] == pytest.approx(3**0.05, rel=1e-14)
    assert provinces["externality"][0, 0] == pytest.approx(0.01**0.05, rel=1e-14)
    provinces["employment"] = provinces["employment_2012"]
    production.update_externality(start, CONFIG)
    assert (provinces["externality"] == 1).all()


def test_closed_firms_sell_nothing_and_large_ones_more_than_the_mean(world):
    firms, shape = world.firms, (world.places.n, len(world.tech.codes), STAGES)
    draw = np.random.default_rng(6)
    contribution = draw.uniform(1, 2, firms.n)
    total = production.cell_sums(world, contribution)
    solution = SimpleNamespace(sales=draw.uniform(1, 2, shape), supply=draw.uniform(1, 2, shape))
    production.distribute(world, contribution, total, solution)
    assert not firms["alive"].all()
    assert not firms["revenue"][~firms["alive"]].any()
    cells = firms["place"], firms["industry"], firms["stage"]
    expected = contribution * (solution.sales / np.maximum(total, 1e-300))[cells]
    live = firms["alive"]
    assert firms["revenue"][live] == pytest.approx(expected[live], rel=1e-12)
    mean = production.mean_revenue(world)
    assert (firms["large"] == (firms["revenue"] > mean[firms["industry"]])).all()
    price = production.price_of(world, contribution, total, solution)
    part = (solution.supply / np.maximum(total, 1e-300))[cells] * contribution
    sigma = world.tech.sigma[firms["industry"]]
    assert price[live] == pytest.approx(part[live] ** (1 / (1 - sigma[live])), rel=1e-12)
    assert np.isnan(price[~live]).all()
    assert np.isnan(production.price_of(world, contribution, 0 * total, solution)).all()


def test_means_ignore_how_many_an_agent_stands_for_and_know_empty_industries(world):
    firms = world.firms
    firms["alive"][firms["industry"] == 2] = False
    before = production.mean_revenue(world)
    firms["weight"][:] *= 1e-9
    assert production.mean_revenue(world) == pytest.approx(before)
    assert before[2] == np.inf


def test_a_firm_as_large_as_the_mean_is_not_large(world):
    firms = world.firms
    row = int(np.flatnonzero(firms["alive"] & (firms["industry"] == 2))[0])
    firms["alive"][firms["industry"] == 2] = False
    firms["alive"][row], firms["weight"][row] = True, 1.0
    contribution = np.ones(firms.n)
    total = production.cell_sums(world, contribution)
    production.distribute(world, contribution, total, SimpleNamespace(sales=3.0 * total))
    assert firms["revenue"][row] == production.mean_revenue(world)[2] == 3.0
    assert not firms["large"][row]
