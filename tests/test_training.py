import copy

import numpy as np
import pytest

from sim.mechanisms import training
from sim.mechanisms.migration import residents
from sim.mechanisms.training import TrainingConfig
from sim.state.columns import STAGES

CONFIG = TrainingConfig(
    natural_growth=0.004,
    learning=0.01,
    digital_learning=0.1,
    retirement_age=60.0,
    entry_age=25.0,
    engineers_trained=0.004,
)


def test_natural_increase_of_a_year(start):
    before = {name: start.provinces[name].copy() for name in start.provinces}
    total = 0.0
    for _ in range(4):
        training.natural_increase(start, CONFIG)
        total += start.births
    provinces = start.provinces
    assert provinces["population"] == pytest.approx(1.004 * before["population"], rel=1e-13)
    assert total == pytest.approx(0.004 * before["population"].sum(), rel=1e-10)
    # The labour force grows in step; who comes of age has no work yet.
    force = before["employed"] + before["unemployed"]
    assert provinces["employed"] + provinces["unemployed"] == pytest.approx(1.004 * force)
    assert (provinces["employed"] == before["employed"]).all()


def test_natural_increase_does_not_depend_on_the_step(start):
    one, ten = start, copy.deepcopy(start)
    training.natural_increase(one, CONFIG)
    ten.clock.dt = 0.1
    for _ in range(10):
        training.natural_increase(ten, CONFIG)
    assert ten.provinces["population"] == pytest.approx(one.provinces["population"], rel=1e-13)
    assert ten.provinces["unemployed"] == pytest.approx(one.provinces["unemployed"], rel=1e-12)


def test_learning_by_doing(start):
    talents, firms = start.talents, start.firms
    before = {name: talents[name].copy() for name in ("human_capital", "age")}
    at_work = talents["employed"] & (talents["employer"] >= 0)
    stage = np.where(at_work, firms["stage"][talents["employer"]], 0)
    for _ in range(4):
        training.learn(start, CONFIG)
    rise = np.log(talents["human_capital"] / before["human_capital"])
    assert rise == pytest.approx(0.01 * (1 + 0.1 * stage) * talents["employed"], abs=1e-14)
    assert set(stage) >= {0, 1}
    assert not talents["employed"].all()
    assert talents["age"] == pytest.approx(before["age"] + 1, rel=1e-14)


def test_who_retires_is_followed_by_an_entrant(world):
    talents, ledger = world.talents, world.ledger
    old = np.flatnonzero(talents["alive"])[[3, 8, 40]]
    talents["age"] = np.where(talents["age"] >= 60, 59.0, talents["age"])
    talents["age"][old] = [60.0, 64.0, 60.5]
    place, kind, weight = (talents[name][old] for name in ("province", "type", "weight"))
    people, money = residents(world), ledger.balance.sum()
    account = talents["account"][old]
    ledger.endow(account, np.array([5.0, -2.0, 0.0]) - ledger.balance[account])
    money = ledger.balance.sum()
    house = ledger.balance[world.accounts.household].copy()
    count = talents.n
    training.retire(world, CONFIG)
    assert talents.n == count + 3
    assert not talents["alive"][old].any()
    assert not talents["employed"][old].any()
    assert (talents["employer"][old] == -1).all()
    young = np.arange(count, count + 3)
    assert talents["alive"][young].all()
    assert not talents["employed"][young].any()
    for name, values in (("province", place), ("home", place), ("type", kind), ("weight", weight)):
        assert (talents[name][young] == values).all()
    assert (talents["age"][young] == 25).all()
    assert residents(world) == pytest.approx(people, rel=1e-14)
    # Heirs are the households of the province; debts are inherited too.
    heirs = np.bincount(place, [5.0, -2.0, 0.0], minlength=6)
    assert ledger.balance[world.accounts.household] - house == pytest.approx(heirs, abs=1e-8)
    assert (ledger.balance[talents["account"][old]] == 0).all()
    assert ledger.balance.sum() == pytest.approx(money, rel=1e-12)
    assert (ledger.balance[talents["account"][young]] == 0).all()


def test_nobody_retires_early(start):
    count = start.talents.n
    training.retire(start, CONFIG)
    assert (start.talents["age"] < 60).all()
    assert start.talents.n == count


def test_training_makes_engineers_out_of_general_labour(start, streams):
    talents, provinces = start.talents, start.provinces
    before = {name: talents[name].copy() for name in ("weight", "type")}
    people, population = residents(start), provinces["population"].copy()
    rate = provinces["unemployed"] / (provinces["employed"] + provinces["unemployed"])
    none = CONFIG.model_copy(update={"science_trained": 0.0})
    training.train(start, none, streams.at("training", 0))
    engineers = before["type"] == 1
    assert talents["weight"] == pytest.approx(before["weight"] * np.where(engineers, 1.004, 1))
    assert (talents["type"] == before["type"]).all()
    assert (provinces["population"] < population).all()
    assert residents(start) == pytest.approx(people, rel=1e-13)
    after = provinces["unemployed"] / (provinces["employed"] + provinces["unemployed"])
    assert after == pytest.approx(rate, rel=1e-13)


