"""What each lever's dose means in natural units, where it acts, and what its links cost."""

import numpy as np
import pytest

from sim import policies
from sim.mechanisms import budgets
from sim.mechanisms.budgets import BudgetsConfig
from sim.state.calendar import quarter_label
from sim.state.columns import LEVERS
from tests.worlds import small_config

DOSE = 0.6


def now(world):
    return quarter_label(world.clock.start + int(world.clock.quarters))


def under(world, lever, **settings):
    """The world with one lever in force."""
    given = {"dose": DOSE, "start": now(world), "targets": "all", **settings}
    policies.apply_all(world, small_config(policies={lever: given}).policies)
    return world


def rows(world, *names):
    return [world.geography.names.index(name) for name in names]


@pytest.mark.parametrize(
    ("lever", "column", "full"),
    [("digital_subsidy", "adoption_subsidy", 0.5), ("sme_credit", "guarantee", 0.8)],
)
def test_levers_for_firms_reach_the_classes_and_places_named(world, lever, column, full):
    hubei = rows(world, "Hubei")[0]
    table = under(world, lever, targets=["Hubei"], firm_classes=["small"]).places
    chosen = (table["province"] == hubei) & world.open_places()
    assert chosen.sum() == 2  # the province and its zone
    assert table[column][chosen, 0] == pytest.approx(DOSE * full)
    assert not table[column][:, 1].any()
    assert not table[column][~chosen].any()
    inside = under(world, lever, targets=["Hubei"], scope="zone").places
    assert (inside[column].any(axis=1) == chosen & (table["zone"] >= 0)).all()


def test_infrastructure_reaches_the_frontier_in_the_years_given(world):
    table = under(world, "digital_infrastructure", years=5).provinces
    rise = table["infrastructure_push"] * 4 * 5
    assert rise == pytest.approx(DOSE * (1 - table["infrastructure_2012"]), rel=1e-14)


def test_sharing_offers_a_part_of_the_capacity(world):
    table = under(world, "compute_sharing", targets=["Sichuan", "Henan"]).provinces
    assert np.flatnonzero(table["compute_shared"]).tolist() == rows(world, "Henan", "Sichuan")
    assert table["compute_shared"].max() == DOSE


def test_investment_builds_capacity_in_the_west_for_its_years(world):
    table = under(world, "compute_investment", targets="west", years=5, increase=1).provinces
    west = world.geography.region == "west"
    assert table["compute_build"] * 4 * 5 == pytest.approx(DOSE * west)
    start = now(world)
    world.clock.step += 19
    assert under(world, "compute_investment", start=start).provinces["compute_build"].any()
    world.clock.step += 1
    assert not under(world, "compute_investment", start=start).provinces["compute_build"].any()


@pytest.mark.parametrize(
    ("lever", "column"),
    [("coordination_barriers", "barrier_cut"), ("coordination_knowledge", "knowledge_link")],
)
def test_links_hold_both_ways_between_the_pairs_named(world, lever, column):
    pairs = [["Hubei", "Henan"], ["Shanghai", "Sichuan"]]
    table = under(world, lever, topology="custom", pairs=pairs).provinces
    expected = np.zeros((world.provinces.n,) * 2)
    for pair in pairs:
        one, other = rows(world, *pair)
        expected[one, other] = expected[other, one] = DOSE
    assert (table[column] == expected).all()


def test_zones_of_linked_provinces_plan_jointly(world):
    table = under(world, "coordination_planning", topology="custom", pairs=[["Hubei", "Henan"]])
    linked = np.isin(world.zones["province"], rows(world, "Hubei", "Henan"))
    assert (table.zones["joint_planning"] == DOSE * linked).all()


@pytest.mark.parametrize("lever", [name for name in LEVERS if name.startswith("coordination")])
def test_both_provinces_pay_for_every_link(world, lever):
    provinces = world.provinces
    provinces["programme_next"], provinces["orders_next"] = 0.0, 0.0
    for _ in range(2):  # applied twice is applied once
        under(world, lever, topology="custom", pairs=[["Hubei", "Henan"], ["Hubei", "Shanghai"]])
    links = np.zeros(provinces.n)
    for name, number in (("Hubei", 2), ("Henan", 1), ("Shanghai", 1)):
        links[rows(world, name)] = number
    due = DOSE * 0.0002 * links * provinces["value_added"].sum(axis=1)
    assert provinces["cost"][:, LEVERS.index(lever)] == pytest.approx(due, rel=1e-13)
    budgets.plan(world, BudgetsConfig())
    assert provinces["programme_next"] == pytest.approx(due, rel=1e-13)
    assert provinces["orders_next"].sum(axis=1) == pytest.approx(due, rel=1e-13)


def test_topologies(world):
    region, n = world.geography.region, world.provinces.n
    apart = ~np.eye(n, dtype=bool)

    def linked(topology):
        return under(world, "coordination_barriers", topology=topology).provinces["barrier_cut"] > 0

    assert not linked("none").any()
    assert (linked("full") == apart).all()
    assert (linked("neighbours") == world.geography.neighbours).all()
    assert (linked("macro_region") == (region[:, None] == region) & apart).all()
    star = linked("hub_and_spoke")
    size = world.provinces["value_added"].sum(axis=1)
    for name in np.unique(region):
        group = np.flatnonzero(region == name)
        hub = group[size[group].argmax()]
        expected = np.zeros(n, dtype=bool)
        expected[group[group != hub]] = True
        assert (star[hub] == expected).all()
    assert star.sum() == 2 * (n - np.unique(region).size)


def test_the_centre_refunds_what_it_owes_and_nothing_else(world):
    zone, place = world.zones, world.provinces
    zone["cost"], place["cost"] = 0.0, 0.0
    place["cost"][:, LEVERS.index("coordination_barriers")] = 2.0
    place["cost"][:, LEVERS.index("digital_subsidy")] = 3.0
    chosen = small_config(
        policies={"coordination_barriers": {"dose": 1.0, "start": now(world), "payer": "centre"}}
    ).policies
    policies.refund(world, chosen)
    policies.apply_all(world, chosen)
    assert place["reimbursed"] == pytest.approx(2.0)
