r"""Metrics of inequality and convergence with known values (L20).

Moran's I of n places without likeness: mean -1 / (n - 1). On a ring with row-standardised
weights S0 = S1 = n and S2 = 4 n, so the variance is 1 / (n + 1) - 1 / (n - 1)^2 of normal
values and (n - 1 - b) / ((n - 1)(n - 2)) - 1 / (n - 1)^2 over all orders of given values of
kurtosis b (Cliff and Ord 1981). If all are neighbours of all, I is its mean, always.
Lognormal incomes of log spread s: Theil T = s^2 / 2, Gini = 2 Phi(s / sqrt 2) - 1.
Theil T = between + within.
Differences that decay like 1 / (ln(t + 1) t^alpha): log t slope 2 alpha (Phillips, Sul 2007).
Two classes left with chances a and b: ergodic share b / (a + b) of the first, and distances
shrink by 1 - a - b a period.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np
from pydantic import model_validator
from scipy.special import ndtr, ndtri

from sim.config.base import Config, param
from sim.limits.base import EXACT, Row, exact, identity, sampled
from sim.limits.estimate import mean_row, variance_row
from sim.metrics import convergence, inequality, markov, spatial
from sim.state.rng import Streams

NODES = 60
"""Gauss-Hermite nodes: enough for the Theil index of lognormal incomes to rounding, for s <= 1."""

Array = np.ndarray


class InequalityLimit(Config):
    """Provinces drawn so that the value of a metric is known."""

    provinces: int = param(22, unit="provinces", ge=4, le=200, source="definition")
    """Number of provinces."""

    shuffled: int = param(7, unit="provinces", ge=4, le=8, source="numerical: all orders are taken")
    """Provinces of which all orders are taken."""

    draws: int = param(40000, unit="draws", ge=2, le=10**6, source="numerical")
    """Draws of normal values."""

    spread: float = param(0.5, unit="sd of ln income", gt=0, le=1, source="definition")
    """Of lognormal incomes."""

    classes: int = param(200000, unit="classes", ge=10, le=10**6, source="numerical")
    """Income classes of equal size, each at its mean."""

    groups: int = param(3, unit="groups", ge=1, le=10, source="definition")
    """Macro-regions."""

    alpha: float = param(0.25, unit="-", ge=-1, le=2, source="definition")
    """Rate at which differences decay."""

    periods: int = param(80, unit="periods", ge=10, le=10000, source="definition")
    """Length of the path that decays."""

    fall: float = param(0.1, unit="share / period", gt=0, lt=1, source="definition")
    """Chance a to leave the first class."""

    rise: float = param(0.25, unit="share / period", gt=0, lt=1, source="definition")
    """Chance b to leave the second."""

    movers: int = param(200000, unit="draws", ge=100, le=10**7, source="numerical")
    """Provinces seen to move or stay once."""

    seed: int = param(20, unit="-", ge=0, le=2**32, source="numerical")
    """Of all draws."""

    @model_validator(mode="after")
    def _classes_mix(self) -> InequalityLimit:
        if abs(1 - self.fall - self.rise) < 1e-6:  # noqa: PLR2004 - numerically at once
            raise ValueError("fall + rise must not be 1: there would be no distance to shrink")
        return self


def ring(places: int) -> Array:
    """Row-standardised weights of places in a circle."""
    pairs = ((place, (place + 1) % places) for place in range(places))
    return spatial.contiguity_weights(range(places), pairs)


def measure(cfg: InequalityLimit) -> Iterator[Row]:
    """Each metric in turn."""
    yield from moran_of_draws(cfg)
    yield from moran_of_orders(cfg)
    yield from lognormal(cfg)
    yield from decomposition(cfg)
    yield log_t(cfg)
    yield from two_classes(cfg)


def moran_of_draws(cfg: InequalityLimit) -> Iterator[Row]:
    """Moran's I of independent normal values on a ring, and its moments."""
    n, weights = cfg.provinces, ring(cfg.provinces)
    mean, variance = -1 / (n - 1), 1 / (n + 1) - 1 / (n - 1) ** 2
    values = Streams(cfg.seed).at("moran", 0).normal(size=(cfg.draws, n))
    drawn = spatial.moran(values, weights)
    yield mean_row("L20a", "Moran's I of draws on a ring", drawn, mean)
    yield variance_row("L20b", "variance of Moran's I of draws on a ring", drawn, variance)
    moments = spatial.moran_moments(weights)
    yield exact("L20a", "expected Moran's I on a ring", moments.expectation, mean)
    yield exact("L20b", "expected variance of Moran's I on a ring", moments.variance, variance)
    everywhere = (1 - np.eye(n)) / (n - 1)
    found = spatial.moran(values[0], everywhere).item()
    yield exact("L20a", "Moran's I if all are neighbours", found, mean)
    spread = spatial.moran_moments(everywhere).variance
    yield identity("L20b", "expected variance of Moran's I if all are neighbours", spread)


