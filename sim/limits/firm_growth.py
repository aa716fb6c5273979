r"""Firm sizes under random growth (L11), and shares of firms that grow at set rates (L19).

    floor      Pareto with exponent -2 m / s^2, the root of E (X' / X)^z = 1 (Kesten 1973)
    turnover   double Pareto, exponents (-+ m + sqrt(m^2 + 2 delta s^2)) / s^2 above and below the
               size of entrants (Reed 2001, Econ. Lett. 74(1))
    replicator x' = x e^(f1 T) / (x e^(f1 T) + (1 - x) e^(f2 T))

Both size laws hold over their whole range, so that all firms serve to estimate an exponent: its
error is exponent / sqrt(n), and it has no bias from a tail reached too slowly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from pydantic import model_validator

from sim.config.base import Config, param
from sim.limits import theory
from sim.limits.base import Row, exact, sampled
from sim.mechanisms import entry_exit, firm_growth
from sim.mechanisms.entry_exit import EntryExitConfig
from sim.mechanisms.firm_growth import FirmGrowthConfig
from sim.mechanisms.production import ProductionConfig, supply_weight
from sim.metrics.size_tail import tail_exponent
from sim.state.rng import Streams

Array = np.ndarray

RELAXED = 12.0
"""Relaxation times 2 s^2 / m^2 after which the start is forgotten: by e^-12, below any error."""

LIVES = 25.0
"""Mean lives after which every firm has been replaced, but for e^-25 of them."""


class FirmGrowthLimit(Config):
    """Firms of one owner that grow at random; two kinds of owner that grow at set rates."""

    floor: FirmGrowthConfig = FirmGrowthConfig()
    """L11: shrinking firms with a floor."""

    turnover: FirmGrowthConfig = FirmGrowthConfig()
    """L11: firms without floor that close and are replaced at size 1."""

    entry_exit: EntryExitConfig = EntryExitConfig()
    """Exit of those firms: a hazard that depends neither on age nor on size."""

    replicator: FirmGrowthConfig = FirmGrowthConfig()
    """L19: private and state firms that grow at different rates."""

    production: ProductionConfig = ProductionConfig()
    """How efficiency makes sales in L19."""

    sigma: float = param(5.0, unit="-", gt=1, le=12, source="model specification")
    """Elasticity of substitution in L19."""

    capital: float = param(0.3, unit="share of cost", ge=0, lt=1, source="assumed")
    """alpha_K in L19: with fixed capital, sales rise less with efficiency."""

    share: float = param(0.1, unit="share", gt=0, lt=1, source="LIMITS L19")
    """Share of private firms in sales at the start."""

    years: int = param(60, unit="years", ge=1, le=200, source="LIMITS L19")
    """Time until their share is measured."""

    step: tuple[float, ...] = param(
        (160.0, 40.0), unit="quarters", gt=0, le=400, source="numerical: no step may matter"
    )
    """Lengths of a step with a floor."""

    turnover_step: tuple[float, ...] = param(
        (20.0, 4.0), unit="quarters", gt=0, le=40, source="numerical: no step may matter"
    )
    """Lengths of a step with turnover."""

    sample: int = param(40_000, unit="firms", ge=100, le=10**6, source="numerical")
    """Firms whose sizes are measured."""

    seed: int = param(1, unit="-", ge=0, source="numerical")
    """Seed of the random growth."""

    @model_validator(mode="after")
    def _laws_exist(self) -> FirmGrowthLimit:
        if not (self.floor.drift[0] < 0 < self.floor.volatility and self.floor.floor > 0):
            raise ValueError("floor: needs a drift < 0, a volatility > 0 and a floor > 0")
        if self.turnover.floor > 0 or self.turnover.volatility == 0:
            raise ValueError("turnover: needs a volatility > 0 and no floor")
        rule = self.entry_exit
        if len(set(rule.exit_by_age)) > 1 or rule.small_factor != rule.large_factor:
            raise ValueError("entry_exit: the exit hazard must not depend on age or size")
        if self.replicator.volatility > 0 or self.replicator.floor > 0:
            raise ValueError("replicator: needs growth without chance and without floor")
        return self


def measure(cfg: FirmGrowthLimit) -> Iterator[Row]:
    """Size laws, then shares."""
    for step in cfg.step:
        yield with_floor(cfg, step)
    for step in cfg.turnover_step:
        yield from with_turnover(cfg, step)
    yield replicated(cfg)


def with_floor(cfg: FirmGrowthLimit, step: float) -> Row:
    """L11a: exponent of firms that cannot fall below the floor."""
    rules, streams = cfg.floor, Streams(cfg.seed)
    drift, scatter = rules.drift[0], rules.volatility
    size, owner = np.ones(cfg.sample), np.zeros(cfg.sample, dtype=np.int32)
    years = RELAXED * 2 * (scatter / drift) ** 2
    for number in range(int(np.ceil(4 * years / step))):
        draw = streams.at("firm_growth", number)
        shock, dip = draw.standard_normal(cfg.sample), draw.random(cfg.sample)
        size = firm_growth.grown(size, owner, step / 4, rules, shock, dip)
    found, _ = tail_exponent(size, rules.floor)
    value = -2 * drift / scatter**2
    name = f"exponent above a floor, step of {step:g} quarters"
    return sampled("L11a", name, found, value, value / np.sqrt(cfg.sample))


def with_turnover(cfg: FirmGrowthLimit, step: float) -> Iterator[Row]:
    """L11b, c, d: exponents above and below the size of entrants, and firms above it."""
    size = turned_over(cfg, step)
    drift, scatter, hazard = cfg.turnover.drift[0], cfg.turnover.volatility, exit_rate(cfg)
    root = np.sqrt(drift**2 + 2 * hazard * scatter**2)
    above, below = (root - drift) / scatter**2, (root + drift) / scatter**2
    part = below / (above + below)
    name = f"step of {step:g} quarters"
    for case, what, sizes, value, share in (
        ("L11b", "upper", size, above, part),
        ("L11c", "lower", 1 / size, below, 1 - part),
    ):
        found, _ = tail_exponent(sizes, 1.0)
        error = value / np.sqrt(share * cfg.sample)
        yield sampled(case, f"Reed's {what} exponent, {name}", found, value, error)
    error = np.sqrt(part * (1 - part) / cfg.sample)
    larger = float((size > 1).mean())
    yield sampled("L11d", f"firms larger than entrants, {name}", larger, part, error)


def exit_rate(cfg: FirmGrowthLimit) -> float:
    """delta in the formulas [1 / year]."""
    return cfg.entry_exit.exit_by_age[0] * cfg.entry_exit.small_factor


def turned_over(cfg: FirmGrowthLimit, step: float) -> Array:
    """Sizes of firms that close by hazard and are replaced, once all of the start are gone.

    Reed's ages are exponential: a whole number of steps, as the model counts them, and a part of
    a step. That part comes last, as the sizes are read at a chance moment within the step.
    """
    n, years, streams = cfg.sample, step / 4, Streams(cfg.seed)
    size, age, owner = np.ones(n), np.zeros(n), np.zeros(n, dtype=np.int32)
    small = np.zeros(n, dtype=np.bool_)
    for number in range(int(np.ceil(LIVES / exit_rate(cfg) / years))):
        draw = streams.at("firm_growth", number)
        shock, dip = draw.standard_normal(n), draw.random(n)
        size = firm_growth.grown(size, owner, years, cfg.turnover, shock, dip)
        age += years
        chance = entry_exit.exit_chance(age, small, cfg.entry_exit, years)
        gone = streams.at("entry_exit", number).random(n) < chance
        size[gone], age[gone] = 1.0, 0.0
    draw = streams.at("moment", 0)
    hazard = exit_rate(cfg)
    part = -np.log1p(draw.random(n) * np.expm1(-hazard * years)) / hazard
    shock, dip = draw.standard_normal(n), draw.random(n)
    return firm_growth.grown(size, owner, part, cfg.turnover, shock, dip)


def replicated(cfg: FirmGrowthLimit) -> Row:
    """L19: share of private firms in the sales of a market cell, in proportion to supply."""
    fixed = np.full(1, cfg.capital)
    tech = replace(theory.industry(cfg.sigma), capital=fixed, labour=1 - fixed[:, None])
    elasticity = firm_growth.sales_elasticity(tech, cfg.production)
    industry, owner = np.zeros(2, dtype=np.int64), np.arange(2)
    firms, efficiency = np.array([cfg.share, 1 - cfg.share]), np.ones(2)
    quiet = np.zeros(2)
    for _ in range(4 * cfg.years):
        size = supply_weight(tech, industry, efficiency, efficiency, cfg.production)
        after = firm_growth.grown(size, owner, 0.25, cfg.replicator, quiet, quiet)
        efficiency *= firm_growth.efficiency_rise(size, after, elasticity)
    sales = firms * supply_weight(tech, industry, efficiency, efficiency, cfg.production)
    fit = firms * np.exp(np.asarray(cfg.replicator.drift[:2]) * cfg.years)
    name = f"share after {cfg.years} years"
    return exact("L19", name, sales[0] / sales.sum(), fit[0] / fit.sum())
