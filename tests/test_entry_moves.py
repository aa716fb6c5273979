"""Entry and exit of half a quarter by hand: what attracts, who fails, who is out of work."""

import numpy as np
import pytest

from sim.mechanisms import entry_exit, founding, investment, profitability
from sim.mechanisms.entry_exit import EntryExitConfig
from sim.mechanisms.foreign_entry import ForeignEntryConfig
from sim.mechanisms.investment import InvestmentConfig

CONFIG = EntryExitConfig(sensitivity=1.3, relatedness=0.7, zone_pull=0.4, plan=0.6)
CAPITAL = InvestmentConfig()


def test_a_cell_attracts_by_profit_relatedness_zone_and_plan(world):
    places, base = world.places, world.baseline
    places["plan_bonus"][:] = np.random.default_rng(1).uniform(0, 1, places["plan_bonus"].shape)
    found = entry_exit.attraction(world, CONFIG)
    density = profitability.relatedness_density(world) - base.density
    profit = profitability.profitability(world)
    for place, industry in np.ndindex(found.shape):
        host = world.host[place]
        value = np.log(profit[host, industry]) + 0.7 * density[host, industry]
        value += 0.4 * (place >= world.provinces.n) + 0.6 * places["plan_bonus"][place, industry]
        assert found[place, industry] == pytest.approx(1.3 * value, rel=1e-9, abs=1e-12)


def test_firms_fail_if_they_cannot_pay_or_lose_for_too_long(world):
    firms = world.firms
    assert not firms["alive"].all()
    firms["age"][:] = np.arange(firms.n) % 3 + 0.5
    firms["loss_quarters"][:] = np.arange(firms.n) % 5 / 2 + CONFIG.loss_limit - 1.0
    world.ledger.balance[firms["account"][::4]] -= 1e9
    firms["order"][:], firms["revenue"][1] = 0.0, 0.0
    world.ledger.balance[firms["account"][1]] = 0.0  # nothing left, and nothing owed
    firms["revenue"][5] = 0.0
    world.ledger.balance[firms["account"][5]] = -0.5 * firms["weight"][5]  # a little is owed
    for row in (1, 5):
        firms["age"][row], firms["loss_quarters"][row], firms["alive"][row] = 5.0, 0.0, True
    owes = investment.funds(world, CAPITAL) < 0
    worn = firms["loss_quarters"] >= CONFIG.loss_limit
    expected = firms["alive"] & (firms["age"] > 1.0) & (owes | worn)
    found = entry_exit.failing(world, CONFIG, CAPITAL)
    assert (found == expected).all()
    assert not found[1]
    assert found[5]
    assert (found & owes & worn).any()


def test_staff_of_closed_firms_lose_their_work(world):
    firms, talents = world.firms, world.talents
    world.clock.dt = 0.5
    employer = np.arange(talents.n) % 12 - 1
    talents["employer"], talents["employed"] = employer.copy(), employer >= 0
    age = firms["age"].copy()
    alive, former = firms["alive"].copy(), np.arange(talents.n) % 5
    talents["former"] = former
    u = np.where(np.arange(firms.n) % 2, 1.0, 0.0)
    both = int(np.flatnonzero(alive & (u == 0) & (age > 1))[0])  # by its hazard, and of losses
    firms["loss_quarters"][both] = CONFIG.loss_limit
    entry_exit.leave(world, CONFIG, CAPITAL, u)
    gone = alive & ~firms["alive"]
    assert gone[:11:2].any()
    assert gone[both]
    assert firms["age"][alive] == pytest.approx(age[alive] + 1 / 8)
    lost = talents["alive"] & (employer >= 0) & gone[np.maximum(employer, 0)]
    assert (talents["employer"] == np.where(lost, -1, employer)).all()
    assert (talents["employed"] == ((employer >= 0) & ~lost)).all()
    assert (talents["former"] == np.where(lost, employer, former)).all()


def test_nobody_enters_what_no_place_takes_part_in(world):
    world.places["entry_base"][:, 4] = 0.0
    found = entry_exit.expected_entrants(world, CONFIG)
    assert not found[:, 4].any()
    assert (np.delete(found, 4, axis=1).sum(axis=0) > 0).all()


def test_entrants_of_half_a_quarter_are_half_as_many_and_radical_firms_come_on_top(world):
    world.clock.dt = 0.5
    places, unit = world.places, world.baseline.firm_weight
    places["radical"][:] = np.arange(places.n) * 3.0
    seen, opening = {}, np.random.default_rng(1).uniform(0, 1, unit.shape)
    places["services_opening"] = opening

    def numbers(mean, u):
        seen["mean"], seen["u"] = mean.copy(), u
        return np.zeros(mean.shape, dtype=np.int64)

    radical = np.zeros(unit.shape)
    radical[:, world.tech.codes.index("F1")] = np.arange(places.n) * 3.0
    more = 1 + world.ownership[:, 1] * opening  # twice the foreign firms where all is open
    expected = (0.5 * entry_exit.expected_entrants(world, CONFIG) * more + radical) / unit
    draw = np.random.default_rng(2)
    draw.random((*unit.shape, 8, 3))  # the entrants' own, eight of a cell
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(founding, "numbers", numbers)
        entry_exit.found(world, CONFIG, ForeignEntryConfig(), np.random.default_rng(2))
    assert seen["mean"] == pytest.approx(expected, rel=1e-12)
    assert (seen["u"] == draw.random(unit.shape)).all()
    assert not places["radical"].any()


def test_investment_from_abroad_is_counted_anew(world):
    world.provinces["fdi"][:] = 7.0
    frozen = CONFIG.model_copy(update={"frozen": True})
    entry_exit.apply(world, frozen, CAPITAL, ForeignEntryConfig(), np.random.default_rng(2))
    assert not world.provinces["fdi"].any()


def test_founders_bring_the_cost_of_entry(world):
    brought = {}

    def endow(_world, rows, money):
        brought["money"], brought["rows"] = money, rows

    cfg = CONFIG.model_copy(update={"entry_cost": 1.7, "entrant_capital": 0.3})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(founding, "endow", endow)
        world.clock.dt = 4.0
        entry_exit.found(world, cfg, ForeignEntryConfig(), np.random.default_rng(2))
    assert brought["rows"].size > 0
    assert brought["money"] == pytest.approx(0.51)
