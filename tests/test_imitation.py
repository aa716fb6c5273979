"""Imitation: who is met, how gaps close, and the rules that theory uses."""

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.mechanisms import imitation, knowledge
from sim.mechanisms.knowledge import KnowledgeConfig

CONFIG = KnowledgeConfig(technology_reach=0.2, distance_reach=1730.0, link_effect=1.0)
FROZEN = CONFIG.model_copy(update={"frozen": True})
PURE = KnowledgeConfig(protection=0.0, licensing=0.0, absorption=(1.0, 0.0, 0.0))
"""Every firm learns at the same speed."""


def test_contacts_fade_with_distance_and_technology(start):
    chance, k = imitation.contact(start, CONFIG), len(start.tech.codes)
    assert chance.sum(axis=1) == pytest.approx(1, abs=1e-13)
    firms = start.firms
    count = np.bincount(imitation.cells(start), firms["weight"], minlength=6 * k)
    one, two = (1, 4), (3, 8)  # province and industry
    distance = start.geography.distance[1, 3]
    apart = abs(start.position[4] - start.position[8])
    mine, other = one[0] * k + one[1], two[0] * k + two[1]
    expected = np.exp(-distance / 1730 - apart / 0.2) * count[other] / count[mine]
    assert chance[mine, other] / chance[mine, mine] == pytest.approx(expected, rel=1e-12)


def test_a_full_link_halves_the_distance(start):
    k = len(start.tech.codes)
    before = imitation.contact(start, CONFIG)
    start.provinces["knowledge_link"][1, 3] = 1.0
    after = imitation.contact(start, CONFIG)
    distance = start.geography.distance[1, 3]
    rise = (after / before)[k, 3 * k] / (after / before)[k, k]
    assert rise == pytest.approx(np.exp(distance / 1730 / 2), rel=1e-12)
    assert (after[3 * k :] == before[3 * k :]).all()
    assert (imitation.contact(start, FROZEN) == before).all()


def pair(start, gap):
    """A leader of efficiency 1 and a follower who meets nobody else; a step is a year."""
    firms = start.firms
    leader, follower = np.flatnonzero((firms["province"] == 2) & (firms["industry"] == 1))[:2]
    # One firm stays in every other industry, too small to be met.
    firms["alive"] = False
    firms["alive"][[np.flatnonzero(firms["industry"] == k)[0] for k in range(14)]] = True
    firms["alive"][[leader, follower]] = True
    firms["weight"] = 1e-13
    firms["weight"][leader] = 1.0
    firms["efficiency"][[leader, follower]] = [1.0, 1 - gap]
    start.baseline.absorption = 1.0
    start.clock.dt = 4.0
    return leader, follower


# The follower's own weight of 1e-13 enters the industry's mean.
@given(rate=st.floats(0.005, 0.08), years=st.integers(1, 12))
def test_a_gap_to_the_leader_closes_at_its_rate(started, rate, years):
    """L9: gap rate phi, half-life ln 2 / -ln(1 - phi); here through the model's imitation."""
    start = copy.deepcopy(started.world)
    leader, follower = pair(start, 0.4)
    config = KnowledgeConfig(
        imitation=rate, protection=0.0, licensing=0.0, absorption=(1.0, 0.0, 0.0)
    )
    for year in range(years):
        imitation.imitate(start, config, np.random.default_rng(year))
    efficiency = start.firms["efficiency"]
    assert efficiency[leader] == 1
    assert 1 - efficiency[follower] == pytest.approx(0.4 * (1 - rate) ** years, rel=1e-10)


def test_half_of_the_gap_is_left_after_the_half_life(start):
    _, follower = pair(start, 0.4)
    config = KnowledgeConfig(
        imitation=0.02, protection=0.0, licensing=0.0, absorption=(1.0, 0.0, 0.0)
    )
    for year in range(34):
        imitation.imitate(start, config, np.random.default_rng(year))
    left = (1 - start.firms["efficiency"][follower]) / 0.4
    assert left == pytest.approx(0.5 ** (34 / 34.3096), abs=2e-7)  # printed with six digits


def test_a_follower_keeps_its_distance_to_a_growing_leader(start):
    """L10: Nelson-Phelps level phi / (phi + g) = .625."""
    leader, follower = pair(start, 0.4)
    config = KnowledgeConfig(
        imitation=0.05, protection=0.0, licensing=0.0, absorption=(1.0, 0.0, 0.0)
    )
    for year in range(500):
        imitation.imitate(start, config, np.random.default_rng(year))
        start.firms["efficiency"][leader] *= 1.03
    # x' = (x + phi (1 - x)) / (1 + g) contracts by .95 / 1.03 a year: below 1e-17 in the end.
    ratio = start.firms["efficiency"][follower] / start.firms["efficiency"][leader]
    assert ratio == pytest.approx(0.05 / 0.08, rel=1e-9)


