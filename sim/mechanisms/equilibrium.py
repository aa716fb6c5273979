r"""Spatial market of a quarter: wages, prices and trade that clear all markets at once.

Monopolistic competition on places o, destinations d, industries k, digital stages D (Dixit and
Stiglitz 1977; Redding and Rossi-Hansberg 2017). A firm's capital is fixed within the quarter, so
its supply has decreasing returns and firms enter only through T_okD:

    S_ok  = MA_ok^(-zeta) sum_D [m W_okD / (1 - alpha_K)]^(-epsilon (1 - alpha_K)) T_okD
    Pi_dk = sum_o phi_od S_ok + phiM_dk S^W_k,    MA_ok = sum_d phi_od E_dk / Pi_dk + exports
    X_ok  = S_ok MA_ok,    w_rs L_rs = payments to labour type s in province r

Solved for (w, X) by a damped fixed point, warm-started from the last quarter.

Rows of the paper: M2.2 (zone, host and neighbours in one market).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.state.technology import Technology

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
class Demand:
    """Spending that the market takes as given, and how households spend.

    autonomous   (province, industry) investment, government, orders [100m CNY / quarter]
    consumption  (industry,) shares of household consumption
    propensity   marginal propensity to consume out of wages after tax
    other        (province,) consumption out of other income and deposits [100m CNY / quarter]
    rd_wages     (province, labour type) wages paid for R&D [100m CNY / quarter]
    """

    autonomous: Array
    consumption: Array
    propensity: float
    other: Array
    rd_wages: Array


@dataclass(frozen=True)
class Reference:
    """Input prices at which a change of digital stage is costed: national means of 2012.

    wage (labour type,), materials (industry,), compute scalar
    """

    wage: Array
    materials: Array
    compute: float


@dataclass
class Solution:
    """A solved quarter; arrays may be reused as the start of the next.

    wage (province, labour type), sales and supply (place, industry, stage),
    market_access (place, industry), price_to_sigma (province, industry) Pi,
    spending (province, industry), wage_bill (province, labour type), gap_sales (place, industry)
    and gap: relative change in the last iteration
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


def unit_cost(
    tech: Technology, wage: Array, materials: Array, compute: Array, reference: Reference
) -> Array:
    """Log of W_okD, the index of variable cost, by place.

    wage       (place, labour type), materials and compute (place, industry) input prices
    returns    (place, industry, stage)
    Stage shifts labour into compute at 2012 relative prices, so the change does not depend on
    the units of inputs.
    """
    variable = (1 - tech.capital)[:, None]
    labour = np.log(wage / reference.wage) @ tech.skill.T
    goods = np.log(materials / reference.materials)
    power = np.log(compute / reference.compute)
    moving = (tech.labour / variable) * labour[:, :, None]
    moving += (tech.compute / variable) * power[:, :, None]
    moving += ((tech.materials / (1 - tech.capital)) * goods)[:, :, None]
    return moving + base_cost(tech, reference)[:, None]


def base_cost(tech: Technology, reference: Reference) -> Array:
    """Log of the unit cost at 2012 prices and stage 0, shape (industry,)."""
    shares = [tech.labour[:, 0] * tech.skill[:, s] for s in range(tech.skill.shape[1])]
    prices = list(reference.wage)
    shares += [tech.materials, tech.compute[:, 0]]
    prices += [reference.materials, reference.compute]
    total = np.zeros(len(tech.codes))
    for alpha, price in zip(shares, prices, strict=True):
        share = alpha / (1 - tech.capital)
        safe = np.where(share > 0, share, 1.0)
        total += np.where(share > 0, share * (np.log(price) - np.log(safe)), 0.0)
    return total


def price_sums(trade: Trade, supply: Array) -> Array:
    """Pi_dk, price index to the power 1 - sigma.

    supply  (origin province, industry) sum of S over the places of a province
    returns (destination, industry)
    """
    home = np.matmul(trade.home.transpose(0, 2, 1), supply.T[:, :, None])[:, :, 0].T
    return home + trade.imports * trade.world_supply


def market_access(trade: Trade, spending: Array, price_to_sigma: Array, host: Array) -> Array:
    """MA_ok of every place, (place, industry) [100m CNY / quarter per unit of supply]."""
    ratio = spending / price_to_sigma
    home = np.matmul(trade.home, ratio.T[:, :, None])[:, :, 0].T
    return home[host] + trade.exports


def input_price(tech: Technology, price_to_sigma: Array) -> Array:
    """Price of each industry's bundle of intermediates, (province, industry)."""
    log_price = np.log(price_to_sigma) / (1 - tech.sigma)
    return np.exp(log_price @ tech.inputs)


def by_province(values: Array, host: Array, provinces: int) -> Array:
    """Sum rows of places into their host provinces."""
    out = np.zeros((provinces, *values.shape[1:]))
    np.add.at(out, host, values)
    return out


