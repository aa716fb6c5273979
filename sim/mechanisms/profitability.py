"""What firms earn by place and industry, which guides entry and is measured against 2012."""

from __future__ import annotations

import numpy as np

from sim.state.world import World

Array = np.ndarray

RELATED = 0.2
"""Distance on the technology line over which industries count as related; assumed."""


def profit_per_firm(world: World) -> Array:
    """Gross surplus of a firm by province and industry [100m CNY / quarter]; nan without firms."""
    firms, n, k = world.firms, world.provinces.n, len(world.tech.codes)
    live = np.where(firms["alive"] & (firms["revenue"] > 0), firms["weight"], 0.0)
    index = firms["province"].astype(np.int64) * k + firms["industry"]
    number = np.bincount(index, live, minlength=n * k)
    surplus = np.bincount(index, live * firms["revenue"], minlength=n * k)
    surplus *= np.tile(world.tech.gross_surplus, n)
    return np.divide(surplus, number, out=np.full(n * k, np.nan), where=number > 0).reshape(n, k)


def return_on_capital(world: World) -> Array:
    """Gross surplus over the value of capital by industry, (industry,) [1 / quarter]."""
    firms = world.firms
    live = np.where(firms["alive"], firms["weight"], 0.0)
    price = world.provinces["investment_price"][firms["province"]]
    k = len(world.tech.codes)
    stock = np.bincount(firms["industry"], live * price * firms["capital"], minlength=k)
    sales = np.bincount(firms["industry"], live * firms["revenue"], minlength=k)
    return world.tech.gross_surplus * sales / stock


def profitability(world: World) -> Array:
    """Profit of a firm relative to 2012, (province, industry); the nation's if none is left."""
    ratio = profit_per_firm(world) / world.baseline.profit_per_firm
    return np.where(np.isnan(ratio), np.nanmean(ratio, axis=0), ratio)


def relatedness_density(world: World) -> Array:
    """Share of output in related industries against the nation, (province, industry)."""
    output = world.provinces["output"]
    share = output / output.sum(axis=1, keepdims=True)
    nation = output.sum(axis=0) / output.sum()
    line = np.exp(-np.abs(world.position[:, None] - world.position) / RELATED)
    return (share @ line) / (nation @ line) - 1
