import numpy as np
import pytest

from sim.mechanisms import compute
from sim.mechanisms.compute import ComputeConfig
from tests.test_compute import shared
from tests.worlds import small_model

pytestmark = pytest.mark.nojit


def varied(mean, classes):
    return ComputeConfig(
        latency_tolerance="exponential", mean_tolerance=mean, tolerance_classes=classes
    )


def test_jobs_differ_in_the_round_trip_that_they_bear():
    """Of m classes in the middle of their parts a share e^(-x / mean) bears x, to half a class."""
    assert compute.bearable(ComputeConfig()).tolist() == [20]
    limits = compute.bearable(varied(30.0, 8))
    for x in (0.0, 7.0, 20.0, 60.0, 200.0):
        assert (limits >= x).mean() == pytest.approx(np.exp(-x / 30), abs=0.5 / 8 + 1e-12)


@pytest.mark.parametrize("scale", [0.6, 3.0])
def test_classes_that_reach_the_same_hubs_are_one(world, scale):
    _, spending, cost = shared(world, 0.8, scale)
    one = compute.clear_market(world, varied(20 / np.log(2), 1), cost, spending)
    limit = compute.clear_market(world, ComputeConfig(), cost, spending)
    assert (one.price == limit.price).all()
    far = ComputeConfig(latency_limit=200.0, latency_distance=0.0)
    single = compute.clear_market(world, far, cost, spending)
    several = compute.clear_market(
        world, varied(1000.0, 3).model_copy(update={"latency_distance": 0.0}), cost, spending
    )
    assert several.price == pytest.approx(single.price, rel=1e-9)
    assert several.sold == pytest.approx(single.sold, rel=1e-6)


@pytest.mark.parametrize("scale", [0.6, 0.97, 3.0])
def test_the_pool_clears_when_jobs_differ(world, scale):
    _, spending, cost = shared(world, 0.7, scale)
    found = compute.clear_market(world, varied(15.0, 5), cost, spending)
    assert found.bought.sum() == pytest.approx(found.sold.sum(), rel=1e-12)
    assert (found.sold <= world.provinces["compute_limit"] * (1 + 1e-9)).all()
    assert found.revenue.sum() == pytest.approx(spending.sum(), rel=1e-12)
    parts = cost * found.sold + found.delivery + found.fee + found.rent
    assert parts == pytest.approx(found.revenue, rel=1e-10)


def test_the_model_runs_when_jobs_differ():
    model = small_model(
        compute={"latency_tolerance": "exponential"},
        policies={"compute_sharing": {"dose": 1.0}},
    )
    for _ in range(3):
        model.step()
    assert (model.world.provinces["compute_used"] > 0).any()