def moran_of_orders(cfg: InequalityLimit) -> Iterator[Row]:
    """Moran's I of unlike values over all orders on a ring, and its moments."""
    n, weights = cfg.shuffled, ring(cfg.shuffled)
    values = Streams(cfg.seed).at("orders", 0).lognormal(size=n)
    apart = values - values.mean()
    kurtosis = (apart**4).mean() / (apart**2).mean() ** 2
    mean = -1 / (n - 1)
    variance = (n - 1 - kurtosis) / ((n - 1) * (n - 2)) - 1 / (n - 1) ** 2
    orders = spatial.moran(np.array(list(itertools.permutations(values))), weights)
    yield exact("L20a", "Moran's I over all orders", orders.mean(), mean)
    yield exact("L20b", "variance of Moran's I over all orders", orders.var(), variance)
    moments = spatial.moran_moments(weights, values)
    yield exact("L20b", "expected variance of Moran's I if shuffled", moments.variance, variance)


def lognormal(cfg: InequalityLimit) -> Iterator[Row]:
    """Theil by quadrature, Gini by many classes.

    The Gini of n classes is short by twice the area between the Lorenz curve and its chords. Over
    a base of 1 / n that is at most (rise of the slope) / 4 n^2, and slopes, relative incomes at
    the edges of classes, add up; under the last chord, where they have no bound, it is at most
    (share of the last class) / n.
    """
    s = cfg.spread
    node, weight = np.polynomial.hermite_e.hermegauss(NODES)
    theil = inequality.theil(np.exp(s * node), weight).item()
    yield exact("L20c", f"Theil T of lognormal incomes, spread {s:g}", theil, s**2 / 2)
    edge = ndtri(np.linspace(0, 1, cfg.classes + 1))
    share = np.diff(ndtr(edge - s))
    gini = inequality.gini(share).item()
    short = np.exp(s * edge[-2] - s**2 / 2) / (4 * cfg.classes**2) + share[-1] / cfg.classes
    value = float(2 * ndtr(s / math.sqrt(2)) - 1)
    name, basis = (
        f"Gini of lognormal incomes, spread {s:g}",
        f"chords of {cfg.classes} classes, rounding",
    )
    yield Row("L20d", name, gini, value, EXACT + float(short), basis, absolute=True)


def decomposition(cfg: InequalityLimit) -> Iterator[Row]:
    """Theil between and within groups of people: parts, and what each of them is."""
    draw = Streams(cfg.seed).at("theil", 0)
    income = np.exp(cfg.spread * draw.normal(size=cfg.provinces))
    people = draw.uniform(1, 10, cfg.provinces)
    group = np.arange(cfg.provinces) % cfg.groups
    parts = inequality.theil_decomposition(income, group, people)
    total = inequality.theil(income, people).item()
    yield exact("L20e", "Theil T as between + within", (parts.between + parts.within).item(), total)
    size = np.bincount(group, people)
    mean = np.bincount(group, people * income) / size
    between = parts.between.item() - inequality.theil(mean, size).item()
    yield identity("L20e", "Theil T between groups as that of their means", between, total)


def log_t(cfg: InequalityLimit) -> Row:
    """Slope of provinces whose differences decay by the law that the regression assumes."""
    gap = Streams(cfg.seed).at("paths", 0).uniform(-0.5, 0.5, cfg.provinces)
    time = np.arange(1, cfg.periods + 1)[:, None]
    size = time.astype(float) ** -cfg.alpha / np.log(time + 1)
    # no relative income may fall to zero, however large its gap at its largest
    relative = 1 + (gap - gap.mean()) * size / size.max()
    found = convergence.log_t(1.02**time * relative).slope
    name = f"log t slope, decay {cfg.alpha:g}"
    return Row("L20f", name, found, 2 * cfg.alpha, EXACT, "rounding", absolute=True)


def two_classes(cfg: InequalityLimit) -> Iterator[Row]:
    """Ergodic share of the first of two classes and the half-life of distances to it."""
    a, b = cfg.fall, cfg.rise
    share = b / (a + b)
    chain = np.array([[1 - a, a], [b, 1 - b]])
    found = markov.ergodic_distribution(chain)[0]
    yield exact("L20g", "ergodic share of the first of two classes", found, share)
    half_life = math.log(2) / -math.log(abs(1 - a - b))
    yield exact("L20h", "half-life of mixing", markov.mixing_half_life(chain), half_life)
    draw = Streams(cfg.seed).at("classes", 0)
    # half in each class, not the ergodic shares, by which moves back and forth would balance
    start = np.arange(cfg.movers) % 2
    moves = draw.random(cfg.movers) < np.where(start == 0, a, b)
    seen = markov.transition_matrix(np.stack([start, np.where(moves, 1 - start, start)]), 2)
    # delta method on b / (a + b), from binomial errors of a and b
    errors = a * (1 - a) * b**2, b * (1 - b) * a**2
    error = math.sqrt(math.fsum(errors) / (cfg.movers / 2)) / (a + b) ** 2
    estimate = markov.ergodic_distribution(seen)[0]
    yield sampled("L20g", "ergodic share of moves that were seen", estimate, share, error)
