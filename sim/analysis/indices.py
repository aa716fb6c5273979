"""Sensitivity indices of an outcome with 95 % intervals: Morris, Sobol and regression.

Each takes the design in unit-cube coordinates and one number per point, the mean over seeds, NaN
where a run failed. What cannot be used is left out whole (a trajectory, a block, a point), so
the rest is a smaller design of the same kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from SALib.analyze import sobol as salib_sobol  # type: ignore[import-untyped]
from scipy.stats import rankdata

from sim.analysis.structure import complete_blocks, saltelli_size, trajectories

LEVEL = 0.95
RESAMPLES = 500
ROUNDING = 1e-12
"""Differences below this share of a number are rounding."""
SEED = 1
"""Seed of the resampling: the same table gives the same intervals."""

COLUMNS = ("index", "setting", "other", "estimate", "low", "high", "counted", "used", "dropped")
"""Columns of a frame of indices; `counted` says what `used` and `dropped` count."""


def morris(x: np.ndarray, y: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """Mean (mu), mean size (mu_star) and standard deviation (sigma) of the elementary effects.

    An elementary effect is the change of the outcome per range of the setting. Intervals:
    percentile bootstrap over whole trajectories. SALib's estimates are the same; its interval is
    of mu_star alone, and it divides every step by one width.

    x      (points, settings) in the unit cube
    y      (points,) outcome; a trajectory with a NaN is left out
    names  of the settings
    raises ValueError : not a Morris design, or fewer than two trajectories are complete
    Source: Morris (1991), Technometrics 33(2); Campolongo et al. (2007), Environmental Modelling
    & Software 22(10).
    """
    order = trajectories(x)
    if order is None:
        raise ValueError("the points do not form Morris trajectories")
    kept = complete_blocks(y, x.shape[1] + 1)
    _need(kept, 2, "trajectories")
    effects = elementary_effects(x, y, order)[kept]
    draws = np.random.Generator(np.random.PCG64(SEED)).integers(
        len(effects), size=(RESAMPLES, len(effects))
    )
    again = effects[draws]
    pairs = {
        "mu_star": (np.abs(effects).mean(axis=0), np.abs(again).mean(axis=1)),
        "mu": (effects.mean(axis=0), again.mean(axis=1)),
        "sigma": (effects.std(axis=0, ddof=1), again.std(axis=1, ddof=1)),
    }
    rows = [
        (index, name, "", estimate[at], *_percentiles(resampled[:, at]))
        for index, (estimate, resampled) in pairs.items()
        for at, name in enumerate(names)
    ]
    return _frame(rows, "trajectories", kept)


def elementary_effects(x: np.ndarray, y: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Change of the outcome over change of the setting that moved.

    x        (points, settings) in the unit cube
    y        (points,) outcome
    order    (trajectories, settings) which setting moves in each step
    returns  (trajectories, settings), NaN where the outcome is
    """
    count, settings = order.shape
    steps = np.diff(x.reshape(count, settings + 1, settings), axis=1)
    slopes = np.diff(y.reshape(count, settings + 1), axis=1) / steps.sum(axis=2)
    effects = np.empty((count, settings))
    np.put_along_axis(effects, order, slopes, axis=1)
    return effects


def sobol(
    x: np.ndarray, y: np.ndarray, names: Sequence[str], *, pairs: bool = False
) -> pd.DataFrame:
    """First-order (S1), total (ST) and, with `pairs`, second-order (S2) Sobol indices by SALib.

    Intervals: normal, with the standard error of a bootstrap over whole blocks.

    x, y, names  as in `morris`; a block with a NaN is left out
    raises ValueError : not a Saltelli design, not one with the points for pairs, or fewer than
        two blocks are complete
    Source: Saltelli et al. (2010), Computer Physics Communications 181(2); SALib.
    """
    size, settings = saltelli_size(x), x.shape[1]
    if size is None:
        raise ValueError("the points do not form Saltelli blocks")
    doubled = size == 2 * settings + 2
    if pairs and not doubled:
        raise ValueError("the design has no points for indices of pairs (second order)")
    kept = complete_blocks(y, size)
    _need(kept, 2, "blocks")
    chosen = y[np.repeat(kept, size)]
    _need_change(chosen)
    options = {"num_resamples": RESAMPLES, "conf_level": LEVEL, "seed": SEED}
    problem = {"num_vars": settings, "names": list(names)}
    found = salib_sobol.analyze(problem, chosen, calc_second_order=doubled, **options)
    rows = [
        (index, name, "", *_around(found[index][at], found[f"{index}_conf"][at]))
        for index in ("ST", "S1")
        for at, name in enumerate(names)
    ]
    if pairs:
        rows += [
            ("S2", names[i], names[j], *_around(found["S2"][i, j], found["S2_conf"][i, j]))
            for i, j in combinations(range(settings), 2)
        ]
    return _frame(rows, "blocks", kept)


