r"""Inversion of the market: supply and shifters abroad that make the data an equilibrium.

Given sales X, spending E and trade freeness phi, find S with X_rk = S_rk MA_rk, where
MA_rk = sum_d phi_rd E_dk / Pi_dk + exports and Pi_dk = sum_r phi_rd S_rk + imports, and shifters
abroad such that exports and imports of each industry are those of the data. Damped fixed point.
Source: Redding and Rossi-Hansberg (2017), Annu. Rev. Econ. 9.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Array = np.ndarray

TOLERANCE = 1e-13
"""Largest log change of supply and of shifters abroad at which the iteration stops."""
LIMIT = 20000
"""Iterations."""


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
    entry = gateway[:, :, -1].T
    supply = np.ones_like(sales) if start is None else start.supply
    abroad = np.full(sales.shape[1], 0.1) if start is None else start.world_supply
    for _ in range(LIMIT):
        pi = np.einsum("kod,ok->dk", home, supply) + entry * abroad
        access, _ = _access(supply, spending / pi, exports, home, gateway, blocs)
        new = sales / access
        bought = (entry * abroad * spending / pi).sum(axis=0)
        step = np.divide(imports, bought, out=np.zeros_like(imports), where=bought > 0) ** 0.5
        level = np.exp((np.log(new) * sales).sum(axis=0) / sales.sum(axis=0))
        gap = max(
            np.abs(np.log(new / level / supply)).max(),
            np.abs(np.log(step[imports > 0])).max(initial=0),
        )
        supply = supply * (new / level / supply) ** 0.7
        abroad = abroad * step
        if gap < TOLERANCE:
            break
    else:
        raise RuntimeError(f"inversion of trade did not close: gap {gap:.1e}")
    return _normalised(supply, abroad, spending, exports, home, gateway, blocs)


def _access(
    supply: Array, ratio: Array, exports: Array, home: Array, gateway: Array, blocs: Array
) -> tuple[Array, Array]:
    """Market access and demand abroad for exports to come true."""
    sold = np.einsum("rk,krb->kb", supply, gateway)
    demand = exports[:, None] * blocs / sold
    return np.einsum("kod,dk->ok", home, ratio) + np.einsum("krb,kb->rk", gateway, demand), demand


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
    pi = np.einsum("kod,ok->dk", home, supply) + entry * abroad
    weight = spending / spending.sum(axis=0)
    level = np.exp((weight * np.log(pi)).sum(axis=0))
    supply, abroad, pi = supply / level, abroad / level, pi / level
    access, demand = _access(supply, spending / pi, exports, home, gateway, blocs)
    return Inverted(supply, access, pi, demand, abroad)
