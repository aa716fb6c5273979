"""Variance of an outcome over a sweep: how much the parameters make, how much the seeds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

LEVEL = 0.95
LEAST = 3
"""Fewest points, and fewest seeds, from which an interval is made."""


@dataclass(frozen=True)
class Components:
    """Unbiased variance components [unit of the outcome, squared]; one may come out negative.

    parameters   between design points
    common       seeds, the same shift at every point; 0 where seeds are not shared by points
    interaction  seeds, different at every point

    Where points share seeds, `common` cancels in every comparison of points, and only
    `interaction` blurs sensitivity indices.
    """

    parameters: float
    common: float
    interaction: float

    @property
    def seeds(self) -> float:
        """What the seeds make: both parts."""
        return self.common + self.interaction

    @property
    def total(self) -> float:
        """Variance of one run."""
        return self.parameters + self.seeds

    @property
    def seed_share(self) -> float:
        """Share of the seeds in the variance of one run; NaN if that is not above zero."""
        return self.seeds / self.total if self.total > 0 else np.nan

    def noise_share(self, seeds: float) -> float:
        """Share of noise in the variance between points of means over so many seeds."""
        noise = self.interaction / seeds
        whole = self.parameters + noise
        return noise / whole if whole > 0 else np.nan


def components(table: np.ndarray) -> Components:
    """Variance components by equating sums of squares with their expectations.

    Of a full table these are the analysis-of-variance estimates. Where each point has seeds of
    its own it is the one-way random-effects analysis; where points share seeds (common random
    numbers) it is the two-way one, since the one-way would take `common` / seeds off the part of
    the parameters. Missing runs are allowed, and the estimates stay unbiased.

    table    (points, seeds) outcome, NaN where there is no run
    returns  components; `interaction` holds points x seeds and what else is not explained
    raises ValueError : the runs do not tell parameters and seeds apart
    Source: Henderson (1953), Biometrics 9(2), method 1; Searle, Casella and McCulloch (1992),
    Variance Components, chapters 3 and 5.
    """
    known = np.isfinite(table)
    known_rows, known_columns = known.any(axis=1), known.any(axis=0)
    table, known = (each[known_rows][:, known_columns] for each in (table, known))
    if known.size == 0:
        raise ValueError("no run is finished")
    values = np.where(known, table - table[known].mean(), 0.0)
    n, row, column = known.sum(), known.sum(axis=1), known.sum(axis=0)
    points, seeds = known.shape
    mean = values.sum() ** 2 / n
    by_point = (values.sum(axis=1) ** 2 / row).sum() - mean
    by_seed = (values.sum(axis=0) ** 2 / column).sum() - mean
    whole = (values**2).sum() - mean
    over_points, over_seeds = (row**2).sum() / n, (column**2).sum() / n
    # Rows: sums of squares; columns: what each component adds to their expectation.
    expected = np.array(
        [
            [n - over_points, points - over_seeds, points - 1],
            [seeds - over_points, n - over_seeds, seeds - 1],
            [n - over_points, n - over_seeds, n - 1],
        ]
    )
    found = np.array([by_point, by_seed, whole])
    if not shares_seeds(table):
        parameters, interaction = _solve(expected[[0, 2]][:, [0, 2]], found[[0, 2]])
        return Components(parameters, 0.0, interaction)
    return Components(*_solve(expected, found))


def shares_seeds(table: np.ndarray) -> bool:
    """Whether any seed was run at more than one point."""
    return bool((np.isfinite(table).sum(axis=0) > 1).any())


def shares_with_interval(table: np.ndarray, seeds: float) -> dict[str, tuple[float, float, float]]:
    """Shares of the variance with 95 % intervals.

    Jackknife over points and over seeds, both variances added, Student's t with the degrees of
    freedom of Satterthwaite (1946); no interval (NaN) from fewer than three points or, where
    points share them, seeds. Intervals may leave [0, 1], as estimates may.

    table    (points, seeds) outcome, NaN where there is no run
    seeds    seeds behind the mean of a point
    returns  "seeds" and "noise of means" -> estimate, low, high
    raises ValueError : the runs do not tell parameters and seeds apart
    """
    table = table[np.isfinite(table).any(axis=1)][:, np.isfinite(table).any(axis=0)]
    estimate = _shares(table, seeds)
    axes = (0, 1) if shares_seeds(table) else (0,)
    half = np.full(2, np.nan)
    if all(table.shape[axis] >= LEAST for axis in axes):
        try:
            parts = np.array([_jackknife(table, axis, seeds) for axis in axes])
            freedom = np.array([[table.shape[axis] - 1] for axis in axes])
            half = _half_width(parts, freedom)
        except ValueError:  # what is left without one point or seed does not tell them apart
            pass
    return {
        name: (estimate[at], estimate[at] - half[at], estimate[at] + half[at])
        for at, name in enumerate(("seeds", "noise of means"))
    }


def _shares(table: np.ndarray, seeds: float) -> np.ndarray:
    found = components(table)
    return np.array([found.seed_share, found.noise_share(seeds)])


def _jackknife(table: np.ndarray, axis: int, seeds: float) -> np.ndarray:
    """Variance of both shares, leaving out one point (axis 0) or one seed (axis 1) at a time."""
    n = table.shape[axis]
    without = np.array([_shares(np.delete(table, at, axis), seeds) for at in range(n)])
    return (n - 1) / n * ((without - without.mean(axis=0)) ** 2).sum(axis=0)


def _half_width(parts: np.ndarray, freedom: np.ndarray) -> np.ndarray:
    """Half of the interval from variances (sources, shares) and their degrees of freedom."""
    variance = parts.sum(axis=0)
    below = (parts**2 / freedom).sum(axis=0)
    degrees = np.divide(variance**2, below, out=np.full_like(variance, np.inf), where=below > 0)
    quantile = np.array([special.stdtrit(min(each, 1e6), (1 + LEVEL) / 2) for each in degrees])
    return quantile * np.sqrt(variance)


def _solve(expected: np.ndarray, found: np.ndarray) -> tuple[float, ...]:
    if np.linalg.matrix_rank(expected) < len(expected):
        raise ValueError(
            "the runs do not tell parameters and seeds apart: more than one point and more than "
            "one seed at a point are needed"
        )
    return tuple(float(each) for each in np.linalg.solve(expected, found))
