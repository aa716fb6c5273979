r"""Inversion of the market: supply and shifters abroad that make the data an equilibrium.

Given sales X, spending E and trade freeness phi, find S with X_rk = S_rk MA_rk, where
MA_rk = sum_d phi_rd E_dk / Pi_dk + exports and Pi_dk = sum_r phi_rd S_rk + imports, and shifters
abroad such that exports and imports of each industry are those of the data. Damped fixed point.
Source: Redding and Rossi-Hansberg (2017), Annu. Rev. Econ. 9.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.mechanisms.anderson import Anderson

Array = np.ndarray

TOLERANCE = 1e-13
"""Largest log change of supply and of shifters abroad at which the iteration stops."""
LIMIT = 20000
DAMPING = 0.7
MEMORY = 6
"""Iterations."""
PATIENCE = 1000
"""Iterations after which plain steps take over from accelerated ones, and in turn."""


@dataclass(frozen=True)
class Inverted:
    """Market in which the data are an equilibrium."""

    supply: Array
    """(province, industry) supply S."""
    market_access: Array
    """(province, industry) market access MA."""
    price_to_sigma: Array
    """(destination, industry) price index to the power 1 - sigma, Pi."""
    world_demand: Array
    """(industry, bloc) demand of the rest of the world."""
    world_supply: Array
    """(industry,) supply of the rest of the world."""


def invert(
    sales: Array,
    spending: Array,
    exports: Array,
    imports: Array,
    home: Array,
    gateway: Array,
    blocs: Array,
    start: Inverted | None = None,
) -> Inverted:
    """Supply and shifters at which markets clear.

    sales, spending  (province, industry);  exports, imports  (industry,) totals
    home (industry, origin, destination), gateway (industry, province, bloc) trade freeness
    blocs  (bloc,) shares of exports
    Imports enter by the last bloc's gateways; the spending-weighted mean of ln Pi is zero.
    raises RuntimeError : the iteration does not close
    """
    supply = np.ones_like(sales) if start is None else start.supply
    abroad = np.full(sales.shape[1], 0.1) if start is None else start.world_supply
    open_ = imports > 0
    abroad = np.where(open_, abroad, 0.0)
    point = np.concatenate([np.log(supply).ravel(), np.log(abroad[open_])])
    steps = Anderson(point.size, MEMORY)
    for done in range(1, LIMIT + 1):
        supply = np.exp(point[: sales.size]).reshape(sales.shape)
        abroad[open_] = np.exp(point[sales.size :])
        off = _residual(supply, abroad, sales, spending, exports, imports, home, gateway, blocs)
        gap = float(np.abs(off).max())
        if gap < TOLERANCE:
            return _normalised(supply, abroad, spending, exports, home, gateway, blocs)
        damped = np.where(np.arange(off.size) < sales.size, DAMPING, 0.5) * off
        point = steps.step(point, damped, gap)
        if done % PATIENCE == 0:  # where hardly anything is traded, acceleration can go astray
            steps = Anderson(point.size, 0 if done // PATIENCE % 2 else MEMORY)
    raise RuntimeError(f"inversion of trade did not close: gap {gap:.1e}")


def _residual(
    supply: Array,
    abroad: Array,
    sales: Array,
    spending: Array,
    exports: Array,
    imports: Array,
    home: Array,
    gateway: Array,
    blocs: Array,
) -> Array:
    """Log gaps of supply (up to its level by industry) and of imports where there are any."""
    entry = gateway[:, :, -1].T
    pi = _price_sums(supply, abroad, home, entry)
    access, _ = _access(supply, spending / pi, exports, home, gateway, blocs)
    new = np.log(sales / access)
    level = (new * sales).sum(axis=0) / sales.sum(axis=0)
    bought = (entry * abroad * spending / pi).sum(axis=0)
    open_ = imports > 0
    goods = new - level - np.log(supply)
    return np.concatenate([goods.ravel(), np.log(imports[open_] / bought[open_])])


def _price_sums(supply: Array, abroad: Array, home: Array, entry: Array) -> Array:
    """Pi_dk at given supply (province, industry) and supply abroad (industry,)."""
    sums = np.matmul(home.transpose(0, 2, 1), supply.T[:, :, None])[:, :, 0].T
    return sums + entry * abroad


def _access(
    supply: Array, ratio: Array, exports: Array, home: Array, gateway: Array, blocs: Array
) -> tuple[Array, Array]:
    """Market access and demand abroad for exports to come true."""
    sold = np.matmul(supply.T[:, None, :], gateway)[:, 0, :]
    demand = exports[:, None] * blocs / sold
    at_home = np.matmul(home, ratio.T[:, :, None])[:, :, 0].T
    return at_home + np.matmul(gateway, demand[:, :, None])[:, :, 0].T, demand


def _normalised(
    supply: Array,
    abroad: Array,
    spending: Array,
    exports: Array,
    home: Array,
    gateway: Array,
    blocs: Array,
) -> Inverted:
    """The same market in units in which the spending-weighted mean of ln Pi is zero."""
    entry = gateway[:, :, -1].T
    pi = _price_sums(supply, abroad, home, entry)
    weight = spending / spending.sum(axis=0)
    level = np.exp((weight * np.log(pi)).sum(axis=0))
    supply, abroad, pi = supply / level, abroad / level, pi / level
    access, demand = _access(supply, spending / pi, exports, home, gateway, blocs)
    return Inverted(supply, access, pi, demand, abroad)
