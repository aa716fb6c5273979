import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.mechanisms import capability, matching
from sim.mechanisms.matching import MatchingConfig, transition
from sim.mechanisms.migration import residents

CONFIG = MatchingConfig(separation=0.02, finding=0.25, digital_finding=0.05)
HAZARD = st.floats(0, 4)


def chain(lose, find):
    """Transition matrix of (employed, unemployed)."""
    return np.array([[1 - lose, lose], [find, 1 - find]])


def test_unemployment_settles_at_its_steady_state():
    """L16: u* = s / (s + f) = .0740741."""
    lose, find = transition(0.02, 0.25, 1.0)
    u = 1.0
    for _ in range(400):
        u = u * (1 - find) + (1 - u) * lose
    # The gap shrinks by exp(-.27) a quarter: gone after 400.
    assert u == pytest.approx(0.02 / 0.27, rel=1e-14)
    assert u == pytest.approx(0.0740741, abs=5e-8)


def test_transition_closed_form():
    lose, find = transition(0.02, 0.25, 2.0)
    assert lose == pytest.approx(0.02 / 0.27 * (1 - np.exp(-0.54)), rel=1e-14)
    assert find / lose == pytest.approx(12.5, rel=1e-14)


@given(separation=HAZARD, finding=HAZARD, parts=st.integers(1, 8))
def test_parts_of_a_step_compose_to_the_step(separation, finding, parts):
    whole = chain(*transition(separation, finding, 1.0))
    part = chain(*transition(separation, finding, 1 / parts))
    assert np.linalg.matrix_power(part, parts) == pytest.approx(whole, abs=1e-14)


@given(separation=HAZARD, finding=HAZARD, dt=st.floats(0.01, 20))
def test_chances_are_probabilities(separation, finding, dt):
    lose, find = transition(separation, finding, dt)
    assert 0 <= lose <= 1
    assert 0 <= find <= 1
    assert lose + find <= 1 + 1e-15


def test_nothing_happens_without_hazards():
    assert transition(0.0, np.zeros(2), 1.0)[0].tolist() == [0, 0]


def test_digital_tools_speed_up_search(start):
    start.provinces["digital_mean"] = np.arange(6) / 2
    assert matching.finding_hazard(start, CONFIG) == pytest.approx(
        0.25 * (1 + 0.05 * np.arange(6) / 2), rel=1e-14
    )
    slower = CONFIG.model_copy(update={"digital_finding": -0.05})
    assert (np.diff(matching.finding_hazard(start, slower)) < 0).all()


def test_general_labour_settles_at_the_steady_state_of_its_province(start):
    force = (start.provinces["employed"] + start.provinces["unemployed"]).copy()
    start.provinces["digital_mean"] = np.arange(6) / 2
    for _ in range(400):
        matching.match_general(start, CONFIG)
    finding = 0.25 * (1 + 0.05 * np.arange(6) / 2)
    rate = start.provinces["unemployed"] / force
    assert rate == pytest.approx(0.02 / (0.02 + finding), rel=1e-12)
    assert start.provinces["employed"] + start.provinces["unemployed"] == pytest.approx(
        force, rel=1e-12
    )


def test_talents_keep_or_change_state_by_their_chances(start, streams):
    """Share of changes over many draws, within 4 standard errors."""
    lose, find = transition(0.3, 0.4, 1.0)
    config = MatchingConfig(separation=0.3, finding=0.4, digital_finding=0.0)
    moved = {True: 0, False: 0}
    people = {True: 0, False: 0}
    for step in range(60):
        before = start.talents["employed"].copy()
        matching.match_talents(start, config, streams.at("matching", step))
        changed = start.talents["employed"] != before
        for state in (True, False):
            people[state] += int((before == state).sum())
            moved[state] += int((changed & (before == state)).sum())
    for state, chance in ((True, float(lose)), (False, float(find))):
        error = np.sqrt(chance * (1 - chance) / people[state])
        assert moved[state] / people[state] == pytest.approx(chance, abs=4 * error)


def test_employers_are_live_firms_of_the_province(world, streams):
    matching.match_talents(world, CONFIG, streams.at("matching", 0))
    talents, firms = world.talents, world.firms
    held = np.flatnonzero(talents["alive"] & (talents["employer"] >= 0))
    employer = talents["employer"][held]
    assert held.size > 100
    assert talents["employed"][held].all()
    assert firms["alive"][employer].all()
    hired = np.flatnonzero(talents["alive"] & talents["employed"])
    assert (talents["employer"][hired] >= 0).mean() == 1
    assert (firms["province"][employer] == talents["province"][held]).all()


