r"""The market of a quarter on the world: collect demand and supply, solve, write prices and sales.

    E_dk = mu_k C_d + iota_k I_d + g_k Gov_d + sum_k' io_kk' intermediates_k'd + orders_dk
    C_d  = c_y disposable income + c_w deposits

with this quarter's wages and last quarter's dividends. Investment, purchases of governments and
orders were decided before; nothing is bought without a seller.

Rows of the paper: M2.2 (zone, host and neighbours in one market).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.config.base import Config, param
from sim.mechanisms import compute, market_columns, production
from sim.mechanisms.anderson import Anderson
from sim.mechanisms.compute import Cleared, ComputeConfig
from sim.mechanisms.compute_hubs import HubAccounts, Hubs
from sim.mechanisms.equilibrium import Market, by_province, payments
from sim.mechanisms.equilibrium_iteration import Iteration
from sim.mechanisms.market_parts import Demand, MarketError, Reference, Solution, Trade, Wedges
from sim.mechanisms.production import ProductionConfig
from sim.mechanisms.settlement import RD_WAGES
from sim.state.world import World

Array = np.ndarray

READS = market_columns.READS
WRITES = market_columns.WRITES

BLOCK = 20
"""Most iterations of the goods market between two clearings of the compute market."""

AIM = 0.03
"""Gap of the goods market at which compute is cleared again, relative to the last change there."""

FIRST_AIM = 1e-2
"""Gap at which compute is cleared for the first time."""

COMPUTE_MEMORY = 3
"""Earlier clearings that the acceleration of compute prices learns from."""


class MarketConfig(Config):
    """Spending of households, and how the market is solved."""

    propensity: float = param(
        0.70, unit="share of disposable income", ge=0, le=0.95, source="assumed"
    )
    """c_y: consumption out of income."""

    deposit_share: float = param(0.025, unit="1 / quarter", ge=0, le=0.2, source="assumed")
    """c_w: consumption out of deposits."""

    tolerance: float = param(1e-10, unit="relative", ge=1e-14, le=1e-4, source="numerical")
    """Largest change of a wage or of the sales of a cell at which the solution is accepted."""

    damping: float = param(0.5, unit="share of the step", gt=0, le=1, source="numerical")
    """How far wages move towards those that clear the labour market in one iteration."""

    max_iterations: int = param(4000, unit="iterations", ge=10, le=100000, source="numerical")
    """Iterations after which the quarter is declared unsolved."""


def reference(world: World) -> Reference:
    """Input prices of 2012."""
    return Reference(world.baseline.wage, world.baseline.materials, 1.0)


def rd_wages(world: World) -> Array:
    """Wages firms pay for R&D, (province, labour type); general labour gets none."""
    firms, tech = world.firms, world.tech
    spending = np.where(firms["alive"], firms["rd_spending"] * firms["weight"], 0.0) * RD_WAGES
    skilled = tech.skill[:, 1:] / tech.skill[:, 1:].sum(axis=1, keepdims=True)
    out = np.zeros((world.provinces.n, 3))
    for column in (0, 1):
        part = spending * skilled[firms["industry"], column]
        out[:, column + 1] = np.bincount(firms["province"], part, minlength=world.provinces.n)
    return out


def province_sum(world: World, values: Array) -> Array:
    """Sum of firm values (per agent) by province."""
    return np.bincount(world.firms["province"], values, minlength=world.provinces.n)


def autonomous(world: World) -> Array:
    """Investment, R&D materials, purchases of governments and orders, (province, industry)."""
    firms, provinces, shares = world.firms, world.provinces, world.spending_shares
    live = np.where(firms["alive"], firms["weight"], 0.0)
    investment = province_sum(world, firms["investment"] * live)
    research = (1 - RD_WAGES) * province_sum(world, firms["rd_spending"] * live)
    government = provinces["government"].copy()
    np.add.at(government, world.zones["province"], world.zones["government"])
    spending = investment[:, None] * shares["investment"] + research[:, None] * shares["research"]
    return spending + government[:, None] * shares["government"] + provinces["orders"]


def household_deposits(world: World) -> Array:
    """Deposits of all residents, talents included, (province,)."""
    balance, talents = world.ledger.balance, world.talents
    mine = np.where(talents["alive"], balance[talents["account"]], 0.0)
    agents = np.bincount(talents["province"], mine, minlength=world.provinces.n)
    return balance[world.accounts.household] + agents


def demand(world: World, cfg: MarketConfig, income_tax: float) -> Demand:
    """What the market takes as given in this quarter."""
    provinces = world.provinces
    other = cfg.propensity * provinces["household_income"]
    other = other + cfg.deposit_share * household_deposits(world)
    return Demand(
        autonomous(world),
        world.spending_shares["consumption"],
        cfg.propensity * (1 - income_tax),
        other,
        rd_wages(world),
    )


def hub_prices(world: World) -> tuple[Array, Array]:
    """Last quarter's price of electricity and of capital goods, by which hubs set their cost.

    Posted costs keep buyers from switching between hubs within the search for this quarter's
    prices: hubs are perfect substitutes, so where two cost the same trade jumps.
    """
    log_price = np.log(world.provinces["price"])
    shares = world.spending_shares
    return np.exp(log_price @ shares["electricity"]), np.exp(log_price @ shares["investment"])


def compute_bill(market: Market, sales: Array) -> Array:
    """What firms pay for compute out of sales (place, industry, stage), (province, industry)."""
    share = market.tech.compute / market.tech.markup[:, None]
    paid = np.einsum("okd,kd->ok", sales, share) * market.wedges.kept
    return by_province(paid, market.host, market.provinces)


def solve(
    world: World, cfg: MarketConfig, hubs: Hubs, market: Market, start: Solution
) -> tuple[Solution, Cleared, HubAccounts]:
    """Goods, labour and compute together.

    Goods and labour clear at given compute prices, ever more closely as these settle.
    raises MarketError : no solution within `max_iterations`, naming the worst province and industry
    """
    cleared = hubs.clear(compute_bill(market, start.sales))
    price, spending = cleared.price, hubs.accounts(cleared).spending(world.spending_shares)
    goods, solution = Iteration(market, start, cfg.damping), replace(start, gap=1.0)
    prices, aim = Anderson(price.size, COMPUTE_MEMORY), FIRST_AIM
    while np.isfinite(solution.gap) and goods.iterations < cfg.max_iterations:
        limit = min(BLOCK, cfg.max_iterations - goods.iterations)
        solution = goods.run(price, spending, max(aim, cfg.tolerance), limit)
        cleared = hubs.clear(compute_bill(market, solution.sales))
        accounts = hubs.accounts(cleared)
        ordered = accounts.spending(world.spending_shares)
        off = np.log(cleared.price / price).ravel()
        moved = np.abs(ordered - spending) / solution.spending.sum(axis=1, keepdims=True)
        change = float(np.maximum(np.abs(off).max(), moved.max()))
        if solution.gap < cfg.tolerance and change < cfg.tolerance:
            return solution, cleared, accounts
        price = np.exp(prices.step(np.log(price).ravel(), off, change)).reshape(price.shape)
        spending, aim = ordered, AIM * change
    raise MarketError(
        f"market not cleared after {goods.iterations} iterations in quarter "
        f"{world.clock.quarters:g}: worst in {market.worst(solution)}"
    )


def write_prices(world: World, solution: Solution, trade: Trade) -> None:
    """Prices, wages, spending and trade into the province and place columns."""
    provinces, places, tech = world.provinces, world.places, world.tech
    log_price = np.log(solution.price_to_sigma) / (1 - tech.sigma)
    shares = world.spending_shares
    provinces["price"] = np.exp(log_price)
    provinces["price_to_sigma"] = solution.price_to_sigma
    provinces["cpi"] = np.exp(log_price @ shares["consumption"])
    provinces["investment_price"] = np.exp(log_price @ shares["investment"])
    provinces["wage"] = solution.wage
    provinces["spending"] = solution.spending
    places["supply"], places["sales"] = solution.supply, solution.sales
    places["market_access"] = solution.market_access
    supply = solution.supply.sum(axis=2)
    abroad = supply * trade.exports
    sales = solution.sales.sum(axis=2)
    places["export_share"] = np.divide(abroad, sales, out=np.zeros_like(sales), where=sales > 0)
    imports = trade.imports * trade.world_supply / solution.price_to_sigma
    provinces["exports"] = by_province(abroad, world.host, provinces.n).sum(axis=1)
    bought = imports * solution.spending
    provinces["imports"] = bought.sum(axis=1)
    world.imports_by_industry = bought.sum(axis=0)


def write_accounts(world: World, market: Market, solution: Solution, hubs: HubAccounts) -> None:
    """Output, value added and wage bills into the province columns."""
    provinces = world.provinces
    wages, materials, power = market.bills(solution.sales)
    provinces["output"] = by_province(solution.sales.sum(axis=2), world.host, provinces.n)
    provinces["value_added"] = provinces["output"] - materials - power
    provinces["compute_paid"] = power.sum(axis=1)
    provinces["capital_cost"] = provinces["output"] @ (world.tech.capital / world.tech.markup)
    provinces["wage_bill"] = wages
    provinces["rd_wages"] = market.demand.rd_wages
    provinces["consumption"] = market.demand.propensity * wages.sum(axis=1) + market.demand.other
    provinces["compute_power"], provinces["compute_wear"] = hubs.power, hubs.wear
    paid = payments(world.tech, solution.sales)[0] * market.wedges.kept
    labour = by_province(paid, world.host, provinces.n)
    workers = solution.wage @ world.tech.skill.T
    provinces["employment"] = labour / workers


def apply(
    world: World,
    cfg: MarketConfig,
    hubs: ComputeConfig,
    goods: ProductionConfig,
    income_tax: float,
    trade: Trade,
    start: Solution,
) -> Solution:
    """Solve this quarter and write what everyone earns, pays and charges."""
    contribution = production.contributions(world, goods)
    cells = production.cell_sums(world, contribution)
    market = Market(
        world.tech,
        trade,
        demand(world, cfg, income_tax),
        reference(world),
        cells,
        world.provinces["labour"],
        world.host,
        Wedges(world.places["wedge_loss"], world.places["wedge_tax"]),
    )
    supply = Hubs(world, hubs, *hub_prices(world))
    solution, cleared, accounts = solve(world, cfg, supply, market, start)
    write_prices(world, solution, trade)
    compute.record(world, supply.cost, cleared)
    write_accounts(world, market, solution, accounts)
    production.distribute(world, contribution, cells, solution)
    production.deflate(world, production.price_of(world, contribution, cells, solution))
    return solution
