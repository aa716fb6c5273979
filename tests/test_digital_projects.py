"""A step to the next digital stage, firm by firm: its cost, its gain, its worth and who pays."""

import math

import numpy as np
import pytest

from sim.mechanisms import digital, digital_projects, investment, peers
from sim.mechanisms.budgets import BudgetsConfig
from sim.mechanisms.digital import DigitalConfig
from sim.mechanisms.investment import InvestmentConfig
from sim.mechanisms.production import ProductionConfig
from sim.state.columns import STAGES

GOODS, CAPITAL = ProductionConfig(), InvestmentConfig()
CONFIG = DigitalConfig(
    cost=(0.2, 0.3, 0.5, 0.9), specificity_cost=0.7, volatility=0.3, peer_comfort=0.4, sharpness=1.5
)


@pytest.fixture
def rows(world):
    """Firms that can take a step, of all stages; prices differ between provinces."""
    firms, draw = world.firms, np.random.default_rng(5)
    firms["stage"] = np.arange(firms.n) % STAGES
    world.provinces["price"][:] = draw.uniform(0.5, 2.0, world.provinces["price"].shape)
    return np.flatnonzero(firms["alive"] & (firms["stage"] < STAGES - 1) & (firms["revenue"] > 0))


def test_the_cost_of_a_step_follows_real_size_and_specificity(world, rows):
    firms, price = world.firms, peers.equipment_price(world)
    found = digital.costs(world, rows, CONFIG)
    for row, cost in zip(rows, found, strict=True):
        mean, here = world.baseline.revenue[firms["industry"][row]], price[firms["province"][row]]
        size = mean * (firms["revenue"][row] / here / mean) ** 0.8
        share = CONFIG.cost[firms["stage"][row]] * (1 + 0.7 * firms["specificity"][row])
        assert cost == pytest.approx(here * share * size, rel=1e-12)


def test_the_gain_of_a_step_is_surplus_at_lower_unit_cost(world, rows):
    firms, tech, cost = world.firms, world.tech, peers.stage_costs(world)
    found = digital_projects.gains(world, rows, GOODS)
    for row, gain in zip(rows, found, strict=True):
        k, stage = firms["industry"][row], firms["stage"][row]
        dearer = np.diff(cost[firms["province"][row], k])[stage]
        better = np.diff(GOODS.stage_gain)[stage]
        growth = tech.epsilon[k] * (better - (1 - tech.capital[k]) * dearer)
        surplus = firms["revenue"][row] * tech.gross_surplus[k]
        assert gain == pytest.approx(surplus * math.expm1(growth), rel=1e-9, abs=1e-15)


def test_peers_calm_whoever_weighs_value_against_cost(world, rows):
    firms, draw = world.firms, np.random.default_rng(6)
    share, cost = draw.uniform(0, 1, rows.size), digital.costs(world, rows, CONFIG)
    found = digital.acceptance(world, rows, CONFIG, GOODS, CAPITAL, cost, share)
    value = digital_projects.gains(world, rows, GOODS) / (
        CAPITAL.interest / 4 + CAPITAL.depreciation
    )
    variance = (0.3 * (1 - 0.4 * share)) ** 2
    beta = 0.5 + np.sqrt(0.25 + 2 * CAPITAL.interest / variance)
    hurdle = 1 + firms["specificity"][rows] * (beta / (beta - 1) - 1)
    odds = (np.maximum(value, 0.0) / (hurdle * cost)) ** 1.5
    assert found == pytest.approx(odds / (1 + odds), rel=1e-9)
    assert np.ptp(found) > 0.1


def test_only_who_can_pay_takes_a_step(world, rows):
    settings = {"always_worthwhile": True, "infrastructure_cap": False, "own_hazard": 0.1}
    funds = investment.funds(world, CAPITAL)[rows]
    hazard = digital.hazards(world, rows, DigitalConfig(**settings), GOODS, CAPITAL, funds.copy())
    assert (hazard > 0).all()  # to the last penny
    cost = np.where(np.arange(rows.size) % 2, 0.5, 1.5) * np.abs(funds)
    hazard = digital.hazards(world, rows, DigitalConfig(**settings), GOODS, CAPITAL, cost)
    assert ((hazard > 0) == (funds >= cost)).all()
    assert 0 < (hazard > 0).sum() < rows.size


