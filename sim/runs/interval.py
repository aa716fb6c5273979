"""How exactly a mean difference is known: intervals over seeds, and over seeds and points."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

LEVEL = 0.95
"""Share of the intervals that hold the true mean."""


class HalfWidth(NamedTuple):
    """Half of an interval of a mean over points and seeds [unit of the outcome].

    whole   of the interval; NaN where it is not defined
    points  what would remain of it under any number of seeds; 0 where points are chosen
    """

    whole: float
    points: float


def half_width(values: np.ndarray) -> float:
    """Half of the Student-t interval of a mean; NaN from fewer than two values.

    values  (values,) independent observations
    Source: Student (1908), Biometrika 6(1).
    """
    n = len(values)
    return float(_quantile(n) * values.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")


def crossed_half_width(table: np.ndarray, draw: np.ndarray) -> HalfWidth:
    """Half of the interval of the mean over points of a table in which all points meet all seeds.

    Points that are chosen make up the whole population, so seeds are the observations: each is the
    mean over points, and the interval is Student's. Points that are drawn are a sample too. The
    variance of the mean is then that between the means of draws, divided by their number, plus
    that between the means of seeds, divided by theirs, less the part of single runs, which is in
    both. Each is weighted with the square of its own Student quantile, as in Banerjee (1960), so
    that a component known from few seeds is not believed as if many points had told it; and the
    sum is never below either term. In normal samples it covers in 95 cases of 100 or more, where
    the degrees of freedom of Satterthwaite (1946) cover in 88 of 100 with 64 points and 2 seeds.
    Missing runs are allowed: points count alike, whatever number of seeds they have.

    table    (points, seeds) differences, NaN where there is no pair
    draw     (points,) ordinal of the random draw that a point came with; all equal where points
             are chosen
    returns  NaN from fewer than two seeds
    Source: Banerjee (1960), Sankhya 22(3-4); Searle, Casella and McCulloch (1992), Variance
    Components, chapter 4.
    """
    seen = np.isfinite(table)
    rows, columns = seen.any(axis=1), seen.any(axis=0)
    table, seen = table[rows][:, columns], seen[rows][:, columns]
    draws, draw = np.unique(draw[rows], return_inverse=True)
    points, seeds = table.shape
    if seeds <= 1:
        return HalfWidth(np.nan, np.nan)
    means = np.nanmean(table, axis=1)
    moves = np.where(seen, table - means[:, None], 0.0) / seen.sum(axis=1, keepdims=True)
    cells = np.zeros((len(draws), seeds))  # what each draw and seed add to the mean of all
    np.add.at(cells, draw, moves / points)
    of_seeds = _squares(cells.sum(axis=0))
    if len(draws) == 1:
        return HalfWidth(_quantile(seeds) * of_seeds**0.5, 0.0)
    of_draws = _squares(np.bincount(draw, (means - means.mean()) / points))
    single = _single_runs(cells, np.bincount(draw, ~seen.all(axis=1)) == 0)
    squared = _quantile(len(draws)) ** 2, _quantile(seeds) ** 2
    parts = squared[0] * of_draws, squared[1] * of_seeds
    whole = max(sum(parts) - min(squared) * single, *parts)
    return HalfWidth(whole**0.5, (squared[0] * max(of_draws - single, 0.0)) ** 0.5)


def _quantile(n: int) -> float:
    """Student's t of `n` observations about their mean, for a two-sided interval."""
    return float(special.stdtrit(n - 1, (1 + LEVEL) / 2))


def _squares(moves: np.ndarray) -> float:
    """Variance of a sum of independent terms that have mean zero together."""
    return len(moves) / (len(moves) - 1) * float(np.square(moves).sum())


def _single_runs(cells: np.ndarray, whole: np.ndarray) -> float:
    """Variance that differences of single runs, neither of point nor of seed, give the mean.

    cells  (draws, seeds) what each adds to the mean of all, less what its draw adds
    whole  (draws,) whether all runs are there; the others tell nothing, so as not to mix in
           what is of points and seeds
    """
    draws, seeds = cells.shape
    rest = cells[whole]
    if len(rest) <= 1:
        return 0.0
    rest = rest - rest.mean(axis=0)
    return draws * seeds / ((len(rest) - 1) * (seeds - 1)) * float(np.square(rest).sum())
