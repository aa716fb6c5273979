import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sim.mechanisms import migration
from sim.mechanisms.migration import MigrationConfig, choice, people_by_type, probabilities
from sim.start.amenities import invert_amenities

CONFIG = MigrationConfig(
    sensitivity=(1.0, 1.5, 2.0),
    reconsider=(0.01, 0.02, 0.03),
    moving_cost=(4.0, 3.2, 2.4),
    closed_cost=(2.0, 1.6, 1.2),
    distance_cost=1.0,
    price_weight=0.6,
    crowding=0.15,
    network=0.1,
)
TAX = 0.1


@given(
    value=hnp.arrays(float, 5, elements=st.floats(-3, 3)),
    cost=hnp.arrays(float, (5, 5), elements=st.floats(0, 6)),
)
def test_the_stationary_distribution_of_the_logit(value, cost):
    """L15: with symmetric costs pi_i ~ e^V_i sum_j e^(V_j - c_ij) (detailed balance)."""
    cost = cost + cost.T
    chance = choice(np.tile(value, (5, 1)), cost)
    assert chance.sum(axis=1) == pytest.approx(1, abs=1e-14)
    stationary = np.exp(value) * (np.exp(value - cost)).sum(axis=1)
    stationary /= stationary.sum()
    flow = stationary[:, None] * chance
    assert flow == pytest.approx(flow.T, abs=1e-15)
    assert stationary @ chance == pytest.approx(stationary, abs=1e-15)


def test_chances_at_hand():
    utility, cost = np.array([[0.0, np.log(3.0)], [0.0, np.log(3.0)]]), np.array([[0, 1], [1, 0]])
    e = np.e
    assert choice(utility, cost) == pytest.approx(
        np.array([[e / (e + 3), 3 / (e + 3)], [1 / (1 + 3 * e), 3 * e / (1 + 3 * e)]]), rel=1e-14
    )


def test_services_for_talent_open_a_province(start):
    """c_s max(0, 1 - open - TL), TL outside the zone as nothing is sold yet."""
    start.provinces["open"] = 0.3
    before = migration.cost(start, MigrationConfig(), 2)
    start.places["talent_services"][[1, 4]] = 0.5, 0.9
    fall = before - migration.cost(start, MigrationConfig(), 2)
    away = start.geography.foreign
    expected = np.array([0, 0.5, 0, 0, 0.7, 0]) * MigrationConfig().closed_cost[2]
    assert fall == pytest.approx(expected[None, :] * away, abs=1e-12)


def test_a_province_where_all_of_a_few_agents_are_idle_still_draws_some(start):
    start.provinces["unemployment"][0, 2] = 1.0
    value = migration.utility(start, MigrationConfig(), 2, TAX)
    start.provinces["unemployment"][0, 2] = 0.99
    assert np.isfinite(value).all()
    assert (value == migration.utility(start, MigrationConfig(), 2, TAX)).all()


def test_large_utilities_do_not_overflow():
    chance = choice(np.array([[1e4, 1e4], [0.0, -1e4]]), np.zeros((2, 2)))
    assert chance.tolist() == [[0.5, 0.5], [1, 0]]


def test_the_stationary_distribution_of_the_model(start):
    """The same through the columns of the world: symmetric costs, no networks."""
    start.provinces["open"] = 0.5
    config = MigrationConfig(network=0.0)
    cost, utility = migration.cost(start, config, 1), migration.utility(start, config, 1, TAX)
    assert cost == pytest.approx(cost.T, abs=1e-12)
    assert (utility == utility[0]).all()
    stationary = np.exp(utility[0]) * np.exp(utility - cost).sum(axis=1)
    stationary /= stationary.sum()
    chance = probabilities(start, config, 1, TAX)
    assert stationary @ chance == pytest.approx(stationary, rel=1e-13)


def test_utility_is_the_formula(start):
    provinces = start.provinces
    provinces["movers"][2, 4] = 5.0
    provinces["cpi"][4], provinces["unemployment"][4, 2] = 1.2, 0.07
    found = migration.utility(start, CONFIG, 2, TAX)[2, 4]
    people = migration.residents(start)[4] / start.geography.land[4]
    expected = (
        np.log(provinces["wage"][4, 2] * 0.9)
        + np.log(0.93)
        - 0.6 * np.log(1.2)
        - 0.15 * np.log(people)
        + provinces["amenity"][4, 2]
        + 0.1 * np.log(6)
    )
    assert found == pytest.approx(2.0 * expected, rel=1e-13)


def test_moving_costs_are_the_formula(start):
    start.provinces["open"][3] = 0.2
    found = migration.cost(start, CONFIG, 0)
    far = np.log1p(start.geography.distance[1, 3] / 300)
    assert found[1, 3] == pytest.approx(4.0 + 2.0 * 0.8 + far, rel=1e-14)
    assert (np.diag(found) == 0).all()


def test_a_higher_wage_attracts(start):
    before = probabilities(start, CONFIG, 0, TAX)
    start.provinces["wage"][2, 0] *= 1.1
    after = probabilities(start, CONFIG, 0, TAX)
    assert (after[:, 2] > before[:, 2]).all()
    assert (np.delete(after, 2, axis=1) < np.delete(before, 2, axis=1)).all()


