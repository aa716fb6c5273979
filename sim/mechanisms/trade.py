r"""Trade costs between provinces and with the rest of the world.

    ln tau_od,k = delta_k ln(1 + d_od / 300 km) + b_od 1[different provinces]
    b_od = b0 (1 - psi_c c_od) (1 - psi_F min(FC_o, FC_d))

phi = tau^(1 - sigma). A zone trades at home like its host province. Coordination c_od and fair
competition FC, the rule outside zones, lower the institutional border. Trade with the rest of the
world, relative to 2012:

    ln tauX_ok = delta_X port_o + tX_k + F - psi_X (customs + DR + DT dig_k nu) - t^S_k cut_ok
    ln tauM_dk = delta_X port_d - t^S_k cut_dk,    cut = 1 - (1 - psi_S SO_k) (1 - psi_D DT)

tX_k and F are what exporting costs more than in 2012, dig_k the share delivered over a network, nu
how far data rules are recognised abroad, t^S_k the border cost of services in 2012. Exports meet
the rules of their place, imports those of buyers' places (`institutions`). Prices and real demand
abroad are given: they are the nominal anchor.

Rows of the paper: P2.2b (fragmentation; institutional and market barriers), P4.3 (fair
competition), P3.1b (services across the border), P2.3a, P3.2b (data rules), P4.4 (disputes).
"""

from __future__ import annotations

import numpy as np

from sim.config.base import Config, param
from sim.mechanisms.institutions import of_province
from sim.mechanisms.market_parts import Trade
from sim.state.world import World

Array = np.ndarray

READS = (
    "provinces.barrier_cut",
    "places.province",
    "places.sales",
    "places.customs",
    "places.fair_competition",
    "places.dispute_resolution",
    "places.data_rules",
    "places.services_opening",
)
WRITES = ()

BLOCS = ("belt_and_road", "other")


class TradeConfig(Config):
    """Trade costs and the rest of the world."""

    frozen: bool = False
    """Keep trade costs at their base: coordination then has no effect on borders."""

    border: float = param(
        0.40, unit="ln trade cost", ge=0, le=0.7, source="border factor 5 = ln5/(sigma-1)"
    )
    """Cost b0 of an uncoordinated provincial border."""

    coordination_effect: float = param(
        0.15, unit="share of b0", ge=0, le=0.4, source="assumed; .05-.4"
    )
    """Share psi_c of the border that full coordination removes."""

    fair_effect: float = param(
        0.3, unit="share of b0", ge=0, le=1, source="assumed; model specification"
    )
    """Share psi_F of the border that fair competition on both sides removes."""

    facilitation: float = param(
        0.05,
        unit="ln trade cost",
        ge=0,
        le=0.2,
        source="assumed; WTO (2015): full facilitation cuts trade cost by 14 %",
    )
    """psi_X: fall of export cost when customs, courts or data rules reach the frontier."""

    recognition: float = param(0.5, unit="share", ge=0, le=1, source="assumed")
    """nu: how far data rules are recognised abroad."""

    services_effect: float = param(0.5, unit="share of t^S", ge=0, le=1, source="assumed")
    """psi_S: part of services' border cost that full opening removes."""

    data_effect: float = param(0.3, unit="share of t^S", ge=0, le=1, source="assumed")
    """psi_D: part of services' border cost that data rules of the frontier remove."""

    export_cost: dict[str, float] = param(
        {}, unit="ln trade cost", ge=-1, le=1, source="scenario; 0 as in 2012"
    )
    """tX: change of an industry's cost of exporting since 2012."""

    export_fixed_cost: float = param(
        0.0, unit="share of exports", ge=-0.3, le=0.3, source="scenario; 0 as in 2012"
    )
    """F: change of fixed costs of exporting since 2012, as a share of exports."""

    reference_distance: float = param(300.0, unit="km", gt=0, le=3000, source="assumed")
    """Distance at which costs start to rise."""

    export_distance: float = param(
        0.25, unit="ln cost / ln(1+km/300)", ge=0, le=2, source="assumed"
    )
    """Rise of export and import cost with distance to the nearest gateway."""

    belt_and_road_share: float = param(
        0.25, unit="share of exports", ge=0, le=1, source="customs 2012, rounded"
    )
    """Share of exports that go to the Belt-and-Road bloc in 2012."""

    exports: float = param(
        0.245, unit="share of GDP", ge=0, le=1, source="NBS 2012: goods and services"
    )
    """Exports over GDP in 2012."""

    imports: float = param(
        0.218, unit="share of GDP", ge=0, le=1, source="NBS 2012: goods and services"
    )
    """Imports over GDP in 2012."""

    world_inflation: float = param(
        0.02, unit="1 / year", ge=-0.05, le=0.1, source="assumed; model specification"
    )
    """Rise of prices in the rest of the world."""

    world_growth: float = param(
        0.03, unit="1 / year", ge=-0.05, le=0.1, source="assumed; model specification"
    )
    """Growth of real demand in the rest of the world."""


