import copy

import numpy as np
import pytest
from scipy.stats import poisson

from sim.mechanisms import foreign_talent
from sim.mechanisms.foreign_talent import FOREIGN, ForeignTalentConfig
from sim.mechanisms.migration import residents
from sim.state.ledger import ROW

CONFIG = ForeignTalentConfig(
    arrival=0.002, elasticity=1.0, wage_growth_abroad=0.03, departure=0.1, group=0.05
)


TAX = 0.1


def test_arrivals_of_2012_are_a_share_of_science_staff(start):
    start.provinces["wage"][:, 2] = start.baseline.wage[2]
    mean = foreign_talent.expected_arrivals(start, CONFIG, TAX)
    assert mean == pytest.approx(0.002 / 4 * start.baseline.science, rel=1e-13)
    assert (mean > 0).all()


def test_arrivals_follow_wages_against_abroad(start):
    start.provinces["wage"][:, 2] = start.baseline.wage[2]
    before = foreign_talent.expected_arrivals(start, CONFIG, TAX)
    start.clock.step = 8
    start.provinces["wage"][:, 2] *= 1.03**2
    assert foreign_talent.expected_arrivals(start, CONFIG, TAX) == pytest.approx(before, rel=1e-13)
    start.provinces["wage"][3, 2] *= 2
    strong = CONFIG.model_copy(update={"elasticity": 2.0})
    assert foreign_talent.expected_arrivals(start, strong, TAX)[3] == pytest.approx(4 * before[3])


def test_arrivals_follow_what_is_left_of_the_wage_after_tax(start):
    before = foreign_talent.expected_arrivals(start, CONFIG, TAX)
    after = foreign_talent.expected_arrivals(start, CONFIG, 0.28)
    assert after / before == pytest.approx(0.72 / 0.9, rel=1e-13)


def test_services_for_talent_draw_arrivals(start):
    """exp(pull TL), TL the mean over a province's places by their sales."""
    before = foreign_talent.expected_arrivals(start, CONFIG, TAX)
    places, inside = start.places, int(start.zones["place"][1])
    host = start.host[inside]
    places["sales"][:, 0, 0] = 3.0
    places["sales"][inside, 0, 0] = 1.0
    places["talent_services"][inside] = 0.8
    eager = CONFIG.model_copy(update={"services_pull": 1.5})
    rise = foreign_talent.expected_arrivals(start, eager, TAX) / before
    others = (start.host == host).sum() - 2
    assert rise[host] == pytest.approx(np.exp(1.5 * 0.8 / (4 + 3 * others)), rel=1e-13)
    assert (np.delete(rise, host) == 1).all()


def test_who_arrives_has_neither_work_nor_money(world):
    eager, talents = CONFIG.model_copy(update={"arrival": 0.1}), world.talents
    people, money, count = residents(world), world.ledger.balance.sum(), talents.n
    world.arrivals = 0.0
    foreign_talent.arrive(world, eager, TAX, np.full(6, 0.9))
    new = np.arange(count, talents.n)
    assert new.size > 5
    assert (talents["type"][new] == FOREIGN).all()
    assert not talents["employed"][new].any()
    assert (talents["employer"][new] == -1).all()
    assert not world.ledger.balance[talents["account"][new]].any()
    assert world.ledger.balance.sum() == pytest.approx(money, rel=1e-13)
    assert world.arrivals == pytest.approx(0.05 * new.size, rel=1e-13)
    assert residents(world).sum() == pytest.approx(people.sum() + world.arrivals, rel=1e-14)


