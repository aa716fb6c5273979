"""Firms of 2012: how many agents, how large, how old, how digital.

Agents of a cell (province, industry) stand for slices of its size distribution, so that the draw
adds little noise: slice j of n has revenue in proportion to a Pareto quantile within it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.start.config import PopulationConfig
from sim.start.facts import Facts
from sim.state.industries import IndustryConfig
from sim.state.world import World

Array = np.ndarray

AGE_BANDS = ((0.0, 5.0, 0.494), (5.0, 10.0, 0.329), (10.0, 30.0, 0.177))
"""Age from, to [years] and share of live firms, end of 2012 (SAIC 2013); the end at 30 is assumed."""


def allocate(size: Array, total: int, least: int) -> Array:
    """Agents per cell: at least `least`, the rest in proportion to the square root of size.

    returns  whole numbers that add up to `total`, or to least * cells if that is more
    """
    rest = max(total - least * size.size, 0)
    root = np.sqrt(size / size.sum())
    exact = rest * root / root.sum()
    count = np.floor(exact).astype(np.int64)
    # the largest remainders get what is left
    order = np.argsort(-(exact - count), axis=None, kind="stable")
    count.flat[order[: rest - count.sum()]] += 1
    return count + least


def slices(count: Array, jitter: Array) -> Array:
    """Quantile in (0, 1) of each agent: slice j of its cell's n, at a random spot of the slice.

    count (cells,), jitter (agents,) uniforms; returns (agents,)
    """
    n = np.repeat(count, count)
    first = np.repeat(np.cumsum(count) - count, count)
    within = np.arange(n.size) - first
    return (within + 0.25 + 0.5 * jitter) / n


def ages(quantile: Array, u: Array) -> Array:
    """Age in years; larger firms are older on average."""
    mixed = 0.5 * quantile + 0.5 * u
    # the sum of two uniforms is triangular: back to a uniform first
    level = np.where(mixed < 0.5, 2 * mixed**2, 1 - 2 * (1 - mixed) ** 2)
    out = np.empty(level.size)
    low = 0.0
    for start, end, share in AGE_BANDS:
        inside = (level >= low) & (level < low + share + 1e-12)
        out[inside] = start + (end - start) * (level[inside] - low) / share
        low += share
    return out


def stages(shares: Sequence[float], quantile: Array, u: Array, cap: Array) -> Array:
    """Digital stage of 2012; the share of a stage rises with size, up to the cap of the province."""
    odds = 0.5 + quantile
    above = np.cumsum(np.asarray(shares)[::-1])[::-1]
    stage = (u[:, None] < above * odds[:, None]).sum(axis=1)
    return np.minimum(stage, cap)


def draw(world: World, cfg: PopulationConfig, facts: Facts, industries: Sequence[IndustryConfig],
         stream: np.random.Generator) -> None:
    """Add the firms of 2012; efficiency, capital and revenue are set by the inversion."""
    n, k = facts.value_added.shape
    count = allocate(facts.value_added, cfg.firms, cfg.least_firms).ravel()
    cell = np.repeat(np.arange(n * k), count)
    province, industry = cell // k, cell % k
    total = cell.size
    quantile = slices(count, stream.random(total))
    firms = facts.firms * facts.value_added / facts.value_added.sum(axis=0)
    weight = (firms.ravel() / count)[cell]
    owner_u, age_u, stage_u, specific_u = (stream.random(total) for _ in range(4))
    state, foreign = world.ownership[industry].T
    owner = np.where(owner_u < foreign, 2, np.where(owner_u < foreign + state, 1, 0))
    cap = np.floor(4 * world.provinces["infrastructure"]).astype(np.int64)[province] + 1
    specific = np.array([entry.specificity for entry in industries])[industry]
    rd = np.array([entry.rd for entry in industries])[industry]
    world.firms.add(
        total, alive=True, province=province, place=province, industry=industry, owner=owner,
        weight=weight, stage=stages(cfg.stage_shares, quantile, stage_u, cap),
        specificity=np.clip(specific + 0.4 * (specific_u - 0.5), 0.0, 1.0), rd_share=rd,
        position=world.position[industry], age=ages(quantile, age_u), efficiency=1.0,
        # relative revenue until the inversion knows the level
        revenue=(1 - quantile) ** (-1 / cfg.size_exponent), capital=1.0,
        account=world.ledger.open("firm", total),
    )
