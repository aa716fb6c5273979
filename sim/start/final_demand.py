r"""Final demand of 2012: who buys what, so that every market can clear.

Absorption of a province is its GDP less its part of net exports. Investment and R&D are planned by
firms; consumption follows from income and deposits; purchases of governments are the rest. The
nation's household deposits are what makes all governments together spend what they receive.
The composition of consumption, investment and purchases over industries is fitted to the data's
by iterative proportional fitting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.mechanisms import settlement
from sim.mechanisms.equilibrium import by_province, payments
from sim.mechanisms.payments import FirmAccounts
from sim.mechanisms.settlement import RD_WAGES
from sim.start.facts import Facts
from sim.state.world import World

if TYPE_CHECKING:
    from sim.model.config import RegionConfig

Array = np.ndarray

LEAST_FINAL = 0.02
"""Final demand of an industry is at least this share of its output; imports make up for it."""


FIT_ROUNDS = 5000
FIT_GOAL = 1e-14
"""Relative gap at which proportional fitting stops."""
FIT_TOLERANCE = 1e-12
"""Relative gap that is still good enough after all rounds."""


@dataclass(frozen=True)
class Incomes:
    """Who earns and spends what in the first quarter [100m CNY / quarter]."""

    consumption: Array
    """(province,) household consumption."""
    investment: Array
    """(province,) investment of firms."""
    government: Array
    """(province,) purchases of governments."""
    transfers: Array
    """(province,) transfers from the centre."""
    deposits: Array
    """(province,) deposits of households [100m CNY]."""
    household_income: Array
    """(province,) dividends and interest of households."""
    central_receipts: float
    """Receipts of the centre."""


@dataclass(frozen=True)
class FinalDemand:
    """What is bought in the first quarter [100m CNY / quarter]."""

    spending: Array
    """(province, industry) spending on goods, intermediate use included."""
    exports: Array
    """(industry,) exports of the nation."""
    imports: Array
    """(industry,) imports of the nation."""
    incomes: Incomes
    """Incomes behind it."""


def proportional_fit(prior: Array, rows: Array, columns: Array) -> Array:
    """Matrix near `prior` with the given row and column sums.

    prior  (n, m) >= 0;  rows (n,), columns (m,) with equal totals
    raises RuntimeError : no such matrix is found
    Source: Deming and Stephan (1940), Ann. Math. Stat. 11(4).
    """
    out = prior.copy()
    for _ in range(FIT_ROUNDS):
        out *= (rows / out.sum(axis=1))[:, None]
        out *= np.divide(columns, out.sum(axis=0), out=np.zeros_like(columns), where=columns > 0)
        if np.abs(out.sum(axis=1) / rows - 1).max() < FIT_GOAL:
            return out
    if np.abs(out.sum(axis=1) / rows - 1).max() > FIT_TOLERANCE:
        raise RuntimeError("final demand cannot be fitted to the industries' output")
    return out


def foreign_trade(
    cfg: RegionConfig, facts: Facts, output: Array, used: Array
) -> tuple[Array, Array]:
    """Exports and imports of each industry, (industry,) each.

    used  (industry,) intermediate use
    """
    gdp = facts.gdp.sum()
    exports = np.minimum(facts.exports * cfg.trade.exports * gdp, 0.6 * output)
    imports = facts.imports * cfg.trade.imports * gdp
    short = LEAST_FINAL * output - (output - exports + imports - used)
    return exports, imports + np.maximum(short, 0.0)


def local_receipts(
    world: World, cfg: RegionConfig, flows: FirmAccounts
) -> tuple[Array, float, Array]:
    """Receipts of provinces, of the centre, and dividends of households, without bank interest."""
    provinces, table, n = world.provinces, world.firms, world.provinces.n
    budgets, rules = cfg.budgets, cfg.settlement
    tax = (1 - budgets.central_vat) * flows.vat + (
        1 - budgets.central_profit_tax
    ) * flows.profit_tax
    private, state = (np.where(table["owner"] == code, flows.payout, 0.0) for code in (0, 1))
    local = np.bincount(table["province"], tax + 0.5 * state, minlength=n)
    local += budgets.income_tax * provinces["wage_bill"].sum(axis=1)
    centre = (budgets.central_vat * flows.vat + budgets.central_profit_tax * flows.profit_tax).sum()
    home = np.bincount(table["province"], rules.home_dividends * private, minlength=n)
    pool = (1 - rules.home_dividends) * private.sum()
    deposits = np.maximum(world.ledger.balance[world.accounts.household], 0.0)
    total = deposits.sum()
    share = deposits / total if total > 0 else wage_shares(world)
    return local, float(centre + 0.5 * state.sum()), home + pool * share


def wage_shares(world: World) -> Array:
    """Shares of provinces in the nation's wages: how household deposits are spread in 2012."""
    bill = world.provinces["wage_bill"].sum(axis=1)
    return bill / bill.sum()


