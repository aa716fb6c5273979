r"""What firms can make: effective efficiency, its sum per market cell, and each firm's share.

    B_i = A_i exp(delta_D) (1 - disruption) G_rk K_i^alpha_K,    G_rk = (L_rk / L_rk,2012)^gamma
    B_i <- B_i (1 + kappa_i)^-(1 - alpha_K),   kappa_i a real loss of the firm alone
    T_okD = sum_i weight_i a_i^(1 - zeta) B_i^epsilon,           a_i = A_i^xi

Rows of the paper: M1.2 (digital stage raises efficiency), R1.2d (AI in production).
"""

from __future__ import annotations

import numpy as np

from sim.config.base import Config, param
from sim.mechanisms.market_parts import Solution
from sim.state.columns import STAGES
from sim.state.technology import Technology
from sim.state.world import World

Array = np.ndarray

LEAST_EMPLOYMENT = 0.01
"""Smallest employment that counts for the externality, relative to 2012."""

READS = ("provinces.employment_2012", "provinces.employment")
WRITES = ("provinces.externality",)


class ProductionConfig(Config):
    """Production functions of firms."""

    stage_gain: tuple[float, float, float, float, float] = param(
        (0.0, 0.04, 0.08, 0.14, 0.18),
        unit="ln efficiency",
        ge=0,
        le=0.3,
        source="assumed; top stage .05-.3",
    )
    """Gain delta_D of efficiency at each digital stage."""

    compute_share: tuple[float, float, float, float, float] = param(
        (0.002, 0.005, 0.010, 0.020, 0.030),
        unit="share of variable cost",
        ge=0,
        le=0.06,
        source="assumed",
    )
    """Cost share alpha_C of compute at each digital stage of an ordinary industry."""

    quality_exponent: float = param(0.2, unit="-", ge=0, le=1, source="assumed")
    """Elasticity xi of quality to efficiency."""

    externality: float = param(
        0.05, unit="elasticity", ge=0, le=0.15, source="assumed; model specification; .03-.15"
    )
    """Elasticity gamma of efficiency to local employment in the industry, against 2012."""

    disruption: float = param(
        0.03, unit="share of efficiency", ge=0, le=0.08, source="assumed; 0-8 %"
    )
    """Loss while a new digital stage is run in."""


def effective_efficiency(
    efficiency: Array,
    stage: Array,
    disrupted: Array,
    externality: Array,
    capital: Array,
    capital_share: Array,
    cfg: ProductionConfig,
) -> Array:
    """B_i of each firm; every argument has shape (firms,)."""
    gain = np.asarray(cfg.stage_gain)[stage]
    loss = np.where(disrupted > 0, 1 - cfg.disruption, 1.0)
    return efficiency * np.exp(gain) * loss * externality * capital**capital_share


def hampered(wedge: Array, capital_share: Array) -> Array | float:
    """Factor on B_i of a real loss that raises variable cost by the share `wedge`, (firms,).

    Cost (1 + kappa) W (y / B)^(1 / (1 - alpha_K)) is cost W (y / B')^(1 / (1 - alpha_K)).
    """
    return (1 + wedge) ** (capital_share - 1) if wedge.any() else 1.0


def supply_weight(
    tech: Technology, industry: Array, efficiency: Array, effective: Array, cfg: ProductionConfig
) -> Array:
    """a_i^(1 - zeta) B_i^epsilon, what one firm adds to T of its cell, (firms,)."""
    quality = cfg.quality_exponent * (1 - tech.zeta[industry])
    return efficiency**quality * effective ** tech.epsilon[industry]


def cell(place: Array, industry: Array, stage: Array, industries: int) -> Array:
    """Flat index of the market cell (place, industry, stage) of each firm."""
    return (place.astype(np.int64) * industries + industry) * STAGES + stage


def contributions(world: World, cfg: ProductionConfig) -> Array:
    """What one firm of each agent adds to its cell; 0 for the dead, (firms,)."""
    firms, tech = world.firms, world.tech
    industry = firms["industry"]
    live = firms["alive"]
    local = world.provinces["externality"][firms["province"], industry]
    effective = effective_efficiency(
        firms["efficiency"],
        firms["stage"],
        firms["disruption"],
        local,
        firms["capital"],
        tech.capital[industry],
        cfg,
    )
    effective = effective * hampered(firms["wedge"], tech.capital[industry])
    return np.where(live, supply_weight(tech, industry, firms["efficiency"], effective, cfg), 0.0)


