"""Efficiencies of 2012: firm i gets the A_i with which it sells what the data say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.mechanisms import production
from sim.mechanisms.equilibrium import Market
from sim.mechanisms.market import reference
from sim.mechanisms.market_parts import Demand, Trade
from sim.state.columns import STAGES
from sim.state.world import World

if TYPE_CHECKING:
    from sim.model.config import RegionConfig

Array = np.ndarray


def fit_efficiency(world: World, cfg: RegionConfig, access: Array) -> None:
    """A_i such that each firm sells its revenue at the prices of the first quarter.

    Revenue = A^(xi (1 - zeta) + epsilon) (e^delta G K^alpha)^epsilon x sales of a unit of T.

    access  (province, industry) market access
    """
    table, tech = world.firms, world.tech
    industry = table["industry"]
    sales = sales_of_unit(world, access)[table["province"], industry, table["stage"]]
    others = production.effective_efficiency(
        np.ones(table.n),
        table["stage"],
        table["disruption"],
        np.ones(table.n),
        table["capital"],
        tech.capital[industry],
        cfg.production,
    )
    target = table["revenue"] / sales / others ** tech.epsilon[industry]
    power = cfg.production.quality_exponent * (1 - tech.zeta[industry]) + tech.epsilon[industry]
    table["efficiency"] = target ** (1 / power)


def sales_of_unit(world: World, access: Array) -> Array:
    """Sales of a unit of T at the prices of the first quarter, (province, industry, stage)."""
    provinces, tech = world.provinces, world.tech
    n, k = provinces.n, len(tech.codes)
    # of a market, only its supply at given prices and market access is asked for
    market = Market(
        tech,
        Trade(np.ones((k, n, n)), np.zeros((n, k)), np.zeros((n, k)), np.zeros(k)),
        Demand(np.zeros(1), np.zeros(1), 0.0, np.zeros(1), np.zeros(1)),
        reference(world),
        np.ones((n, k, STAGES)),
        provinces["labour"],
        np.arange(n),
    )
    goods = np.exp(np.log(provinces["price"]) @ tech.inputs)
    supply = market.supply(provinces["wage"], goods, provinces["compute_price"], access)
    return supply * access[:, :, None]
