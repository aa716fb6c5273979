r"""Inversion of the whole first quarter.

Order of the chain, repeated until prices stay:
sales from value added -> firms' revenue -> plans (investment, R&D) -> wages and people ->
taxes and household deposits -> final demand by province -> trade inversion -> prices.
Afterwards efficiencies follow (`efficiencies`), and the market to start from (`opening`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.mechanisms import compute, investment, knowledge, matching, production, settlement, trade
from sim.mechanisms.equilibrium import payments
from sim.mechanisms.market import hub_prices, rd_wages
from sim.start import people
from sim.start.facts import Facts
from sim.start.final_demand import FinalDemand, balance
from sim.start.opening import Start, opening
from sim.start.trade_inversion import Inverted
from sim.start.trade_inversion import invert as invert_trade
from sim.state.rng import Streams
from sim.state.world import World

if TYPE_CHECKING:
    from sim.model.config import RegionConfig

Array = np.ndarray

ROUNDS = 60
"""Rounds of the chain."""
CLOSE = 1e-12
"""Largest log change of a price at which the chain is closed."""
CLOSE_ENOUGH = 1e-9
"""Change that is still good enough after all rounds: rounding may keep prices moving by 1e-11."""


def scale_revenue(world: World, cell_sales: Array) -> None:
    """Scale firms' revenue so that every (province, industry) sells `cell_sales`."""
    table, k = world.firms, len(world.tech.codes)
    index = table["province"].astype(np.int64) * k + table["industry"]
    total = np.bincount(index, table["revenue"] * table["weight"], minlength=cell_sales.size)
    table["revenue"] *= (cell_sales.ravel() / total)[index]


def stage_sales(world: World) -> Array:
    """Sales by (place, industry, stage) as firms' revenue has it."""
    return production.cell_sums(world, world.firms["revenue"])


def sales_from_value_added(world: World, cfg: RegionConfig, facts: Facts) -> None:
    """Sales such that value added, hubs included, is the GDP of every province.

    Value added of an industry is sales less materials and compute; hubs add what they do not
    spend on electricity.
    """
    tech, provinces = world.tech, world.provinces
    sales = stage_sales(world)[: provinces.n]
    total = sales.sum(axis=2)
    part = sales / total[:, :, None]
    hubs = (part * tech.compute / tech.markup[:, None]).sum(axis=2)
    margin = 1 - tech.materials / tech.markup - hubs
    base = facts.value_added / margin
    wear = 1 - _electricity(world, cfg)
    level = facts.gdp / (facts.value_added.sum(axis=1) + wear * (hubs * base).sum(axis=1))
    scale_revenue(world, base * level[:, None])


def _electricity(world: World, cfg: RegionConfig) -> Array:
    """Electricity in the revenue of each province's hubs."""
    return compute.electricity_part(world, cfg.compute, *hub_prices(world))


def wages_and_people(
    world: World, cfg: RegionConfig, facts: Facts, streams: Streams, *, first: bool
) -> None:
    """Wage bill and wages by province and type; people are settled in the first round.

    Labour at work is that of the first quarter: matching is played once and taken back.
    """
    labour = payments(world.tech, stage_sales(world))[0][: world.provinces.n]
    bill = labour @ world.tech.skill + rd_wages(world)
    if first:
        employed = people.stocks(cfg.population, facts, bill)
        people.settle(world, cfg.population, facts, cfg.matching, employed, streams.at("people", 0))
        everyone = np.flatnonzero(world.talents["employed"])
        matching.assign_employers(
            world, everyone, streams.at("employers", 0).random(world.talents.n)
        )
        preview_matching(world, cfg, streams)
    world.provinces["wage_bill"] = bill
    world.provinces["wage"] = bill / world.provinces["labour"]


def preview_matching(world: World, cfg: RegionConfig, streams: Streams) -> None:
    """Count the labour at work in the first quarter, leaving everyone where they are."""
    kept = {name: world.talents[name].copy() for name in ("employed", "employer", "former")}
    cohort = {name: world.provinces[name].copy() for name in ("employed", "unemployed")}
    matching.apply(world, cfg.matching, streams.at("matching", 0))
    for name, values in kept.items():
        world.talents[name] = values
    for name, values in cohort.items():
        world.provinces[name] = values


