import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from sim.mechanisms.compute_market import clear
from sim.mechanisms.compute_rules import (
    market,
    max_min,
    mean_wait,
    proportional,
    queue,
    random_demand,
    tolerance_classes,
    tolerated,
    waiting_probability,
)

DEMANDS = st.lists(st.floats(0, 50), min_size=1, max_size=8).map(np.array)


def test_max_min_by_hand():
    demand = np.array([10.0, 1.0, 4.0, 2.0, 6.0])
    assert max_min(demand, 12.0).tolist() == [3, 1, 3, 2, 3]
    assert max_min(demand, 23.0).tolist() == demand.tolist()
    assert max_min(demand, 0.0).tolist() == [0] * 5


@given(DEMANDS, st.floats(0, 200))
def test_max_min_leaves_nobody_short_who_has_less(demand, capacity):
    units = max_min(demand, capacity)
    assert units.sum() == pytest.approx(min(demand.sum(), capacity), rel=1e-12, abs=1e-12)
    assert (units <= demand).all()
    short = units < demand
    if short.any():
        assert units[short].min() >= units.max() - 1e-12 * units.max()


@given(DEMANDS, st.floats(0.1, 0.9), st.integers(0, 99))
def test_proportional_shares_maximise_the_weighted_sum_of_logs(demand, part, seed):
    """Conditions of the optimum: w / x is the same for all who want more, and less for others."""
    demand = demand + 0.1
    weight = np.random.default_rng(seed).uniform(0.2, 5, demand.size)
    capacity = part * demand.sum()
    units = proportional(demand, weight, capacity)
    assert units.sum() == pytest.approx(capacity, rel=1e-12)
    value = weight / units
    short = units < demand * (1 - 1e-12)
    price = value[short].max()
    assert value[short] == pytest.approx(price, rel=1e-9)
    assert (value[~short] >= price * (1 - 1e-9)).all()


def test_proportional_shares_without_limit_are_those_of_the_money_market():
    weight = np.array([1.0, 1.0, 2.0, 3.0, 5.0])
    units = proportional(np.full(5, np.inf), weight, 9.0)
    assert units == pytest.approx(weight * 9 / 12, rel=1e-14)
    cleared = clear(weight, np.array([0.1, 0.1]), np.array([4.0, 5.0]), np.zeros((5, 2)))
    assert cleared.quantity.sum(axis=1) == pytest.approx(units, rel=1e-12)


def test_the_queue_serves_in_order():
    demand = np.array([3.0, 5.0, 2.0, 4.0])
    assert queue(demand, np.array([2, 1, 0, 3]), 8.0).tolist() == [1, 5, 2, 0]
    assert queue(demand, np.array([0, 1, 2, 3]), 99.0).tolist() == demand.tolist()
    assert queue(demand, np.array([1, 0, 2, 3]), 4.5).tolist() == [0, 4.5, 0, 0]


def drawn_market(seed):
    draw = np.random.default_rng(seed)
    demand, capacity = draw.integers(1, 5, 3), draw.integers(0, 6, 4)
    delivery = draw.uniform(0, 0.6, (3, 4))
    delivery[draw.random((3, 4)) < 0.2] = np.inf
    return demand, draw.uniform(0.5, 1.5, 3), draw.uniform(0.2, 1, 4), capacity, delivery


@pytest.mark.parametrize("seed", range(12))
def test_the_surplus_market_is_the_best_assignment_of_jobs(seed):
    demand, reservation, cost, capacity, delivery = drawn_market(seed)
    found = market(demand, reservation, cost, capacity, delivery)
    worth = np.maximum(reservation[:, None] - cost - delivery, 0.0)
    jobs, machines = np.repeat(np.arange(3), demand), np.repeat(np.arange(4), capacity)
    single = worth[np.ix_(jobs, machines)]
    best = single[optimize.linear_sum_assignment(single, maximize=True)].sum()
    assert (found.quantity * worth).sum() == pytest.approx(best, rel=1e-12, abs=1e-12)
    assert found.rent @ capacity + found.gain @ demand == pytest.approx(best, rel=1e-12, abs=1e-12)
    assert (found.quantity.sum(axis=1) <= demand + 1e-12).all()
    assert (found.quantity.sum(axis=0) <= capacity + 1e-12).all()
    assert (found.rent >= 0).all()
    assert (found.rent[found.quantity.sum(axis=0) < capacity - 1e-9] < 1e-12).all()
    assert not found.quantity[np.isinf(delivery)].any()


def test_nobody_pays_more_than_the_job_is_worth():
    found = market(np.ones(2), np.array([0.5, 2.0]), np.ones(1), np.ones(1) * 5, np.zeros((2, 1)))
    assert found.quantity[:, 0].tolist() == [0, 1]
    assert found.rent.tolist() == [0]
    assert found.gain.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("sizes", "shape"),
    [
        ((2, 2, 1, 1), (1, 2)),
        ((2, 2, 1, 1), (3, 1)),
        ((2, 1, 1, 1), (2, 1)),
        ((2, 3, 1, 1), (2, 1)),
        ((2, 2, 2, 3), (2, 3)),
        ((2, 2, 4, 3), (2, 3)),
    ],
)
def test_shapes_of_the_surplus_market_are_checked(sizes, shape):
    with pytest.raises(ValueError, match="delivery must be buyers x hubs") as refused:
        market(*(np.ones(size) for size in sizes), np.zeros(shape))
    assert str(refused.value).endswith(f"{(sizes[0], sizes[3])}: {shape}")


def test_demand_is_normal_and_never_negative():
    draw = random_demand(1.0, 2.0, (20000,), np.random.default_rng(3))
    # Mean of max(0, X): mu Phi(mu / s) + s phi(mu / s); its second moment bounds the variance.
    mean = stats.norm.cdf(0.5) + 2 * stats.norm.pdf(0.5)
    assert draw.min() == 0
    assert draw.mean() == pytest.approx(mean, abs=4 * math.sqrt(5 / 20000))


def test_waiting_in_queues_of_one_and_of_two():
    # M/M/1: the load, wait rho / (mu - lambda); M/M/2: 2 rho^2 / (1 + rho) with rho per server.
    assert waiting_probability(0.7, 1) == pytest.approx(0.7, rel=1e-14)
    assert mean_wait(1.4, 2.0, 1) == pytest.approx(0.7 / 0.6, rel=1e-14)
    assert mean_wait(0.5, 2.0, 1) == pytest.approx(0.25 / 1.5, rel=1e-14)
    assert waiting_probability(1.2, 2) == pytest.approx(2 * 0.36 / 1.6, rel=1e-14)
    assert waiting_probability(0.0, 3) == 0


@pytest.mark.parametrize("load", [2.0, 2.5, -0.1, math.nan])
def test_a_queue_that_grows_for_ever_is_refused(load):
    with pytest.raises(ValueError, match="below the 2 servers"):
        waiting_probability(load, 2)


def test_tolerance_of_latency():
    expected = [1, math.exp(-1), math.exp(-1.5)]
    assert tolerated(np.array([0.0, 50.0, 75.0]), 50.0) == pytest.approx(expected, rel=1e-15)


def test_tolerance_classes_are_quantiles_of_the_exponential():
    found = tolerance_classes(20.0, 4)
    middle = np.array([0.125, 0.375, 0.625, 0.875])
    assert found == pytest.approx(-20.0 * np.log(1 - middle), rel=1e-13)
    assert tolerance_classes(7.0, 1) == pytest.approx([7.0 * np.log(2)], rel=1e-13)