def test_those_who_lose_work_remember_their_employer(world, streams):
    talents = world.talents
    dead = np.flatnonzero(~talents["alive"])
    assert dead.size
    talents["employed"][dead], talents["employer"][dead] = True, 3
    employer = talents["employer"].copy()
    worked = talents["alive"] & talents["employed"]
    certain = MatchingConfig(separation=0.5, finding=0.0)
    matching.match_talents(world, certain, streams.at("matching", 0))
    lost = worked & ~talents["employed"]
    assert lost.any()
    assert not lost[worked].all()
    assert (talents["former"][lost] == employer[lost]).all()
    assert (talents["employer"][lost] == -1).all()
    assert (talents["employer"][dead] == employer[dead]).all()
    kept = worked & talents["employed"]
    assert (talents["employer"][kept] == employer[kept]).all()


@pytest.mark.parametrize("kind", [1, 2, 3])
def test_employers_are_drawn_in_proportion_to_their_use(start, kind):
    """Of engineers, and of science staff, to which people from abroad count."""
    rows = np.flatnonzero((start.talents["province"] == 1) & (start.talents["type"] < 3))
    start.talents["type"][rows] = kind
    pick = np.zeros(start.talents.n)
    # A grid of quantiles instead of uniforms: every count is off by at most one.
    pick[rows] = (np.arange(rows.size) + 0.5) / rows.size
    matching.assign_employers(start, rows, pick)
    use = capability.type_use(start)[min(kind, 2) - 1]
    use = np.where(start.firms["province"] == 1, use, 0.0)
    found = np.bincount(start.talents["employer"][rows], minlength=start.firms.n)
    assert rows.size > 10
    assert np.abs(found - rows.size * use / use.sum()).max() <= 1


def test_wages_paid_to_skilled_labour(start):
    firms, tech, row = start.firms, start.tech, 17
    industry, stage = firms["industry"][row], firms["stage"][row]
    sales = firms["revenue"][row] * firms["weight"][row]
    expected = sales * tech.labour[industry, stage] / tech.markup[industry]
    expected = expected * tech.skill[industry, 1:]
    assert capability.type_use(start)[:, row] == pytest.approx(expected, rel=1e-14)


def test_labour_at_work_is_counted_by_province_and_type(world):
    matching.count_labour(world)
    provinces, talents = world.provinces, world.talents
    rate = provinces["unemployed"] / (provinces["employed"] + provinces["unemployed"])
    assert provinces["unemployment"][:, 0] == pytest.approx(rate, rel=1e-14)
    for place in range(provinces.n):
        assert provinces["labour"][place, 0] == pytest.approx(
            provinces["employed"][place] + provinces["immobile"][place, 0] * (1 - rate[place])
        )
        for kind, types in ((1, (1,)), (2, (2, 3))):
            mine = talents["alive"] & (talents["province"] == place)
            mine = mine & np.isin(talents["type"], types)
            work = mine & talents["employed"]
            units = (talents["weight"] * talents["human_capital"])[work].sum()
            units += provinces["immobile"][place, kind] * (1 - rate[place])
            share = talents["weight"][work].sum() / talents["weight"][mine].sum()
            assert provinces["labour"][place, kind] == pytest.approx(units, rel=1e-12)
            assert provinces["unemployment"][place, kind] == pytest.approx(1 - share, abs=1e-12)


def test_matching_moves_nobody(world, streams):
    before, places = residents(world), copy.copy(world.talents["province"])
    matching.apply(world, CONFIG, streams.at("matching", 0))
    assert (residents(world) == before).all()
    assert (world.talents["province"] == places).all()


def test_a_province_without_talents_has_no_unemployed_ones(world):
    talents = world.talents
    talents["province"][talents["province"] == 5] = 0
    talents["province"][(talents["province"] == 4) & (talents["type"] >= 2)] = 0
    talents["weight"][:] *= 1e-9
    matching.count_labour(world)
    found = world.provinces["unemployment"]
    assert (found[5, 1:] == 0).all()
    assert found[4, 2] == 0
    for province, labour in ((0, 1), (1, 2), (2, 1)):
        mine = talents["alive"] & (talents["province"] == province)
        mine &= np.minimum(talents["type"], 2) == labour
        idle = talents["weight"][mine & ~talents["employed"]].sum()
        assert found[province, labour] == pytest.approx(idle / talents["weight"][mine].sum())


def test_all_out_of_work_are_all_unemployed(world):
    world.talents["employed"][:] = False
    matching.count_labour(world)
    assert (world.provinces["unemployment"][:, 1:] == 1).all()
