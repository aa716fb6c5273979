"""Building compute capacity in parts of a quarter, and hubs that open late."""

import numpy as np
import pytest

from sim.mechanisms import compute_capacity
from sim.mechanisms.compute import ComputeConfig
from sim.state.calendar import parse_quarter
from sim.state.columns import LEVERS

CONFIG = ComputeConfig(growth=0.03, growth_threshold=0.8, build_cost=8.0, opening_boost=0.5)
FROZEN = CONFIG.model_copy(update={"frozen": True})
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


def test_hubs_near_their_limit_grow(world):
    provinces = world.provinces
    provinces["compute_capacity"], provinces["investment_price"] = 10.0, 1.5
    provinces["compute_used"] = [7.9, 8.0, 8.1, 10.0, 0.0, 9.0]
    for column in ("central_next", "programme_next", "orders_next", "cost"):
        provinces[column] = 0.0
    compute_capacity.build(world, CONFIG)
    busy = np.array([0, 0, 1, 1, 0, 1])
    assert provinces["compute_capacity"] == pytest.approx(10 + 0.3 * busy, rel=1e-14)
    assert provinces["hub_next"] == pytest.approx(0.3 * 8 * 1.5 * busy, rel=1e-12)
    assert provinces["orders_next"].sum(axis=1) == pytest.approx(3.6 * busy, rel=1e-12)
    assert not provinces["central_next"].any()


def test_the_centre_pays_for_what_it_builds(world):
    provinces, base = world.provinces, world.baseline.capacity
    provinces["compute_used"] = 0.0
    provinces["compute_build"] = [0, 0.05, 0, 0, 0, 0.1]
    for column in ("central_next", "programme_next", "orders_next", "cost"):
        provinces[column] = 0.0
    before = provinces["compute_capacity"].copy()
    compute_capacity.build(world, CONFIG)
    added = provinces["compute_build"] * base
    outlay = 8 * added * provinces["investment_price"]
    assert provinces["compute_capacity"] - before == pytest.approx(added, abs=1e-10)
    assert provinces["central_next"] == pytest.approx(outlay, rel=1e-12)
    assert provinces["cost"][:, LEVERS.index("compute_investment")] == pytest.approx(outlay)
    assert not provinces["hub_next"].any()
    assert not provinces["programme_next"].any()
    provinces["compute_capacity"] = before
    compute_capacity.build(world, FROZEN)
    assert (provinces["compute_capacity"] == before).all()


def test_provinces_pay_for_what_they_build_themselves(world):
    provinces = world.provinces
    provinces["compute_used"], provinces["compute_build"] = 0.0, 0.1
    provinces["compute_build_local"] = [1, 0, 0, 0, 0, 1]
    provinces["central_next"], provinces["programme_next"] = 0.0, 0.0
    compute_capacity.build(world, CONFIG)
    outlay = 8 * 0.1 * world.baseline.capacity * provinces["investment_price"]
    own = np.array([1, 0, 0, 0, 0, 1])
    assert provinces["programme_next"] == pytest.approx(outlay * own, rel=1e-12)
    assert provinces["central_next"] == pytest.approx(outlay * (1 - own), rel=1e-12)


def test_growth_in_parts_of_a_quarter(world):
    provinces = world.provinces
    provinces["compute_capacity"], provinces["compute_used"] = 10.0, 1e9
    world.clock.dt = 0.25
    for _ in range(4):
        compute_capacity.build(world, CONFIG)
    assert provinces["compute_capacity"] == pytest.approx(10.3, rel=1e-13)


def test_a_national_hub_opens_once(world):
    provinces = world.provinces
    opening = parse_quarter("2022Q1")
    assert (world.hub_opening == opening).any()
    world.clock.step = opening - world.clock.start - 1
    before = provinces["compute_capacity"].copy()
    provinces["central_next"] = 0.0
    compute_capacity.open_hubs(world, CONFIG)
    assert (provinces["compute_capacity"] == before).all()
    world.clock.step += 1
    for _ in range(3):
        compute_capacity.open_hubs(world, CONFIG)
    opened = world.hub_opening <= opening
    assert (provinces["hub"] == opened).all()
    added = 0.5 * world.baseline.capacity * opened
    assert provinces["compute_capacity"] - before == pytest.approx(added, abs=1e-10)
    assert provinces["central_next"] == pytest.approx(
        8 * added * provinces["investment_price"], rel=1e-12
    )


def test_outages_halve_what_a_hub_can_sell(world):
    """Share of hubs that fail in a quarter, within 4 standard errors; capacity itself stays."""
    provinces, rounds, failed = world.provinces, 2000, 0
    capacity, draw = provinces["compute_capacity"].copy(), np.random.default_rng(2)
    often = CONFIG.model_copy(update={"outage_hazard": 0.4})
    for _ in range(rounds):
        compute_capacity.begin(world, often, draw)
        part = provinces["compute_limit"] / capacity
        assert ((part == 1) | (part == 0.5)).all()
        failed += int((part == 0.5).sum())
    chance = 1 - np.exp(-0.4 / 4)
    error = np.sqrt(chance * (1 - chance) / (6 * rounds))
    assert failed / (6 * rounds) == pytest.approx(chance, abs=4 * error)
    assert (provinces["compute_capacity"] == capacity).all()


def test_history_starts_without_outages(start):
    certain = CONFIG.model_copy(update={"outage_hazard": 1.0})
    for seed in range(20):
        compute_capacity.begin(start, certain, np.random.default_rng(seed))
        assert (start.provinces["compute_limit"] == start.provinces["compute_capacity"]).all()


def test_outages_begin_with_the_second_step(start):
    certain = CONFIG.model_copy(update={"outage_hazard": 1e3})
    start.clock.step = 1
    compute_capacity.begin(start, certain, np.random.default_rng(0))
    provinces = start.provinces
    assert (provinces["compute_limit"] == 0.5 * provinces["compute_capacity"]).all()
