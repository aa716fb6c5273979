r"""Spatial market of a quarter: wages, prices and trade that clear all markets at once.

Monopolistic competition on places o, destinations d, industries k, digital stages D (Dixit and
Stiglitz 1977; Redding and Rossi-Hansberg 2017). A firm's capital is fixed within the quarter, so
its supply has decreasing returns and firms enter only through T_okD:

    S_ok  = MA_ok^(-zeta) sum_D [m (1 + kappa_ok) W_okD / (1 - alpha_K)]^(-epsilon (1 - alpha_K))
            T_okD
    Pi_dk = sum_o phi_od S_ok + phiM_dk S^W_k,    MA_ok = sum_d phi_od E_dk / Pi_dk + exports
    X_ok  = S_ok MA_ok,    w_rs L_rs = payments to labour type s in province r

Rules raise variable cost to W (1 + kappa), 1 + kappa = (1 + kappa_res)(1 + kappa_tax). With
marginal cost p / m a firm's variable cost is C = (1 - alpha_K) X / m, charges included, whatever
kappa. The charge is kappa_tax on every input, lost ones too: sellers of input j get alpha_j X / (m
(1 + kappa_tax)), the payee (1 - alpha_K) X / m kappa_tax / (1 + kappa_tax), together C. kappa_res
takes nothing out of C: it shows in how little is made of the inputs. The surplus, X - C, and the
value of capital, alpha_K X / m, are those without wedges.

Solved by a damped fixed point for wages, price sums and spending, accelerated (Anderson 1965) and
warm-started from the last quarter.

Rows of the paper: M2.2 (zone, host and neighbours in one market).
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from sim.mechanisms.equilibrium_arrays import Given, Supply
from sim.mechanisms.equilibrium_kernel import fill_supply
from sim.mechanisms.market_parts import Demand, Reference, Solution, Trade, Wedges, no_wedges
from sim.state.technology import Technology

Array = np.ndarray


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


def by_province(values: Array, host: Array, provinces: int) -> Array:
    """Sum rows of places into their host provinces."""
    width = int(np.prod(values.shape[1:]))
    index = (np.asarray(host)[:, None] * width + np.arange(width)).ravel()
    total = np.bincount(index, values.ravel(), minlength=provinces * width)
    return total.reshape(provinces, *values.shape[1:])


def payments(tech: Technology, sales: Array) -> tuple[Array, Array, Array]:
    """What firms pay out of sales to labour, for materials and for compute, charges included.

    sales    (place, industry, stage)
    returns  labour (place, industry), materials (place, industry), compute (place, industry)
    """
    labour = np.einsum("okd,kd->ok", sales, tech.labour / tech.markup[:, None])
    compute = np.einsum("okd,kd->ok", sales, tech.compute / tech.markup[:, None])
    return labour, sales.sum(axis=2) * tech.materials / tech.markup, compute


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
        wedges: Wedges | None = None,
    ) -> None:
        """Collect what is fixed within the quarter.

        efficiency  T_okD, (place, industry, stage)
        labour      efficiency units at work, (province, labour type) > 0
        host        (place,) row of the host province
        wedges      what rules add to variable cost; None as in 2012
        """
        self.tech, self.trade, self.demand, self.reference = tech, trade, demand, reference
        self.efficiency, self.labour, self.host = efficiency, labour, host
        self.provinces = labour.shape[0]
        self.wedges = no_wedges(*efficiency.shape[:2]) if wedges is None else wedges
        power = tech.epsilon * (1 - tech.capital)
        fixed = np.log(tech.markup / (1 - tech.capital)) + base_cost(tech, reference)
        with np.errstate(divide="ignore"):  # -inf: a cell without firms
            log_efficiency = np.log(efficiency)
        self.cells = Supply(
            host=np.asarray(host, dtype=np.int64),
            log_shift=log_efficiency
            - (power * fixed)[:, None]
            - (power * self.wedges.log_cost)[:, :, None],
            by_labour=tech.epsilon[:, None] * tech.labour,
            by_compute=tech.epsilon[:, None] * tech.compute,
            by_materials=tech.epsilon * tech.materials,
            zeta=tech.zeta,
        )

    def supply(self, wage: Array, goods: Array, compute: Array, access: Array) -> Array:
        """S_okD at given input prices and market access, (place, industry, stage)."""
        out = np.empty(self.efficiency.shape)
        labour = self.tech.skill @ np.log(wage / self.reference.wage).T
        materials = np.log(goods / self.reference.materials).T.copy()
        power = np.log(compute / self.reference.compute).T.copy()
        fill_supply(self.cells, labour, materials, power, access, out)
        return out

    def bills(self, sales: Array) -> tuple[Array, Array, Array]:
        """Wage bill (province, labour type), spending on materials and compute (province, k)."""
        labour, materials, compute = (
            by_province(part * self.wedges.kept, self.host, self.provinces)
            for part in payments(self.tech, sales)
        )
        return labour @ self.tech.skill + self.demand.rd_wages, materials, compute

    def given(self, compute_price: Array, hub_spending: Array) -> Given:
        """What an iteration takes as given; compute_price, hub_spending (province, industry)."""
        fixed = self._settled.fixed + hub_spending.T
        return self._settled._replace(
            fixed=fixed,
            bought=self._settled.bought | (fixed > 0),
            log_compute=np.log(compute_price.T / self.reference.compute).copy(),
        )

    @cached_property
    def _settled(self) -> Given:
        """What is given, without the compute market."""
        tech, trade, demand = self.tech, self.trade, self.demand
        consumed = demand.propensity * demand.consumption
        fixed = demand.other[:, None] * demand.consumption + demand.autonomous
        closure, n = demand.closure, self.provinces
        at_once = closure.profit_to is not None
        makes = by_province(self.efficiency.sum(axis=2), self.host, self.provinces) > 0
        needed = (makes * tech.materials) @ tech.inputs.T > 0
        return Given(
            price_power=1 / (1 - tech.sigma),
            skill=tech.skill,
            inputs=tech.inputs,
            labour_paid=tech.labour / tech.markup[:, None],
            materials_paid=tech.materials / tech.markup,
            kept=self.wedges.kept,
            log_wage=np.log(self.reference.wage),
            log_materials=np.log(self.reference.materials),
            home=np.ascontiguousarray(trade.home),
            home_to=trade.home.transpose(0, 2, 1).copy(),
            imports=(trade.imports * trade.world_supply).T.copy(),
            exports=np.ascontiguousarray(trade.exports),
            labour=self.labour,
            rd_wages=demand.rd_wages,
            consumed=consumed,
            fixed=fixed.T.copy(),
            bought=((consumed > 0) | needed).T.copy(),
            log_compute=np.zeros(fixed.T.shape),
            fixed_wage=np.zeros(self.labour.shape[1], dtype=np.bool_)
            if closure.fixed_wage is None
            else np.asarray(closure.fixed_wage, dtype=np.bool_),
            surplus=tech.gross_surplus * at_once,
            profit_to=np.zeros((n, n)) if closure.profit_to is None else closure.profit_to * 1.0,
            nominal=float(closure.nominal),
        )

    def worst(self, solution: Solution) -> str:
        """Where the last iterate still changes most."""
        place, industry = np.unravel_index(solution.gap_sales.argmax(), solution.gap_sales.shape)
        return (
            f"province row {self.host[place]}, industry {self.tech.codes[industry]} "
            f"(still changes by {solution.gap_sales.max():.1e})"
        )