def cell_sums(world: World, values: Array) -> Array:
    """Sum of `values` (firms,) times weight over cells, (place, industry, stage)."""
    firms = world.firms
    shape = (world.places.n, len(world.tech.codes), STAGES)
    index = cell(firms["place"], firms["industry"], firms["stage"], shape[1])
    live = firms["alive"]
    total = np.bincount(index[live], (values * firms["weight"])[live], minlength=np.prod(shape))
    return total.reshape(shape)


def distribute(world: World, contribution: Array, cell_total: Array, solution: Solution) -> None:
    """Give each firm its share of the sales of its cell."""
    firms = world.firms
    index = cell(firms["place"], firms["industry"], firms["stage"], len(world.tech.codes))
    total = cell_total.ravel()
    per_unit = np.divide(solution.sales.ravel(), total, out=np.zeros(total.size), where=total > 0)
    firms["revenue"] = contribution * np.where(firms["alive"], per_unit[index], 0.0)
    firms["large"] = firms["revenue"] > mean_revenue(world)[firms["industry"]]


def mean_revenue(world: World) -> Array:
    """Mean revenue of the selling firms of each industry, (industry,) [100m CNY / quarter]."""
    firms, k = world.firms, len(world.tech.codes)
    people = np.where(firms["alive"] & (firms["revenue"] > 0), firms["weight"], 0.0)
    sales = np.bincount(firms["industry"], people * firms["revenue"], minlength=k)
    number = np.bincount(firms["industry"], people, minlength=k)
    return np.divide(sales, number, out=np.full(k, np.inf), where=number > 0)


def price_of(world: World, contribution: Array, cell_total: Array, solution: Solution) -> Array:
    """Quality-adjusted price of each selling firm, nan for the others, (firms,).

    It follows from the firm's part s_i of supply, p_i = s_i^(1 / (1 - sigma)).
    """
    firms, tech = world.firms, world.tech
    industry = firms["industry"]
    index = cell(firms["place"], industry, firms["stage"], len(tech.codes))
    total = cell_total.ravel()[index]
    selling = firms["alive"] & (contribution > 0) & (total > 0)
    part = solution.supply.ravel()[index] * contribution / np.where(selling, total, 1.0)
    return np.where(
        selling, np.where(selling, part, 1.0) ** (1 / (1 - tech.sigma[industry])), np.nan
    )


def deflate(world: World, price: Array) -> None:
    """Chain each province's output price by the firms that sold in both quarters.

    d ln P_r = mean of d ln p_i over matched firms, weighted by their value
    added of this quarter. Firms that enter or leave do not move the index.
    """
    firms, tech = world.firms, world.tech
    before = firms["price"]
    matched = np.isfinite(price) & np.isfinite(before)
    industry = firms["industry"]
    materials = (tech.materials / tech.markup)[industry]
    margin = 1 - materials * world.kept(firms["place"], industry)
    weight = np.where(matched, firms["revenue"] * firms["weight"] * margin, 0.0)
    change = np.log(np.where(matched, price, 1.0) / np.where(matched, before, 1.0))
    n = world.provinces.n
    total = np.bincount(firms["province"], weight, minlength=n)
    rise = np.bincount(firms["province"], weight * change, minlength=n)
    world.provinces["deflator"] *= np.exp(np.divide(rise, total, out=np.zeros(n), where=total > 0))
    firms["price"] = price


def update_externality(world: World, cfg: ProductionConfig) -> None:
    """Local externality of the next quarter from employment in this one.

    An industry that left a province keeps the externality of 1 % of its employment of 2012, so
    that it can start again.
    """
    provinces = world.provinces
    ratio = provinces["employment"] / provinces["employment_2012"]
    provinces["externality"] = local_externality(ratio, cfg.externality)


def local_externality(ratio: Array, elasticity: float) -> Array:
    """G at employment over that of the reference; bounded below, see `update_externality`."""
    return np.maximum(ratio, LEAST_EMPLOYMENT) ** elasticity
