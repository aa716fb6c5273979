"""Build the world of 2012 by inversion: the first quarter returns the data.

Prices, the compute market, taxes and household deposits of the first quarter depend on each other
weakly; they are found by repeating the chain below until nothing moves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

from sim.mechanisms import capability, entry_exit, migration, profitability
from sim.start import facts as known
from sim.start import firms
from sim.start.amenities import invert_amenities
from sim.start.inversion import invert
from sim.start.opening import Start
from sim.start.sources import sources
from sim.state.clock import Clock
from sim.state.columns import LABOUR_TYPES
from sim.state.exposure import exposure
from sim.state.ledger import Ledger
from sim.state.rng import Streams
from sim.state.world import TARGETS, Accounts, Baseline, World, empty_tables

if TYPE_CHECKING:
    from sim.model.config import RegionConfig

Array = np.ndarray


def blank_world(cfg: RegionConfig, start: int) -> tuple[World, known.Facts]:
    """Provinces, zones and places without agents, and the figures they start from."""
    tables = sources(cfg.geography)
    facts = known.gather(tables, cfg.industries)
    tech = known.technology(cfg.industries, cfg.production.compute_share)
    n, k, z = facts.gdp.size, len(tech.codes), len(facts.zones.names)
    state = empty_tables(n, z, k)
    ledger = Ledger()
    entries = list(cfg.industries.values())
    world = World(
        geography=tables.geography,
        tech=tech,
        clock=Clock(start, 1 / cfg.time.steps_per_quarter),
        firms=state["firms"],
        talents=state["talents"],
        provinces=state["provinces"],
        places=state["places"],
        zones=state["zones"],
        ledger=ledger,
        accounts=_open_accounts(ledger, n, z),
        baseline=_blank_baseline(n, k, z),
        distance_elasticity=np.array([e.distance_elasticity for e in entries]),
        position=np.array([e.position for e in entries]),
        ownership=np.array([[e.state, e.foreign] for e in entries]),
        tradable=np.array([e.tradable for e in entries]),
        vat=np.array([e.vat for e in entries]),
        interactive=np.array([e.interactive for e in entries]),
        exposure=exposure(entries),
        energy_cost=facts.energy / np.average(facts.energy, weights=facts.gdp),
        hub_opening=facts.hub_opening,
        zone_names=facts.zones.names,
        spending_shares={name: share / share.sum() for name, share in facts.baskets.items()},
        world_demand=np.zeros((k, 2)),
        world_supply=np.zeros(k),
        planned_output=np.ones(k),
    )
    _lay_out(world, facts)
    return world, facts


def _open_accounts(ledger: Ledger, n: int, z: int) -> Accounts:
    return Accounts(
        province=ledger.open("province", n),
        zone=ledger.open("zone", z),
        household=ledger.open("household", n),
        hub=ledger.open("hub", n),
    )


def _blank_baseline(n: int, k: int, z: int) -> Baseline:
    """NaN until the inversion has run, but for what the market divides by on the way."""
    return Baseline(
        revenue=np.full(k, np.nan),
        efficiency=np.full(k, np.nan),
        cell_return=np.full((n, k), np.nan),
        cell_capital=np.full((n, k), np.nan),
        cell_efficiency=np.full((n, k), np.nan),
        cell_firms=np.full((n, k), np.nan),
        capital=np.full(k, np.nan),
        return_on_capital=np.full(k, np.nan),
        density=np.full((n, k), np.nan),
        exits=np.full(k, np.nan),
        frontier=np.full(k, np.nan),
        wage=np.ones(len(LABOUR_TYPES)),
        materials=np.ones(k),
        absorption=1.0,
        capacity=np.full(n, np.nan),
        science=np.full(n, np.nan),
        firm_weight=np.full((n + z, k), np.nan),
    )


def _lay_out(world: World, facts: known.Facts) -> None:
    """Places and zones; until their first plan, zones target the host's largest industries."""
    n, z, zones = world.provinces.n, world.zones.n, facts.zones
    world.places["province"] = np.concatenate([np.arange(n), zones.host])
    world.places["zone"] = np.concatenate([np.full(n, -1), np.arange(z)])
    world.zones["province"] = zones.host
    world.zones["place"] = n + np.arange(z)
    world.zones["founded"] = zones.founded
    world.zones["land_border"] = zones.border
    world.zones["account"] = world.accounts.zone
    world.zones["target"] = np.argsort(-facts.value_added, axis=1)[zones.host, :TARGETS]


