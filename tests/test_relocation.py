import copy

import numpy as np
import pytest

from sim.mechanisms import relocation
from sim.mechanisms.relocation import RelocationConfig
from sim.start.efficiencies import sales_of_unit

CONFIG = RelocationConfig(sensitivity=1.0, barrier=3.0, cost=0.5)


def test_choice_by_hand(world):
    """Odds of two places are e^(theta difference of potential), whatever the others offer."""
    chance, potential = relocation.choice(world, CONFIG), relocation.potential(world)
    places, k = world.places.n, len(world.tech.codes)
    chance = chance.reshape(places, k, places)
    assert chance.sum(axis=2) == pytest.approx(1, abs=1e-13)
    for start, one, two, industry in ((0, 1, 2, 3), (7, 0, 8, 5)):
        odds = chance[start, industry, one] / chance[start, industry, two]
        expected = np.exp(potential[one, industry] - potential[two, industry])
        assert odds == pytest.approx(expected, rel=1e-11)
    stay = chance[0, 3, 0] / chance[0, 3, 1]
    expected = np.exp(3.0 + potential[0, 3] - potential[1, 3])
    assert stay == pytest.approx(expected, rel=1e-11)


def test_potential_is_what_a_firm_of_unit_efficiency_sells(start):
    """Up to a constant of its industry, the log of sales per unit of T at the market's prices."""
    sales = sales_of_unit(start, start.places["market_access"][:6])[:, :, 0]
    gap = relocation.potential(start)[:6] - np.log(sales)
    assert gap == pytest.approx(np.tile(gap[0], (6, 1)), abs=1e-11)
    assert np.ptp(relocation.potential(start)[:6], axis=0).min() > 0.01


def test_wedges_of_a_place_lower_its_potential(start):
    """By epsilon (1 - alpha_K) ln(1 + kappa), as they lower supply."""
    before, tech = relocation.potential(start), start.tech
    start.places["wedge_loss"][1], start.places["wedge_tax"][1] = -0.1, 0.3
    fall = before - relocation.potential(start)
    expected = tech.epsilon * (1 - tech.capital) * np.log(0.9 * 1.3)
    assert fall[1] == pytest.approx(expected, rel=1e-11)
    assert not np.delete(fall, 1, axis=0).any()


def test_a_zone_that_does_not_act_attracts_nobody(world):
    world.zones["active"][1] = False
    chance = relocation.choice(world, CONFIG)
    assert not chance[:, world.zones["place"][1]].any()
    assert (chance[:, world.zones["place"][0]] > 0).all()


def test_a_high_barrier_keeps_firms_where_they_are(world):
    chance = relocation.choice(world, RelocationConfig(barrier=12.0, sensitivity=0.0))
    places, k = world.places.n, len(world.tech.codes)
    stay = np.einsum("oko->ok", chance.reshape(places, k, places))
    # Without sensitivity every other open place has the weight e^-12.
    others = places - 1
    assert stay == pytest.approx(1 / (1 + others * np.exp(-12)), rel=1e-12)


def moved(world, streams):
    eager = RelocationConfig(reconsider=1.0, sensitivity=1.0, barrier=0.0, cost=0.5)
    before = {name: world.firms[name].copy() for name in world.firms}
    world.provinces["orders_next"] = 0.0
    relocation.apply(world, eager, streams.at("relocation", 0))
    return before, np.flatnonzero(world.firms["place"] != before["place"])


def test_movers_pay_services_in_their_new_province(world, streams):
    before, rows = moved(world, streams)
    firms = world.firms
    assert rows.size > 20
    assert firms["alive"][rows].all()
    assert (firms["province"] == world.host[firms["place"]]).all()
    outlay = 0.5 * before["revenue"]
    assert (firms["order"] - before["order"])[rows] == pytest.approx(
        outlay[rows] / world.clock.dt, rel=1e-9
    )
    stayed = np.delete(np.arange(firms.n), rows)
    assert (firms["order"][stayed] == before["order"][stayed]).all()
    spent = np.bincount(firms["province"][rows], (outlay * firms["weight"])[rows], minlength=6)
    orders = world.provinces["orders_next"].sum(axis=1)
    assert orders == pytest.approx(spent / world.clock.dt, rel=1e-12)
    for name in ("efficiency", "capital", "account", "weight"):
        assert (firms[name] == before[name]).all()


def test_staff_stay_behind_when_a_firm_leaves_the_province(world, streams):
    talents = world.talents
    employer = talents["employer"].copy()
    before, rows = moved(world, streams)
    firms = world.firms
    away = rows[firms["province"][rows] != before["province"][rows]]
    left = talents["alive"] & np.isin(employer, away)
    assert left.any()
    assert not talents["employed"][left].any()
    assert (talents["former"][left] == employer[left]).all()
    kept = talents["alive"] & (employer >= 0) & ~left
    assert (talents["employer"][kept] == employer[kept]).all()
    assert talents["employed"][kept].all()
    linked = talents["alive"] & (talents["employer"] >= 0)
    assert (firms["province"][talents["employer"][linked]] == talents["province"][linked]).all()


