"""What all levers share: dose, time, place, and who is addressed.

A lever never changes state and undoes it. Effective policy columns are rebuilt from zero in every
step; then each active lever writes. At dose 0 nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from pydantic import model_validator

from sim.config.base import Config, Quarter, param
from sim.state.calendar import parse_quarter
from sim.state.world import World

Array = np.ndarray

POLICY_COLUMNS = {
    "places": ("adoption_subsidy", "guarantee"),
    "provinces": (
        "compute_shared",
        "compute_build",
        "compute_build_local",
        "infrastructure_push",
        "barrier_cut",
        "knowledge_link",
    ),
    "zones": ("joint_planning",),
}
"""Effective policy columns; their base is zero."""

Targets = Literal["zones", "all", "east", "central", "west"] | tuple[int | str, ...]


class LeverConfig(Config):
    """A policy lever."""

    dose: float = param(0.0, unit="share of full strength", ge=0, le=1, source="scenario")
    """0 does nothing, 1 is the full lever."""

    start: Quarter = "2024Q1"
    """First quarter in which the lever acts."""

    end: Quarter | None = None
    """First quarter in which it no longer acts; null for never."""

    phase_in: int = param(0, unit="quarters", ge=0, le=80, source="scenario")
    """Quarters over which the dose grows from 0 to its full size."""

    scope: Literal["zone", "province"] = "province"
    """Whether it acts inside zones only, or in the whole host province."""

    @model_validator(mode="after")
    def _ends_after_start(self) -> LeverConfig:
        if self.end is not None and parse_quarter(self.end) <= parse_quarter(self.start):
            raise ValueError(f"end {self.end} must be after the start {self.start}")
        return self

    payer: Literal["local", "centre"] = "local"
    """Who pays: the government of the place, or the centre, which refunds it a quarter later."""

    targets: Targets = "zones"
    """Where: provinces whose zone is active, all provinces, a macro-region, or a list of province
    names or codes."""


class FirmLeverConfig(LeverConfig):
    """A lever that addresses firms."""

    firm_classes: tuple[Literal["small", "large"], ...] = ("small", "large")
    """Firms below, or above, the mean revenue of their industry."""


class LinkLeverConfig(LeverConfig):
    """A lever that links provinces."""

    topology: Literal["none", "neighbours", "macro_region", "hub_and_spoke", "full", "custom"] = (
        "full"
    )
    """Which pairs of provinces coordinate."""

    pairs: tuple[tuple[int | str, int | str], ...] = ()
    """The pairs of a custom topology: province names or codes."""

    link_cost: float = param(
        0.0002,
        unit="share of both GDPs / year per link",
        ge=0,
        le=0.01,
        source="assumed; model specification",
    )
    """Administrative cost of a coordinated pair, paid by both provinces."""


def provinces_named(cfg: LeverConfig) -> Iterator[tuple[tuple[str, ...], int | str]]:
    """Every province that a lever names, with its path in the lever's section."""
    if isinstance(cfg.targets, tuple):
        for position, name in enumerate(cfg.targets):
            yield ("targets", str(position)), name
    if isinstance(cfg, LinkLeverConfig):
        for position, pair in enumerate(cfg.pairs):
            for side, name in enumerate(pair):
                yield ("pairs", str(position), str(side)), name


def reset(world: World) -> None:
    """Set all effective policy columns and cost columns back to their base."""
    for table, names in POLICY_COLUMNS.items():
        for name in names:
            getattr(world, table)[name] = 0.0
    world.provinces["cost"] = 0.0
    world.zones["cost"] = 0.0


def current_dose(cfg: LeverConfig, quarter: float) -> float:
    """Dose in a quarter (number, fractions allowed), phase-in included."""
    start = parse_quarter(cfg.start)
    if quarter < start or (cfg.end is not None and quarter >= parse_quarter(cfg.end)):
        return 0.0
    if cfg.phase_in == 0:
        return cfg.dose
    return cfg.dose * min(1.0, (quarter - start + 1) / cfg.phase_in)


def province_rows(world: World, names: tuple[int | str, ...]) -> Array:
    """Rows of provinces given by name or code.

    raises ValueError : a name is not a province
    """
    known = {str(code): row for row, code in enumerate(world.geography.codes)}
    known |= {name.lower(): row for row, name in enumerate(world.geography.names)}
    rows = []
    for name in names:
        if str(name).lower() not in known:
            raise ValueError(f"{name!r} is not a province of this world")
        rows.append(known[str(name).lower()])
    return np.array(rows, dtype=np.int64)


def targeted(world: World, targets: Targets) -> Array:
    """(province,) bool, where a lever acts."""
    n = world.provinces.n
    if targets == "all":
        return np.ones(n, dtype=bool)
    if targets == "zones":
        chosen = np.zeros(n, dtype=bool)
        chosen[world.zones["province"][world.zones["active"]]] = True
        return chosen
    if isinstance(targets, str):
        return world.geography.region == targets
    chosen = np.zeros(n, dtype=bool)
    chosen[province_rows(world, targets)] = True
    return chosen


def places_of(world: World, cfg: LeverConfig) -> Array:
    """(place,) bool, the places in which a lever acts: zones only, or also their provinces."""
    inside = targeted(world, cfg.targets)[world.host]
    return inside & world.open_places(outside=cfg.scope == "province")


def links(world: World, cfg: LinkLeverConfig) -> Array:
    """Symmetric (province, province) bool, the coordinated pairs."""
    geography, n = world.geography, world.provinces.n
    member = targeted(world, cfg.targets)
    if cfg.topology == "none":
        mask = np.zeros((n, n), dtype=bool)
    elif cfg.topology == "neighbours":
        mask = geography.neighbours.copy()
    elif cfg.topology == "macro_region":
        mask = geography.region[:, None] == geography.region
    elif cfg.topology == "hub_and_spoke":
        mask = hub_and_spoke(world, member)
    elif cfg.topology == "full":
        mask = np.ones((n, n), dtype=bool)
    else:
        mask = np.zeros((n, n), dtype=bool)
        for pair in cfg.pairs:
            one, two = province_rows(world, pair)
            mask[one, two] = mask[two, one] = True
    return mask & member[:, None] & member & geography.foreign


def hub_and_spoke(world: World, member: Array) -> Array:
    """Every member is linked to the member with the largest output of its macro-region."""
    n, region = world.provinces.n, world.geography.region
    size = np.where(member, world.provinces["value_added"].sum(axis=1), -np.inf)
    mask = np.zeros((n, n), dtype=bool)
    for name in np.unique(region):
        group = np.flatnonzero((region == name) & member)
        if group.size:
            hub = group[size[group].argmax()]
            mask[hub, group] = mask[group, hub] = True
    return mask


def charge_links(world: World, cfg: LinkLeverConfig, lever: str, dose: float, pairs: Array) -> None:
    """Book what provinces pay for running their links; `budgets` orders the services."""
    output = world.provinces["value_added"].sum(axis=1)
    world.add_cost(lever, "province", dose * cfg.link_cost * pairs.sum(axis=1) * output)
