"""Spatial association: Moran's I on land borders.

Own code: one array expression for all quarters of a run, and no import of the geographic stack
behind `esda` (10 seconds). The tests hold it against `esda.Moran`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from sim.metrics.checks import finite, non_negative

LEAST_SHUFFLED = 4
"""Provinces below which the variance over all orders has no formula."""


class MoranMoments(NamedTuple):
    """Expectation and variance of Moran's I under the hypothesis of no likeness [-]."""

    expectation: float
    variance: float


def contiguity_weights(provinces: Sequence[int], pairs: Iterable[tuple[int, int]]) -> np.ndarray:
    """Row-standardised weights: each land neighbour of a province counts one over their number.

    A province without land neighbour, such as Hainan, keeps a row of zeros (the convention of
    PySAL): it enters mean and variance but no neighbour sum. To bridge a strait, give its pair.

    provinces  (n,)  codes, each once
    pairs      neighbours by code, in one or both directions
    returns    (n, n)  rows add up to one, or to zero for an island [-]
    raises ValueError : a code appears twice, a pair names an unknown code or a province itself
    Source: Anselin (1988), Spatial Econometrics, ch. 3.
    """
    row = {code: number for number, code in enumerate(provinces)}
    if len(row) < len(provinces):
        raise ValueError("a province code appears twice")
    weights = np.zeros((len(row), len(row)))
    for one, other in pairs:
        if one not in row or other not in row or one == other:
            raise ValueError(f"({one}, {other}) is not a pair of two provinces of the list")
        weights[row[one], row[other]] = weights[row[other], row[one]] = 1.0
    neighbours = weights.sum(axis=1, keepdims=True)
    return weights / np.maximum(neighbours, 1.0)


def moran(values: Any, weights: Any) -> np.ndarray:
    """Moran's I: n / S0 * sum of w_ij z_i z_j over sum of z_i^2, z the deviations from the mean.

    values   (..., provinces)        any finite quantity
    weights  (provinces, provinces)  >= 0, see `contiguity_weights`
    returns  (...,)  positive if neighbours are alike; -1 / (n - 1) expected by chance [-]
    raises ValueError : a number is not finite, a weight negative, all weights zero, shapes do
        not match, or all values are equal
    Source: Moran (1950), Biometrika 37(1/2); Cliff and Ord (1981), Spatial Processes.
    """
    quantity, matrix = finite(values, "values"), _checked_weights(weights)
    if matrix.shape[0] != quantity.shape[-1]:
        raise ValueError(f"weights have shape {matrix.shape}, values {quantity.shape}")
    if (np.ptp(quantity, axis=-1) <= 0).any():
        raise ValueError("all values are equal")
    deviation = quantity - quantity.mean(axis=-1, keepdims=True)
    alike = (deviation * (deviation @ matrix.T)).sum(axis=-1) / matrix.sum()
    return alike / (deviation**2).mean(axis=-1)


def moran_moments(weights: Any, values: Any | None = None) -> MoranMoments:
    """Expectation and variance of Moran's I if values are independent and normal, or shuffled.

    weights  (provinces, provinces)  >= 0, see `contiguity_weights`
    values   None for normal values of any size, or (provinces,): the moments are then those over
             all orders in which these values could lie on the map (randomisation)
    raises ValueError : a weight is negative or not finite, all are zero, or not a square matrix;
        values do not match, are not finite, all equal or fewer than four
    Source: Cliff and Ord (1981), Spatial Processes, eq. 1.35 to 1.39.
    """
    matrix = _checked_weights(weights)
    n = matrix.shape[0]
    s0 = matrix.sum()
    s1 = ((matrix + matrix.T) ** 2).sum() / 2
    s2 = ((matrix.sum(axis=0) + matrix.sum(axis=1)) ** 2).sum()
    expectation = -1.0 / (n - 1)
    if values is None:
        second_moment = (n**2 * s1 - n * s2 + 3 * s0**2) / ((n**2 - 1) * s0**2)
    else:
        peaked = _kurtosis(values, n)
        alike = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
        tails = peaked * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
        second_moment = (alike - tails) / ((n - 1) * (n - 2) * (n - 3) * s0**2)
    return MoranMoments(float(expectation), float(second_moment - expectation**2))


def _kurtosis(values: Any, provinces: int) -> float:
    """Fourth over squared second central moment, 3 for a normal distribution."""
    quantity = finite(values, "values")
    if quantity.shape != (provinces,) or provinces < LEAST_SHUFFLED:
        raise ValueError(f"values have shape {quantity.shape}, weights are of {provinces}")
    if np.ptp(quantity) <= 0:
        raise ValueError("all values are equal")
    square = (quantity - quantity.mean()) ** 2
    return float((square**2).mean() / square.mean() ** 2)


def _checked_weights(weights: Any) -> np.ndarray:
    matrix = non_negative(weights, "weights")
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:  # noqa: PLR2004 - a matrix
        raise ValueError(f"weights have shape {matrix.shape}, not that of a square matrix")
    if matrix.sum() <= 0:
        raise ValueError("all weights are zero")
    return matrix