def payments(tech: Technology, sales: Array) -> tuple[Array, Array, Array]:
    """What firms pay out of sales to labour, for materials and for compute.

    sales    (place, industry, stage)
    returns  labour (place, industry), materials (place, industry), compute (place, industry)
    """
    labour = (sales * (tech.labour / tech.markup[:, None])).sum(axis=2)
    compute = (sales * (tech.compute / tech.markup[:, None])).sum(axis=2)
    materials = sales.sum(axis=2) * tech.materials / tech.markup
    return labour, materials, compute


class Market:
    """The market of one quarter, ready to be solved."""

    def __init__(
        self,
        tech: Technology,
        trade: Trade,
        demand: Demand,
        reference: Reference,
        efficiency: Array,
        labour: Array,
        host: Array,
    ) -> None:
        """Collect what is fixed within the quarter.

        efficiency  T_okD, (place, industry, stage)
        labour      efficiency units at work, (province, labour type) > 0
        host        (place,) row of the host province
        """
        self.tech, self.trade, self.demand, self.reference = tech, trade, demand, reference
        self.efficiency, self.labour, self.host = efficiency, labour, host
        self.provinces = labour.shape[0]
        power = tech.epsilon * (1 - tech.capital)
        fixed = np.log(tech.markup / (1 - tech.capital)) + base_cost(tech, reference)
        self._scaled = efficiency * np.exp(-power * fixed)[:, None]
        self._labour = (tech.epsilon[:, None] * tech.labour)[None]
        self._compute = (tech.epsilon[:, None] * tech.compute)[None]
        self._materials = tech.epsilon * tech.materials

    def supply(self, wage: Array, goods: Array, compute: Array, access: Array) -> Array:
        """S_okD at given input prices and market access, (place, industry, stage)."""
        labour = np.log(wage / self.reference.wage) @ self.tech.skill.T
        bundle = self._materials * np.log(goods / self.reference.materials)
        power = np.log(compute / self.reference.compute)
        cost = self._labour * labour[:, :, None] + self._compute * power[:, :, None]
        cost += bundle[:, :, None]
        crowding = access**-self.tech.zeta
        return self._scaled * np.exp(-cost)[self.host] * crowding[:, :, None]

    def spending(self, wage_bill: Array, materials: Array) -> Array:
        """E_dk: households, intermediates and all autonomous spending, (province, industry)."""
        consumption = self.demand.propensity * wage_bill.sum(axis=1) + self.demand.other
        return (
            consumption[:, None] * self.demand.consumption
            + self.demand.autonomous
            + materials @ self.tech.inputs.T
        )

    def bills(self, sales: Array) -> tuple[Array, Array, Array]:
        """Wage bill (province, labour type), materials and compute spending (province, industry)."""
        labour, materials, compute = (
            by_province(part, self.host, self.provinces) for part in payments(self.tech, sales)
        )
        return labour @ self.tech.skill + self.demand.rd_wages, materials, compute

    def iterate(
        self,
        start: Solution,
        compute_price: Array,
        hub_spending: Array,
        damping: float,
        tolerance: float,
        limit: int,
    ) -> Solution:
        """Damped fixed point for (w, X) at given compute prices, at most `limit` iterations.

        compute_price  (province, industry); hub_spending (province, industry) of the compute hubs
        returns  the last iterate; its `gap` tells whether it is a solution
        """
        wage, sales, pi = start.wage, start.sales, start.price_to_sigma
        access = start.market_access
        for count in range(1, limit + 1):
            bill, materials, _ = self.bills(sales)
            spending = self.spending(bill, materials) + hub_spending
            goods = input_price(self.tech, pi)
            supply = self.supply(wage, goods, compute_price, access)
            pi = price_sums(self.trade, by_province(supply.sum(axis=2), self.host, self.provinces))
            access = market_access(self.trade, spending, pi, self.host)
            new = supply * access[:, :, None]
            gap_wage = np.log(self.bills(new)[0] / self.labour / wage)
            gap_sales = np.abs(new - sales).sum(axis=2) / (new.sum(axis=2) + 1e-300)
            wage = wage * np.exp(damping * gap_wage)
            sales = new
            gap = max(np.abs(gap_wage).max(), gap_sales.max())
            if gap < tolerance:
                break
        return Solution(
            wage,
            sales,
            supply,
            access,
            pi,
            spending,
            bill,
            gap_sales,
            gap,
            start.iterations + count,
        )

    def worst(self, solution: Solution) -> str:
        """Where the sales of the last iterate still change most."""
        place, industry = np.unravel_index(solution.gap_sales.argmax(), solution.gap_sales.shape)
        return (
            f"province row {self.host[place]}, industry {self.tech.codes[industry]} "
            f"(sales still change by {solution.gap_sales.max():.1e})"
        )
