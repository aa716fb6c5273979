import copy

import numpy as np
import pytest

from sim.mechanisms import entry_exit, investment, profitability
from sim.mechanisms.entry_exit import EntryExitConfig, exit_hazard
from sim.mechanisms.foreign_entry import ForeignEntryConfig
from sim.mechanisms.investment import InvestmentConfig
from sim.state.ledger import ROW

CONFIG = EntryExitConfig(
    exit_by_age=(0.016, 0.063, 0.095, 0.085, 0.065),
    small_factor=1.1,
    large_factor=0.15,
    loss_limit=8.0,
    sensitivity=1.0,
    plan=0.5,
)
CAPITAL = InvestmentConfig()
ABROAD = ForeignEntryConfig()


def test_exit_hazard_by_year_of_age_and_size():
    age = np.array([0.0, 0.99, 1.0, 2.0, 3.0, 6.9, 7.0, 80.0])
    table = [0.016, 0.016, 0.063, 0.095, 0.085, 0.085, 0.065, 0.065]
    small, large = np.zeros(8, dtype=bool), np.ones(8, dtype=bool)
    assert exit_hazard(age, small, CONFIG) == pytest.approx(1.1 * np.array(table), rel=1e-14)
    assert exit_hazard(age, large, CONFIG) == pytest.approx(0.15 * np.array(table), rel=1e-14)


def healthy(world):
    """All firms alive solvent and profitable, so that only the hazard ends them."""
    firms = world.firms
    firms["loss_quarters"], firms["order"] = 0.0, 0.0
    world.ledger.balance[firms["account"]] = 1.0
    return firms


def test_who_fails(world):
    firms = healthy(world)
    assert not entry_exit.failing(world, CONFIG, CAPITAL).any()
    old = np.flatnonzero(firms["alive"] & (firms["age"] > 1))[:3]
    young = int(np.flatnonzero(firms["alive"] & (firms["age"] > 1))[3])
    firms["age"][young] = 1.0
    firms["loss_quarters"][[old[0], old[1], young]] = [7.0, 8.0, 8.0]
    world.ledger.balance[firms["account"][old[2]]] = -1e9
    found = entry_exit.failing(world, CONFIG, CAPITAL)
    assert np.flatnonzero(found).tolist() == sorted(old[1:])
    assert investment.funds(world, CAPITAL)[old[2]] < 0


def test_nobody_leaves_whose_number_is_high(world):
    alive = healthy(world)["alive"].copy()
    entry_exit.leave(world, CONFIG, CAPITAL, np.ones(world.firms.n))
    assert (world.firms["alive"] == alive).all()


def test_closing_frees_capital_and_staff(world):
    firms, talents = healthy(world), world.talents
    employer, age = talents["employer"].copy(), firms["age"].copy()
    u = np.ones(firms.n)
    busiest = np.bincount(employer[talents["alive"] & (employer >= 0)]).argmax()
    u[busiest] = 0.0
    alive = firms["alive"].copy()
    entry_exit.leave(world, CONFIG, CAPITAL, u)
    assert np.flatnonzero(alive & ~firms["alive"]).tolist() == [busiest]
    assert firms["capital"][busiest] == 0
    staff = talents["alive"] & (employer == busiest)
    assert staff.any()
    assert not talents["employed"][staff].any()
    assert (talents["former"][staff] == busiest).all()
    assert (talents["employer"][staff] == -1).all()
    assert (talents["employer"][~staff] == employer[~staff]).all()
    assert firms["age"] - age == pytest.approx(0.25 * alive, abs=1e-12)


def test_survival_follows_the_hazard(start):
    """Deaths by the hazard with a grid of quantiles: no noise but rounding to whole agents."""
    firms = healthy(start)
    firms["age"], firms["large"] = 10.0, False
    u = np.random.default_rng(1).permutation(np.arange(firms.n) + 0.5) / firms.n
    entry_exit.leave(start, CONFIG, CAPITAL, u)
    chance = 1 - np.exp(-1.1 * 0.065 / 4)
    assert abs((~firms["alive"]).sum() - firms.n * chance) <= 1


def test_entrants_of_2012_replace_exits_in_the_shares_of_2012(start):
    mean = entry_exit.expected_entrants(start, CONFIG)
    assert mean == pytest.approx(start.baseline.exits * start.places["entry_base"], rel=1e-9)
    assert start.places["entry_base"].sum(axis=0) == pytest.approx(1, abs=1e-12)


def test_entry_follows_the_return_on_capital(world):
    mean = entry_exit.expected_entrants(world, CONFIG)
    ratio = profitability.return_on_capital(world) / world.baseline.return_on_capital
    assert mean.sum(axis=0) == pytest.approx(world.baseline.exits * ratio, rel=1e-12)
    assert (mean >= 0).all()


def test_insensitive_entrants_keep_to_the_shares_of_2012(world):
    mean = entry_exit.expected_entrants(world, EntryExitConfig(sensitivity=0.0))
    share = mean / mean.sum(axis=0)
    base = world.places["entry_base"]
    assert share == pytest.approx(base / base.sum(axis=0), rel=1e-12)


def test_a_plan_draws_entrants_to_its_zone(world):
    world.places["plan_bonus"] = 0.0
    before = entry_exit.expected_entrants(world, CONFIG)
    zone = int(world.zones["place"][0])
    world.places["plan_bonus"][zone, 5] = 1.0
    after = entry_exit.expected_entrants(world, CONFIG)
    odds = (after[zone, 5] / before[zone, 5]) / (after[0, 5] / before[0, 5])
    assert odds == pytest.approx(np.exp(0.5), rel=1e-12)
    assert (np.delete(after, 5, axis=1) == np.delete(before, 5, axis=1)).all()


