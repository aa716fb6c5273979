r"""Footloose entrepreneurs (L2 to L4; Forslid and Ottaviano 2003, J. Econ. Geogr. 3(3)).

One firm per skilled person, who earns its operating profit and moves; general labour stays.
With a = mu / (sigma - 1), b = mu / sigma and Z = (1 - phi) / (1 + (R - 1) phi):

    break     Z = (a + b) / (1 + a b)
    sustain   phi^a [(1 + (R - 1) b) phi + (1 - b)(1 / phi + R - 2)] / R = 1
    logit     dispersion is stable iff theta Lambda < 1, Lambda = Z (b - Z) / (1 - b Z) + a Z
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from scipy.optimize import bisect, minimize_scalar

from sim.config.base import Config, param
from sim.limits import theory
from sim.limits.base import Row, exact, identity, threshold
from sim.mechanisms.market_parts import Closure
from sim.mechanisms.relocation import towards_equal_return

Array = np.ndarray

ENTRANT = 1e-9
"""Skilled people of an empty region: the first entrepreneur to come."""


SPEED = 10.0
"""Elasticity of skilled people to the real wage in one move; wages of regions differ little."""

SETTLED = 1e-13
"""Largest change of a region's share in one move at which people have settled."""

HYSTERESIS = 1.1
"""Break over sustain point from which on the range between them is looked at."""

MOVES = 20_000
"""Moves after which they have not."""


class EntrepreneurLimit(Config):
    """Footloose entrepreneurs between equidistant regions."""

    share: float = param(0.4, unit="share of income", gt=0, lt=1, source="LIMITS L3")
    """mu: spending on the industry."""

    sigma: float = param(5.0, unit="-", gt=1, le=20, source="LIMITS L3")
    """Elasticity of substitution."""

    regions: tuple[int, ...] = param(
        (2, 3, 22, 31), unit="regions", ge=2, le=60, source="LIMITS L3"
    )
    """Numbers of regions."""

    skilled_share: float = param(0.7, unit="share", gt=0, lt=1, source="LIMITS L2")
    """h: skilled people in the first of two regions."""

    freeness: float = param(0.5, unit="-", gt=0, lt=1, source="LIMITS L2")
    """phi between the two regions whose wage is compared."""

    logit_regions: int = param(22, unit="regions", ge=2, le=60, source="LIMITS L4b")
    """R where the largest Lambda over phi is sought."""

    logit_share: float = param(0.6, unit="share of income", gt=0, lt=1, source="LIMITS L4c")
    """mu where the critical theta is sought."""

    logit_sigma: float = param(4.0, unit="-", gt=1, le=20, source="LIMITS L4c")
    """sigma there."""

    logit_freeness: float = param(0.6, unit="-", gt=0, lt=1, source="LIMITS L4c")
    """phi there."""


def real_wages(skilled: Array, freeness: float, share: float, sigma: float) -> tuple[Array, Array]:
    """Nominal and log real income of a skilled person, (region,) each.

    skilled  (region,) skilled people, one firm each; one unit of general labour in all
    """
    n = skilled.size
    tech = theory.industry(sigma)
    market = theory.economy(
        tech,
        theory.equidistant(n, freeness),
        theory.supply_of_firms(tech, skilled, np.ones(n)),
        np.full((n, 1), 1 / n),
        share,
        Closure(fixed_wage=np.array([True]), profit_to=np.eye(n)),
    )
    found = theory.solve(market)
    wage = theory.profit(market, found) / skilled
    return wage, np.log(wage) - share * np.log(theory.price_index(market, found))


def growth(freeness: float, share: float, sigma: float, regions: int, theta: float) -> float:
    """Factor by which a small surplus of skilled people changes as all choose once by logit."""
    stock = theory.disturbed(regions)
    value = theta * real_wages(stock, freeness, share, sigma)[1]
    after = theory.after_choice(stock, value, 1.0)
    return float((after[0] - 1 / regions) / (stock[0] - 1 / regions))


def attracts(freeness: float, share: float, sigma: float, regions: int) -> float:
    """Change of a small surplus of skilled people as a few reply best: > 0 if it grows."""
    stock = theory.disturbed(regions)
    value = real_wages(stock, freeness, share, sigma)[1]
    return float(theory.after_choice(stock, value, theory.PERTURBATION, "best_reply")[0] - stock[0])


def deviation(freeness: float, share: float, sigma: float, regions: int) -> float:
    """Log real wage of the first to leave a core that holds all, over that in the core."""
    stock = np.full(regions, ENTRANT)
    stock[0] = 1 - (regions - 1) * ENTRANT
    value = real_wages(stock, freeness, share, sigma)[1]
    return float(value[1] - value[0])


def core(regions: int) -> Array:
    """Skilled people by region when the first has nearly all, (region,)."""
    stock = np.full(regions, theory.PERTURBATION)
    stock[0] = 1 - (regions - 1) * theory.PERTURBATION
    return stock


def long_run(stock: Array, freeness: float, share: float, sigma: float) -> Array:
    """Skilled people by region once they have settled, (region,), as they follow real wages.

    stock  (region,) where they start
    raises RuntimeError : they do not settle
    """
    for _ in range(MOVES):
        rate = np.exp(real_wages(stock, freeness, share, sigma)[1])
        after = towards_equal_return(stock, rate, SPEED)
        if np.abs(after - stock).max() < SETTLED:
            return after
        stock = after
    raise RuntimeError(f"skilled people do not settle at freeness {freeness:g}")


