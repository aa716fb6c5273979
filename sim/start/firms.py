"""Firms of 2012: how many agents, how large, how old, how digital.

Agents of a cell (province, industry) stand for slices of its size distribution, so that the draw
adds little noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.start.config import PopulationConfig
from sim.start.facts import Facts
from sim.state.industries import IndustryConfig
from sim.state.world import World

Array = np.ndarray

AGE_BANDS = ((0.0, 5.0, 0.494), (5.0, 10.0, 0.329), (10.0, 30.0, 0.177))
"""Age from, to [years] and share of live firms, end of 2012 (SAIC 2013); assumed: none above 30."""

MEDIAN = 0.5
"""Level of the triangular distribution's peak."""


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


def slices(
    count: Array, firms: Array, exponent: float, jitter: Array
) -> tuple[Array, Array, Array]:
    """Slices of a Pareto size distribution, one per agent of a cell.

    Slices have equal parts of the mean of two measures, firms and sales: large firms get agents of
    small weight and small firms share one, so that no agent dominates its cell. The tail ends with
    the largest of the cell's firms: without an end, the share of the very largest would grow with
    the number of agents.

    count     (cells,) agents;  firms (cells,) firms they stand for, more than 1
    exponent  > 1, of the tail;  jitter (agents,) uniforms that move edges
    returns   for each agent: share of the cell's firms, share of its sales, middle quantile
    """
    n = np.repeat(count, count)
    tail = Tail(np.repeat(firms, count), exponent)
    first = np.repeat(np.cumsum(count) - count, count)
    slot = np.arange(n.size) - first
    upper = np.where(slot + 1 < n, slot + 1 + 0.5 * (jitter - 0.5), n) / n
    lower = np.where(slot > 0, np.concatenate([[0.0], upper[:-1]]), 0.0)
    low, high = tail.position(lower), tail.position(upper)
    number = tail.firms_below(high) - tail.firms_below(low)
    sales = tail.sales_below(high) - tail.sales_below(low)
    return number, sales, (tail.firms_below(low) + tail.firms_below(high)) / 2


@dataclass(frozen=True)
class Tail:
    """Pareto distribution of sales that ends where one firm of `firms` is larger.

    firms     (n,) > 1
    exponent  > 1, of the tail

    A position is -ln of the share of firms that are larger in the endless distribution, from 0
    (the smallest firm) to ln(firms) (the largest): the far tail is resolved as well as the rest.
    """

    firms: Array
    exponent: float

    def firms_below(self, position: Array) -> Array:
        """Share of firms that are smaller, (n,)."""
        return -np.expm1(-position) / (1 - 1 / self.firms)

    def sales_below(self, position: Array) -> Array:
        """Lorenz curve: share of sales by smaller firms, (n,)."""
        decay = 1 - 1 / self.exponent
        return np.expm1(-decay * position) / np.expm1(-decay * np.log(self.firms))

    def position(self, measure: Array) -> Array:
        """Position at which the mean of both shares is `measure`, by bisection, (n,)."""
        low, high = np.zeros_like(measure), np.log(self.firms)
        for _ in range(60):
            middle = (low + high) / 2
            above = (self.firms_below(middle) + self.sales_below(middle)) / 2 > measure
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return np.where(measure >= 1, np.log(self.firms), (low + high) / 2)


def ages(quantile: Array, u: Array) -> Array:
    """Age in years; larger firms are older on average."""
    mixed = 0.5 * quantile + 0.5 * u
    # the sum of two uniforms is triangular: back to a uniform first
    level = np.where(mixed < MEDIAN, 2 * mixed**2, 1 - 2 * (1 - mixed) ** 2)
    out = np.empty(level.size)
    low = 0.0
    for start, end, share in AGE_BANDS:
        inside = (level >= low) & (level < low + share + 1e-12)
        out[inside] = start + (end - start) * (level[inside] - low) / share
        low += share
    return out


def stages(shares: Sequence[float], quantile: Array, u: Array, cap: Array) -> Array:
    """Digital stage of 2012: a stage's share rises with size, up to the cap of the province."""
    odds = 0.5 + quantile
    above = np.cumsum(np.asarray(shares)[::-1])[::-1]
    stage = (u[:, None] < above * odds[:, None]).sum(axis=1)
    return np.minimum(stage, cap)


def owners(shares: Array, u: Array) -> Array:
    """Owner of each firm (0 private, 1 state, 2 foreign).

    shares  (firms, 2) chance of a state and of a foreign owner;  u (firms,) uniforms
    """
    state, foreign = shares.T
    return np.where(u < foreign, 2, np.where(u < foreign + state, 1, 0))


def draw(
    world: World,
    cfg: PopulationConfig,
    facts: Facts,
    industries: Sequence[IndustryConfig],
    stream: np.random.Generator,
) -> None:
    """Add the firms of 2012; efficiency, capital and revenue are set by the inversion."""
    n, k = facts.value_added.shape
    drawn = 1 if cfg.alike else n
    value_added = facts.value_added[:drawn]
    count = allocate(value_added, cfg.firms * drawn // n, cfg.least_firms).ravel()
    cell = np.repeat(np.arange(drawn * k), count)
    total = cell.size
    firms = (facts.firms * value_added / facts.value_added.sum(axis=0)).ravel()
    # a cell with hardly a firm still gets its agents, and they must differ
    several = np.maximum(firms, count + 1)
    number, sales, quantile = slices(count, several, cfg.size_exponent, stream.random(total))
    weight = firms[cell] * number
    owner_u, age_u, stage_u, specific_u = (stream.random(total) for _ in range(4))
    province, industry = cell // k, cell % k
    cap = np.floor(4 * world.provinces["infrastructure"]).astype(np.int64)[province] + 1
    specific = np.array([entry.specificity for entry in industries])[industry]
    rd = np.array([entry.rd for entry in industries])[industry]
    columns = {
        "industry": industry,
        "owner": owners(world.ownership[industry], owner_u),
        "weight": weight,
        "stage": stages(cfg.stage_shares, quantile, stage_u, cap),
        "specificity": np.clip(specific + 0.4 * (specific_u - 0.5), 0.0, 1.0),
        "rd_share": rd * research_scale(facts, world, industries)[province],
        "position": world.position[industry],
        "foreign_input": world.exposure.foreign_input[industry],
        "age": ages(quantile, age_u),
        # relative revenue until the inversion knows the level
        "revenue": sales / weight,
    }
    settle(world, columns, province, n // drawn)


def settle(world: World, columns: dict[str, Array], province: Array, copies: int) -> None:
    """Add drawn firms: where provinces are alike, a copy to each of them.

    columns  name -> (firms,) of what was drawn;  province (firms,) where the first copy lives
    """
    total = province.size * copies
    place = np.tile(province, copies) + np.repeat(np.arange(copies), province.size)
    world.firms.add(
        total,
        alive=True,
        province=place,
        place=place,
        efficiency=1.0,
        capital=1.0,
        account=world.ledger.open("firm", total),
        **{name: np.tile(values, copies) for name, values in columns.items()},
    )


def research_scale(facts: Facts, world: World, industries: Sequence[IndustryConfig]) -> Array:
    """Factor that brings the R&D of each province to the figure of 2012, (province,).

    0 where the industries there do no R&D at all.
    """
    tech = world.tech
    margin = 1 - (tech.materials + tech.compute[:, 0]) / tech.markup
    usual = (facts.value_added / margin) @ np.array([entry.rd for entry in industries])
    spent = facts.research * facts.gdp
    return np.divide(spent, usual, out=np.zeros_like(usual), where=usual > 0)
