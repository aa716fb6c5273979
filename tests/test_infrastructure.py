import copy
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.mechanisms import infrastructure
from sim.mechanisms.infrastructure import InfrastructureConfig
from sim.state.columns import LEVERS

CONFIG = InfrastructureConfig(growth=0.06, cost=0.08)


def fresh(world, push=0.0):
    for column in ("programme_next", "orders_next", "cost"):
        world.provinces[column] = 0.0
    world.provinces["infrastructure_push"] = push
    return world


def test_the_gap_to_the_frontier_closes_at_its_rate(start):
    fresh(start)
    before = start.provinces["infrastructure"].copy()
    for _ in range(40):
        infrastructure.apply(start, CONFIG)
    left = (1 - start.provinces["infrastructure"]) / (1 - before)
    assert left == pytest.approx(0.94**10, rel=1e-12)
    assert not start.provinces["programme_next"].any()


def test_an_index_follows_its_exponential(start):
    """L22: q* + (q0 - q*) e^(-kappa T) from .2 to .8 at .15 a year reaches .666122 in 10 years."""
    fresh(start)
    start.provinces["infrastructure"] = 0.25  # (q* - q) / q* of the limit case: .6 / .8
    config = InfrastructureConfig(growth=1 - math.exp(-0.15))
    for _ in range(40):
        infrastructure.apply(start, config)
    assert 0.8 * start.provinces["infrastructure"] == pytest.approx(0.666122, abs=5e-7)


def test_the_standing_programme_does_not_depend_on_the_step(start):
    one, many = fresh(start), copy.deepcopy(start)
    infrastructure.apply(one, CONFIG)
    many.clock.dt = 1 / 16
    for _ in range(16):
        infrastructure.apply(many, CONFIG)
    assert many.provinces["infrastructure"] == pytest.approx(
        one.provinces["infrastructure"], rel=1e-12
    )


def test_a_push_is_ordered_paid_and_booked(start):
    push = np.array([0.0, 0.01, 0.02, 0.0, 0.0, 0.0])
    without = copy.deepcopy(fresh(start))
    infrastructure.apply(without, CONFIG)
    fresh(start, push)
    infrastructure.apply(start, CONFIG)
    provinces = start.provinces
    gained = provinces["infrastructure"] - without.provinces["infrastructure"]
    assert gained == pytest.approx(push, abs=1e-15)
    # .08 of annual output per index point
    outlay = 0.08 * push * 4 * provinces["value_added"].sum(axis=1)
    assert provinces["programme_next"] == pytest.approx(outlay, rel=1e-12)
    assert provinces["orders_next"].sum(axis=1) == pytest.approx(outlay, rel=1e-12)
    cost = provinces["cost"][:, LEVERS.index("digital_infrastructure")]
    assert cost == pytest.approx(outlay, rel=1e-12)
    assert provinces["cost"].sum() == pytest.approx(outlay.sum(), rel=1e-12)


@given(index=st.floats(0, 1), push=st.floats(0, 2), growth=st.floats(0, 0.5))
def test_the_index_stays_within_its_bounds(started, index, push, growth):
    world = fresh(copy.deepcopy(started.world), push)
    world.provinces["infrastructure"] = index
    infrastructure.apply(world, InfrastructureConfig(growth=growth, cost=0.08))
    after = world.provinces["infrastructure"]
    assert (after >= index * (1 - 1e-15)).all()
    assert (after <= 1 + 1e-15).all()
    # Nothing is paid for what cannot be built.
    spent = world.provinces["programme_next"]
    output = world.provinces["value_added"].sum(axis=1)
    assert (spent <= 0.08 * 4 * output * (1 - index) + 1e-9).all()


def test_frozen_the_lever_builds_nothing(start):
    without = copy.deepcopy(fresh(start))
    infrastructure.apply(without, CONFIG)
    fresh(start, 0.02)
    infrastructure.apply(start, CONFIG.model_copy(update={"frozen": True}))
    assert (start.provinces["infrastructure"] == without.provinces["infrastructure"]).all()
    assert not start.provinces["orders_next"].any()


def test_what_a_push_costs_in_a_quarter_does_not_depend_on_the_step(start):
    fresh(start, 0.01)
    start.provinces["infrastructure"] = 0.3
    output = start.provinces["value_added"].sum(axis=1) * 4
    start.clock.dt = 0.5
    infrastructure.apply(start, CONFIG)
    assert start.provinces["programme_next"] == pytest.approx(0.08 * 0.01 * output, rel=1e-12)
