r"""Convergence by imitation alone (L9; Barro and Sala-i-Martin 1992) and Nelson-Phelps (L10).

A share phi of the gap to the frontier closes in a year, in logs for L9 and in levels for L10:

    half-life  ln 2 / -ln(1 - phi)
    slope      of growth on the logarithm of the start, -(1 - (1 - phi)^T) / T
    sigma      sigma_T^2 = sigma_inf^2 + (1 - phi)^(2 T) (sigma_0^2 - sigma_inf^2),
               sigma_inf = s / sqrt(1 - (1 - phi)^2)
    level      A / A* = phi / (phi + g), both per step
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from scipy.special import ndtri

from sim.config.base import Config, param
from sim.limits.base import Row, exact, sampled
from sim.mechanisms import imitation
from sim.mechanisms.knowledge import KnowledgeConfig
from sim.metrics.convergence import beta_convergence, sigma_convergence
from sim.state.rng import Streams

Array = np.ndarray

SETTLED = 20.0
"""Mean lives of a gap, squared, after which nothing of the start is left: e^-20 of the variance."""

CONTRACTED = 40.0
"""Mean lives of a deviation after which rounding is larger."""


FAR = 6.0
"""Lead of the frontier, in sd of the start: no region passes it, where the gap would be none."""


class KnowledgeLimit(Config):
    """Firms that do nothing but imitate the frontier."""

    convergence: KnowledgeConfig = KnowledgeConfig()
    """L9: imitation by the log rule; its noise counts only where sigma is measured."""

    levels: KnowledgeConfig = KnowledgeConfig()
    """L10: imitation by the level rule."""

    step: tuple[float, ...] = param(
        (4.0, 1.0), unit="quarters", gt=0, le=4, source="numerical: no step may matter"
    )
    """Lengths of a step."""

    regions: int = param(22, unit="regions", ge=3, le=1000, source="LIMITS L9")
    """Regions in the growth regression."""

    years: int = param(20, unit="years", ge=1, le=100, source="LIMITS L9")
    """T of the growth regression."""

    spread: float = param(0.4, unit="sd of ln income", gt=0, le=1, source="LIMITS L9")
    """Sigma of the start."""

    sigma_years: int = param(30, unit="years", ge=1, le=100, source="LIMITS L9")
    """Time after which the path of sigma is measured."""

    sample: int = param(20_000, unit="regions", ge=100, le=10**6, source="numerical")
    """Regions where sigma is measured."""

    seed: int = param(1, unit="-", ge=0, source="numerical")
    """Seed of the noise."""


def phi(cfg: KnowledgeConfig) -> float:
    """Share of a gap that closes in a year, in the formulas."""
    return cfg.imitation * (1 - cfg.protection + cfg.licensing)


def imitated(
    cfg: KnowledgeConfig,
    income: Array,
    frontier: float,
    years: float,
    step: float,
    noise: Callable[[int], Array] | None = None,
) -> tuple[Array, float]:
    """Incomes and the frontier after `years`, in steps of `step` quarters.

    noise  number of a step -> (income,) standard normal numbers; zeros if not given
    """
    income, quiet = income.copy(), np.zeros(income.size)
    for number in range(round(4 * years / step)):
        shock = quiet if noise is None else noise(number)
        rate = imitation.speed(1.0, cfg)
        income *= 1 + imitation.learned(income, frontier + quiet, rate, step / 4, cfg, shock)
        frontier *= imitation.frontier_rise(step / 4, cfg)
    return income, frontier


def quantiles(cfg: KnowledgeLimit) -> Array:
    """Incomes at the start of the growth regression, (region,): quantiles of a lognormal."""
    middle = (np.arange(cfg.regions) + 0.5) / cfg.regions
    return np.asarray(np.exp(cfg.spread * ndtri(middle)))


def measure(cfg: KnowledgeLimit) -> Iterator[Row]:
    """Gaps, growth regressions, spreads and levels, for every length of a step."""
    for step in cfg.step:
        name = f"step of {step:g} quarters"
        yield from gap(cfg, step, name)
        yield from regression(cfg, step, name)
        yield yearly_noise(cfg, step, name)
        yield from spreads(cfg, step, name)
        yield level(cfg, step, name)
    yearly = phi(cfg.convergence)
    rate = imitation.closed_share(imitation.speed(1.0, cfg.convergence), 0.25)
    yield exact("L9d", "rate of a quarter", rate.item(), 1 - (1 - yearly) ** 0.25)


def gap(cfg: KnowledgeLimit, step: float, name: str) -> Iterator[Row]:
    """L9a: half-life of a gap to a frontier that stands still."""
    quiet = cfg.convergence.model_copy(update={"noise": 0.0, "frontier_growth": 0.0})
    income, frontier = imitated(quiet, np.ones(1), 2.0, cfg.years, step)
    left = np.log(frontier / income.item()) / np.log(2.0)
    value = np.log(2) / -np.log1p(-phi(cfg.convergence))
    yield exact("L9a", f"half-life, {name}", np.log(2) * cfg.years / -np.log(left), value)


def regression(cfg: KnowledgeLimit, step: float, name: str) -> Iterator[Row]:
    """L9b, c: slope of the growth regression, and the speed that follows from it."""
    quiet = cfg.convergence.model_copy(update={"noise": 0.0})
    start = quantiles(cfg)
    lead = np.exp(cfg.convergence.frontier_lead)
    end, _ = imitated(quiet, start, lead * start.max(), cfg.years, step)
    speed = beta_convergence(start, end, cfg.years).speed
    kept = 1 - phi(cfg.convergence)
    slope = np.expm1(-speed * cfg.years) / cfg.years
    yield exact("L9b", f"Barro slope, {name}", slope, -(1 - kept**cfg.years) / cfg.years)
    yield exact("L9c", f"implied beta, {name}", speed, -np.log(kept))


def yearly_noise(cfg: KnowledgeLimit, step: float, name: str) -> Row:
    """L9g: what one unit of noise in each step of a year leaves at its end; squares add up."""
    rules, parts = cfg.convergence, round(4 / step)
    lead, start = np.exp(cfg.spread * FAR), np.ones(parts + 1)
    units = np.eye(parts, parts + 1)  # the last region meets no noise
    logs = np.log(imitated(rules, start, lead, 1, step, units.__getitem__)[0])
    left = float(np.hypot.reduce(logs[:-1] - logs[-1]))
    return exact("L9g", f"noise of a year, {name}", left, rules.noise)


def spreads(cfg: KnowledgeLimit, step: float, name: str) -> Iterator[Row]:
    """L9e, f: sigma in the long run, and on the way from a wide start.

    Logs are normal, so that the estimate of sigma from n regions has error sigma / sqrt(2 n).
    """
    rules, streams = cfg.convergence, Streams(cfg.seed)
    kept = 1 - phi(rules)
    limit = rules.noise / np.sqrt(1 - kept**2)
    wide = cfg.spread * streams.at("start", 0).standard_normal(cfg.sample)

    def noise(number: int) -> Array:
        return streams.at("knowledge", number).standard_normal(cfg.sample)

    path = np.hypot(limit, kept**cfg.sigma_years * np.sqrt(cfg.spread**2 - limit**2))
    for case, what, ends, start, years in (
        ("L9e", "sigma in the long run", limit, 0 * wide, np.ceil(SETTLED / -2 / np.log(kept))),
        ("L9f", f"sigma after {cfg.sigma_years} years", path, wide, cfg.sigma_years),
    ):
        lead = np.exp(cfg.spread * FAR)
        end, _ = imitated(rules, np.exp(start), lead, years, step, noise)
        model = sigma_convergence(end).item()
        yield sampled(case, f"{what}, {name}", model, ends, ends / np.sqrt(2 * cfg.sample))


def level(cfg: KnowledgeLimit, step: float, name: str) -> Row:
    """L10: level of efficiency that keeps its distance to a growing frontier."""
    rules, years = cfg.levels, step / 4
    closed = 1 - (1 - phi(rules)) ** years
    growth = np.expm1(rules.frontier_growth * years)
    settled = CONTRACTED / np.log((1 + growth) / (1 - closed)) * years
    income, frontier = imitated(rules, np.full(1, 0.2), 1.0, np.ceil(settled), step)
    ratio = income.item() / frontier
    return exact("L10", f"Nelson-Phelps level, {name}", ratio, closed / (closed + growth))
