"""Talents that move as cohorts take their deposits and nothing else."""

import numpy as np
import pytest

from sim.mechanisms import migration
from sim.mechanisms.cohorts import move_cohorts
from tests.worlds import small_model

TAX = 0.1


@pytest.fixture
def world():
    model = small_model()
    model.run(until="2012Q2")
    return model.world


def flows(world):
    cfg = migration.MigrationConfig()
    return [
        migration.flows(world, cfg, kind, migration.probabilities(world, cfg, kind, TAX))
        for kind in range(3)
    ]


def by_province(world, kind, values):
    talents = world.talents
    mine = talents["alive"] & (talents["type"] == kind)
    return np.bincount(talents["province"][mine], values[mine], minlength=world.provinces.n)


def test_people_and_deposits_arrive_where_the_flow_says(world):
    flow = flows(world)
    held = world.ledger.balance[world.talents["account"]].copy()
    house = world.ledger.balance[world.accounts.household].copy()
    before = {
        kind: (by_province(world, kind, world.talents["weight"]), by_province(world, kind, held))
        for kind in (1, 2)
    }
    move_cohorts(world, flow)
    now = world.ledger.balance[world.talents["account"]]
    for kind, (people, money) in before.items():
        stays = 1 - flow[kind].sum(axis=1)
        weight = by_province(world, kind, world.talents["weight"])
        assert weight == pytest.approx(stays * people + flow[kind].T @ people, rel=1e-12)
        assert by_province(world, kind, now) == pytest.approx(
            stays * money + flow[kind].T @ money, rel=1e-9, abs=1e-9
        )
        assert weight.sum() == pytest.approx(people.sum(), rel=1e-12)
    assert world.ledger.balance[world.accounts.household] == pytest.approx(house, abs=1e-9)


def test_whoever_has_no_agents_to_join_raises(world):
    talents = world.talents
    empty = talents["province"] == 2
    talents["alive"][empty & (talents["type"] == 1)] = False
    with pytest.raises(RuntimeError, match="without agents of their type"):
        move_cohorts(world, flows(world))


def test_an_empty_province_stays_empty_if_nobody_comes(world):
    """Engineers have left it, and nobody moves there: no harm is done."""
    talents = world.talents
    talents["alive"][(talents["province"] == 2) & (talents["type"] == 1)] = False
    flow = flows(world)
    flow[1][:, 2] = 0.0
    before = by_province(world, 1, talents["weight"])
    move_cohorts(world, flow)
    after = by_province(world, 1, talents["weight"])
    assert before[2] == after[2] == 0
    assert after.sum() == pytest.approx(before.sum(), rel=1e-12)
    assert np.isfinite(talents["weight"]).all()
    assert np.isfinite(world.ledger.balance).all()


def test_foreign_and_retired_talents_stay(world):
    talents = world.talents
    talents["type"][:5], talents["alive"][5:10] = 3, False
    before = talents["weight"][:10].copy()
    move_cohorts(world, flows(world))
    assert (talents["weight"][:10] == before).all()


def test_earlier_movers_are_counted(world):
    flow, talents = flows(world), world.talents
    before = world.provinces["movers"].copy()
    people = [by_province(world, kind, talents["weight"]) for kind in (1, 2)]
    move_cohorts(world, flow)
    added = sum(flow[kind] * stock[:, None] for kind, stock in zip((1, 2), people, strict=True))
    assert world.provinces["movers"] - before == pytest.approx(added, rel=1e-9, abs=1e-12)


def test_shares_that_move_ignore_how_many_an_agent_stands_for(world):
    talents, flow = world.talents, flows(world)
    before = talents["weight"].copy()
    move_cohorts(world, flow)
    change = talents["weight"] / before
    talents["weight"][:] = 1e-9 * before
    move_cohorts(world, flow)
    assert talents["weight"] / before == pytest.approx(1e-9 * change, rel=1e-12)