def test_institutions_draw_entrants(world):
    """Odds rise by exp(beta_I x mean of FC, DR, TX)."""
    before = entry_exit.expected_entrants(world, CONFIG)
    world.places["fair_competition"][2] = 0.9
    world.places["dispute_resolution"][2] = 0.6
    world.places["tax_competitiveness"][2] = 0.3
    after = entry_exit.expected_entrants(world, CONFIG.model_copy(update={"institutions": 2.0}))
    odds = (after[2] / before[2]) / (after[0] / before[0])
    assert odds == pytest.approx(np.exp(2 * 0.6), rel=1e-12)


def entered(world, streams, boom=40.0):
    """Rows of the entrants of a boom, and the ledger before it."""
    world.baseline.exits *= boom
    world.ledger.start_quarter()
    world.provinces["orders_next"] = 0.0
    before = world.ledger.balance.copy()
    count = world.firms.n
    entry_exit.found(world, CONFIG, ABROAD, streams.at("entry_exit", 0))
    return np.arange(count, world.firms.n), before


def test_entrants_start_empty_handed_but_for_their_founders_money(world, streams):
    rows, _ = entered(world, streams)
    firms = world.firms
    assert rows.size > 50
    assert firms["alive"][rows].all()
    assert (world.host[firms["place"][rows]] == firms["province"][rows]).all()
    assert not firms["capital"][rows].any()
    assert (firms["founding_capital"][rows] > 0).all()
    assert not firms["age"][rows].any()
    assert not firms["stage"][rows].any()
    assert set(np.unique(firms["owner"][rows])) == {0, 1, 2}
    # The founders' money buys capital and set-up, and nothing is left.
    price = world.provinces["investment_price"][firms["province"][rows]]
    due = firms["founding_capital"][rows] * price + firms["order"][rows] * world.clock.dt
    money = world.ledger.balance[firms["account"][rows]] / firms["weight"][rows]
    assert money == pytest.approx(due, rel=1e-12)


def test_founders_pay_and_orders_find_sellers(world, streams):
    rows, before = entered(world, streams)
    firms, ledger, dt = world.firms, world.ledger, world.clock.dt
    assert ledger.balance.sum() == pytest.approx(before.sum(), rel=1e-12)
    equity = ledger.balance[firms["account"][rows]]
    owner = firms["owner"][rows]
    assert ledger.spent[ROW] == pytest.approx(equity[owner == 2].sum(), rel=1e-12)
    assert ledger.moved("equity", "household", "firm") == pytest.approx(
        equity[owner == 0].sum(), rel=1e-12
    )
    assert ledger.moved("equity", "province", "firm") == pytest.approx(
        equity[owner == 1].sum(), rel=1e-12
    )
    assert world.provinces["fdi"].sum() * dt >= equity[owner == 2].sum() * (1 - 1e-12)
    orders = (firms["order"] * firms["weight"])[rows].sum()
    assert world.provinces["orders_next"].sum() == pytest.approx(orders, rel=1e-12)


def test_numbers_of_entrants_follow_their_mean(start, streams):
    """Firms founded over many quarters, within 4 standard errors of a Poisson total."""
    mean, unit = entry_exit.expected_entrants(start, CONFIG), start.baseline.firm_weight
    base = start.places["entry_base"] > 0
    rounds, total = 40, 0.0
    for step in range(rounds):
        made = copy.deepcopy(start)
        rows, _ = entered(made, streams_at(streams, step), boom=1.0)
        total += made.firms["weight"][rows].sum()
    error = np.sqrt((mean * np.where(base, unit, 0.0)).sum() * rounds)
    assert total == pytest.approx(rounds * mean.sum(), abs=4 * error)


def streams_at(streams, shift):
    """The same streams, shifted in time."""

    class Shifted:
        def at(self, name, step):
            return streams.at(name, step + shift)

    return Shifted()


def test_frozen_nobody_enters_or_leaves(world, streams):
    before = copy.deepcopy(world)
    frozen = EntryExitConfig(frozen=True)
    entry_exit.apply(world, frozen, CAPITAL, ABROAD, streams.at("entry_exit", 0))
    assert world.firms.n == before.firms.n
    for name in ("alive", "age", "capital"):
        assert (world.firms[name] == before.firms[name]).all()


def test_related_industries_raise_density(start):
    density = profitability.relatedness_density(start)
    output = start.provinces["output"]
    assert np.average(density, axis=0, weights=output.sum(axis=1)) == pytest.approx(0, abs=1e-12)
    # A province that makes everything in the nation's proportions stands out in nothing.
    start.provinces["output"][0] = output.sum(axis=0) - output[0]
    share = start.provinces["output"] / start.provinces["output"].sum(axis=1, keepdims=True)
    start.provinces["output"] = share[:1] * np.arange(1, 7)[:, None]
    assert profitability.relatedness_density(start) == pytest.approx(0, abs=1e-12)


def test_capital_is_valued_at_the_prices_of_today(world):
    before = profitability.return_on_capital(world)
    world.provinces["investment_price"] *= 1.25
    assert profitability.return_on_capital(world) == pytest.approx(before / 1.25, rel=1e-13)


def test_an_industry_that_died_out_can_be_entered_again(world):
    lost = world.tech.codes.index("F1")
    world.firms["alive"][world.firms["industry"] == lost] = False
    assert profitability.national_profitability(world)[lost] == 1.0
    expected = entry_exit.expected_entrants(world, CONFIG)
    assert np.isfinite(expected).all()
    assert expected[:, lost].sum() == pytest.approx(world.baseline.exits[lost], rel=1e-12)
