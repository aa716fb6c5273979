"""Moves of half a quarter, by hand: who leaves, who arrives, with what money."""

import numpy as np
import pytest

from sim.mechanisms import migration
from sim.mechanisms.migration import MigrationConfig

FAIR = np.array([[0.0, 0.1, 0.0], [0.05, 0.0, 0.2], [0.0, 0.3, 0.0]])


def test_best_reply_shares_all_among_the_best():
    utility = np.array([[1.0, 1.0, 0.0], [0.0, 2.0, 1.0], [3.0, 0.0, 2.0]])
    cost = np.array([[0.0, 0.0, 0.0], [0.0, 1.5, 0.0], [0.0, 0.0, 0.0]])
    found = migration.choice(utility, cost, "best_reply")
    assert found.tolist() == [[0.5, 0.5, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    assert migration.reconsidering(MigrationConfig(rule="best_reply"), 1, 0.25) == 1.0
    assert migration.reconsidering(MigrationConfig(reconsider=(0.2, 0.3, 0.4)), 1, 1.0) == (
        pytest.approx(0.3)
    )


def test_open_provinces_are_closed_to_nobody(start):
    cfg = MigrationConfig(closed_cost=(1.0, 2.0, 3.0))
    start.provinces["open"] = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 1.0])
    closed = migration.cost(start, cfg, 1) - migration.cost(
        start, cfg.model_copy(update={"closed_cost": (0.0, 0.0, 0.0)}), 1
    )
    expected = np.array([2.0, 1.0, 0.0, 0.0, 0.0, 0.0]) * start.geography.foreign
    assert closed == pytest.approx(expected, abs=1e-12)


def test_residents_are_mobile_and_immobile_people_and_talents(world):
    world.provinces["immobile"] = np.arange(18.0).reshape(6, 3)
    talents = world.talents
    talents["province"][talents["province"] == 5] = 0  # no agent lives in the last one
    found = migration.residents(world)
    kinds = migration.people_by_type(world)
    assert not talents["alive"].all()
    for province in range(6):
        here = talents["alive"] & (talents["province"] == province)
        own = world.provinces["population"][province]
        immobile = 9.0 * province + 3.0
        assert found[province] == pytest.approx(own + immobile + talents["weight"][here].sum())
        assert kinds[province, 0] == own
        for labour, types in ((1, (1,)), (2, (2, 3))):
            mine = here & np.isin(talents["type"], types)
            assert kinds[province, labour] == pytest.approx(talents["weight"][mine].sum())


def test_general_labour_moves_with_its_share_of_deposits(world):
    provinces, ledger, house = world.provinces, world.ledger, world.accounts.household
    share = np.zeros((6, 6))
    share[:3, :3] = FAIR
    provinces["immobile"] = np.arange(18.0).reshape(6, 3)
    before = {name: provinces[name].copy() for name in ("population", "employed", "unemployed")}
    movers, held = provinces["movers"].copy(), ledger.balance[house].copy()
    ledger.start_quarter()
    migration.move_general(world, share)
    stays = 1 - share.sum(axis=1)
    people = share * before["population"][:, None]
    force = before["employed"] + before["unemployed"]
    population = before["population"] - people.sum(axis=1) + people.sum(axis=0)
    assert provinces["population"] == pytest.approx(population, rel=1e-12)
    assert provinces["employed"] == pytest.approx(stays * before["employed"], rel=1e-12)
    unemployed = stays * before["unemployed"] + share.T @ force
    assert provinces["unemployed"] == pytest.approx(unemployed, rel=1e-12)
    assert provinces["movers"] - movers == pytest.approx(people, rel=1e-9, abs=1e-9)
    mobile = population / (population + provinces["immobile"].sum(axis=1))
    money = share * (held * mobile)[:, None]
    assert ledger.spent[house] == pytest.approx(money.sum(axis=1), rel=1e-9)
    assert ledger.received[house] == pytest.approx(money.sum(axis=0), rel=1e-9)


@pytest.mark.parametrize("cohorts", [False, True])
@pytest.mark.parametrize("labour", [0, 1, 2])
def test_each_type_moves_by_its_own_chances(world, streams, labour, cohorts):
    reconsider = tuple(0.3 * (kind == labour) for kind in range(3))
    cfg = MigrationConfig(reconsider=reconsider, cohorts=cohorts)
    chance = migration.probabilities(world, cfg, labour, 0.1)
    people = migration.people_by_type(world)[:, labour]
    if cohorts and labour == 2:
        people = people - foreign(world)
    movers, weights = world.provinces["movers"].copy(), world.talents["weight"].copy()
    migration.apply(world, cfg, 0.1, streams.at("migration", 1))
    moved = world.provinces["movers"] - movers
    expected = 0.3 * chance * world.geography.foreign * people[:, None]
    if labour == 0 or cohorts:
        assert moved == pytest.approx(expected, rel=1e-9, abs=1e-9)
    else:
        # whole agents: within four standard errors of their weights
        error = np.sqrt((weights.max() * expected).sum())
        assert moved.sum() == pytest.approx(expected.sum(), abs=4 * error)
    assert moved.sum() > 0


def foreign(world):
    talents = world.talents
    mine = talents["alive"] & (talents["type"] == 3)
    return np.bincount(talents["province"][mine], talents["weight"][mine], minlength=6)


def test_talents_who_reconsider_draw_their_province_by_hand(world):
    """Half a quarter; foreign talent stays, and so do the dead."""
    talents, provinces = world.talents, world.provinces
    world.clock.dt = 0.5
    cfg = MigrationConfig(reconsider=(0.0, 0.5, 0.8), moving_cost=(0, 0, 0), distance_cost=0.2)
    chance = [migration.probabilities(world, cfg, labour, 0.1) for labour in range(3)]
    talents["type"] = np.arange(talents.n) % 3 + 1
    talents["employer"] = np.arange(talents.n)
    talents["employed"][:] = True
    home, movers = talents["province"].copy(), provinces["movers"].copy()
    u, pick = np.random.default_rng(3).random((2, talents.n))
    goal = home.copy()
    for row in np.flatnonzero(talents["alive"] & (talents["type"] < 3)):
        labour = talents["type"][row]
        if u[row] < 1 - (1 - cfg.reconsider[labour]) ** 0.5:
            ladder = np.cumsum(chance[labour][home[row]])
            goal[row] = np.searchsorted(ladder, pick[row] * ladder[-1], side="right")
    migration.move_talents(world, cfg, chance, np.random.default_rng(3))
    away = goal != home
    assert away.sum() > 10
    assert (talents["province"] == goal).all()
    assert (talents["employer"] == np.where(away, -1, np.arange(talents.n))).all()
    assert (talents["former"][away] == np.flatnonzero(away)).all()
    assert (talents["employed"] == ~away).all()
    for row in np.flatnonzero(away):
        movers[home[row], goal[row]] += talents["weight"][row]
    assert provinces["movers"] == pytest.approx(movers, rel=1e-12)