def test_who_leaves_takes_their_money_along(world):
    talents, ledger = world.talents, world.ledger
    eager = CONFIG.model_copy(update={"arrival": 0.1})
    foreign_talent.arrive(world, eager, TAX, np.full(6, 0.9))
    rows = np.flatnonzero(talents["alive"] & (talents["type"] == FOREIGN))
    ledger.endow(talents["account"][rows], np.full(rows.size, 2.0))
    ledger.start_quarter()
    people, held = residents(world).sum(), ledger.balance[talents["account"][rows]].sum()
    world.arrivals = 0.0
    foreign_talent.leave(world, CONFIG, np.zeros(talents.n))
    assert not talents["alive"][rows].any()
    assert not talents["employed"][rows].any()
    assert ledger.received[ROW] == pytest.approx(held, rel=1e-12)
    assert not ledger.balance[talents["account"][rows]].any()
    assert residents(world).sum() == pytest.approx(people + world.arrivals, rel=1e-14)
    assert world.arrivals == pytest.approx(-talents["weight"][rows].sum(), rel=1e-14)


def test_natives_do_not_leave_the_country(world):
    talents = world.talents
    native = talents["alive"] & (talents["type"] != FOREIGN)
    foreign_talent.leave(world, CONFIG, np.zeros(talents.n))
    assert talents["alive"][native].all()


def test_numbers_of_arrivals_follow_their_mean(start, streams):
    """Arrivals over many quarters, within 4 standard errors of a Poisson total."""
    eager = CONFIG.model_copy(update={"arrival": 0.1, "departure": 0.0})
    mean, rounds, total = foreign_talent.expected_arrivals(start, eager, TAX).sum(), 100, 0.0
    for step in range(rounds):
        made = copy.deepcopy(start)
        foreign_talent.apply(made, eager, TAX, streams.at("foreign_talent", step))
        total += made.arrivals
    error = np.sqrt(rounds * mean * 0.05)  # a Poisson number of groups of .05
    assert total == pytest.approx(rounds * mean, abs=4 * error)


def test_foreigners_are_the_type_after_general_labour_engineers_and_science_staff(world):
    assert FOREIGN == 3
    talents = world.talents
    count = talents.n
    foreign_talent.arrive(world, CONFIG.model_copy(update={"arrival": 0.1}), TAX, np.full(6, 0.9))
    assert (talents["age"][count:] == 35.0).all()
    assert (talents["weight"][count:] == 0.05).all()


@pytest.mark.parametrize("dt", [1.0, 0.5])
def test_a_share_leaves_in_a_step(world, dt):
    """1 - exp(-departure dt / 4): those whose number lies below; their jobs are free."""
    talents = world.talents
    world.clock.dt = dt
    talents["type"][:] = FOREIGN
    talents["employer"][:] = 0
    alive = talents["alive"].copy()
    u = np.linspace(0, 1, talents.n, endpoint=False)
    cfg = CONFIG.model_copy(update={"departure": 2.0})
    foreign_talent.leave(world, cfg, u)
    gone = alive & (u < 1 - np.exp(-2.0 * dt / 4))
    assert (talents["alive"] == (alive & ~gone)).all()
    assert (talents["employer"][gone] == -1).all()
    assert (talents["employer"][~gone] == 0).all()


def test_arrivals_rise_with_a_power_of_the_wage(start):
    base = CONFIG.model_copy(update={"elasticity": 1.5})
    start.provinces["wage"][:, 2] = 1.7 * start.baseline.wage[2]
    found = foreign_talent.expected_arrivals(start, base, TAX)
    assert found == pytest.approx(0.002 / 4 * start.baseline.science * 1.7**1.5, rel=1e-12)


def test_each_province_draws_the_number_that_its_mean_gives(world):
    """Means that are no whole numbers of groups; people live where they arrive."""
    cfg, talents = CONFIG.model_copy(update={"arrival": 0.03}), world.talents
    count, u = talents.n, np.array([0.2, 0.9, 0.5, 0.7, 0.4, 0.99])
    mean = foreign_talent.expected_arrivals(world, cfg, TAX) / 0.05
    foreign_talent.arrive(world, cfg, TAX, u)
    came = np.bincount(talents["province"][count:], minlength=6)
    assert came.tolist() == poisson.ppf(u, mean).tolist()
    assert came.tolist() != poisson.ppf(u, np.floor(mean)).tolist()
    assert (talents["home"][count:] == talents["province"][count:]).all()
    assert (talents["human_capital"][count:] == 1.5).all()