def test_a_share_reconsiders(start, streams):
    """Firms that move when the barrier is nil, within 4 standard errors."""
    firms = start.firms
    config = RelocationConfig(reconsider=0.5, barrier=0.0)
    chance = relocation.choice(start, config)
    cell = firms["place"].astype(int) * len(start.tech.codes) + firms["industry"]
    leave = (1 - np.exp(-0.5 / 4)) * (1 - chance[cell, firms["place"]])
    rounds, count = 20, 0
    for step in range(rounds):
        made = copy.deepcopy(start)
        relocation.apply(made, config, streams.at("relocation", step))
        count += int((made.firms["place"] != firms["place"]).sum())
    error = np.sqrt(rounds * (leave * (1 - leave)).sum())
    assert count == pytest.approx(rounds * leave.sum(), abs=4 * error)


def test_frozen_nobody_moves(world, streams):
    before = world.firms["place"].copy()
    frozen = RelocationConfig(frozen=True, reconsider=1.0, barrier=0.0)
    relocation.apply(world, frozen, streams.at("relocation", 0))
    assert (world.firms["place"] == before).all()


def test_capital_moves_towards_equal_returns_by_a_power_of_them():
    stock, rate = np.array([1.0, 2.0, 3.0]), np.array([0.1, 0.2, 0.1])
    found = relocation.towards_equal_return(stock, rate, 0.5)
    weight = np.array([1.0, 2.0 * np.sqrt(2), 3.0])
    assert found == pytest.approx(6.0 * weight / weight.sum(), rel=1e-12)
    assert relocation.towards_equal_return(stock, np.full(3, 0.3), 0.7) == pytest.approx(stock)


def test_moves_of_half_a_quarter_by_hand(world):
    """Each firm that sells draws a place by its own row of chances, and pays for the move."""
    firms, talents, draw = world.firms, world.talents, np.random.default_rng(3)
    world.clock.dt = 0.5
    cfg = CONFIG.model_copy(update={"reconsider": 1.0, "barrier": 0.5})
    firms["revenue"][::5] = 0.0
    firms["order"][:], world.provinces["orders_next"][:] = 0.0, 0.0
    talents["employer"] = np.arange(talents.n) % firms.n
    talents["province"] = firms["province"][talents["employer"]]
    talents["employed"][:] = True
    before = {name: firms[name].copy() for name in ("place", "province")}
    chance = relocation.choice(world, cfg).reshape(world.places.n, -1, world.places.n)
    u, pick = draw.random(firms.n), draw.random(firms.n)
    goal = before["place"].copy()
    for row in np.flatnonzero(firms["alive"] & (firms["revenue"] > 0) & (u < 1 - np.exp(-1 / 8))):
        ladder = np.cumsum(chance[before["place"][row], firms["industry"][row]])
        goal[row] = np.searchsorted(ladder, pick[row], side="right")
    relocation.apply(world, cfg, np.random.default_rng(3))
    moved = goal != before["place"]
    assert moved.sum() > 5
    assert (firms["place"] == goal).all()
    assert (firms["province"] == world.host[goal]).all()
    outlay = 2 * 0.5 * firms["revenue"] * moved  # per quarter, for half of one
    assert firms["order"] == pytest.approx(outlay)
    ordered = np.bincount(firms["province"], outlay * firms["weight"], minlength=6)
    assert world.provinces["orders_next"].sum(axis=1) == pytest.approx(ordered)
    employer = np.arange(talents.n) % firms.n
    away = (firms["province"] != before["province"])[employer] & talents["alive"]
    assert away.any()
    assert (talents["employer"] == np.where(away, -1, employer)).all()
    assert (talents["employed"] == ~away).all()
    assert (talents["former"][away] == employer[away]).all()


def test_staff_of_the_first_firm_stay_behind_as_those_of_any_other(world, monkeypatch):
    firms, talents = world.firms, world.talents
    firms["alive"][:2], firms["revenue"][:2], firms["province"][:2] = True, 1.0, [2, 2]
    firms["place"][:2] = 2
    rows = np.flatnonzero(talents["alive"])[:5]
    rows = np.append(rows, np.flatnonzero(~talents["alive"])[0])
    talents["employer"][rows], talents["former"][rows] = [0, 0, 1, 0, -1, 0], 7
    talents["province"][rows] = [2, 2, 2, 4, 2, 2]

    def first_leaves(_chance, start, _pick):
        goal = start // len(world.tech.codes)
        goal[0] = 4
        return goal

    monkeypatch.setattr(relocation, "draw_columns", first_leaves)
    relocation.apply(world, RelocationConfig(reconsider=1.0), Zero())
    assert firms["province"][:2].tolist() == [4, 2]
    # the fourth lives where the firm goes, the fifth has no work, the sixth is dead
    assert talents["employer"][rows].tolist() == [-1, -1, 1, 0, -1, 0]
    assert talents["former"][rows].tolist() == [0, 0, 7, 7, 7, 7]


class Zero:
    """Everybody reconsiders."""

    def random(self, n):
        return np.zeros(n)