def plans(world: World, cfg: RegionConfig, noise: Array) -> None:
    """Capital at the level that growth calls for, then the plans of the first quarter."""
    table, tech, price = world.firms, world.tech, world.provinces["investment_price"]
    industry = table["industry"]
    cost = investment.user_cost(cfg.investment)
    local = price[table["province"]]
    wanted = investment.wanted_capital(
        tech.capital[industry], tech.markup[industry], table["revenue"], local, cost
    )
    speed, growth = cfg.investment.adjustment, cfg.investment.start_growth / 4
    table["capital"] = wanted * speed / (speed + growth) * noise
    investment.plan(world, cfg.investment)
    knowledge.plan(world, cfg.knowledge)


def trade_of_2012(
    world: World, cfg: RegionConfig, sales: Array, final: FinalDemand, start: Inverted | None
) -> Inverted:
    """Supply and shifters abroad at the sales and spending of this round."""
    share = cfg.trade.belt_and_road_share
    home = trade.home_freeness(world, cfg.trade)
    return invert_trade(
        sales,
        final.spending,
        final.exports,
        final.imports,
        home,
        trade.gateway_freeness(world, cfg.trade),
        np.array([share, 1 - share]),
        start,
    )


def write_export_share(world: World, cfg: RegionConfig, found: Inverted, sales: Array) -> None:
    """Exports over sales of each place and industry; `sales` (province, industry)."""
    gateway = trade.gateway_freeness(world, cfg.trade)
    exported = np.einsum("rk,krb,kb->rk", found.supply, gateway, found.world_demand)
    world.places["export_share"] = (exported / sales)[world.host]


def write_prices(world: World, found: Inverted) -> float:
    """Prices of this round; returns their largest change."""
    provinces, shares = world.provinces, world.spending_shares
    price = found.price_to_sigma ** (1 / (1 - world.tech.sigma))
    change = float(np.abs(np.log(price / provinces["price"])).max())
    provinces["price"], provinces["price_to_sigma"] = price, found.price_to_sigma
    provinces["cpi"] = np.exp(np.log(price) @ shares["consumption"])
    provinces["investment_price"] = np.exp(np.log(price) @ shares["investment"])
    world.world_demand, world.world_supply = found.world_demand, found.world_supply
    return change


def invert(world: World, cfg: RegionConfig, facts: Facts, streams: Streams) -> Start:
    """Find the first quarter's equilibrium and the efficiencies behind it.

    raises RuntimeError : the chain does not close
    """
    provinces = world.provinces
    provinces["price"], provinces["investment_price"] = 1.0, 1.0
    copies = provinces.n if cfg.population.alike else 1
    noise = streams.at("capital", 0).standard_normal(world.firms.n // copies)
    capital_noise = np.exp(cfg.population.capital_noise * np.tile(noise, copies))
    world.spending_shares["investment"] = facts.final[:, 1] / facts.final[:, 1].sum()
    found: Inverted | None = None
    change = np.inf
    for turn in range(ROUNDS):
        sales_from_value_added(world, cfg, facts)
        plans(world, cfg, capital_noise)
        endow_firms(world, cfg)
        wages_and_people(world, cfg, facts, streams, first=turn == 0)
        final = balance(world, cfg, facts, stage_sales(world), _electricity(world, cfg))
        sales = stage_sales(world)[: provinces.n].sum(axis=2)
        found = trade_of_2012(world, cfg, sales, final, found)
        write_export_share(world, cfg, found, sales)
        change = write_prices(world, found)
        if change < CLOSE:
            break
    if found is None or not change < CLOSE_ENOUGH:  # nan is not close
        raise RuntimeError(f"the start of 2012 did not close: prices change by {change:.1e}")
    endow_households(world, final)
    return opening(world, cfg, found, final)


def endow_firms(world: World, cfg: RegionConfig) -> None:
    """Deposits of firms when history starts: what they keep, and what they are about to pay out.

    In a steady state the excess over the cash target is what a firm retains in a quarter.
    """
    table, rules = world.firms, cfg.settlement
    held = rules.cash_target * table["revenue"] * table["weight"]
    balance = world.ledger.balance
    balance[table["account"]] = held
    flows = settlement.firm_accounts(world, rules, cfg.budgets, cfg.investment)
    price = world.provinces["investment_price"][table["province"]]
    wear = cfg.investment.depreciation * table["capital"] * price
    retained = flows.profit - flows.profit_tax - flows.payout
    retained += (wear - table["investment"]) * table["weight"]
    balance[table["account"]] = held + np.maximum(retained, 0.0)


def endow_households(world: World, final: FinalDemand) -> None:
    """Deposits of general households when history starts; talents start with nothing."""
    world.ledger.endow(world.accounts.household, final.incomes.deposits)
