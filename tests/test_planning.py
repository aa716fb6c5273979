import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.mechanisms import planning
from sim.mechanisms.planning import PlanningConfig, draw_targets

CONFIG = PlanningConfig(hotness=1.0, advantage=1.0, overlap=1.5, complementarity=1.0, interval=12)
UNIFORM = PlanningConfig(hotness=0.0, advantage=0.0, interval=12)


def test_single_draws_follow_the_softmax():
    value, n = np.log([1.0, 2.0, 5.0]), 800
    drawn = [draw_targets(value, np.array([(i + 0.5) / n]))[0] for i in range(n)]
    assert np.abs(np.bincount(drawn, minlength=3) - [100, 200, 500]).max() <= 1


@given(
    value=st.lists(st.floats(-20, 20), min_size=5, max_size=12),
    closed=st.integers(0, 2),
    u=st.lists(st.floats(0, 1, exclude_max=True), min_size=3, max_size=3),
)
def test_targets_are_distinct_and_eligible(value, closed, u):
    value = np.array(value)
    value[:closed] = -np.inf
    before = value.copy()
    chosen = draw_targets(value, np.array(u))
    assert np.unique(chosen).size == 3
    assert (chosen >= closed).all()
    assert (value == before).all()


def test_occupancy_of_zones_that_choose_alike():
    """L13: Z zones, one of K industries each: K (1 - (1 - 1/K)^Z) distinct ones, 10.230572."""
    draw, rounds, zones, industries = np.random.default_rng(3), 1500, 22, 12
    value = np.zeros(industries)
    distinct = [
        np.unique([draw_targets(value, u)[0] for u in draw.random((zones, 1))]).size
        for _ in range(rounds)
    ]
    exact = industries * (1 - (1 - 1 / industries) ** zones)
    assert exact == pytest.approx(10.230572, abs=5e-7)
    assert np.mean(distinct) == pytest.approx(exact, abs=4 * np.std(distinct) / rounds**0.5)


def uniform_world(start):
    """Twelve industries are eligible and all zones of the small world act."""
    start.tradable = np.arange(14) < 12
    start.zones["active"] = True
    return start


def test_occupancy_through_the_plans_of_the_model(start):
    """L13 with the zones of the world: 12 (1 - (11/12)^6) distinct first targets."""
    world, draw, rounds = uniform_world(start), np.random.default_rng(4), 1000
    distinct, overlap = [], []
    for _ in range(rounds):
        u, order = draw.random((6, 3)), np.argsort(draw.random(6))
        targets = planning.choose(world, UNIFORM, np.zeros(14), u, order)
        assert (targets < 12).all()
        distinct.append(np.unique(targets[:, 0]).size)
        overlap.append(np.intersect1d(targets[0], targets[1]).size)
    assert np.mean(distinct) == pytest.approx(
        12 * (1 - (11 / 12) ** 6), abs=4 * np.std(distinct) / rounds**0.5
    )
    # Two plans of k = 3 out of K = 12 share k^2 / K = .75 targets.
    assert np.mean(overlap) == pytest.approx(0.75, abs=4 * np.std(overlap) / rounds**0.5)


def test_value_is_growth_and_own_advantage(start):
    growth = np.arange(14) / 100
    value = planning.own_value(start, CONFIG, growth)
    output = start.provinces["output"]
    host = start.zones["province"][2]
    quotient = (output[host] / output[host].sum()) / (output.sum(axis=0) / output.sum())
    hot = (growth - growth.mean()) / growth.std()
    assert value[2] == pytest.approx(hot + np.log(quotient), rel=1e-12)
    still = planning.own_value(start, CONFIG, np.zeros(14))
    assert still[2] == pytest.approx(np.log(quotient), rel=1e-12)


def test_an_industry_the_province_lacks_is_no_target(start):
    start.provinces["output"][0, 4] = 0.0
    value = planning.own_value(start, CONFIG, np.zeros(14))
    host = start.zones["province"] == 0
    assert np.isneginf(value[host, 4]).all()
    assert np.isfinite(value[~host]).all()


def test_coordination_spreads_plans_and_links_chains(start):
    named = np.zeros(14)
    named[[2, 2, 5]] = 1.0
    named[2] = 2.0
    value = planning.joint_value(start, CONFIG, named)
    links = start.tech.inputs + start.tech.inputs.T
    expected = (2 * links[:, 2] + links[:, 5]) / 3 - 1.5 * 14 * named / 3
    assert value == pytest.approx(expected, rel=1e-12)
    assert not planning.joint_value(start, CONFIG, np.zeros(14)).any()
    once = np.eye(14)[5]
    expected = links[:, 5] - 1.5 * 14 * once
    assert planning.joint_value(start, CONFIG, once) == pytest.approx(expected, rel=1e-12)


def test_without_zones_there_is_no_plan_to_look_back_to(start, streams):
    start.planned_output = np.ones(14)
    planning.apply(start, CONFIG, np.zeros(0, dtype=int), streams.at("planning", 0))
    assert (start.planned_output == 1).all()


def test_joint_plans_overlap_less(start):
    world, draw = uniform_world(start), np.random.default_rng(5)
    world.zones["joint_planning"] = 1.0
    alone = PlanningConfig(frozen=True)
    distinct = {True: 0, False: 0}
    for _ in range(100):
        u, order = draw.random((6, 3)), np.argsort(draw.random(6))
        for joint, config in ((True, CONFIG), (False, alone)):
            targets = planning.choose(world, config, np.zeros(14), u, order)
            distinct[joint] += np.unique(targets).size
    assert distinct[True] > distinct[False]