def test_training_makes_science_staff_out_of_engineers(start, streams):
    """The stock of science staff grows by .05 a quarter on average, within 4 standard errors."""
    config = TrainingConfig(engineers_trained=0.0, science_trained=0.05)
    talents, gains, rounds = start.talents, [], 300
    stock = [talents["weight"][talents["type"] == kind].sum() for kind in (1, 2)]
    chance = 0.05 * stock[1] / stock[0]
    for step in range(rounds):
        made = copy.deepcopy(start)
        training.train(made, config, streams.at("training", step))
        promoted = (talents["type"] == 1) & (made.talents["type"] == 2)
        assert ((made.talents["type"] != talents["type"]) == promoted).all()
        gains.append(talents["weight"][promoted].sum() / stock[1])
    weight = talents["weight"][talents["type"] == 1]
    error = np.sqrt(chance * (1 - chance) * (weight**2).sum() / rounds) / stock[1]
    assert np.mean(gains) == pytest.approx(0.05, abs=4 * error)
    assert residents(made).sum() == pytest.approx(residents(start).sum(), rel=1e-14)


def test_people_are_conserved_but_for_births(world, streams):
    before = residents(world).sum()
    training.apply(world, CONFIG, streams.at("training", 0))
    assert residents(world).sum() == pytest.approx(before + world.births, rel=1e-13)
    assert world.births > 0


def test_training_by_hand_in_half_a_quarter(world):
    """Engineers train a share of their number, at most of as many as there are to be trained."""
    talents, provinces = world.talents, world.provinces
    world.clock.dt = 0.5
    cfg = TrainingConfig(engineers_trained=0.04, science_trained=0.05)
    talents["weight"][talents["type"] == 2] *= 50.0  # many who may be followed
    engineers = talents["alive"] & (talents["type"] == 1)
    here, weight = talents["province"], talents["weight"].copy()
    stock = np.bincount(here[engineers], weight[engineers], minlength=6)
    provinces["employed"], provinces["unemployed"] = 3.0 * stock, 1.0 * stock
    provinces["employed"][2], provinces["unemployed"][2] = 0.1 * stock[2], 0.15 * stock[2]
    force = provinces["employed"] + provinces["unemployed"]
    population = provinces["population"].copy()
    room = np.where(np.arange(6) == 2, 0.25, 1.0)
    u = np.random.default_rng(8).random(talents.n)
    training.train(world, cfg, np.random.default_rng(8))
    gain = np.where(engineers, 0.04 * 0.5 * weight * room[here], 0.0)
    assert talents["weight"] - weight == pytest.approx(gain, abs=1e-12)
    new = 0.02 * stock * room
    assert provinces["population"] == pytest.approx(population - new)
    left = 1 - new / force
    assert provinces["employed"][2] == pytest.approx(0.1 * stock[2] * left[2])
    assert provinces["unemployed"] == pytest.approx((force - provinces["employed"] / left) * left)
    after = talents["weight"]
    science = talents["alive"] & (talents["type"] == 2)
    promoted = engineers & science
    total = after[engineers].sum()
    chance = 0.05 * 0.5 * after[science & ~promoted].sum() / total
    assert (promoted == (engineers & (u < chance))).all()
    assert promoted.any()


def test_who_works_learns_by_the_stage_of_the_employer(world):
    talents, firms = world.talents, world.firms
    world.clock.dt = 0.5
    cfg = TrainingConfig(learning=0.02, digital_learning=0.5)
    firms["stage"] = (np.arange(firms.n) + 3) % STAGES
    talents["employer"] = np.arange(talents.n) % 7 - 1
    talents["employed"] = np.arange(talents.n) % 3 > 0
    before = talents["human_capital"].copy()
    training.learn(world, cfg)
    employer = talents["employer"]
    stage = [firms["stage"][firm] if firm >= 0 else 0 for firm in employer]
    rate = 0.02 * (1 + 0.5 * np.array(stage)) * talents["employed"]
    assert talents["human_capital"] == pytest.approx(before * np.exp(rate / 8), rel=1e-12)


def test_entrants_begin_with_one_unit_of_human_capital(world):
    talents = world.talents
    count = talents.n
    talents["age"][:] = 80.0
    training.retire(world, TrainingConfig())
    assert talents.n > count
    assert (talents["human_capital"][count:] == 1.0).all()


def test_who_is_promoted_does_not_depend_on_how_many_an_agent_stands_for(world):
    """One in a billion of everybody; and where nobody is an engineer nothing is divided by it."""
    talents, cfg = world.talents, TrainingConfig(engineers_trained=0.0, science_trained=0.05)
    talents["weight"][talents["type"] == 2] *= 50.0  # many who may be followed
    engineers = talents["alive"] & (talents["type"] == 1)
    small = copy.deepcopy(world)
    small.talents["weight"] *= 1e-9
    for made in (world, small):
        training.train(made, cfg, np.random.default_rng(8))
    assert (small.talents["type"] == talents["type"]).all()
    assert (engineers & (talents["type"] == 2)).any()
    talents["type"][engineers] = 3
    with np.errstate(divide="raise", invalid="raise"):
        training.train(world, cfg, np.random.default_rng(8))
