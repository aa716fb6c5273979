"""The level at which things that fill at their own rates, each up to its limit, hold a total.

    sum_i min(rate_i level, limit_i) = total

The sum is piecewise linear in the level, so that sorting the points where things fill up gives it
exactly. Rationing of compute and the price of carbon are of this kind.
"""

from __future__ import annotations

import numpy as np

Array = np.ndarray

ROUNDING = 1e-12
"""Relative excess of a total over the sum of limits that is taken for rounding."""


def water_level(rate: Array, limit: Array, total: float) -> float:
    """Lowest level that holds the total.

    rate     (n,) > 0, what a unit of level adds
    limit    (n,) >= 0, most that a thing holds; inf where nothing limits it
    total    between 0 and the sum of limits, in their unit
    returns  level >= 0
    raises   ValueError : a number out of these bounds
    """
    _check(rate, limit, total)
    order = np.argsort(limit / rate, kind="stable")
    rate, limit = rate[order], limit[order]
    full = limit / rate
    held_before = np.concatenate([[0.0], np.cumsum(limit)[:-1]])
    filling = np.cumsum(rate[::-1])[::-1]
    reached = held_before + full * filling >= total
    first = int(np.argmax(reached)) if reached.any() else -1  # rounding may leave the last short
    return float(max(0.0, (total - held_before[first]) / filling[first]))


def _check(rate: Array, limit: Array, total: float) -> None:
    if rate.shape != limit.shape or rate.size == 0:
        raise ValueError(
            f"rate {rate.shape} and limit {limit.shape} must be as long, and not empty"
        )
    if not ((rate > 0) & np.isfinite(rate)).all():
        raise ValueError(f"rate must be finite and > 0: {rate.tolist()}")
    if not (limit >= 0).all():
        raise ValueError(f"limit must be >= 0: {limit.tolist()}")
    if not (0 <= total <= limit.sum() * (1 + ROUNDING) and np.isfinite(total)):
        raise ValueError(f"total must be between 0 and the sum of limits {limit.sum()}: {total}")
