r"""Digital adoption as diffusion: the curve of Bass, and stages at constant hazard (L8).

With uniform peers, every step worthwhile, certain success and nothing in the way the hazard of
stage 1 is p + q F, so that

    F(t) = (1 - e^{-(p+q)t}) / (1 + (q/p) e^{-(p+q)t}),

which is steepest at t = ln(q/p) / (p+q), where F = 1/2 - p/(2q).

A step of length h follows F' = F + (1 - F)(1 - e^{-(p+qF)h}) in the mean. Its gap to the curve is
h/2 (p + qF)(1 - F) ln(1 + qF/p) at first order: the local error h^2/2 q (p + qF)(1 - F)^2, carried
along the curve. At a constant hazard stages are binomial, and Poisson as steps get short.

Source: Bass (1969), Manage. Sci. 15(5).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import ceil

import numpy as np
from pydantic import model_validator
from scipy import integrate, stats

from sim.config.base import Config, param
from sim.limits.base import Row, exact, sampled
from sim.mechanisms import adoption_rules, digital
from sim.mechanisms.budgets import BudgetsConfig
from sim.mechanisms.digital import DigitalConfig
from sim.mechanisms.investment import InvestmentConfig
from sim.mechanisms.production import ProductionConfig
from sim.model.config import RegionConfig
from sim.start.build import build
from sim.start.config import EquidistantConfig, GeographyConfig, PopulationConfig
from sim.state.calendar import parse_quarter
from sim.state.columns import STAGES
from sim.state.rng import Streams
from sim.state.world import World

Array = np.ndarray

FINENESS = 16
"""Steps in the mean time that the highest hazard takes, for the longest that is extrapolated."""

REFINEMENTS = 6
"""Lengths of a step from which the limit of short steps is extrapolated; each is half the last."""


class AdoptionLimit(Config):
    """Diffusion among firms that are alike."""

    digital: DigitalConfig = DigitalConfig(
        uniform_peers=True,
        always_worthwhile=True,
        finance_gate=False,
        infrastructure_cap=False,
        success=1.0,
        stage_difficulty=0.0,
        engineer_success=0.0,
        chain_weight=0.0,
    )
    """Adoption in the homogeneous limit."""

    years: int = param(10, unit="years", ge=1, le=40, source="definition")
    """Time at which the curve of Bass is compared."""

    steps: tuple[int, ...] = param(
        (4, 12), unit="steps / year", ge=1, le=400, source="numerical: quarters and months"
    )
    """Lengths of a step; agents are drawn with the first."""

    stage_hazard: float = param(0.35, unit="1 / year", gt=0, le=0.5, source="definition")
    """Constant hazard of every stage."""

    stage_years: int = param(6, unit="years", ge=1, le=40, source="definition")
    """Time at which shares of stages are compared."""

    provinces: EquidistantConfig = EquidistantConfig(count=3)
    """The world."""

    firms: int = param(5000, unit="agents", ge=50, le=100_000, source="definition")
    """Firms that adopt."""

    seed: int = param(1, unit="-", ge=0, le=2**31, source="numerical")
    """Random streams."""

    @model_validator(mode="after")
    def _peaks(self) -> AdoptionLimit:
        p, q = self.digital.own_hazard, self.digital.peer_hazard
        if not 0 < p < q:
            raise ValueError(f"own_hazard {p} must be above 0 and below peer_hazard {q}")
        return self


def world_of(cfg: AdoptionLimit) -> World:
    """Equidistant provinces, where every firm agent is one firm, and none has money."""
    setting = RegionConfig(
        geography=GeographyConfig(equidistant=cfg.provinces),
        population=PopulationConfig(firms=cfg.firms, talents=50),
    )
    world, _ = build(setting, Streams(cfg.seed), parse_quarter(setting.time.start))
    world.firms["weight"] = 1.0
    world.ledger.balance[world.firms["account"]] = 0.0
    return world


def chances(world: World, cfg: DigitalConfig, shares: Array) -> Array:
    """Mean chance of the next step from stages 0 to 3 when firms have these shares of stages.

    Firms of all provinces and industries take turns in standing for the stages, and their weights
    add up to the shares.
    """
    firms, goods = world.firms, ProductionConfig()
    firms["stage"] = np.arange(firms.n) % STAGES
    number = np.bincount(firms["stage"], minlength=STAGES)
    firms["weight"] = (shares / number)[firms["stage"]]
    rows = np.flatnonzero(firms["stage"] < STAGES - 1)
    cost = digital.costs(world, rows, cfg)
    hazard = digital.hazards(world, rows, cfg, goods, InvestmentConfig(), cost)
    chance = adoption_rules.adoption_chance(hazard, world.clock.years_per_step)
    chance = chance * digital.success_chance(world, rows, cfg)
    return np.bincount(firms["stage"][rows], chance) / number[:-1]


def expected(world: World, cfg: DigitalConfig, years: int, steps: int) -> Array:
    """Shares of stages after some years, in the mean over very many firms, (stage,)."""
    world.clock.dt = 4 / steps
    shares = np.eye(STAGES)[0]
    for _ in range(years * steps):
        moved = shares[:-1] * chances(world, cfg, shares)
        shares[:-1] -= moved
        shares[1:] += moved
    return shares


def refined(rate: float) -> list[int]:
    """Steps a year from which to extrapolate, at hazards up to `rate` [1 / year]."""
    return [ceil(FINENESS * rate) * 2**k for k in range(REFINEMENTS)]


def short_steps(values: list[Array]) -> Array:
    """Limit of values at steps that halve, whose errors are a series in the step (Romberg)."""
    power = 1
    while len(values) > 1:
        power *= 2
        values = [(power * fine - coarse) / (power - 1) for coarse, fine in pairwise(values)]
    return values[0]


def bass(p: float, q: float, years: float) -> float:
    """Share of adopters on the curve of Bass."""
    fading = np.exp(-(p + q) * years)
    return float((1 - fading) / (1 + q / p * fading))


def bass_in_steps(p: float, q: float, years: int, steps: int) -> tuple[float, float]:
    """Share of adopters after steps, and its variance times the number of firms.

    The number of adopters in a step is binomial; noise v of the share grows by the square of the
    map's slope and (1 - F) c (1 - c), c the chance of a step.
    """
    share, variance = 0.0, 0.0
    for _ in range(years * steps):
        stay = np.exp(-(p + q * share) / steps)
        slope = stay * (1 + (1 - share) * q / steps)
        variance = slope**2 * variance + (1 - share) * (1 - stay) * stay
        share += (1 - share) * (1 - stay)
    return share, variance


def peak(p: float, q: float) -> Iterator[Row]:
    """When adoption is fastest, by the rule of the hazard."""

    def speed(share: float) -> float:
        return float(adoption_rules.adoption_hazard(p, q, share, 1.0)) * (1 - share)

    # The speed is a parabola: three points give its top.
    start, middle, end = speed(0.0), speed(0.5), speed(1.0)
    top = (4 * middle - 3 * start - end) / (8 * middle - 4 * start - 4 * end)
    time = integrate.quad(lambda f: 1 / speed(f), 0, top, epsabs=0, epsrel=1e-12)[0]
    yield exact("L8a", f"years to the peak, p={p:g}, q={q:g}", time, np.log(q / p) / (p + q))
    yield exact("L8b", "share of adopters at the peak", top, 0.5 - p / (2 * q))


def curve(world: World, cfg: AdoptionLimit) -> Iterator[Row]:
    """Mean adoption in steps, and as steps get short."""
    p, q, years = cfg.digital.own_hazard, cfg.digital.peer_hazard, cfg.years
    for steps in cfg.steps:
        share = 1 - expected(world, cfg.digital, years, steps)[0]
        name = f"adopters after {years} years, {steps} steps a year"
        yield exact("L8c", name, share, bass_in_steps(p, q, years, steps)[0])
    many = refined(p + q)
    shares = [1 - expected(world, cfg.digital, years, steps)[:1] for steps in many]
    limit = bass(p, q, years)
    yield exact("L8d", f"adopters after {years} years, short steps", short_steps(shares)[0], limit)
    slopes = [steps * (limit - share) for steps, share in zip(many, shares, strict=True)]
    first = (p + q * limit) * (1 - limit) * np.log1p(q * limit / p) / 2
    yield exact("L8e", "gap to the curve per year of step", short_steps(slopes)[0], first)


def stages(world: World, cfg: AdoptionLimit) -> Iterator[Row]:
    """Shares of stages at a constant hazard, in steps and as these get short."""
    rate, years, steps = cfg.stage_hazard, cfg.stage_years, min(cfg.steps)
    constant = cfg.digital.model_copy(update={"own_hazard": rate, "peer_hazard": 0.0})
    found = [expected(world, constant, years, each) for each in refined(rate)]
    chance = -np.expm1(-rate / steps)
    for case, law, shares in (
        ("L8f", stats.binom(years * steps, chance), expected(world, constant, years, steps)),
        ("L8g", stats.poisson(rate * years), short_steps(found)),
    ):
        last = STAGES - 1
        values = [*law.pmf(np.arange(last)), law.sf(last - 1)]
        for stage, (share, value) in enumerate(zip(shares, values, strict=True)):
            what = f"{steps} steps a year" if case == "L8f" else "short steps"
            yield exact(case, f"share in stage {stage} after {years} years, {what}", share, value)


def agents(world: World, cfg: AdoptionLimit) -> Iterator[Row]:
    """Adopters among firms that draw and advance one by one."""
    firms, steps, streams = world.firms, cfg.steps[0], Streams(cfg.seed)
    firms["weight"], firms["stage"], world.clock.dt = 1.0, 0, 4 / steps
    settings = ProductionConfig(), InvestmentConfig(), BudgetsConfig()
    for step in range(cfg.years * steps):
        digital.apply(world, cfg.digital, *settings, streams.at("digital", step))
    share = float((firms["stage"] > 0).mean())
    p, q = cfg.digital.own_hazard, cfg.digital.peer_hazard
    value, variance = bass_in_steps(p, q, cfg.years, steps)
    name = f"adopters among {firms.n} firms after {cfg.years} years, {steps} steps a year"
    yield sampled("L8h", name, share, value, np.sqrt(variance / firms.n))


def measure(cfg: AdoptionLimit) -> Iterator[Row]:
    """Diffusion by the rules, in the mean, and drawn."""
    world = world_of(cfg)
    yield from peak(cfg.digital.own_hazard, cfg.digital.peer_hazard)
    yield from curve(world, cfg)
    yield from stages(world, cfg)
    yield from agents(world, cfg)
