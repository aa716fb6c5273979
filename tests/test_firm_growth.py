import copy
import hashlib

import numpy as np
import pytest

from sim.mechanisms import firm_growth, production
from sim.mechanisms.firm_growth import FirmGrowthConfig
from sim.mechanisms.production import ProductionConfig, supply_weight
from sim.metrics.size_tail import tail_exponent
from tests.market_worlds import technology
from tests.worlds import small_model

RANDOM = FirmGrowthConfig(drift=(-0.02, -0.02, -0.02), volatility=0.25)
FLOORED = RANDOM.model_copy(update={"floor": 0.1})
PRODUCTION = ProductionConfig()


def noise(count, seed=1):
    draw = np.random.default_rng(seed)
    return draw.standard_normal(count), draw.random(count)


def test_without_a_floor_sizes_drift_and_scatter():
    size, owner = np.array([0.5, 2.0]), np.array([0, 2])
    rules = FirmGrowthConfig(drift=(0.1, 0, -0.2), volatility=0.3)
    found = firm_growth.grown(size, owner, 0.25, rules, np.array([1.0, -1.0]), np.zeros(2))
    assert np.log(found / size) == pytest.approx([0.025 + 0.15, -0.05 - 0.15], rel=1e-13)


def test_a_floor_holds_small_firms_only():
    count = 2000
    size, owner = np.where(np.arange(count) % 2, 0.1, 1e6), np.zeros(count, dtype=int)
    free = firm_growth.grown(size, owner, 1.0, RANDOM, *noise(count))
    held = firm_growth.grown(size, owner, 1.0, FLOORED, *noise(count))
    small = size < 1
    assert held[~small] == pytest.approx(free[~small], rel=1e-12)
    assert (held[small] > free[small]).all()
    assert held.min() >= 0.1 * (1 - 1e-12)


def test_firms_that_markets_pushed_below_the_floor_are_lifted_to_it():
    still = FirmGrowthConfig(drift=(-0.1, 0, 0), floor=0.2)
    nothing = np.zeros(3)
    size = np.array([0.05, 0.2, 1.0])
    found = firm_growth.grown(size, np.zeros(3, dtype=int), 1.0, still, nothing, nothing)
    assert found == pytest.approx([0.2, 0.2, np.exp(-0.1)], rel=1e-13)


@pytest.mark.parametrize("years", [0.25, 5.0])
def test_a_pareto_law_above_the_floor_stays_as_it_is(years):
    """Whatever the step, as it is that of a reflected Brownian motion."""
    count, exponent = 40_000, 2 * 0.02 / 0.25**2
    size = 0.1 * (np.random.default_rng(9).pareto(exponent, count) + 1)
    owner = np.zeros(count, dtype=int)
    for step in range(40):
        size = firm_growth.grown(size, owner, years, FLOORED, *noise(count, step))
    found, error = tail_exponent(size, 0.1)
    assert found == pytest.approx(exponent, abs=4 * error)


def test_the_lowest_point_follows_its_law():
    """From the floor, a motion without drift ends |N(0, s^2 t)| above it."""
    count = 40_000
    rules = FirmGrowthConfig(drift=(0, 0, 0), volatility=0.5, floor=0.1)
    shock, dip = noise(count)
    found = firm_growth.grown(
        np.full(count, 0.1), np.zeros(count, dtype=int), 4.0, rules, shock, dip
    )
    above = np.log(found / 0.1)
    error = np.sqrt(1 - 2 / np.pi) / np.sqrt(count)
    assert above.mean() == pytest.approx(np.sqrt(2 / np.pi), abs=4 * error)
    assert (above**2).mean() == pytest.approx(1, abs=4 * np.sqrt(2 / count))


def test_efficiency_rises_so_that_sales_rise_as_told():
    tech = technology()
    industry, size, after = (
        np.array([0, 1, 2]),
        np.array([0.3, 1.0, 2.0]),
        np.array([0.4, 0.9, 5.0]),
    )
    elasticity = firm_growth.sales_elasticity(tech, PRODUCTION)[industry]
    factor = firm_growth.efficiency_rise(size, after, elasticity)
    before = supply_weight(tech, industry, np.ones(3), np.ones(3), PRODUCTION)
    now = supply_weight(tech, industry, factor, factor, PRODUCTION)
    assert now / before == pytest.approx(after / size, rel=1e-13)


def test_firms_of_the_model_grow_at_given_markets(world):
    """What each firm adds to its cell, which fixes its share of sales, grows by exp(m dt)."""
    firms, rules = world.firms, FirmGrowthConfig(drift=(0.05, 0.02, -0.03))
    before = production.contributions(world, PRODUCTION)
    firm_growth.apply(world, rules, PRODUCTION, np.random.default_rng(1))
    growth = production.contributions(world, PRODUCTION)
    selling = firms["alive"] & (firms["revenue"] > 0)
    expected = np.exp(np.array([0.05, 0.02, -0.03])[firms["owner"]] / 4)
    ratio = growth[selling] / before[selling]
    assert ratio == pytest.approx(expected[selling], rel=1e-12)
    assert (growth[~selling] == before[~selling]).all()
    assert (~selling).any()


def test_the_floor_is_a_share_of_mean_sales(world):
    firms = world.firms
    mean = production.mean_revenue(world)[firms["industry"]]
    rules = FirmGrowthConfig(drift=(-1e-9,) * 3, floor=0.5)
    before = firms["efficiency"].copy()
    firm_growth.apply(world, rules, PRODUCTION, np.random.default_rng(1))
    selling = firms["alive"] & (firms["revenue"] > 0)
    small = selling & (firms["revenue"] < 0.5 * mean)
    elasticity = firm_growth.sales_elasticity(world.tech, PRODUCTION)[firms["industry"]]
    rise = (firms["efficiency"] / before) ** elasticity
    assert rise[small] == pytest.approx(0.5 * mean[small] / firms["revenue"][small], rel=1e-9)
    assert rise[selling & ~small] == pytest.approx(1, rel=1e-9)


def test_off_nothing_happens(world):
    before = copy.deepcopy(world)
    for rules in (FirmGrowthConfig(), FirmGrowthConfig(floor=0.9)):
        assert rules.off
        firm_growth.apply(world, rules, PRODUCTION, np.random.default_rng(1))
    for name in before.firms:
        np.testing.assert_array_equal(world.firms[name], before.firms[name])


def digest(**sections):
    model = small_model(**sections)
    for _ in range(3):
        model.step()
    return hashlib.sha256(model.world.firms["revenue"].tobytes()).hexdigest()


def test_the_model_runs_with_random_growth_and_is_the_same_without():
    grown = digest(firm_growth={"drift": [0.01, 0.01, 0.01], "volatility": 0.2, "floor": 0.01})
    assert grown != digest() == digest(firm_growth={"floor": 0.2})


def test_growth_is_off_if_it_neither_drifts_nor_scatters():
    assert FirmGrowthConfig().off
    assert not FirmGrowthConfig(volatility=0.1).off
    assert not FirmGrowthConfig(drift=(0.0, 0.1, 0.0)).off
