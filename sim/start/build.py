"""Build the world of 2012 by inversion: the first quarter returns the data.

Prices, the compute market, taxes and household deposits of the first quarter depend on each other
weakly; they are found by repeating the chain below until nothing moves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.mechanisms import entry_exit, knowledge, migration
from sim.start import facts as known
from sim.start import firms, inversion
from sim.state.ledger import Ledger
from sim.state.rng import Streams
from sim.state.world import Accounts, Baseline, Clock, World, empty_tables

if TYPE_CHECKING:
    from sim.model.config import RegionConfig

Array = np.ndarray


def blank_world(cfg: RegionConfig, start: int) -> tuple[World, known.Facts]:
    """Provinces, zones and places without agents, and the figures they start from."""
    codes = known.select(cfg.geography)
    facts = known.gather(codes, cfg.industries)
    tech = known.technology(cfg.industries, cfg.production.compute_share)
    n, k, z = len(codes), len(tech.codes), len(facts.zone_names)
    tables = empty_tables(n, z, k)
    ledger = Ledger()
    accounts = Accounts(
        *(
            ledger.open(name, size)
            for name, size in (("province", n), ("zone", z), ("household", n), ("hub", n))
        )
    )
    entries = list(cfg.industries.values())
    world = World(
        geography=known.geography(codes),
        tech=tech,
        clock=Clock(start, 1 / cfg.time.steps_per_quarter),
        firms=tables["firms"],
        talents=tables["talents"],
        provinces=tables["provinces"],
        places=tables["places"],
        zones=tables["zones"],
        ledger=ledger,
        accounts=accounts,
        baseline=_blank_baseline(n, k, z, facts),
        distance_elasticity=np.array([e.distance_elasticity for e in entries]),
        position=np.array([e.position for e in entries]),
        ownership=np.array([[e.state, e.foreign] for e in entries]),
        tradable=np.array([e.tradable for e in entries]),
        vat=np.array([e.vat for e in entries]),
        interactive=np.array([e.interactive for e in entries]),
        energy_cost=facts.energy / np.average(facts.energy, weights=facts.gdp),
        hub_opening=facts.hub_opening,
        zone_names=facts.zone_names,
        spending_shares={name: share / share.sum() for name, share in facts.baskets.items()},
        world_demand=np.zeros((k, 2)),
        world_supply=np.zeros(k),
        planned_output=np.ones(k),
    )
    _lay_out(world, facts)
    return world, facts


def _blank_baseline(n: int, k: int, z: int, facts: known.Facts) -> Baseline:
    nothing = np.full((n, k), np.nan)
    return Baseline(
        revenue=np.full(k, np.nan),
        efficiency=np.full(k, np.nan),
        profit_per_firm=nothing,
        return_on_capital=np.full(k, np.nan),
        density=nothing.copy(),
        exits=np.full(k, np.nan),
        frontier=np.full(k, np.nan),
        wage=np.ones(3),
        materials=np.ones(k),
        absorption=1.0,
        capacity=np.full(n, np.nan),
        firm_weight=np.full((n + z, k), np.nan),
    )


def _lay_out(world: World, facts: known.Facts) -> None:
    """Places, zones and what the figures say of provinces."""
    n, z = world.provinces.n, world.zones.n
    world.places["province"] = np.concatenate([np.arange(n), facts.zone_host])
    world.places["zone"] = np.concatenate([np.full(n, -1), np.arange(z)])
    world.zones["province"] = facts.zone_host
    world.zones["place"] = n + np.arange(z)
    world.zones["founded"] = facts.zone_founded
    world.zones["land_border"] = facts.zone_border
    world.zones["account"] = world.accounts.zone
    world.zones["target"] = np.argsort(-facts.value_added, axis=1)[facts.zone_host, :3]


def connect(world: World, facts: known.Facts, low: float, high: float) -> None:
    """Digital infrastructure of 2012, ranked by broadband per head."""
    rank = np.argsort(np.argsort(facts.broadband)) / max(len(facts.broadband) - 1, 1)
    index = low + (high - low) * rank
    world.provinces["infrastructure"] = index
    world.provinces["infrastructure_2012"] = index


def record_baseline(world: World, cfg: RegionConfig, facts: known.Facts) -> None:
    """Values of 2012 that later quarters are measured against."""
    base, table, tech = world.baseline, world.firms, world.tech
    live = np.where(table["capital"] > 0, table["weight"], 0.0)
    k = len(tech.codes)
    number = np.bincount(table["industry"], live, minlength=k)
    base.revenue = np.bincount(table["industry"], live * table["revenue"], minlength=k) / number
    base.efficiency = (
        np.bincount(table["industry"], live * table["efficiency"], minlength=k) / number
    )
    base.frontier = base.efficiency * np.exp(cfg.knowledge.frontier_lead)
    table["large"] = table["revenue"] > base.revenue[table["industry"]]
    hazard = entry_exit.exit_hazard(table["age"], table["large"], cfg.entry_exit)
    base.exits = np.bincount(table["industry"], live * hazard, minlength=k) / 4
    share = knowledge.absorptive_capacity(
        knowledge.research_share(world), knowledge.skilled_share(world), cfg.knowledge.absorption
    )
    base.absorption = float(np.average(share, weights=live))
    count = np.bincount(
        table["province"].astype(np.int64) * k + table["industry"],
        live,
        minlength=world.provinces.n * k,
    ).reshape(-1, k)
    agents = np.bincount(
        table["province"].astype(np.int64) * k + table["industry"],
        live > 0,
        minlength=world.provinces.n * k,
    ).reshape(-1, k)
    base.firm_weight = (count / agents)[world.host]
    outside = world.places["zone"] < 0
    world.places["entry_base"] = np.where(
        outside[:, None], (count / count.sum(axis=0))[world.host], 0.0
    )
    base.profit_per_firm = entry_exit.profit_per_firm(world)
    base.return_on_capital = entry_exit.return_on_capital(world)
    base.density = entry_exit.relatedness_density(world)
    world.planned_output = world.provinces["output"].sum(axis=0)


def build(cfg: RegionConfig, streams: Streams, start: int) -> tuple[World, inversion.Start]:
    """The world at the end of 2011, ready for its first quarter, and that quarter's market.

    raises ValueError : the configuration names things that do not exist
    raises RuntimeError : the inversion does not close
    """
    world, facts = blank_world(cfg, start)
    connect(world, facts, *cfg.population.infrastructure)
    firms.draw(world, cfg.population, facts, list(cfg.industries.values()), streams.at("firms", 0))
    opening = inversion.invert(world, cfg, facts, streams)
    record_baseline(world, cfg, facts)
    target = facts.growth - np.average(facts.growth, weights=facts.population)
    migration.invert_amenities(world, cfg.migration, cfg.budgets.income_tax, target / 4)
    return world, opening
