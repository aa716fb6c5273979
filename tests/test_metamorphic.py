"""What must not matter does not: the order of provinces, the date; units in another file."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sim.config
from sim import policies
from sim.mechanisms import compute_market, migration
from sim.mechanisms.migration import MigrationConfig
from sim.policies import PoliciesConfig
from sim.policies.base import POLICY_COLUMNS
from sim.start.amenities import invert_amenities
from sim.start.trade_inversion import invert
from sim.state.calendar import parse_quarter, quarter_label
from sim.state.world import World
from tests import market_worlds
from tests.test_region import LEVERS, digest, ran
from tests.test_start import economy
from tests.worlds import PROVINCES, small_model

Array = np.ndarray

CLOSE = {"rel": 1e-9, "abs": 0.0}
"""The same numbers, added up in another order or multiplied by a constant."""

QUICK = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
SCALES = st.floats(1e-3, 1e3)
SEEDS = st.integers(0, 2**16)


def same(found: Array, expected: Array, **tolerance: float) -> bool:
    return found == pytest.approx(expected, **(CLOSE | tolerance))


def inverse(order: Array) -> Array:
    """New row of each old row."""
    return np.argsort(order)


# --- the order of provinces ---------------------------------------------------------------------


@QUICK
@given(seed=SEEDS, order=st.permutations(range(3)), places=st.permutations(range(4)))
def test_the_market_does_not_know_the_order_of_provinces(
    seed: int, order: list[int], places: list[int]
) -> None:
    market = market_worlds.world(market_worlds.technology(seed=seed), seed=seed)
    p, o = np.array(order), np.array(places)
    trade, demand = market.trade, market.demand
    other = market_worlds.changed(
        market,
        trade=replace(
            trade,
            home=trade.home[:, p][:, :, p],
            imports=trade.imports[p],
            exports=trade.exports[o],
        ),
        demand=replace(
            demand,
            autonomous=demand.autonomous[p],
            other=demand.other[p],
            rd_wages=demand.rd_wages[p],
        ),
        efficiency=market.efficiency[o],
        labour=market.labour[p],
        host=inverse(p)[market.host[o]],
    )
    one, two = market_worlds.cleared(market), market_worlds.cleared(other)
    for name in ("wage", "price_to_sigma", "spending", "wage_bill"):
        assert same(getattr(two, name), getattr(one, name)[p]), name
    for name in ("sales", "supply", "market_access"):
        assert same(getattr(two, name), getattr(one, name)[o]), name


@QUICK
@given(seed=SEEDS, order=st.permutations(range(5)))
def test_the_trade_inversion_does_not_know_the_order_of_provinces(
    seed: int, order: list[int]
) -> None:
    p = np.array(order)
    sales, spending, exports, imports, home, gateway, blocs = economy(seed)[0]
    one = invert(sales, spending, exports, imports, home, gateway, blocs)
    two = invert(sales[p], spending[p], exports, imports, home[:, p][:, :, p], gateway[:, p], blocs)
    for name in ("supply", "market_access", "price_to_sigma"):
        assert same(getattr(two, name), getattr(one, name)[p]), name
    assert same(two.world_demand, one.world_demand)
    assert same(two.world_supply, one.world_supply)


def reordered(world: World, p: Array) -> World:
    """The people of a world with its provinces in another order."""
    other = copy.deepcopy(world)
    for name in world.provinces:
        partners = world.provinces.schema[name].per == ("partner",)
        column = world.provinces[name][p]
        other.provinces[name] = column[:, p] if partners else column
    other.talents["province"] = inverse(p)[world.talents["province"]]
    geography = world.geography
    other.geography = replace(
        geography, distance=geography.distance[np.ix_(p, p)], land=geography.land[p]
    )
    return other


@QUICK
@given(order=st.permutations(range(len(PROVINCES))), labour=st.integers(0, 2), share=SCALES)
def test_migration_does_not_know_the_order_of_provinces(
    started: Any, order: list[int], labour: int, share: float
) -> None:
    p, cfg = np.array(order), MigrationConfig()
    world = copy.deepcopy(started.world)
    n = world.provinces.n
    world.provinces["movers"] = share * np.random.default_rng(1).random((n, n))
    one = migration.probabilities(world, cfg, labour, 0.1)
    two = migration.probabilities(reordered(world, p), cfg, labour, 0.1)
    assert same(two, one[np.ix_(p, p)])
    assert same(two.sum(axis=1), np.ones(n))


@settings(QUICK, max_examples=5)
@given(order=st.permutations(range(len(PROVINCES))), seed=SEEDS)
def test_amenities_do_not_know_the_order_of_provinces(
    started: Any, order: list[int], seed: int
) -> None:
    p, cfg = np.array(order), MigrationConfig()
    world = copy.deepcopy(started.world)
    world.provinces["amenity"][:] = 0.0
    growth = 0.002 * np.random.default_rng(seed).standard_normal(len(p))
    other = reordered(world, p)
    invert_amenities(world, cfg, 0.1, growth)
    invert_amenities(other, cfg, 0.1, growth[p])
    # utilities are differences: where one is near zero, rounding is relative to the others
    spread = 1e-9 * np.abs(world.provinces["amenity"]).max()
    assert same(other.provinces["amenity"], world.provinces["amenity"][p], abs=spread)


def compute_market_of(seed: int, buyers: int = 5, nodes: int = 4) -> tuple[Array, ...]:
    """Budgets, costs, capacities of which some bind, and costs of delivery; no ties."""
    draw = np.random.default_rng(seed)
    delivery = draw.uniform(0, 0.5, (buyers, nodes))
    delivery[draw.random((buyers, nodes)) < 0.2] = np.inf
    delivery[np.arange(buyers), np.arange(buyers) % nodes] = 0.0
    capacity = draw.uniform(0.2, 2, nodes)
    return draw.uniform(0.1, 2, buyers), draw.uniform(0.5, 1.5, nodes), capacity, delivery


@QUICK
@given(seed=SEEDS, buyers=st.permutations(range(5)), nodes=st.permutations(range(4)))
def test_the_compute_market_does_not_know_the_order_of_provinces(
    seed: int, buyers: list[int], nodes: list[int]
) -> None:
    budget, cost, capacity, delivery = compute_market_of(seed)
    b, h = np.array(buyers), np.array(nodes)
    one = compute_market.clear(budget, cost, capacity, delivery)
    two = compute_market.clear(budget[b], cost[h], capacity[h], delivery[np.ix_(b, h)])
    assert same(two.price, one.price[b])
    assert same(two.rent, one.rent[h], abs=1e-9)
    assert same(two.quantity, one.quantity[np.ix_(b, h)], abs=1e-9)


@pytest.mark.parametrize("order", [PROVINCES[::-1], PROVINCES[3:] + PROVINCES[:3]])
def test_the_order_in_which_provinces_are_listed_gives_the_same_bytes(
    order: tuple[str, ...],
) -> None:
    assert digest(ran("2013Q4", geography={"provinces": order})) == digest(ran("2013Q4"))


# --- the date -----------------------------------------------------------------------------------


def effective(world: World, cfg: PoliciesConfig, quarters: range) -> list[list[Array]]:
    """Policy columns, costs and orders of a world that stands still, quarter by quarter."""
    out = []
    for quarter in quarters:
        at = copy.deepcopy(world)
        at.clock.start, at.clock.step = quarter, 0
        policies.apply_all(at, cfg)
        columns = [
            getattr(at, table)[name] for table, names in POLICY_COLUMNS.items() for name in names
        ]
        costs = [at.provinces["cost"], at.zones["cost"], at.provinces["orders_next"]]
        out.append([*columns, *costs, at.provinces["compute_build_local"]])
    return out


@QUICK
@given(
    lever=st.sampled_from(LEVERS),
    dose=st.floats(0.01, 1),
    start=st.integers(0, 6),
    length=st.none() | st.integers(1, 6),
    phase_in=st.integers(0, 6),
    later=st.integers(1, 30),
    targets=st.sampled_from(["zones", "all", "west", ("Hubei", "Shanghai")]),
)
def test_a_lever_that_starts_later_acts_the_same_but_later(
    grown: Any,
    lever: str,
    dose: float,
    start: int,
    length: int | None,
    phase_in: int,
    later: int,
    targets: Any,
) -> None:
    first, span = parse_quarter("2020Q1"), 10

    def shifted(by: int) -> list[list[Array]]:
        entries = {
            "dose": dose,
            "start": quarter_label(first + start + by),
            "end": None if length is None else quarter_label(first + start + length + by),
            "phase_in": phase_in,
            "targets": targets,
        }
        cfg = sim.config.validate({lever: entries}, PoliciesConfig)
        return effective(grown.world, cfg, range(first + by, first + by + span))

    one, two = shifted(0), shifted(later)
    assert any(column.any() for column in one[start])
    for now, then in zip(one, two, strict=True):
        assert all((a == b).all() for a, b in zip(now, then, strict=True))


@pytest.mark.parametrize("lever", LEVERS)
def test_the_last_quarter_before_a_later_start_is_still_the_baseline(lever: str) -> None:
    late = {lever: {"dose": 1.0, "start": "2013Q1", "targets": "all"}}
    model, base = small_model(policies=late), small_model()
    for run in (model, base):
        run.run(until="2012Q4")
    assert digest(model) == digest(base)