def test_dose_zero_plans_alone_bit_for_bit(start):
    world, draw = uniform_world(start), np.random.default_rng(6)
    u, order = draw.random((6, 3)), np.argsort(draw.random(6))
    world.zones["joint_planning"] = 0.0
    one = planning.choose(world, CONFIG, np.arange(14) / 50, u, order)
    two = planning.choose(world, PlanningConfig(frozen=True), np.arange(14) / 50, u, order)
    assert (one == two).all()


def test_plans_are_made_at_founding_and_at_intervals(start, streams):
    world = start
    world.zones["active"][1] = True
    world.clock.step = 5
    before = world.zones["target"].copy()
    planning.apply(world, CONFIG, np.array([1]), streams.at("planning", 5))
    others = np.delete(np.arange(6), 1)
    assert (world.zones["target"][others] == before[others]).all()
    bonus = world.places["plan_bonus"]
    assert bonus[world.zones["place"][1]].sum() == 3
    assert bonus.sum() == 3
    assert (
        np.flatnonzero(bonus[world.zones["place"][1]]) == sorted(world.zones["target"][1])
    ).all()


def test_between_plans_nothing_changes(world, streams):
    world.clock.step = 25
    before = copy.deepcopy(world)
    planning.apply(world, CONFIG, np.zeros(0, dtype=int), streams.at("planning", 25))
    assert (world.zones["target"] == before.zones["target"]).all()
    assert (world.places["plan_bonus"] == before.places["plan_bonus"]).all()


def test_a_new_plan_replaces_the_old_bonus(world, streams):
    world.clock.step = 36
    places = world.zones["place"]
    planning.apply(world, UNIFORM, np.zeros(0, dtype=int), streams.at("planning", 36))
    assert (world.places["plan_bonus"][places].sum(axis=1) == 3).all()
    assert (world.places["plan_bonus"].sum() == 3 * world.zones.n).all()
    assert (world.planned_output == world.provinces["output"].sum(axis=0)).all()
    assert world.tradable[world.zones["target"]].all()


@pytest.mark.parametrize("interval", [12, 7])
def test_hot_industries_are_those_that_grew_since_the_last_plan(start, streams, interval):
    """With hotness alone the plan follows ln(output now / output of the last plan)."""
    zones, k = start.zones, len(start.tech.codes)
    zones["active"][:] = True
    start.clock.step = 2 * interval
    start.planned_output = np.linspace(2.0, 3.0, k)
    start.planned_output[1] = 0.0  # was not there
    start.provinces["output"][:] = np.random.default_rng(3).uniform(0.5, 1.5, (6, k))
    start.provinces["output"][:, 2] = 0.0  # has gone
    output = start.provinces["output"].sum(axis=0)
    growth = np.zeros(k)
    both = (output > 0) & (start.planned_output > 0)
    growth[both] = np.log(output[both] / start.planned_output[both])
    cfg = CONFIG.model_copy(update={"interval": interval, "advantage": 0.0})
    draw = streams.at("planning", 3)
    u = draw.random((zones.n, zones["target"].shape[1]))
    expected = planning.choose(start, cfg, growth, u, np.argsort(draw.random(zones.n)))
    planning.apply(start, cfg, np.zeros(0, dtype=int), streams.at("planning", 3))
    assert (zones["target"] == expected).all()
    assert (start.planned_output == output).all()


def test_growth_is_that_of_industries_however_small(start, streams, monkeypatch):
    seen, k = {}, len(start.tech.codes)
    start.zones["active"][:] = True
    start.planned_output = np.linspace(0.2, 3.0, k)
    start.provinces["output"][:] = np.linspace(0.5, 0.01, k)
    monkeypatch.setattr(
        planning, "choose", lambda _w, _c, growth, *_: seen.update(growth=growth) or np.eye(6, 3)
    )
    planning.apply(start, CONFIG, np.zeros(0, dtype=int), streams.at("planning", 0))
    expected = np.log(6 * np.linspace(0.5, 0.01, k) / np.linspace(0.2, 3.0, k))
    assert seen["growth"] == pytest.approx(expected, rel=1e-12)


def test_a_zone_founded_between_plans_leaves_the_others_theirs(start, streams):
    zones = start.zones
    zones["active"][:] = True
    planning.apply(start, CONFIG, np.zeros(0, dtype=int), streams.at("planning", 0))
    before, planned = zones["target"].copy(), start.planned_output.copy()
    start.clock.step = 5
    planning.apply(start, CONFIG, np.array([2]), streams.at("planning", 5))
    others = np.arange(zones.n) != 2
    assert (zones["target"][others] == before[others]).all()
    assert (start.planned_output == planned).all()


def test_alone_or_together_by_dose(start):
    start.zones["active"][:] = True
    start.zones["joint_planning"][:] = 0.25
    cfg = CONFIG.model_copy(update={"overlap": 3.0})
    k, zones = len(start.tech.codes), start.zones.n
    draw = np.random.default_rng(5)
    u, order = draw.random((zones, start.zones["target"].shape[1])), np.argsort(draw.random(zones))
    found = planning.choose(start, cfg, np.zeros(k), u, order)
    value, named = planning.own_value(start, cfg, np.zeros(k)), np.zeros(k)
    value[:, ~start.tradable] = -np.inf
    links = start.tech.inputs + start.tech.inputs.T
    for zone in order:
        part = named / max(named.sum(), 1.0)
        joint = 0.25 * (cfg.complementarity * links @ part - 3.0 * k * part)
        assert (draw_targets(value[zone] + joint, u[zone]) == found[zone]).all()
        named[found[zone]] += 1