@pytest.mark.parametrize("labour", [0, 1, 2])
def test_reconsidering_in_parts_of_a_quarter(labour):
    whole, half = (migration.reconsidering(CONFIG, labour, dt) for dt in (1.0, 0.5))
    assert whole == pytest.approx(CONFIG.reconsider[labour], rel=1e-13)
    assert 1 - (1 - half) ** 2 == pytest.approx(whole, rel=1e-13)


def net_flows(world, config, labour):
    chance = probabilities(world, config, labour, TAX) * world.geography.foreign
    flow = config.reconsider[labour] * chance * people_by_type(world)[:, [labour]]
    return flow.sum(axis=0) - flow.sum(axis=1)


def test_amenities_make_net_migration_what_was_observed(start):
    growth = np.array([8, -3, -1, 6, -4, 0.5]) * 1e-5
    start.provinces["amenity"] = 0.0
    invert_amenities(start, CONFIG, TAX, growth)
    for labour in range(3):
        stock = people_by_type(start)[:, labour]
        target = growth * stock
        target -= stock * target.sum() / stock.sum()
        # The inversion stops at 1e-10 of all people of the type.
        assert net_flows(start, CONFIG, labour) == pytest.approx(target, abs=1e-10 * stock.sum())


def test_flows_that_nobody_can_make_raise(start):
    impossible = np.array([1.0, -1, 0, 0, 0, 0])
    with pytest.raises(RuntimeError, match="labour type 0 did not close"):
        invert_amenities(start, CONFIG, TAX, impossible)


def test_cohorts_move_with_their_money_and_without_their_jobs(world):
    provinces, ledger = world.provinces, world.ledger
    chance = probabilities(world, CONFIG, 0, TAX)
    people, money = migration.residents(world).sum(), ledger.balance.copy()
    before = {name: provinces[name].copy() for name in ("population", "employed", "unemployed")}
    movers = provinces["movers"].copy()
    migration.move_general(world, migration.flows(world, CONFIG, 0, chance))
    flow = 0.01 * chance * world.geography.foreign * before["population"][:, None]
    assert provinces["population"] == pytest.approx(
        before["population"] + flow.sum(axis=0) - flow.sum(axis=1), rel=1e-13
    )
    assert provinces["movers"] - movers == pytest.approx(flow, abs=1e-9)
    leaving = 0.01 * (chance * world.geography.foreign).sum(axis=1)
    assert provinces["employed"] == pytest.approx(before["employed"] * (1 - leaving), rel=1e-14)
    force = sum(before[name].sum() for name in ("employed", "unemployed"))
    assert (provinces["employed"] + provinces["unemployed"]).sum() == pytest.approx(force)
    assert migration.residents(world).sum() == pytest.approx(people, rel=1e-13)
    assert ledger.balance.sum() == pytest.approx(money.sum(), rel=1e-12)
    house = world.accounts.household
    gone = ledger.spent[house] > 0
    assert gone.all()
    others = np.delete(np.arange(ledger.n), house)
    assert (ledger.balance[others] == money[others]).all()


def test_talents_move_by_their_chances(start, streams):
    """Everyone reconsiders; frequencies within 4 standard errors, cell by cell."""
    config = MigrationConfig(
        reconsider=(0.0, 1.0, 1.0), moving_cost=(0, 0, 0), closed_cost=(0, 0, 0)
    )
    chance = [probabilities(start, config, labour, TAX) for labour in range(3)]
    home, rounds = start.talents["province"].copy(), 40
    mine = np.flatnonzero(start.talents["type"] == 1)
    count = np.zeros((6, 6))
    for step in range(rounds):
        made = copy.deepcopy(start)
        migration.move_talents(made, config, chance, streams.at("migration", step))
        np.add.at(count, (home[mine], made.talents["province"][mine]), 1)
    total = count.sum(axis=1, keepdims=True)
    error = np.sqrt(chance[1] * (1 - chance[1]) / total)
    assert (np.abs(count / total - chance[1]) <= 4 * error).all()
    assert count.sum() == rounds * mine.size


def test_talents_leave_their_job_and_keep_their_account(world, streams):
    config = MigrationConfig(reconsider=(0.0, 0.5, 0.5), moving_cost=(0, 0, 0))
    chance = [probabilities(world, config, labour, TAX) for labour in range(3)]
    talents = world.talents
    before = {name: talents[name].copy() for name in talents}
    balance = world.ledger.balance.copy()
    migration.move_talents(world, config, chance, streams.at("migration", 0))
    moved = talents["province"] != before["province"]
    assert moved.sum() > 20
    assert not moved[~talents["alive"]].any()
    assert not talents["employed"][moved].any()
    assert (talents["employer"][moved] == -1).all()
    assert (talents["former"][moved] == before["employer"][moved]).all()
    for name in ("employed", "employer", "former"):
        assert (talents[name][~moved] == before[name][~moved]).all()
    assert (talents["account"] == before["account"]).all()
    assert (world.ledger.balance == balance).all()


def test_frozen_migration_moves_nobody(world, streams):
    before = copy.deepcopy(world)
    migration.apply(world, MigrationConfig(frozen=True), TAX, streams.at("migration", 0))
    assert (migration.residents(world) == migration.residents(before)).all()
    assert (world.talents["province"] == before.talents["province"]).all()