def balance(
    world: World, cfg: RegionConfig, facts: Facts, sales: Array, electricity: Array
) -> FinalDemand:
    """Final demand of the first quarter; its composition is written into the world.

    sales  (place, industry, stage);  electricity (province,) share of hub revenue
    raises ValueError : the figures leave nothing for governments or households
    """
    bought, hub_goods, research = firm_purchases(world, sales, electricity)
    used = (bought + hub_goods + research).sum(axis=0)
    output = sales.sum(axis=(0, 2))
    exports, imports = foreign_trade(cfg, facts, output, used)
    final = output - exports + imports - used
    found = incomes(world, cfg, facts, final.sum() + research.sum(), research.sum(axis=1))
    buyers = {
        "consumption": found.consumption,
        "investment": found.investment,
        "government": found.government,
    }
    totals = np.array([spent.sum() for spent in buyers.values()])
    fitted = proportional_fit(facts.final, final, totals)
    # firms without credit invest nothing in the first round, before they are endowed
    usual = facts.final / facts.final.sum(axis=0)
    composition = np.divide(fitted, totals, out=usual, where=totals > 0).T
    world.spending_shares |= dict(zip(buyers, composition, strict=True))
    consumption, investment, government = (
        spent[:, None] * share for spent, share in zip(buyers.values(), composition, strict=True)
    )
    spending = consumption + investment + government + bought + hub_goods + research
    return FinalDemand(spending, exports, imports, found)


def firm_purchases(world: World, sales: Array, electricity: Array) -> tuple[Array, Array, Array]:
    """Goods bought as materials, by compute hubs, and for R&D, (province, industry) each."""
    n, tech, shares = world.provinces.n, world.tech, world.spending_shares
    _, materials, compute = (by_province(part, world.host, n) for part in payments(tech, sales))
    hubs = compute.sum(axis=1)
    hub_goods = (electricity * hubs)[:, None] * shares["electricity"]
    hub_goods = hub_goods + ((1 - electricity) * hubs)[:, None] * shares["investment"]
    table = world.firms
    spending = table["rd_spending"] * table["weight"] * (1 - RD_WAGES)
    research = np.bincount(table["province"], spending, minlength=n)
    return materials @ tech.inputs.T, hub_goods, research[:, None] * shares["research"]


def incomes(
    world: World, cfg: RegionConfig, facts: Facts, absorption: float, research: Array
) -> Incomes:
    """Consumption, purchases and incomes by province.

    absorption  what the nation can buy for final use and R&D [100m CNY / quarter]
    research    (province,) goods bought for R&D [100m CNY / quarter]
    raises ValueError : the figures leave nothing for governments or households
    """
    table, rules, spend = world.firms, cfg.settlement, cfg.market
    flows = settlement.firm_accounts(world, rules, cfg.budgets, cfg.investment)
    local, central, dividends = local_receipts(world, cfg, flows)
    investment = np.bincount(
        table["province"], table["investment"] * table["weight"], minlength=len(local)
    )
    wages = world.provinces["wage_bill"].sum(axis=1) * (1 - cfg.budgets.income_tax)
    firm_interest = settlement.interest_on(world.ledger.balance[table["account"]], rules).sum()
    total = facts.gdp / facts.gdp.sum() * absorption
    # consumption = fixed + per_unit * deposits; all governments together spend what they receive
    fixed = spend.propensity * (wages + dividends)
    per_unit = spend.propensity * rules.deposit_interest + spend.deposit_share
    room = total.sum() - investment.sum() - research.sum() - local.sum() - central + firm_interest
    money = (room - fixed.sum()) / (per_unit - rules.deposit_interest)
    deposits = money * wage_shares(world)
    consumption = fixed + per_unit * deposits
    government = total - consumption - investment - research
    _require_positive(money, government)
    return Incomes(
        consumption=consumption,
        investment=investment,
        government=government,
        transfers=government - local,
        deposits=deposits,
        household_income=dividends + rules.deposit_interest * deposits,
        central_receipts=float(central - firm_interest - rules.deposit_interest * money),
    )


def _require_positive(money: float, government: Array) -> None:
    if money <= 0:
        raise ValueError(
            "the start of 2012 leaves no money for households: lower propensity or taxes"
        )
    if (government <= 0).any():
        worst = int(government.argmin())
        raise ValueError(
            f"the start of 2012 leaves nothing to the government of province row {worst}"
        )
