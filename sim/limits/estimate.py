"""Rows of Monte-Carlo cases from independent draws, with their standard errors."""

from __future__ import annotations

import numpy as np

from sim.limits.base import Row, sampled

Array = np.ndarray


def mean_row(case: str, name: str, values: Array, exact: float) -> Row:
    """Row of the mean of (draws,) independent values."""
    error = values.std(ddof=1) / np.sqrt(values.size)
    return sampled(case, name, values.mean(), exact, error)


def variance_row(case: str, name: str, values: Array, exact: float) -> Row:
    """Row of the variance of (draws,) independent values.

    The standard error is that of the mean of squared deviations; the mean is estimated, which
    changes the result by 1 / draws, less than the error.
    """
    square = (values - values.mean()) ** 2
    error = square.std(ddof=1) / np.sqrt(values.size)
    return sampled(case, name, values.var(ddof=1), exact, error)
