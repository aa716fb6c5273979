r"""Stocks at rest (L22): capital, public debt, institutions, firms.

capital    K / I = 1 / (depreciation + growth)
debt       d (1 + g) / (g - r), with a deficit d before interest
index      q* + (q_0 - q*) exp(-kappa T),  q* the cap where nothing decays
firms      n = mu L / (sigma F) under free entry (Krugman 1980, Am. Econ. Rev. 70(5))
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from pydantic import model_validator

from sim.config.base import Config, param
from sim.limits import theory
from sim.limits.base import Row, exact
from sim.mechanisms import budgets, free_entry, investment, reform
from sim.mechanisms.free_entry import FreeEntryConfig
from sim.mechanisms.investment import InvestmentConfig
from sim.mechanisms.market_parts import Closure
from sim.mechanisms.reform import ReformConfig

Array = np.ndarray

CONTRACTED = 40.0
"""Mean lives of a deviation after which rounding is larger."""

ROUNDS = 1000
"""Quarters of entry after which the number of firms should have settled."""

STILL = 1e-12
"""Relative change of the number of firms that is rounding."""

CAPITAL_SHARE = 0.25
MARKUP = 1.25
"""Firms whose capital is measured; any numbers do."""


class SteadyStatesLimit(Config):
    """Stocks, and what feeds and wears them."""

    investment: InvestmentConfig = InvestmentConfig()
    """Wear and adjustment of capital."""

    sales_growth: float = param(0.03, unit="1 / quarter", ge=0, le=0.1, source="LIMITS L22")
    """Growth of firms whose capital follows."""

    deficit: float = param(0.02, unit="share of income", ge=-0.2, le=0.2, source="LIMITS L22")
    """Deficit before interest."""

    interest: float = param(0.03, unit="1 / year", ge=0, le=0.2, source="LIMITS L22")
    """r on debt."""

    income_growth: float = param(0.05, unit="1 / year", ge=0, le=0.5, source="LIMITS L22")
    """g of the income that debt is measured by."""

    debt: float = param(0.6, unit="share of income", ge=0, le=5, source="LIMITS L22")
    """Debt at the start."""

    reform: ReformConfig = ReformConfig()
    """Speed and decay of institutions."""

    effort: float = param(1.0, unit="-", ge=0, le=10, source="LIMITS L22")
    """Effort at reform."""

    index: float = param(0.2, unit="index 0-1", ge=0, le=1, source="LIMITS L22")
    """q_0."""

    cap: float = param(0.8, unit="index 0-1", ge=0, le=1, source="LIMITS L22")
    """Highest index that upper law allows."""

    years: int = param(10, unit="years", ge=1, le=100, source="LIMITS L22")
    """T of reform."""

    step: tuple[float, ...] = param(
        (4.0, 1.0), unit="quarters", gt=0, le=4, source="numerical: no step may matter"
    )
    """Lengths of a step of reform."""

    free_entry: FreeEntryConfig = FreeEntryConfig()
    """Fixed labour, and speed of entry."""

    sigma: float = param(5.0, unit="-", gt=1, le=20, source="LIMITS L22")
    """Elasticity of substitution."""

    share: float = param(0.4, unit="share of income", gt=0, lt=1, source="LIMITS L22")
    """mu: spending on the industry."""

    labour: tuple[float, ...] = param(
        (10.0, 4.0, 7.0), unit="10k persons", gt=0, le=1000, source="LIMITS L22; assumed"
    )
    """L: of a closed economy the first, of trading regions all."""

    freeness: float = param(0.3, unit="-", ge=0, le=1, source="assumed")
    """phi between trading regions."""

    @model_validator(mode="after")
    def _debt_rests(self) -> SteadyStatesLimit:
        if self.income_growth <= self.interest:
            raise ValueError(
                f"debt has no steady state: income grows at {self.income_growth}, "
                f"interest is {self.interest}"
            )
        return self


def measure(cfg: SteadyStatesLimit) -> Iterator[Row]:
    """Each stock in turn."""
    yield from capital(cfg)
    yield debt(cfg)
    for step in cfg.step:
        yield institutions(cfg, step)
    yield from firms(cfg)


def capital(cfg: SteadyStatesLimit) -> Iterator[Row]:
    """L22a, f: capital of a firm whose sales grow, against investment and wanted capital.

    At rest lambda_K (K* - K) = g K, so that K / K* = lambda_K / (lambda_K + g).
    """
    rules, growth = cfg.investment, cfg.sales_growth
    revenue, stock, ratio, reached = np.ones(1), np.ones(1), np.nan, np.nan
    share, markup = np.full(1, CAPITAL_SHARE), np.full(1, MARKUP)
    cost = investment.user_cost(rules)
    settled = CONTRACTED / np.log((1 + growth) / (1 - rules.adjustment))
    for _ in range(int(np.ceil(settled))):
        wanted = investment.wanted_capital(share, markup, revenue, np.ones(1), cost)
        bought = investment.planned(stock, wanted, rules.depreciation, rules.adjustment)
        ratio, reached = (stock / bought).item(), (stock / wanted).item()
        stock = investment.accumulated(stock, bought, rules.depreciation, 1.0)
        revenue = revenue * (1 + growth)
    value = 1 / (rules.depreciation + growth)
    yield exact("L22a", f"capital over investment, growth {growth:g}", ratio, value)
    value = rules.adjustment / (rules.adjustment + growth)
    yield exact("L22f", f"capital over wanted capital, growth {growth:g}", reached, value)


def debt(cfg: SteadyStatesLimit) -> Row:
    """L22b: debt over income with a standing deficit."""
    r, g, owed = cfg.interest, cfg.income_growth, np.full(1, cfg.debt)
    for _ in range(int(np.ceil(CONTRACTED / np.log((1 + g) / (1 + r))))):
        owed = budgets.next_debt(owed, np.full(1, cfg.deficit), r, g)
    value = cfg.deficit * (1 + g) / (g - r)
    return exact("L22b", f"debt ratio, deficit {cfg.deficit:g}", owed.item(), value)


def institutions(cfg: SteadyStatesLimit, step: float) -> Row:
    """L22c: an institution index after some years of reform."""
    index, effort, cap = np.full(1, cfg.index), np.full(1, cfg.effort), np.full(1, cfg.cap)
    for _ in range(round(4 * cfg.years / step)):
        index = reform.reformed(index, effort, cap, cfg.reform, step / 4)
    push = cfg.reform.speed * cfg.effort
    rate = push + cfg.reform.decay
    rest = push * cfg.cap / rate
    value = rest + (cfg.index - rest) * np.exp(-rate * cfg.years)
    return exact("L22c", f"index after {cfg.years} years, step {step:g}", index.item(), value)


def firms(cfg: SteadyStatesLimit) -> Iterator[Row]:
    """L22d, e: firms of a closed economy with agriculture, and of trading regions without."""
    fixed, sigma = cfg.free_entry.fixed_labour, cfg.sigma
    people = np.array(cfg.labour[:1])
    alone = number_of_firms(cfg, people, cfg.share, Closure(fixed_wage=np.array([True])))
    value = cfg.share * people[0] / (sigma * fixed)
    yield exact("L22d", f"firms of a closed economy, L={people[0]:g}", alone[0], value)
    people = np.array(cfg.labour)
    closure = Closure(profit_to=np.eye(people.size), nominal=people.sum())
    trading = number_of_firms(cfg, people, 1.0, closure)
    for count, labour in zip(trading, people, strict=True):
        value = labour / (sigma * fixed)
        yield exact("L22e", f"firms of a trading region, L={labour:g}", count, value)


def number_of_firms(cfg: SteadyStatesLimit, people: Array, share: float, closure: Closure) -> Array:
    """Firms by region once none wants to come or go, (region,).

    Fixed labour does not make goods; out of profit it is paid like the rest. With agriculture at a
    fixed wage all people earn that wage. Without, firms and wages move until trade balances.
    """
    tech, n = theory.industry(cfg.sigma), people.size
    freeness = theory.equidistant(n, cfg.freeness)
    number = 0.5 * people / (cfg.sigma * cfg.free_entry.fixed_labour)
    for _ in range(ROUNDS):
        labour = people.copy()
        if closure.fixed_wage is None:
            labour -= number * cfg.free_entry.fixed_labour
        supply = theory.supply_of_firms(tech, number, np.ones(n))
        market = theory.economy(tech, freeness, supply, labour[:, None], share, closure)
        found = theory.solve(market)
        profit, wage = theory.profit(market, found), found.wage[:, 0]
        after = free_entry.entered(number, profit, wage, cfg.free_entry, 0.25)
        moved = np.abs(np.log(after / number)).max()
        number = after
        if moved < STILL:
            return number
    raise RuntimeError(f"the number of firms still changes by {moved:.1e} a quarter")
