r"""Indices of concentration under random location: the dart board (L12).

Plants of fixed sizes choose provinces with chances x, the benchmark's shares. With chance p two
plants, of one industry or of two, go together. Then

    E[G] = (1 - sum x^2) (H + (1 - H) p)
    E[gamma] = p    by Ellison and Glaeser, by Maurel and Sedillot, and of co-agglomeration

Darts that each fly alone have p = 0. Sources: Ellison and Glaeser (1997), J. Polit. Econ. 105(5);
Maurel and Sedillot (1999), Reg. Sci. Urban Econ. 29(5); Ellison, Glaeser and Kerr (2010), Amer.
Econ. Rev. 100(3).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.config.base import Config, param
from sim.limits.base import Row, identity
from sim.limits.estimate import mean_row
from sim.metrics import clustering, coagglomeration
from sim.state.rng import Streams

Array = np.ndarray


class ClusteringLimit(Config):
    """Plants thrown at a map."""

    plants: tuple[int, ...] = param(
        (60, 40, 80, 50), unit="plants", ge=2, le=10000, source="definition"
    )
    """Plants of each industry, two industries at least."""

    plant_spread: float = param(1.0, unit="sd of ln size", ge=0, le=3, source="definition")
    """Of plant sizes."""

    provinces: int = param(22, unit="provinces", ge=2, le=1000, source="definition")
    """Number of provinces."""

    benchmark: float = param(3.0, unit="-", gt=0, le=1000, source="definition")
    """Concentration of the Dirichlet draw of the provinces' shares; larger is more even."""

    together: tuple[float, ...] = param(
        (0.0, 0.2), unit="chance", ge=0, le=1, source="definition; 0 is the dart board"
    )
    """p: chance that two plants go together."""

    draws: int = param(20000, unit="draws", ge=2, le=10**6, source="numerical")
    """Throws of all plants."""

    seed: int = param(12, unit="-", ge=0, le=2**32, source="numerical")
    """Of sizes, shares and throws."""


def thrown(cfg: ClusteringLimit, sizes: list[Array], chance: Array, together: float) -> Array:
    """Activity where plants fell, (draw, industry, province).

    Each plant joins one group with chance sqrt(p), and the group flies as one, so that any two
    plants go together with chance p.
    """
    draw = Streams(cfg.seed).at(f"darts {together:g}", 0)
    ladder = np.cumsum(chance)[:-1]
    activity = np.empty((cfg.draws, len(sizes), chance.size))
    group = np.searchsorted(ladder, draw.random((cfg.draws, 1)), side="right")
    cell = np.arange(cfg.draws)[:, None] * chance.size
    for industry, size in enumerate(sizes):
        alone = np.searchsorted(ladder, draw.random((cfg.draws, size.size)), side="right")
        joins = draw.random(alone.shape) < np.sqrt(together)
        hit = (cell + np.where(joins, group, alone)).ravel()
        fallen = np.bincount(hit, np.tile(size, cfg.draws), cfg.draws * chance.size)
        activity[:, industry] = fallen.reshape(cfg.draws, -1)
    return activity


def measure(cfg: ClusteringLimit) -> Iterator[Row]:
    """Means of the indices over the throws."""
    draw = Streams(cfg.seed).at("plants", 0)
    sizes = [np.exp(cfg.plant_spread * draw.normal(size=count)) for count in cfg.plants]
    chance = draw.dirichlet(np.full(cfg.provinces, cfg.benchmark))
    for together in cfg.together:
        activity = thrown(cfg, sizes, chance, together)
        yield from alone_rows(activity[:, 0], sizes[0], chance, together)
        yield from group_rows(activity, sizes, chance, together)


def alone_rows(activity: Array, size: Array, chance: Array, together: float) -> Iterator[Row]:
    """The first industry by itself."""
    lumps = float((size**2).sum() / size.sum() ** 2)
    plants = clustering.plant_herfindahl(size, np.ones(size.size))
    own = np.full(len(activity), plants)
    at = f"plants together with chance {together:g}"
    gamma = clustering.ellison_glaeser(activity, chance, own)
    yield mean_row("L12a", f"Ellison-Glaeser, {at}", gamma, together)
    raw = clustering.raw_concentration(activity, chance)
    value = (1 - (chance**2).sum()) * (lumps + (1 - lumps) * together)
    yield mean_row("L12b", f"raw concentration G, {at}", raw, value)
    gamma = clustering.maurel_sedillot(activity, chance, own)
    yield mean_row("L12c", f"Maurel-Sedillot, {at}", gamma, together)


def group_rows(
    activity: Array, sizes: list[Array], chance: Array, together: float
) -> Iterator[Row]:
    """All industries as a group, and two by two."""
    at = f"plants together with chance {together:g}"
    plants = [clustering.plant_herfindahl(size, np.ones(size.size)) for size in sizes]
    own = np.broadcast_to(plants, activity.shape[:-1])
    group = coagglomeration.coagglomeration(activity, chance, own)
    yield mean_row("L12d", f"co-agglomeration of the group, {at}", group, together)
    pair = coagglomeration.pairwise_coagglomeration(activity, chance)
    yield mean_row("L12e", f"co-agglomeration of two industries, {at}", pair[:, 0, 1], together)
    share = np.array([size.sum() for size in sizes]) / sum(size.sum() for size in sizes)
    weight = np.outer(share, share) * (1 - np.eye(share.size))
    gap = np.abs(group - (pair * weight).sum(axis=(1, 2)) / weight.sum()).max()
    yield identity("L12f", f"group index as mean over pairs, {at}", gap)