def connect(world: World, facts: known.Facts, low: float, high: float) -> None:
    """Digital infrastructure of 2012, ranked by broadband per head."""
    rank = (rankdata(facts.broadband) - 1) / max(len(facts.broadband) - 1, 1)
    index = low + (high - low) * rank
    world.provinces["infrastructure"] = index
    world.provinces["infrastructure_2012"] = index


def record_baseline(world: World, cfg: RegionConfig) -> None:
    """Values of 2012 that later quarters are measured against."""
    base, table, tech = world.baseline, world.firms, world.tech
    industry, live = table["industry"], np.where(table["capital"] > 0, table["weight"], 0.0)
    k = len(tech.codes)
    number = np.bincount(industry, live, minlength=k)
    base.revenue = np.bincount(industry, live * table["revenue"], minlength=k) / number
    base.efficiency = np.bincount(industry, live * table["efficiency"], minlength=k) / number
    base.frontier = base.efficiency * np.exp(cfg.knowledge.frontier_lead)
    table["large"] = table["revenue"] > base.revenue[industry]
    hazard = entry_exit.exit_hazard(table["age"], table["large"], cfg.entry_exit)
    base.exits = np.bincount(industry, live * hazard, minlength=k) / 4
    share = capability.absorptive_capacity(
        capability.research_share(world), capability.skilled_share(world), cfg.knowledge.absorption
    )
    base.absorption = float(np.average(share, weights=live))
    record_entry(world, live)
    base.cell_return = profitability.cell_return(world)
    base.cell_capital, base.cell_efficiency = world.cell_means("capital", "efficiency")
    base.capital = np.bincount(table["industry"], live * table["capital"], minlength=k) / number
    base.return_on_capital = profitability.return_on_capital(world)
    base.density = profitability.relatedness_density(world)
    world.planned_output = world.provinces["output"].sum(axis=0)


def record_entry(world: World, live: Array) -> None:
    """Weight of entering agents, and where firms enter at equal profit: as firms were in 2012.

    live  (firms,) firms an agent stands for
    """
    table, n, k = world.firms, world.provinces.n, len(world.tech.codes)
    cell = table["province"].astype(np.int64) * k + table["industry"]
    count = np.bincount(cell, live, minlength=n * k).reshape(-1, k)
    agents = np.bincount(cell, live > 0, minlength=n * k).reshape(-1, k)
    world.baseline.science = (
        migration.people_by_type(world)[:, 2] + world.provinces["immobile"][:, 2]
    )
    world.baseline.cell_firms = count
    world.baseline.firm_weight = (count / agents)[world.host]
    outside = world.places["zone"] < 0
    shares = (count / count.sum(axis=0))[world.host]
    world.places["entry_base"] = np.where(outside[:, None], shares, 0.0)


def build(cfg: RegionConfig, streams: Streams, start: int) -> tuple[World, Start]:
    """The world at the end of 2011, ready for its first quarter, and that quarter's market.

    raises ValueError : the configuration names things that do not exist
    raises RuntimeError : the inversion does not close
    """
    world, facts = blank_world(cfg, start)
    connect(world, facts, *cfg.population.infrastructure)
    firms.draw(world, cfg.population, facts, list(cfg.industries.values()), streams.at("firms", 0))
    opening = invert(world, cfg, facts, streams)
    record_baseline(world, cfg)
    target = facts.growth - np.average(facts.growth, weights=facts.population)
    invert_amenities(world, cfg.migration, cfg.budgets.income_tax, target / 4)
    return world, opening