def break_point(share: float, sigma: float, regions: int) -> float:
    """Freeness above which dispersion is unstable.

    raises ValueError : there is none
    """
    a, b = share / (sigma - 1), share / sigma
    if a >= 1:
        raise ValueError(f"no break point: share / (sigma - 1) = {a:g} must be below 1")
    return (1 - a) * (1 - b) / (1 + a * b + (regions - 1) * (a + b))


def sustain_point(share: float, sigma: float, regions: int) -> float:
    """Freeness above which agglomeration is stable."""
    a, b = share / (sigma - 1), share / sigma

    def gap(phi: float) -> float:
        inner = (1 + (regions - 1) * b) * phi + (1 - b) * (1 / phi + regions - 2)
        return float(phi**a * inner / regions - 1)

    lowest = minimize_scalar(gap, bounds=(1e-9, 1 - 1e-9), method="bounded").x
    return float(bisect(gap, 1e-12, lowest, xtol=1e-15, rtol=1e-13))


def attraction(freeness: float, share: float, sigma: float, regions: int) -> float:
    """Lambda: elasticity of the real wage to a region's own share, at symmetry."""
    a, b = share / (sigma - 1), share / sigma
    z = (1 - freeness) / (1 + (regions - 1) * freeness)
    return z * (b - z) / (1 - b * z) + a * z


def measure(cfg: EntrepreneurLimit) -> Iterator[Row]:
    """Wages in the short run, then what is stable."""
    yield from short_run(cfg)
    for regions in cfg.regions:
        yield from stability(cfg, regions)
        yield from histories(cfg, regions)
    yield from logit(cfg)


def short_run(cfg: EntrepreneurLimit) -> Iterator[Row]:
    """L2: wages at given locations, in two regions."""
    h, phi, b = cfg.skilled_share, cfg.freeness, cfg.share / cfg.sigma
    stock = np.array([h, 1 - h])
    wage = real_wages(stock, phi, cfg.share, cfg.sigma)[0]
    cross = 1 - b + (1 + b) * phi**2
    below = phi * (stock**2).sum() + cross * stock.prod()
    value = b / (1 - b) / 2 * (2 * phi * stock + cross * stock[::-1]) / below
    for place in (0, 1):
        yield exact("L2a", f"skilled wage, region {place + 1}", wage[place], value[place])
    paid = float(wage @ stock)
    yield identity("L2b", "skilled income = b total income", paid - b * (1 + paid), paid)


def stability(cfg: EntrepreneurLimit, regions: int) -> Iterator[Row]:
    """L3 and L4: break and sustain points."""
    given = (cfg.share, cfg.sigma, regions)
    broken, sustained = break_point(*given), sustain_point(*given)
    name = f"mu={cfg.share:g} sigma={cfg.sigma:g} R={regions}"
    found = theory.crossing(lambda phi: attracts(phi, *given), 1e-3 * broken, 0.999)
    yield threshold("L3", f"break point, {name}", found, broken)
    found = theory.crossing(lambda phi: deviation(phi, *given), 0.1 * sustained, broken)
    yield threshold("L4a", f"sustain point, {name}", found, sustained)


def histories(cfg: EntrepreneurLimit, regions: int) -> Iterator[Row]:
    """L3b, L4d: where people end up on either side of the thresholds, from both starts.

    Between the sustain and the break point it depends on the start; two and three regions are
    left out there, where the points nearly coincide.
    """
    given = (cfg.share, cfg.sigma)
    broken, sustained = break_point(*given, regions), sustain_point(*given, regions)
    low, middle, high = 0.9 * sustained, (sustained + broken) / 2, broken + 0.1 * (1 - broken)
    even, one = 1 / regions, 1.0
    cases = [("L3b", low, even, even), ("L3b", high, one, one)]
    if broken > HYSTERESIS * sustained:
        cases.append(("L4d", middle, even, one))
    for case, phi, spread, gathered in cases:
        for start, stock, value in (
            ("dispersion", theory.disturbed(regions), spread),
            ("a core", core(regions), gathered),
        ):
            model = long_run(stock, phi, *given).max()
            yield exact(
                case, f"largest region from {start}, phi={phi:.4f} R={regions}", model, value
            )


def logit(cfg: EntrepreneurLimit) -> Iterator[Row]:
    """L4b, c: how far tastes for places hold people where they are."""
    regions = cfg.logit_regions
    given = (cfg.share, cfg.sigma, regions)

    def largest(of: Callable[[float], float]) -> float:
        found = minimize_scalar(lambda phi: -of(phi), bounds=(1e-4, 0.999), method="bounded")
        return -float(found.fun)

    model = largest(lambda phi: growth(phi, *given, 1.0))
    value = largest(lambda phi: attraction(phi, *given))
    yield threshold("L4b", f"largest Lambda over phi, R={regions}", model, value)
    given = (cfg.logit_share, cfg.logit_sigma, 2)
    value = 1 / attraction(cfg.logit_freeness, *given)
    found = theory.crossing(
        lambda theta: growth(cfg.logit_freeness, *given, theta) - 1, 0.5 * value, 2 * value
    )
    yield threshold("L4c", "critical theta, two regions", found, value)
