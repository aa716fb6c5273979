"""The world: all state of one run, in column tables and one ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sim.state import columns
from sim.state.clock import Clock
from sim.state.columns import FIRM_CLASSES, LABOUR_TYPES, LEVERS, STAGES, TECHNOLOGIES
from sim.state.exposure import Exposure
from sim.state.geography import Geography
from sim.state.ledger import Ledger
from sim.state.province_columns import PROVINCES
from sim.state.table import Column, Table
from sim.state.technology import Technology

Array = np.ndarray

TARGETS = 3
"""Industries a zone's plan names."""

SCHEMAS: Mapping[str, Mapping[str, Column]] = {
    "firms": columns.FIRMS,
    "talents": columns.TALENTS,
    "provinces": PROVINCES,
    "places": columns.PLACES,
    "zones": columns.ZONES,
}
"""Columns of the tables of the state."""


@dataclass
class Accounts:
    """Ledger rows of the holders that live as long as the run."""

    province: Array
    """(province,) provincial governments."""
    zone: Array
    """(zone,) zone governments."""
    household: Array
    """(province,) residents of a province who are no talent agents."""
    hub: Array
    """(province,) owners of the compute hubs."""


@dataclass
class Baseline:
    """Values of 2012 that later quarters are measured against.

    revenue      (industry,) mean quarterly revenue of a firm [100m CNY]
    efficiency   (industry,) mean efficiency of a firm
    cell_return  (province, industry) gross surplus over capital [1 / quarter]
    cell_capital, cell_efficiency  (province, industry) means over firms
    cell_firms   (province, industry) firms
    capital      (industry,) mean capital of a firm [100m CNY (2012)]
    return_on_capital  (industry,) gross surplus over capital [1 / quarter]
    density      (province, industry) relatedness density
    exits        (industry,) expected exits of firms a quarter [firms]
    frontier     (industry,) efficiency of the foreign frontier
    wage         (labour type,) national mean wage; materials (industry,) input prices
    absorption   mean absorptive capacity
    capacity     (province,) compute capacity
    science      (province,) science staff [10k persons]
    firm_weight  (place, industry) firms an entering agent stands for
    """

    revenue: Array
    efficiency: Array
    cell_return: Array
    cell_capital: Array
    cell_efficiency: Array
    cell_firms: Array
    capital: Array
    return_on_capital: Array
    density: Array
    exits: Array
    frontier: Array
    wage: Array
    materials: Array
    absorption: float
    capacity: Array
    science: Array
    firm_weight: Array