def test_governments_pay_pro_rata_what_they_offer(world, rows):
    firms, places, draw = world.firms, world.places, np.random.default_rng(7)
    world.clock.dt = 0.5
    places["adoption_subsidy"][:] = draw.uniform(0.1, 0.9, places["adoption_subsidy"].shape)
    firms["large"][:] = np.arange(firms.n) % 3 == 0
    for name in ("order", "subsidy_due"):
        firms[name][:] = 1.0
    world.provinces["cost"][:], world.zones["cost"][:] = 0.0, 0.0
    world.provinces["orders_next"][:] = 0.0
    cost = draw.uniform(1, 2, rows.size)
    offered = np.array(
        [places["adoption_subsidy"][firms["place"][row], int(firms["large"][row])] for row in rows]
    )
    assert digital_projects.subsidy_rate(world, rows) == pytest.approx(offered)
    weight, place = firms["weight"][rows], firms["place"][rows]
    claims = np.bincount(place, offered * cost * weight, minlength=places.n) / 0.5
    room = np.where(np.arange(places.n) % 2, 0.25, 2.0) * claims
    digital_projects.order(world, rows, cost, room)
    paid = offered * cost * np.where(place % 2, 0.25, 1.0)
    assert firms["order"][rows] == pytest.approx(1 + 2 * cost)
    assert firms["subsidy_due"][rows] == pytest.approx(1 + 2 * paid)
    ordered = np.bincount(firms["province"][rows], 2 * cost * weight, minlength=world.provinces.n)
    assert world.provinces["orders_next"].sum(axis=1) == pytest.approx(ordered)
    granted = 2 * paid * weight
    for name, counted in (
        ("subsidy_all", granted),
        ("subsidy_large", granted * firms["large"][rows]),
    ):
        total = np.bincount(firms["province"][rows], counted, minlength=world.provinces.n)
        assert world.provinces[name] == pytest.approx(total)
    spent = np.bincount(place, granted, minlength=places.n)
    assert world.provinces["cost"].sum(axis=1) == pytest.approx(spent[: world.provinces.n])
    assert world.zones["cost"].sum(axis=1) == pytest.approx(spent[world.provinces.n :])


@pytest.mark.usefixtures("rows")
def test_what_is_paid_for_in_full_is_dear_to_nobody(world):
    """A step at three times the revenue of a quarter: out of reach, unless the public pays it."""
    certain = {"success": 1.0, "stage_difficulty": 0.0, "engineer_success": 0.0, "own_hazard": 0.5}
    settings = {"always_worthwhile": True, "infrastructure_cap": False, "chain_weight": 0.0}
    dear = DigitalConfig(**certain, **settings, cost=(3.0, 3.0, 3.0, 3.0))
    world.ledger.balance[world.firms["account"]] = 0.0
    before, moved = world.firms["stage"].copy(), {}
    for offer in (0.0, 1.0):
        world.firms["stage"] = before
        world.places["adoption_subsidy"][:] = offer
        digital.apply(world, dear, GOODS, CAPITAL, BudgetsConfig(), np.random.default_rng(8))
        moved[offer] = (world.firms["stage"] > before).sum()
    assert moved[0.0] < 0.2 * moved[1.0]


def test_a_step_succeeds_by_luck_of_its_own_and_disrupts_for_a_while(world, rows):
    firms = world.firms
    settings = {"always_worthwhile": True, "infrastructure_cap": False, "own_hazard": 0.5}
    risky = DigitalConfig(**settings, cost=(2.0, 2.0, 2.0, 2.0), disruption_quarters=2.0)
    world.places["adoption_subsidy"][:] = 0.4
    net = 0.6 * digital.costs(world, rows, risky)
    hazard = digital.hazards(world, rows, risky, GOODS, CAPITAL, net)
    assert 50 < (hazard > 0).sum() < rows.size - 50  # the others cannot pay their part
    chance = digital.success_chance(world, rows, risky)
    draw = np.random.default_rng(9)
    u, luck = draw.random(firms.n)[rows], draw.random(firms.n)[rows]
    firms["disruption"][:] = np.arange(firms.n) % 4 / 2  # 0, 0.5, 1 and 1.5 quarters are left
    expected, before = np.maximum(firms["disruption"] - 1.0, 0.0), firms["stage"].copy()
    digital.apply(world, risky, GOODS, CAPITAL, BudgetsConfig(), np.random.default_rng(9))
    done = rows[(u < -np.expm1(-hazard / 4)) & (luck < chance)]
    assert np.flatnonzero(firms["stage"] > before).tolist() == done.tolist()
    expected[done] = 2.0
    assert firms["disruption"] == pytest.approx(expected)
