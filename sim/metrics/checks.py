"""Shared checks of metric inputs: wrong numbers raise, they are never clipped or dropped."""

from __future__ import annotations

from typing import Any

import numpy as np


def finite(values: Any, name: str) -> np.ndarray:
    """`values` as a float array with at least one dimension.

    raises ValueError : empty, a scalar, or an entry is not a finite number; the message uses `name`
    """
    array = np.asarray(values, dtype=float)
    if array.ndim == 0 or array.size == 0:
        raise ValueError(f"{name} needs at least one entry along an axis")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinity")
    return array


def non_negative(values: Any, name: str) -> np.ndarray:
    """`values` as a finite float array without entries below zero.

    raises ValueError : see `finite`, or an entry is negative
    """
    array = finite(values, name)
    if (array < 0).any():
        raise ValueError(f"{name} must not be negative")
    return array


def positive(values: Any, name: str) -> np.ndarray:
    """`values` as a finite float array of entries above zero.

    raises ValueError : see `finite`, or an entry is zero or negative
    """
    array = finite(values, name)
    if (array <= 0).any():
        raise ValueError(f"{name} must be above zero")
    return array


def shares(amounts: Any, name: str, axis: int = -1) -> np.ndarray:
    """`amounts` divided by their sum along `axis`.

    raises ValueError : an amount is negative or not finite, or a sum is zero
    """
    array = non_negative(amounts, name)
    total = array.sum(axis=axis, keepdims=True)
    if (total <= 0).any():
        raise ValueError(f"{name} adds up to zero")
    return array / total


def unit_weights(weights: Any | None, values: np.ndarray) -> np.ndarray:
    """Weights of the units on the last axis of `values`, adding up to one.

    weights  None for equal weights, or (n,), or the shape of `values`; > 0, any unit
    returns  shape of `values`
    raises ValueError : shapes do not match, or a weight is not above zero
    """
    if weights is None:
        return np.full(values.shape, 1 / values.shape[-1])
    array = positive(weights, "weights")
    if array.shape not in (values.shape, values.shape[-1:]):
        raise ValueError(f"weights have shape {array.shape}, values {values.shape}")
    return np.broadcast_to(array / array.sum(axis=-1, keepdims=True), values.shape)
