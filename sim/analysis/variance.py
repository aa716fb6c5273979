"""Variance of an outcome over a sweep: how much the parameters make, how much the seeds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

LEVEL = 0.95
ROUNDING = 1e-13
"""Components below this share of the mean square are rounding: zero."""
SINGULAR = 1e-10
"""Eigenvalues below this share of the largest are zero: they count the sums that are given."""
MOST_GROUPS = 50
"""More points than this are left out in so many groups, which takes less time."""
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
    the parameters. Missing runs are allowed, and the estimates stay unbiased: sums of squares of
    points are taken after those of seeds and the other way round.

    table    (points, seeds) outcome, NaN where there is no run
    returns  components; `interaction` holds points x seeds and what else is not explained
    raises ValueError : the runs do not tell parameters and seeds apart
    Source: Henderson (1953), Biometrics 9(2), method 3; Searle, Casella and McCulloch (1992),
    Variance Components, chapters 3 and 5.
    """
    known = np.isfinite(table)
    used_rows, used_columns = known.any(axis=1), known.any(axis=0)
    table, known = (each[used_rows][:, used_columns] for each in (table, known))
    if known.size == 0:
        raise ValueError("no run is finished")
    values = np.where(known, table - table[known].mean(), 0.0)
    rounding = ROUNDING * float(np.square(table[known]).mean())
    found = _two_way(values, known) if shares_seeds(table) else _one_way(values, known)
    return Components(*(each if abs(each) > rounding else 0.0 for each in found))


def _one_way(values: np.ndarray, known: np.ndarray) -> tuple[float, float, float]:
    """Components of points with seeds of their own.

    values  (points, seeds) outcome less its mean, 0 where there is no run
    known   (points, seeds) whether there is a run
    """
    n, row = known.sum(), known.sum(axis=1)
    _need(len(row) > 1 and n > len(row))
    within = _spread(values, known, axis=1)
    between = float((values**2).sum()) - within  # the mean of all is zero
    interaction = within / (n - len(row))
    runs_per_point = (n - (row**2).sum() / n) / (len(row) - 1)
    parameters = (between / (len(row) - 1) - interaction) / runs_per_point
    return float(parameters), 0.0, float(interaction)


def _two_way(values: np.ndarray, known: np.ndarray) -> tuple[float, float, float]:
    """Components of points that share seeds; arguments as in `_one_way`."""
    n, (points, seeds) = known.sum(), known.shape
    share = known / known.sum(axis=1, keepdims=True)
    reduced = np.diag(known.sum(axis=0)) - known.T @ share  # normal equations less the points
    right = values.sum(axis=0) - share.T @ values.sum(axis=1)
    rank = int(np.linalg.matrix_rank(reduced, tol=SINGULAR * n, hermitian=True))
    freedom = n - points - rank
    _need(freedom > 0)
    inverse = np.linalg.pinv(reduced, rcond=SINGULAR, hermitian=True)
    seeds_after_points = float(right @ inverse @ right)
    error = _spread(values, known, axis=1) - seeds_after_points
    interaction = error / freedom
    points_after_seeds = _spread(values, known, axis=0) - error
    common = (seeds_after_points - rank * interaction) / (n - points)
    parameters = (points_after_seeds - (n - seeds - freedom) * interaction) / (n - seeds)
    return float(parameters), float(common), float(interaction)


def _spread(values: np.ndarray, known: np.ndarray, axis: int) -> float:
    """Sum of squares about the means along an axis."""
    means = values.sum(axis=axis, keepdims=True) / known.sum(axis=axis, keepdims=True)
    return float((np.where(known, values - means, 0.0) ** 2).sum())


def _need(enough: bool) -> None:  # noqa: FBT001 - the one thing it is told
    """Refuse runs that leave a component undetermined."""
    if not enough:
        raise ValueError(
            "the runs do not tell parameters and seeds apart: more than one point and more than "
            "one seed at a point are needed"
        )


def shares_seeds(table: np.ndarray) -> bool:
    """Whether any seed was run at more than one point."""
    return bool((np.isfinite(table).sum(axis=0) > 1).any())


def shares_with_interval(table: np.ndarray, seeds: float) -> dict[str, tuple[float, float, float]]:
    """Shares of the variance with 95 % intervals.

    Jackknife over points and over seeds, both variances added, Student's t with the degrees of
    freedom of Satterthwaite (1946); no interval (NaN) from fewer than three points or, where
    points share them, seeds. Intervals may leave [0, 1], as estimates may. In normal samples of 30
    points and 4 or 8 seeds they cover in 88 to 98 of 100 cases, least where `common` is large.

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
            freedom = np.array([[_groups(table, axis) - 1] for axis in axes])
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
    """Variance of both shares, leaving out points (axis 0) or seeds (axis 1), a group at a time."""
    n = _groups(table, axis)
    member = np.arange(table.shape[axis]) % n
    without = np.array(
        [_shares(np.compress(member != each, table, axis), seeds) for each in range(n)]
    )
    return (n - 1) / n * ((without - without.mean(axis=0)) ** 2).sum(axis=0)


def _groups(table: np.ndarray, axis: int) -> int:
    return min(table.shape[axis], MOST_GROUPS)


def _half_width(parts: np.ndarray, freedom: np.ndarray) -> np.ndarray:
    """Half of the interval from variances (sources, shares) and their degrees of freedom."""
    variance = parts.sum(axis=0)
    below = (parts**2 / freedom).sum(axis=0)
    degrees = np.divide(variance**2, below, out=np.full_like(variance, np.inf), where=below > 0)
    quantile = np.array([special.stdtrit(min(each, 1e6), (1 + LEVEL) / 2) for each in degrees])
    return quantile * np.sqrt(variance)
