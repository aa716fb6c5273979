from unittest import mock

import numpy as np
import pytest

from sim.mechanisms import compute
from sim.mechanisms.compute import ComputeConfig
from sim.mechanisms.compute_market import local_price
from sim.mechanisms.equilibrium import by_province, payments
from tests.worlds import small_model

pytestmark = pytest.mark.nojit
CONFIG = ComputeConfig(
    electricity_share=0.4,
    latency_limit=20.0,
    latency_fixed=2.0,
    latency_distance=0.015,
    delivery_cost=0.02,
    network_fee=0.02,
    growth_threshold=0.8,
    growth=0.03,
    build_cost=8.0,
    opening_boost=0.5,
    outage_hazard=0.02,
    outage_loss=0.5,
)
FROZEN = CONFIG.model_copy(update={"frozen": True})


def spending_of(world):
    return by_province(payments(world.tech, world.places["sales"])[2], world.host, 6)


def cost_of(world):
    return compute.unit_cost(world, CONFIG, np.ones(6), np.ones(6))


def test_unit_cost_is_electricity_and_amortisation(start):
    energy = start.energy_cost
    assert cost_of(start) == pytest.approx(0.4 * energy + 0.6, rel=1e-14)
    assert cost_of(start).min() < 1 < cost_of(start).max()
    dear = compute.unit_cost(start, CONFIG, np.full(6, 2.0), np.full(6, 3.0))
    assert dear == pytest.approx(0.8 * energy + 1.8, rel=1e-14)
    part = compute.electricity_part(start, CONFIG, np.full(6, 2.0), np.full(6, 3.0))
    assert part == pytest.approx(0.8 * energy / dear, rel=1e-14)


def test_reach_is_bounded_by_the_round_trip(start):
    near, anywhere = compute.reach(start, CONFIG)
    distance = start.geography.distance
    assert anywhere == pytest.approx(0.02 + 0.02 * distance / 1000, rel=1e-14)
    # 2 + .015 ms/km <= 20 ms up to 1200 km
    close = (distance <= 1200) | (distance == 0)
    assert (np.isfinite(near) == close).all()
    assert (near[close] == anywhere[close]).all()
    assert not close.all()
    none, _ = compute.reach(start, ComputeConfig(latency_limit=1.0))
    assert (np.isfinite(none) == np.eye(6, dtype=bool)).all()


def test_a_local_market_sells_at_cost_or_at_what_clears(start):
    spending = np.tile([[1.0], [2.0], [4.0], [4.0], [4.0], [4.0]], (1, 14)) / 14
    capacity = np.array([10.0, 4.0, 4.0, 2.0, 8.0, 1.0])
    cost = np.array([1.0, 0.5, 0.8, 1.0, 1.0, 1.2])
    found = compute.clear_local(cost, spending, capacity)
    assert found.price[:, 0] == pytest.approx([1, 0.5, 1, 2, 1, 4], rel=1e-14)
    assert (found.price == found.price[:, :1]).all()
    assert found.sold == pytest.approx([1, 4, 4, 2, 4, 1], rel=1e-14)
    assert found.rent == pytest.approx([0, 0, 0.8, 2, 0, 2.8], abs=1e-14)
    assert (found.bought == found.sold).all()
    assert found.revenue == pytest.approx(spending.sum(axis=1), rel=1e-14)
    assert local_price(cost, spending.sum(axis=1), capacity) == pytest.approx(found.price[:, 0])
    assert start.provinces.n == 6


def test_without_sharing_every_province_keeps_to_itself(world):
    spending, cost = spending_of(world), cost_of(world)
    found = compute.clear_market(world, CONFIG, cost, spending)
    assert (found.fee == 0).all()
    assert found.revenue == pytest.approx(spending.sum(axis=1), rel=1e-14)
    world.provinces["compute_shared"] = 1.0
    frozen = compute.clear_market(world, FROZEN, cost, spending)
    assert (frozen.price == found.price).all()


def shared(world, dose, scale):
    """The national market at a dose of sharing, with capacities scaled to be short or ample."""
    world.provinces["compute_shared"] = dose
    spending, cost = spending_of(world), cost_of(world)
    world.provinces["compute_limit"] = scale * spending.sum(axis=1) / cost
    return compute.clear_market(world, CONFIG, cost, spending), spending, cost


@pytest.mark.parametrize("dose", [0.3, 1.0])
@pytest.mark.parametrize("scale", [0.6, 0.97, 3.0])
def test_the_pool_clears(world, dose, scale):
    found, spending, cost = shared(world, dose, scale)
    capacity = world.provinces["compute_limit"]
    assert found.bought.sum() == pytest.approx(found.sold.sum(), rel=1e-12)
    assert (found.sold <= capacity * (1 + 1e-9)).all()
    # Money: buyers spend their budgets, hubs' revenue is cost, delivery, fee and rent.
    assert found.revenue.sum() == pytest.approx(spending.sum(), rel=1e-12)
    parts = cost * found.sold + found.delivery + found.fee + found.rent
    assert parts == pytest.approx(found.revenue, rel=1e-10)
    assert (found.rent >= -1e-9 * found.revenue).all()
    assert (found.delivery >= -1e-12).all()
    # Local compute carries no fee: the fee is .02 of what went through the pool.
    assert (found.fee <= 0.02 * found.sold * (1 + 1e-9)).all()
    assert found.fee.sum() > 0
    assert (found.price >= cost.min() * (1 - 1e-12)).all()