@dataclass
class World:
    """Tables of agents and places, the ledger, and what is fixed for the run."""

    geography: Geography
    """Map of the provinces."""
    tech: Technology
    """Parameters of production by industry."""
    clock: Clock
    """Where the run is."""
    firms: Table
    """Firm agents; rows of the dead stay."""
    talents: Table
    """Talent agents; rows of the dead stay."""
    provinces: Table
    """Provinces, and the general labour that lives there."""
    places: Table
    """Places of production: provinces outside their zone, then zones."""
    zones: Table
    """Zones: founding, plan and government."""
    ledger: Ledger
    """All money."""
    accounts: Accounts
    """Ledger rows of governments, households and hubs."""
    baseline: Baseline
    """Values of 2012 that later quarters are measured against."""
    distance_elasticity: Array
    """(industry,) rise of trade cost with distance."""
    spending_shares: dict[str, Array]
    """Composition over industries of consumption, investment, government and each order basket."""
    world_demand: Array
    """(industry, bloc) demand of the rest of the world in 2012, in units of market access."""
    world_supply: Array
    """(industry,) supply S^W of the rest of the world in 2012."""
    position: Array
    """(industry,) place on the technology line."""
    ownership: Array
    """(industry, 2) shares of state and of foreign firms in 2012."""
    tradable: Array
    """(industry,) bool, may be counted into a zone."""
    vat: Array
    """(industry,) value-added tax rate."""
    interactive: Array
    """(industry,) share of compute that must be near."""
    exposure: Exposure
    """What institutions and critical inputs act on, by industry."""
    energy_cost: Array
    """(province,) electricity price times power usage effectiveness, national mean 1."""
    hub_opening: Array
    """(province,) quarter number when a national compute hub opens; far future if none."""
    zone_names: tuple[str, ...]
    """Names of the zones."""
    planned_output: Array
    """(industry,) national output at the last plan of the zones."""
    imports_by_industry: Array = field(default_factory=lambda: np.zeros(0))
    """(industry,) imports of this quarter [100m CNY / quarter]."""
    growth_sources: dict[str, Array] = field(default_factory=dict)
    """Source -> (province,) growth of efficiency in this quarter, weighted by sales."""
    algorithms: float = 0.0
    """Stock of public algorithm research [100m CNY]."""
    arrivals: float = 0.0
    """People from abroad less people who left, in this quarter [10k persons]."""
    births: float = 0.0
    """Natural increase in this quarter [10k persons]."""

    @property
    def host(self) -> Array:
        """(place,) row of the host province."""
        return self.places["province"]

    @property
    def place_account(self) -> Array:
        """(place,) ledger row of the government a place answers to."""
        return np.concatenate([self.accounts.province, self.accounts.zone])

    def kept(self, place: Array, industry: Array) -> Array | float:
        """Share of variable cost that sellers of inputs get: 1 / (1 + kappa_tax)."""
        tax = self.places["wedge_tax"]
        return (1 / (1 + tax))[place, industry] if tax.any() else 1.0

    def open_places(self, *, outside: bool = True) -> Array:
        """(place,) bool: zones that act; provinces outside their zone as told."""
        return np.concatenate([np.full(self.provinces.n, outside), self.zones["active"]])

    def cell_means(self, *names: str) -> list[Array]:
        """Means over live firms of some columns, (province, industry); the nation's where empty."""
        firms, n, k = self.firms, self.provinces.n, len(self.tech.codes)
        live = np.where(firms["alive"] & (firms["capital"] > 0), firms["weight"], 0.0)
        index = firms["province"].astype(np.int64) * k + firms["industry"]
        number = np.bincount(index, live, minlength=n * k).reshape(n, k)
        out = []
        for name in names:
            total = np.bincount(index, live * firms[name], minlength=n * k).reshape(n, k)
            nation = total.sum(axis=0) / np.maximum(number.sum(axis=0), 1e-300)
            out.append(np.where(number > 0, total / np.where(number > 0, number, 1.0), nation))
        return out

    def book_growth(self, source: str, rows: Array, gain: Array) -> None:
        """Add growth of ln efficiency of the firms in `rows` to the growth accounts.

        gain  (rows,) in this step; provinces keep the mean over their firms, weighted by sales,
        as a rate per quarter
        """
        firms, n = self.firms, self.provinces.n
        sales = np.where(firms["alive"], firms["revenue"] * firms["weight"], 0.0)
        total = np.bincount(firms["province"], sales, minlength=n)
        part = np.bincount(firms["province"][rows], sales[rows] * gain, minlength=n)
        rate = np.divide(part, total, out=np.zeros(n), where=total > 0) / self.clock.dt
        self.growth_sources[source] = self.growth_sources.get(source, 0.0) + rate

    def add_cost(self, lever: str, payer: str, cost: Array) -> None:
        """Book the fiscal cost [100m CNY / quarter] of a lever.

        payer  "zone" (cost per zone) or "province" (cost per province, the centre's where spent)
        """
        table = self.zones if payer == "zone" else self.provinces
        table["cost"][:, LEVERS.index(lever)] += cost

    def place_order(self, province: Array, amount: Array, basket: str) -> None:
        """Add outlays [100m CNY / quarter] in provinces to next quarter's demand."""
        total = np.bincount(province, amount, minlength=self.provinces.n)
        self.provinces["orders_next"] += total[:, None] * self.spending_shares[basket]

    def begin_step(self) -> None:
        """Forget the flows of the last step; its orders fall due."""
        self.ledger.start_quarter()
        self.growth_sources = {}
        self.births = self.arrivals = 0.0
        self.turn_orders()

    def turn_orders(self) -> None:
        """What was ordered in the last quarter is bought and paid in this one."""
        provinces = self.provinces
        for due, following in (
            ("orders", "orders_next"),
            ("programme_order", "programme_next"),
            ("central_order", "central_next"),
            ("hub_order", "hub_next"),
        ):
            provinces[due] = provinces[following]
            provinces[following] = 0.0


def empty_tables(provinces: int, zones: int, industries: int) -> dict[str, Table]:
    """Tables of the state, with a row per province, zone and place; firms and talents empty."""
    sizes = {
        "industry": industries,
        "labour": len(LABOUR_TYPES),
        "partner": provinces,
        "stage": STAGES,
        "firm_class": len(FIRM_CLASSES),
        "target": TARGETS,
        "lever": len(LEVERS),
        "technology": len(TECHNOLOGIES),
    }
    tables = {name: Table(name, schema, sizes) for name, schema in SCHEMAS.items()}
    tables["provinces"].add(provinces)
    tables["places"].add(provinces + zones)
    tables["zones"].add(zones)
    return tables
