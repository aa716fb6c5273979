r"""Institutions: the rules a place works under, as indices that count from the rules of 2012.

    0 = as in 2012,  1 = the frontier (Hong Kong, Singapore, Dubai)

Columns of `places`, set anew in every step before levers write on top: ease of customs, fair
competition FC, dispute resolution DR, services for talent TL, competitive taxes TX, rules of
digital trade DT, opening of services SO_k by industry, protection of knowledge IP_c by class of
technology. Here they are given and constant. A zone works under its own rules from its founding on,
and under those of its host where these are further: what holds in the province holds in its zone as
well.

A term that belongs to a place (exports, costs, entry, imitation) uses its rules. Of terms that
belong to a province, the border to other provinces uses the rules outside the zone, because goods
cross it outside; what residents meet (services bought abroad, services for talent) is the mean over
the province's places, weighted by their sales of last quarter: so much of its demand and work sits
under these rules.

Rows of the paper: P3.1a (services opening), P2.3a (data rules), P4.2 (protection by class of
technology), P4.3 (fair competition), P4.4 (dispute resolution).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.config.base import Config, param
from sim.state.columns import TECHNOLOGIES
from sim.state.world import World

Array = np.ndarray

INDICES = (
    "customs",
    "fair_competition",
    "dispute_resolution",
    "talent_services",
    "tax_competitiveness",
    "data_rules",
)
"""Indices of which a place has one each."""

READS = ("zones.active",)
WRITES = (
    *(f"places.{name}" for name in INDICES),
    "places.services_opening",
    "places.protection",
)


def index() -> Any:
    """Field of an index."""
    return param(
        0.0, unit="index since 2012", ge=0, le=1, source="scenario; 0 as in 2012, 1 the frontier"
    )


class ProtectionConfig(Config):
    """IP: protection of knowledge by class of technology, as distance covered since 2012."""

    traditional: float = index()
    """Machines, materials, drugs."""

    algorithm: float = index()
    """AI and algorithms."""

    data: float = index()
    """Data and networks."""

    quantum: float = index()
    """Quantum and other future technology."""


class RulesConfig(Config):
    """Rules of places, as distance covered from 2012 to the frontier."""

    customs: float = index()
    """Ease of customs."""

    fair_competition: float = index()
    """FC: firms from elsewhere are treated alike."""

    dispute_resolution: float = index()
    """DR: contracts are enforced."""

    talent_services: float = index()
    """TL: permits, schools and care for people who come."""

    tax_competitiveness: float = index()
    """TX: taxes and fees as foreign investors see them; tax rates themselves stay."""

    data_rules: float = index()
    """DT: data can cross the border by rule."""

    services_opening: dict[str, float] = param(
        {}, unit="index since 2012", ge=0, le=1, source="scenario; 0 as in 2012, 1 the frontier"
    )
    """SO: opening to foreign providers of each industry that is a service."""

    protection: ProtectionConfig = ProtectionConfig()
    """IP: protection of knowledge by class of technology."""


class InstitutionsConfig(Config):
    """Rules outside zones and inside."""

    outside: RulesConfig = RulesConfig()
    """Rules of provinces outside their zone."""

    zones: RulesConfig = RulesConfig()
    """Rules of zones, from their founding on."""


def by_place(world: World, outside: Array | float, inside: Array | float) -> Array:
    """Index of each place, (place, ...); a zone has at least the index of its host."""
    acting = world.open_places(outside=False)
    shape = (world.places.n, *np.shape(outside))
    better = np.broadcast_to(np.maximum(outside, inside), shape)
    return np.where(acting.reshape(-1, *[1] * np.ndim(outside)), better, outside)


def openings(world: World, cfg: RulesConfig) -> Array:
    """SO_k, (industry,); 0 for goods, to whose makers the index does not apply."""
    named = np.array([cfg.services_opening.get(code, 0.0) for code in world.tech.codes])
    return np.where(world.exposure.service, named, 0.0)


def protections(cfg: RulesConfig) -> Array:
    """IP_c, (class of technology,)."""
    return np.array([getattr(cfg.protection, name) for name in TECHNOLOGIES])


def of_province(world: World, values: Array) -> Array:
    """Mean over the places of a province, weighted by last quarter's sales.

    values (place, ...) -> (province, ...); the rules outside the zone where nothing was sold
    """
    n, host = world.provinces.n, world.host
    if not values.any():
        return np.zeros((n, *values.shape[1:]))
    sales = world.places["sales"].sum(axis=(1, 2))
    total = np.bincount(host, sales, minlength=n)
    usual = (np.arange(world.places.n) < n).astype(float)
    known = total[host] > 0
    weight = np.where(known, sales / np.where(known, total[host], 1.0), usual)
    out = np.zeros((n, *values.shape[1:]))
    np.add.at(out, host, values * weight.reshape(-1, *[1] * (values.ndim - 1)))
    return out


def protection(world: World, place: Array, industry: Array) -> Array | float:
    """IP of what an industry knows, by the rules of a place; index since 2012."""
    index = world.places["protection"]
    if not index.any():
        return 0.0
    return np.asarray(index[:, world.exposure.technology][place, industry])


def apply(world: World, cfg: InstitutionsConfig) -> None:
    """Set the indices of this step to their base."""
    places = world.places
    for name in INDICES:
        places[name] = by_place(world, getattr(cfg.outside, name), getattr(cfg.zones, name))
    places["services_opening"] = by_place(
        world, openings(world, cfg.outside), openings(world, cfg.zones)
    )
    places["protection"] = by_place(world, protections(cfg.outside), protections(cfg.zones))