def freeness(
    distance: Array, border: Array, elasticity: Array, sigma: Array, reference: float
) -> Array:
    """phi = tau^(1 - sigma).

    distance, border  (n, m) [km], [ln cost]
    elasticity, sigma (industry,)
    returns           (industry, n, m), in (0, 1]
    """
    log_cost = elasticity[:, None, None] * np.log1p(distance / reference) + border
    return np.exp((1 - sigma)[:, None, None] * log_cost)


def gateway_freeness(world: World, cfg: TradeConfig) -> Array:
    """phi between a province and each bloc, (industry, province, bloc)."""
    elasticity = np.full(len(world.tech.codes), cfg.export_distance)
    gateway = world.geography.gateway
    return freeness(
        gateway, np.zeros_like(gateway), elasticity, world.tech.sigma, cfg.reference_distance
    )


def border_cost(world: World, cfg: TradeConfig) -> Array:
    """b_od, (province, province), zero at home."""
    effect = 0.0 if cfg.frozen else cfg.coordination_effect
    cut = 1 - effect * world.provinces["barrier_cut"]
    fair = world.places["fair_competition"][: world.provinces.n]
    unfair = 1 - cfg.fair_effect * np.minimum(fair[:, None], fair)
    return cfg.border * cut * unfair * world.geography.foreign


def services_relief(world: World, cfg: TradeConfig) -> Array:
    """Fall of services' cost of crossing the national border since 2012, (place, industry)."""
    places = world.places
    closed = 1 - cfg.services_effect * places["services_opening"]
    cut = 1 - closed * (1 - cfg.data_effect * places["data_rules"])[:, None]
    return np.asarray(world.exposure.cross_border * cut)


def export_relief(world: World, cfg: TradeConfig) -> Array:
    """Fall of ln tauX since 2012, (place, industry)."""
    places = world.places
    rules = (places["customs"] + places["dispute_resolution"])[:, None]
    rules = rules + cfg.recognition * places["data_rules"][:, None] * world.exposure.digital
    dearer = [cfg.export_cost.get(code, 0.0) for code in world.tech.codes]
    fall = cfg.facilitation * rules - np.array(dearer) - cfg.export_fixed_cost
    return np.asarray(fall + services_relief(world, cfg))


def easier(relief: Array, sigma: Array) -> Array:
    """Factor on phi where cost falls by `relief` (..., industry)."""
    return np.exp((sigma - 1) * relief)


def world_shifters(world: World, cfg: TradeConfig) -> tuple[Array, Array]:
    """Demand (industry, bloc) and supply (industry,) abroad in this quarter.

    Demand is E^W / Pi^W: nominal demand times prices to sigma - 1.
    """
    years, sigma = world.clock.years, world.tech.sigma
    prices = (1 + cfg.world_inflation) ** years
    demand = prices * (1 + cfg.world_growth) ** years * prices ** (sigma - 1)
    return world.world_demand * demand[:, None], world.world_supply * prices ** (1 - sigma)


def home_freeness(world: World, cfg: TradeConfig) -> Array:
    """phi between provinces, (industry, origin, destination)."""
    return freeness(
        world.geography.distance,
        border_cost(world, cfg),
        world.distance_elasticity,
        world.tech.sigma,
        cfg.reference_distance,
    )


def compute(world: World, cfg: TradeConfig) -> Trade:
    """Trade freeness of this quarter."""
    gateway = gateway_freeness(world, cfg)
    demand, supply = world_shifters(world, cfg)
    exports = np.einsum("krb,kb->rk", gateway, demand)[world.host]
    sigma = world.tech.sigma
    entry = easier(of_province(world, services_relief(world, cfg)), sigma)
    return Trade(
        home=home_freeness(world, cfg),
        imports=gateway[:, :, -1].T * entry,
        exports=exports * easier(export_relief(world, cfg), sigma),
        world_supply=supply,
    )
