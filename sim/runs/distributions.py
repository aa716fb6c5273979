"""Quantiles of the distributions that a setting may have, as functions on arrays.

In all of them `u` is a probability, 0 to 1, of any shape, and the result has its shape. A bound
that is not there is infinite; see `EDGE`. Ends are met exactly, and nothing lies beyond them.
"""

from __future__ import annotations

import numpy as np
from scipy import special

EDGE = 2.0**-31
"""Nearest that `u` counts to the end of a distribution without bound: half a Sobol' cell."""
DIGITS = 10
"""Significant digits kept of what comes from an exponential or a normal quantile.

The last bits of these functions differ between processors; the settings of a run must not.
"""


def uniform(u: np.ndarray, low: float, high: float) -> np.ndarray:
    """Quantile of the uniform distribution."""
    return _ended(u, low * (1 - u) + high * u, low, high)


def log_uniform(u: np.ndarray, low: float, high: float) -> np.ndarray:
    """Quantile of the distribution whose logarithm is uniform; 0 < low."""
    log = np.log(low) * (1 - u) + np.log(high) * u
    return _ended(u, rounded(np.exp(log)), low, high)


def triangular(u: np.ndarray, low: float, mode: float, high: float) -> np.ndarray:
    """Quantile of the triangular distribution."""
    width = high - low
    rising = low + np.sqrt(u * width * (mode - low))
    falling = high - np.sqrt((1 - u) * width * (high - mode))
    return _ended(u, np.where(u * width < mode - low, rising, falling), low, high)


def normal(u: np.ndarray, mean: float, sd: float, low: float, high: float) -> np.ndarray:
    """Quantile of the normal distribution cut off at the ends."""
    score = rounded(_score(u, (low - mean) / sd, (high - mean) / sd))
    return _ended(u, mean + sd * score, low, high)


def lognormal(u: np.ndarray, mean: float, sd: float, low: float, high: float) -> np.ndarray:
    """Quantile of the lognormal distribution cut off at the ends.

    mean, sd   of the variable itself, not of its logarithm, before it is cut off; mean > 0
    low, high  at least 0
    """
    centre, spread = log_moments(mean, sd)
    score = _score(u, *log_scores(mean, sd, low, high))
    return _ended(u, rounded(np.exp(centre + spread * score)), low, high)


def log_moments(mean: float, sd: float) -> tuple[float, float]:
    """Mean and standard deviation of the logarithm of a lognormal variable.

    mean, sd  of the variable itself, > 0
    Source: Aitchison and Brown (1957), The Lognormal Distribution.
    """
    variance = float(np.log1p((sd / mean) ** 2))
    return float(np.log(mean)) - variance / 2, variance**0.5


def log_scores(mean: float, sd: float, low: float, high: float) -> tuple[float, float]:
    """Standard scores of two values of a lognormal variable; see `lognormal`."""
    centre, spread = log_moments(mean, sd)
    below = -np.inf if low <= 0 else (np.log(low) - centre) / spread
    return below, (np.log(high) - centre) / spread


def integer(u: np.ndarray, low: int, high: int) -> np.ndarray:
    """Quantile of the whole numbers from `low` to `high`, all equally likely; int64."""
    return low + position(u, high - low + 1)


def position(u: np.ndarray, size: int) -> np.ndarray:
    """Which of `size` equal parts of the unit interval `u` lies in, from 0; int64."""
    return np.minimum((u * size).astype(np.int64), size - 1)


def mass(low: float, high: float) -> float:
    """Probability of the standard normal between two scores."""
    if low > 0:
        low, high = -high, -low  # the lower tail has more digits
    return float(special.ndtr(high) - special.ndtr(low))


def rounded(values: np.ndarray) -> np.ndarray:
    """Values to DIGITS significant digits, by way of decimal text, which rounds alike anywhere."""
    digits = [float(f"{value:.{DIGITS - 1}e}") for value in values.ravel().tolist()]
    return np.array(digits, float).reshape(values.shape)


def _score(u: np.ndarray, low: float, high: float) -> np.ndarray:
    """Quantile of the standard normal cut off at two scores."""
    inside = np.clip(u, EDGE if np.isinf(low) else 0, 1 - (EDGE if np.isinf(high) else 0))
    # From the tail that is nearer, as a probability near 1 has few digits left.
    below = special.ndtr(low) + inside * mass(low, high)
    above = special.ndtr(-high) + (1 - inside) * mass(low, high)
    return np.where(below < above, special.ndtri(below), -special.ndtri(above))


def _ended(u: np.ndarray, values: np.ndarray, low: float, high: float) -> np.ndarray:
    at_low, at_high = (u <= 0) & np.isfinite(low), (u >= 1) & np.isfinite(high)
    return np.select([at_low, at_high], [low, high], np.clip(values, low, high))
