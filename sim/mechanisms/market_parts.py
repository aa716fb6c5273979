"""Parts of the quarterly market: trade, demand, how it is closed, and what a solution holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Array = np.ndarray


class MarketError(RuntimeError):
    """The market of a quarter did not clear; the message names where it is worst."""


@dataclass(frozen=True)
class Trade:
    """Trade freeness of this quarter.

    home     (industry, origin province, destination) phi = tau^(1 - sigma)
    imports  (destination, industry) phi of goods from the rest of the world
    exports  (place, industry) phi of exports times the demand shifter of the rest of the world,
             summed over its blocs [100m CNY / quarter per unit of supply]
    world_supply  (industry,) S^W of the rest of the world
    """

    home: Array
    imports: Array
    exports: Array
    world_supply: Array


@dataclass(frozen=True)
class Closure:
    """How the market is closed; by default as in the model, where the rest of the world anchors it.

    fixed_wage  (labour type,) bool: wages held at those of the reference, because a numeraire good
                made of that labour alone, and traded freely, takes whatever labour is left
    profit_to   (province, province) share of the profit made in a column that is spent as income
                in a row within the quarter; None: profit is paid out later
    nominal     total spending the market is held to [100m CNY / quarter]; 0: not held
    """

    fixed_wage: Array | None = None
    profit_to: Array | None = None
    nominal: float = 0.0


@dataclass(frozen=True)
class Demand:
    """Spending that the market takes as given, and how households spend.

    autonomous   (province, industry) investment, government, orders [100m CNY / quarter]
    consumption  (industry,) shares of household consumption
    propensity   marginal propensity to consume out of wages after tax
    other        (province,) consumption out of other income and deposits [100m CNY / quarter]
    rd_wages     (province, labour type) wages paid for R&D [100m CNY / quarter]
    closure      wages, profit or spending that theory pins down otherwise
    """

    autonomous: Array
    consumption: Array
    propensity: float
    other: Array
    rd_wages: Array
    closure: Closure = Closure()


@dataclass(frozen=True)
class Reference:
    """Input prices at which a change of digital stage is costed: national means of 2012.

    wage (labour type,), materials (industry,), compute scalar
    """

    wage: Array
    materials: Array
    compute: float


@dataclass(frozen=True)
class Wedges:
    """What rules add to variable cost, (place, industry) each; 0 as in 2012.

    loss  kappa_res > -1, a real loss without payee
    tax   kappa_tax > -1, charged on every input and paid to a government
    """

    loss: Array
    tax: Array

    @property
    def log_cost(self) -> Array:
        """Log of the factor on variable cost, (place, industry)."""
        return np.log1p(self.loss) + np.log1p(self.tax)

    @property
    def kept(self) -> Array:
        """Share of variable cost that sellers of inputs get, (place, industry)."""
        return 1 / (1 + self.tax)


def no_wedges(places: int, industries: int) -> Wedges:
    """Rules of 2012."""
    return Wedges(np.zeros((places, industries)), np.zeros((places, industries)))


@dataclass
class Solution:
    """A solved quarter; arrays may be reused as the start of the next.

    wage (province, labour type), sales and supply (place, industry, stage),
    market_access (place, industry), price_to_sigma (province, industry) Pi,
    spending (province, industry), wage_bill (province, labour type), gap_sales (place, industry):
    last relative change of sales, prices and spending there; gap: the largest, wages included
    """

    wage: Array
    sales: Array
    supply: Array
    market_access: Array
    price_to_sigma: Array
    spending: Array
    wage_bill: Array
    gap_sales: Array
    gap: float = np.inf
    iterations: int = 0
