"""Opening of history: what the inverted market leaves to the first quarter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.mechanisms import compute, production
from sim.mechanisms.equilibrium import payments
from sim.mechanisms.market import hub_prices
from sim.mechanisms.market_parts import Solution
from sim.start.efficiencies import fit_efficiency
from sim.start.final_demand import FinalDemand
from sim.start.trade_inversion import Inverted
from sim.state.world import World

if TYPE_CHECKING:
    from sim.model.config import RegionConfig

Array = np.ndarray


@dataclass
class Start:
    """What the first quarter starts from: its market solution and the centre's last receipts."""

    solution: Solution
    """Market of the first quarter, as the data have it."""
    central_receipts: float
    """Receipts of the centre [100m CNY / quarter]."""


def opening(world: World, cfg: RegionConfig, found: Inverted, final: FinalDemand) -> Start:
    """Standing transfers, capacity, efficiencies, and the solution to start from."""
    provinces, incomes = world.provinces, final.incomes
    provinces["government"] = incomes.government
    provinces["receipts"] = incomes.government
    provinces["transfer_share"] = incomes.transfers / incomes.central_receipts
    provinces["household_income"] = incomes.household_income
    world.baseline.wage = np.average(provinces["wage"], axis=0, weights=provinces["labour"])
    price = provinces["price_to_sigma"] ** (1 / (1 - world.tech.sigma))
    goods = np.exp(np.log(price) @ world.tech.inputs)
    world.baseline.materials = np.average(goods, axis=0, weights=final.spending.sum(axis=1))
    sales = production.cell_sums(world, world.firms["revenue"])
    build_hubs(world, cfg, payments(world.tech, sales)[2][: provinces.n])
    fit_efficiency(world, cfg, found.market_access)
    return Start(_solution(world, found, final, sales), incomes.central_receipts)


def build_hubs(world: World, cfg: RegionConfig, spending: Array) -> None:
    """Capacity of the hubs at the usual utilisation, and the price of compute.

    spending  (province, industry) on compute [100m CNY / quarter]
    """
    provinces = world.provinces
    cost = compute.unit_cost(world, cfg.compute, *hub_prices(world))
    provinces["compute_capacity"] = spending.sum(axis=1) / (cfg.compute.utilisation * cost)
    provinces["compute_limit"] = provinces["compute_capacity"]
    world.baseline.capacity = provinces["compute_capacity"].copy()
    provinces["compute_price"] = compute.clear_market(world, cfg.compute, cost, spending).price


def _solution(world: World, found: Inverted, final: FinalDemand, sales: Array) -> Solution:
    """Market of the data; output, value added and employment are written into the world."""
    provinces, host = world.provinces, world.host
    output = sales[: provinces.n].sum(axis=2)
    provinces["output"] = output
    labour, materials, hubs = (part[: provinces.n] for part in payments(world.tech, sales))
    provinces["value_added"] = output - materials - hubs
    provinces["employment"] = labour / (provinces["wage"] @ world.tech.skill.T)
    provinces["employment_2012"] = provinces["employment"]
    access = found.market_access[host]
    world.places["market_access"] = access
    return Solution(
        provinces["wage"].copy(),
        sales,
        np.divide(sales, access[:, :, None]),
        access,
        found.price_to_sigma,
        final.spending,
        provinces["wage_bill"].copy(),
        np.zeros(sales.shape[:2]),
    )
