r"""Investment of firms: towards the capital they want, within cash and credit.

    K* = alpha_K X / (m u P_I),   u = r + depreciation
    I = max(0, depreciation K + lambda_K (K* - K))

Small firms can borrow less; a guarantee closes the gap.

Rows of the paper: P1.2 (small firms lack means; credit limit).
"""

from __future__ import annotations

import numpy as np

from sim.config.base import Config, param
from sim.state.world import World

Array = np.ndarray

READS = (
    "firms.alive",
    "firms.province",
    "firms.place",
    "firms.industry",
    "firms.weight",
    "firms.capital",
    "firms.founding_capital",
    "firms.account",
    "firms.revenue",
    "firms.investment",
    "firms.rd_spending",
    "firms.order",
    "firms.large",
    "provinces.investment_price",
    "places.guarantee",
    "ledger",
)
WRITES = (
    "firms.capital",
    "firms.founding_capital",
    "firms.investment",
    "provinces.firm_investment",
    "provinces.firm_research",
    "provinces.firm_capital",
)


class InvestmentConfig(Config):
    """Capital, and what limits its growth."""

    frozen: bool = False
    """Ignore credit guarantees: firms keep their base credit limits."""

    interest: float = param(0.04, unit="1 / year", gt=0, le=0.2, source="assumed")
    """Required real return r; at zero, waiting would cost nothing and no step would be taken."""

    depreciation: float = param(
        0.025, unit="1 / quarter", gt=0, le=0.1, source="assumed; model specification"
    )
    """Wear of capital."""

    adjustment: float = param(
        0.08, unit="1 / quarter", gt=0, le=0.5, source="assumed; model specification"
    )
    """Speed lambda_K towards the wanted capital."""

    credit_large: float = param(
        1.0, unit="quarterly revenue", ge=0, le=8, source="assumed; model specification"
    )
    """Loan a large firm can have."""

    credit_small: float = param(
        0.4, unit="quarterly revenue", ge=0, le=8, source="assumed; model specification"
    )
    """Loan a small firm can have without guarantee."""

    start_growth: float = param(
        0.08, unit="1 / year", ge=0, le=0.2, source="growth of capital around 2012"
    )
    """Growth of capital when history starts, which fixes the capital of 2012."""


def wanted_capital(
    capital_share: Array, markup: Array, revenue: Array, price: Array, user_cost: float
) -> Array:
    """K* of each firm [100m CNY (2012)]; revenue per quarter, user cost per quarter."""
    return capital_share * revenue / (markup * user_cost * price)


def planned(capital: Array, wanted: Array, depreciation: float, adjustment: float) -> Array:
    """Real investment a firm wants, per quarter, never negative."""
    return np.maximum(0.0, depreciation * capital + adjustment * (wanted - capital))


def credit_limit(revenue: Array, large: Array, guarantee: Array, cfg: InvestmentConfig) -> Array:
    """Largest loan of a firm [100m CNY]; `guarantee` is the share the lender need not fear for."""
    covered = 0.0 if cfg.frozen else guarantee
    small = cfg.credit_small + covered * np.maximum(0.0, cfg.credit_large - cfg.credit_small)
    return revenue * np.where(large, cfg.credit_large, small)


def funds(world: World, cfg: InvestmentConfig) -> Array:
    """Money one firm can spend: deposits less orders, plus what it may borrow; (firms,)."""
    firms = world.firms
    kind = firms["large"].astype(np.int64)
    guarantee = world.places["guarantee"][firms["place"], kind]
    limit = credit_limit(firms["revenue"], firms["large"], guarantee, cfg)
    deposits = world.ledger.balance[firms["account"]] / firms["weight"]
    return deposits - firms["order"] * world.clock.dt + limit


def user_cost(cfg: InvestmentConfig) -> float:
    """Cost of a unit of capital per quarter."""
    return cfg.interest / 4 + cfg.depreciation


def plan(world: World, cfg: InvestmentConfig) -> None:
    """Set each firm's investment of this quarter [100m CNY / quarter]."""
    firms, tech = world.firms, world.tech
    industry = firms["industry"]
    price = world.provinces["investment_price"][firms["province"]]
    wanted = wanted_capital(
        tech.capital[industry], tech.markup[industry], firms["revenue"], price, user_cost(cfg)
    )
    real = planned(firms["capital"], wanted, cfg.depreciation, cfg.adjustment)
    founding = firms["founding_capital"] / world.clock.dt
    limit = np.maximum(0.0, funds(world, cfg)) / world.clock.dt
    spending = np.where(founding > 0, founding * price, np.minimum(real * price, limit))
    firms["investment"] = np.where(firms["alive"], spending, 0.0)


def accumulated(capital: Array, bought: Array, depreciation: float, quarters: float) -> Array:
    """Capital after some quarters of wear, with what was bought in them; depreciation a quarter."""
    kept = (1 - depreciation) ** quarters
    return np.asarray(capital * kept + bought)


def install(world: World, cfg: InvestmentConfig) -> None:
    """Capital wears out and what was bought is installed."""
    firms, dt = world.firms, world.clock.dt
    price = world.provinces["investment_price"][firms["province"]]
    bought = firms["investment"] / price * dt
    capital = accumulated(firms["capital"], bought, cfg.depreciation, dt)
    firms["capital"] = np.where(firms["alive"], capital, 0.0)
    firms["founding_capital"] = 0.0
    live = np.where(firms["alive"], firms["weight"], 0.0)
    for total, name in (
        ("firm_capital", "capital"),
        ("firm_investment", "investment"),
        ("firm_research", "rd_spending"),
    ):
        world.provinces[total] = np.bincount(
            firms["province"], live * firms[name], minlength=world.provinces.n
        )