def test_one_pool_without_distance_is_proportionally_fair(world):
    """L14: equal costs, one pool: every buyer pays the same price, C_r = spending Cap / sum."""
    world.provinces["compute_shared"] = 1.0
    spending = spending_of(world)
    capacity = np.array([9.0, 1.0, 2.0, 3.0, 5.0, 4.0]) * spending.sum() / 40
    world.provinces["compute_limit"] = capacity
    config = ComputeConfig(delivery_cost=0.0, network_fee=0.0, latency_limit=200.0)
    found = compute.clear_market(world, config, np.ones(6), spending)
    # Spending exceeds capacity at cost by 40 / 24: the price clears.
    assert found.price == pytest.approx(np.full((6, 14), 40 / 24), rel=1e-9)
    share = spending.sum(axis=1) / spending.sum()
    assert found.bought == pytest.approx(share * capacity.sum(), rel=1e-9)


def test_nobody_pays_more_than_the_dearest_province_did(world):
    world.provinces["compute_limit"] = 0.8 * spending_of(world).sum(axis=1)
    cost, spending = cost_of(world), spending_of(world)
    alone = compute.clear_market(world, CONFIG, cost, spending)
    world.provinces["compute_shared"] = 1.0
    pooled = compute.clear_market(world, CONFIG, cost, spending)
    ceiling = alone.price.max() + 0.02 + 0.02 * world.geography.distance.max() / 1000
    assert pooled.price.max() <= ceiling * (1 + 1e-9)


def test_capacity_of_2012_is_used_as_usual():
    model = small_model()
    model.step()
    provinces = model.world.provinces
    assert provinces["compute_used"] / provinces["compute_limit"] == pytest.approx(0.6, rel=1e-6)


def test_each_hub_offers_a_part_to_all_and_keeps_the_rest(world):
    world.provinces["compute_shared"] = np.array([0.0, 0.25, 0.5, 0.75, 1.0, 0.3])
    capacity = world.provinces["compute_limit"]
    with mock.patch.object(compute, "clear", side_effect=compute.clear) as clearing:
        compute.clear_market(world, ComputeConfig(), cost_of(world), spending_of(world))
    offered = clearing.call_args.args[2]
    kept = np.array([1.0, 0.75, 0.5, 0.25, 0.0, 0.7])
    assert offered[:6] == pytest.approx(kept * capacity, rel=1e-14)
    assert offered[6:] == pytest.approx((1 - kept) * capacity, rel=1e-14)


def test_who_buys_where_at_what_cost_of_delivery(world):
    """Interactive and batch work, each from its own hub's local part and from all pooled parts."""
    world.provinces["compute_shared"] = 0.5
    spending = spending_of(world)
    with mock.patch.object(compute, "clear", side_effect=compute.clear) as clearing:
        compute.clear_market(world, CONFIG, cost_of(world), spending)
    budget, cost, _, delivery, _ = clearing.call_args.args
    work = [spending @ world.interactive, spending @ (1 - world.interactive)]
    assert budget == pytest.approx(np.concatenate(work), rel=1e-14)
    assert cost == pytest.approx(np.tile(cost_of(world), 2), rel=1e-14)
    own = np.where(np.eye(6, dtype=bool), 0.0, np.inf)
    near, anywhere = compute.reach(world, CONFIG)
    assert np.isinf(near).any()
    assert (delivery == np.block([[own, near], [own, anywhere]])).all()


def test_interactive_work_pays_the_mean_price_of_its_classes(world):
    """With two classes of latency the price of interactive work is their geometric mean."""
    world.provinces["compute_shared"] = 1.0
    world.provinces["compute_limit"][0] *= 0.01  # dear for those who cannot go elsewhere
    cfg = ComputeConfig(latency_tolerance="exponential", tolerance_classes=2, mean_tolerance=20.0)
    n = world.provinces.n
    with mock.patch.object(compute, "clear", side_effect=compute.clear) as clearing:
        found = compute.clear_market(world, cfg, cost_of(world), spending_of(world))
    price = compute.clear(*clearing.call_args.args).price
    near = np.sqrt(price[:n] * price[n : 2 * n])
    share = world.interactive
    expected = near[:, None] ** share * price[2 * n :, None] ** (1 - share)
    assert found.price == pytest.approx(expected, rel=1e-9)
    assert np.abs(price[:n] / price[n : 2 * n] - 1).max() > 1e-6  # the classes do differ


def test_the_longest_round_trip_is_still_near(start):
    distance = start.geography.distance[0, 1]
    cfg = ComputeConfig(latency_fixed=2.0, latency_distance=0.015)
    limit = 2.0 + 0.015 * distance
    assert np.isfinite(compute.reach(start, cfg, limit)[0][0, 1])
    assert np.isinf(compute.reach(start, cfg, limit * (1 - 1e-12))[0][0, 1])


def test_who_gets_nothing_pays_nothing():
    paid = compute._payments(np.array([0.0, 2.0]), np.array([[0.0, 0.0], [0.25, 0.75]]))
    assert paid.tolist() == [[0.0, 0.0], [0.5, 1.5]]


def test_a_small_market_is_a_small_picture_of_a_large_one(world):
    """Whatever the unit: a millionth of demand and of capacity."""
    world.provinces["compute_shared"] = 0.5
    cost, spending = cost_of(world), spending_of(world)
    large = compute.clear_market(world, CONFIG, cost, spending)
    world.provinces["compute_limit"] *= 1e-6
    small = compute.clear_market(world, CONFIG, cost, 1e-6 * spending)
    assert small.price == pytest.approx(large.price, rel=1e-9)
    for name in ("sold", "revenue", "delivery", "fee", "rent", "bought"):
        assert getattr(small, name) == pytest.approx(
            1e-6 * getattr(large, name), rel=1e-6, abs=1e-15 * large.revenue.sum()
        )
    assert large.delivery.max() > 0