def test_protection_counts_from_that_of_2012_by_class_and_place(start):
    """1 - IP + lic with IP = IP_2012 + (1 - IP_2012) index, of the learner's class and place."""
    config = KnowledgeConfig(protection=0.3, licensing=0.1, absorption=(1.0, 0.0, 0.0))
    gains = []
    for index, technology in ((0.0, 0), (0.5, 0), (0.5, 2)):
        made = copy.deepcopy(start)
        _, follower = pair(made, 0.4)  # an industry of traditional technology
        made.places["protection"][made.firms["place"][follower], technology] = index
        imitation.imitate(made, config, np.random.default_rng(1))
        gains.append(made.firms["efficiency"][follower] - 0.6)
    assert gains[1] / gains[0] == pytest.approx((1 - 0.65 + 0.1) / (1 - 0.3 + 0.1), rel=1e-9)
    assert gains[2] == gains[0]


def test_protection_slows_imitation_and_licences_restore_it(start):
    gains = []
    for protection, licensing in ((0.0, 0.0), (0.6, 0.0), (0.6, 0.2)):
        made = copy.deepcopy(start)
        _, follower = pair(made, 0.4)
        config = KnowledgeConfig(
            protection=protection, licensing=licensing, absorption=(1.0, 0.0, 0.0)
        )
        imitation.imitate(made, config, np.random.default_rng(1))
        gains.append(made.firms["efficiency"][follower] - 0.6)
    assert gains[1] / gains[0] == pytest.approx(0.4, rel=1e-9)
    assert gains[2] / gains[0] == pytest.approx(0.6, rel=1e-9)


def changed(**changes):
    return PURE.model_copy(update=changes)


@given(rate=st.just(0.0) | st.floats(1e-6, 0.3), parts=st.integers(1, 12))
def test_steps_of_any_length_add_up_to_a_year(rate, parts):
    closed = imitation.closed_share(rate, 1 / parts)
    assert 1 - (1 - closed) ** parts == pytest.approx(rate, abs=1e-14)
    # Noise of a step fades as the gap closes in the later ones.
    scale = imitation.noise_scale(rate, 1 / parts, 0.03)
    kept = (1 - closed) ** (2 * np.arange(parts))
    assert np.sqrt((kept * scale**2).sum()) == pytest.approx(0.03, rel=1e-9)


@pytest.mark.parametrize("years", [0.25, 1.0])
def test_the_rules_close_a_share_of_their_gap(years):
    level, target, nothing = np.array([1.0, 1.0, 3.0]), np.array([2.0, 1.0, 2.0]), np.zeros(3)
    closed = 1 - 0.9**years
    for rule, expected in (("level", closed), ("log", 2**closed - 1)):
        gain = imitation.learned(level, target, 0.1, years, changed(rule=rule), nothing)
        assert gain == pytest.approx([expected, 0, 0], rel=1e-13)
        assert (gain[1:] == 0).all()


def test_noise_moves_efficiency_either_way():
    level, shock = np.ones(3), np.array([-1.0, 0.0, 2.0])
    gain = imitation.learned(level, level, 0.1, 1.0, changed(noise=0.03), shock)
    assert np.log1p(gain) == pytest.approx(0.03 * shock, abs=1e-15)
    assert (imitation.learned(level, level, 0.1, 1.0, PURE, shock) == 0).all()


def test_firms_may_look_to_the_frontier(start):
    firms, base = start.firms, start.baseline
    base.absorption, before = 1.0, firms["efficiency"].copy()
    frontier = base.frontier[firms["industry"]]
    imitation.imitate(start, changed(target="frontier"), np.random.default_rng(1))
    closed = 1 - (1 - PURE.imitation) ** 0.25
    expected = before + closed * np.maximum(0, frontier - before)
    assert firms["efficiency"] == pytest.approx(expected, rel=1e-13)
    assert (frontier > before).any()


def test_noise_is_booked_and_leaves_the_dead_alone(world):
    firms, before = world.firms, world.firms["efficiency"].copy()
    world.growth_sources = {}
    imitation.imitate(world, changed(noise=0.1, rule="log"), np.random.default_rng(1))
    growth, alive = np.log(firms["efficiency"] / before), firms["alive"]
    assert (growth[~alive] == 0).all()
    assert (growth[alive] < 0).any()
    sales = np.where(alive, firms["revenue"] * firms["weight"], 0.0)
    total = np.bincount(firms["province"], sales)
    mean = np.bincount(firms["province"], sales * growth) / total
    assert world.growth_sources["imitation"] == pytest.approx(mean, rel=1e-9)


@pytest.mark.parametrize("parts", [1, 2])
def test_annual_imitation_happens_at_the_end_of_the_year(start, parts):
    """A year at once closes what four quarters close, if the target stands still."""
    start.clock.dt, start.baseline.absorption = 1 / parts, 1.0
    yearly = copy.deepcopy(start)
    for step in range(4 * parts):
        start.clock.step = yearly.clock.step = step
        before = yearly.firms["efficiency"].copy()
        imitation.imitate(start, changed(target="frontier"), np.random.default_rng(step))
        rules = changed(target="frontier", annual=True)
        imitation.imitate(yearly, rules, np.random.default_rng(step))
        last = step == 4 * parts - 1
        assert (yearly.firms["efficiency"] != before).any() == last
    found, expected = yearly.firms["efficiency"], start.firms["efficiency"]
    assert found == pytest.approx(expected, rel=1e-13)


def test_the_frontier_rises_at_its_rate():
    quarterly = knowledge.KnowledgeConfig(frontier_growth=0.04)
    assert imitation.frontier_rise(0.25, quarterly) ** 4 == pytest.approx(np.exp(0.04), rel=1e-14)
