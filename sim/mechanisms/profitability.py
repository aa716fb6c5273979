"""What firms earn by place and industry, which guides entry and is measured against 2012."""

from __future__ import annotations

import numpy as np

from sim.state.world import World

Array = np.ndarray

RELATED = 0.2
"""Distance on the technology line over which industries count as related; assumed."""


def returns(world: World, group: Array, groups: int) -> Array:
    """Gross surplus over the value of capital, (groups,) [1 / quarter]; nan without capital.

    group  (firms,) group of each firm
    """
    firms = world.firms
    live = np.where(firms["alive"], firms["weight"], 0.0)
    price = world.provinces["investment_price"][firms["province"]]
    surplus = world.tech.gross_surplus[firms["industry"]] * firms["revenue"]
    stock = np.bincount(group, live * price * firms["capital"], minlength=groups)
    earned = np.bincount(group, live * surplus, minlength=groups)
    return np.divide(earned, stock, out=np.full(groups, np.nan), where=stock > 0)


def return_on_capital(world: World) -> Array:
    """Gross surplus over the value of capital by industry, (industry,) [1 / quarter]."""
    return returns(world, world.firms["industry"], len(world.tech.codes))


def cell_return(world: World) -> Array:
    """Gross surplus over the value of capital, (province, industry); nan without firms.

    A return, unlike profit per firm, does not depend on how large the firms of a cell are.
    """
    n, k = world.provinces.n, len(world.tech.codes)
    cell = world.firms["province"].astype(np.int64) * k + world.firms["industry"]
    return returns(world, cell, n * k).reshape(n, k)


def national_profitability(world: World) -> Array:
    """National return on capital over that of 2012, (industry,).

    An industry that has died out counts as it was in 2012, so that firms may enter it again.
    """
    ratio = return_on_capital(world) / world.baseline.return_on_capital
    return np.where(np.isfinite(ratio), ratio, 1.0)


def profitability(world: World) -> Array:
    """Return relative to 2012, (province, industry); the nation's where no firm is left."""
    ratio = cell_return(world) / world.baseline.cell_return
    known = np.isfinite(ratio) & (ratio > 0)
    return np.where(known, ratio, national_profitability(world))


def relatedness_density(world: World) -> Array:
    """Share of output in related industries against the nation, (province, industry)."""
    output = world.provinces["output"]
    share = output / output.sum(axis=1, keepdims=True)
    nation = output.sum(axis=0) / output.sum()
    line = np.exp(-np.abs(world.position[:, None] - world.position) / RELATED)
    return (share @ line) / (nation @ line) - 1