def regression(
    x: np.ndarray, y: np.ndarray, names: Sequence[str], *, block: int = 1
) -> pd.DataFrame:
    """Standardised coefficients of the outcome (SRC) and of its ranks (SRRC), and the R2 of both.

    With uncorrelated settings and a linear outcome SRC squared is the share of the variance.
    Intervals: percentile bootstrap over points, or over blocks where points hang together.

    x      (points, settings) in the unit cube
    y      (points,) outcome; a point with a NaN is left out
    names  of the settings
    block  consecutive points drawn together, as in a trajectory
    raises ValueError : fewer than settings + 2 points are complete, the outcome is the same at all
        of them, or the settings move together so that they cannot be told apart
    Source: Saltelli et al. (2008), Global Sensitivity Analysis: The Primer, section 1.2.5.
    """
    kept = np.isfinite(y)
    _need(kept, x.shape[1] + 2, "points")
    given, outcome = x[kept], y[kept]
    _need_change(outcome)
    still = [name for name, flat in zip(names, np.ptp(given, axis=0) == 0, strict=True) if flat]
    if still:
        raise ValueError(f"{', '.join(still)}: the same at every point")
    if np.linalg.matrix_rank(given - given.mean(axis=0), tol=1e-8) < x.shape[1]:
        raise ValueError("the settings move together, so their effects cannot be told apart")
    level = np.round((outcome - outcome.min()) / np.ptp(outcome), 12)  # equal but for rounding
    both = (given, outcome), (rankdata(given, axis=0), rankdata(level))
    resampled = np.array([_coefficients(both, weights) for weights in _draws(kept, block)])
    low, high = _percentiles(resampled)
    estimates = _coefficients(both, np.ones(len(outcome)))
    labels = [(index, name) for index in ("SRC", "SRRC") for name in names]
    labels += [("R2", ""), ("R2 of ranks", "")]
    rows = [
        (index, name, "", *numbers)
        for (index, name), *numbers in zip(labels, estimates, low, high, strict=True)
    ]
    return _frame(rows, "points", kept)


def standardised_coefficients(
    x: np.ndarray, y: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, float]:
    """Coefficients of a linear regression, all variables scaled to unit variance, and its R2.

    x        (points, settings)
    y        (points,) outcome
    weights  (points,) how often each point counts
    returns  (settings,) and a scalar; of settings that coincide each gets an equal part; zero if
             the outcome does not vary
    """
    table = np.column_stack([x, y])
    share = weights / weights.sum()
    centred = table - share @ table
    covariance = (centred.T * share) @ centred
    spread = np.sqrt(np.diag(covariance))
    spread[spread == 0] = 1.0
    correlation = covariance / np.outer(spread, spread)
    with_outcome = correlation[:-1, -1]
    coefficients = np.linalg.lstsq(correlation[:-1, :-1], with_outcome, rcond=None)[0]
    return coefficients, float(coefficients @ with_outcome)


def _coefficients(
    both: tuple[tuple[np.ndarray, np.ndarray], ...], weights: np.ndarray
) -> np.ndarray:
    """SRC, SRRC, R2, R2 of ranks, in one row; `both` holds values and ranks."""
    (plain, fit), (ranked, rank_fit) = (standardised_coefficients(x, y, weights) for x, y in both)
    return np.concatenate([plain, ranked, [fit, rank_fit]])


def _draws(kept: np.ndarray, block: int) -> Iterator[np.ndarray]:
    """How often each kept point counts in each resample of whole blocks."""
    member = np.unique((np.arange(len(kept)) // block)[kept], return_inverse=True)[1]
    blocks = member.max() + 1
    generator = np.random.Generator(np.random.PCG64(SEED))
    for _ in range(RESAMPLES):
        counts = np.bincount(generator.integers(blocks, size=blocks), minlength=blocks)
        yield counts[member].astype(float)


def _need(kept: np.ndarray, least: int, counted: str) -> None:
    """Refuse a design of which too little is left."""
    if kept.sum() < least:
        raise ValueError(
            f"too small: {kept.sum()} of {len(kept)} {counted} have all their runs, "
            f"at least {least} are needed"
        )


def _need_change(y: np.ndarray) -> None:
    """Refuse an outcome that differs between points by rounding alone."""
    if np.ptp(y) <= ROUNDING * np.abs(y).max():
        raise ValueError("the outcome is the same at every point")


def _percentiles(resampled: np.ndarray) -> tuple[Any, Any]:
    edge = 50 * (1 - LEVEL)
    low, high = np.percentile(resampled, [edge, 100 - edge], axis=0)
    return low, high


def _around(estimate: float, half: float) -> tuple[float, float, float]:
    return estimate, estimate - half, estimate + half


def _frame(rows: Sequence[tuple[Any, ...]], counted: str, kept: np.ndarray) -> pd.DataFrame:
    used = int(kept.sum())
    return pd.DataFrame(
        [(*row, counted, used, len(kept) - used) for row in rows], columns=list(COLUMNS)
    )
