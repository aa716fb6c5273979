"""Building compute capacity in parts of a quarter, and hubs that open late."""

import numpy as np
import pytest

from sim.mechanisms import compute_capacity
from sim.mechanisms.compute import ComputeConfig
from sim.state.columns import LEVERS

CONFIG = ComputeConfig(growth=0.03, growth_threshold=0.8, build_cost=8.0, opening_boost=0.5)
ZERO = ("central_next", "programme_next", "orders_next", "cost", "hub_next")


def test_an_outage_takes_its_part_of_the_capacity():
    found = compute_capacity.available(np.array([10.0, 4.0]), np.array([True, False]), 0.3)
    assert found.tolist() == [7.0, 4.0]


@pytest.mark.parametrize("dt", [1.0, 0.5, 0.25])
def test_outlays_are_rates_and_stocks_grow_by_the_length_of_the_step(world, dt):
    provinces, base = world.provinces, world.baseline.capacity
    world.clock.dt = dt
    provinces["compute_capacity"], provinces["investment_price"] = 10.0, 1.5
    provinces["compute_used"] = [9.0, 0.0, 9.0, 0.0, 0.0, 0.0]
    provinces["compute_build"] = [0.0, 0.1, 0.2, 0.0, 0.0, 0.3]
    provinces["compute_build_local"] = [0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    for column in ZERO:
        provinces[column] = 0.0
    compute_capacity.build(world, CONFIG)
    busy = np.array([1, 0, 1, 0, 0, 0])
    private = 10 * (1.03**dt - 1) * busy
    public = np.array([0.0, 0.1, 0.2, 0.0, 0.0, 0.3]) * base
    local = np.array([0, 1, 0, 0, 0, 1])
    assert provinces["compute_capacity"] == pytest.approx(10 + private + public * dt, rel=1e-13)
    assert provinces["hub_next"] == pytest.approx(private * 12 / dt, rel=1e-12)
    assert provinces["programme_next"] == pytest.approx(public * local * 12, rel=1e-12)
    assert provinces["central_next"] == pytest.approx(public * (1 - local) * 12, rel=1e-12)
    cost = provinces["cost"][:, LEVERS.index("compute_investment")]
    assert cost == pytest.approx(public * 12, rel=1e-12)
    assert provinces["orders_next"].sum(axis=1) == pytest.approx(
        (private / dt + public) * 12, rel=1e-12
    )


def test_a_hub_that_should_have_opened_before_opens_now(world):
    provinces, dt = world.provinces, 0.5
    world.clock.dt, world.clock.step = dt, 2 * world.clock.step
    world.hub_opening[:] = 10**6
    world.hub_opening[3] = world.clock.quarter - 5
    provinces["hub"], provinces["central_next"] = False, 0.0
    before = provinces["compute_capacity"].copy()
    compute_capacity.open_hubs(world, CONFIG)
    added = provinces["compute_capacity"] - before
    assert np.flatnonzero(added).tolist() == [3]
    assert added[3] == pytest.approx(0.5 * world.baseline.capacity[3], rel=1e-9)
    outlay = 8 * added * provinces["investment_price"] / dt
    assert provinces["central_next"] == pytest.approx(outlay, rel=1e-12)
    assert provinces["hub"].tolist() == [False, False, False, True, False, False]
