"""Inequality between provinces: Theil T with its decomposition, and the Gini coefficient.

Own code, because the `inequality` package knows no population weights; with equal weights the
tests hold both against it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.special import xlogy

from sim.metrics.checks import non_negative, unit_weights


class TheilParts(NamedTuple):
    """Theil T and its two parts, each (...,) [-]; `total` = `between` + `within`."""

    total: np.ndarray
    between: np.ndarray
    within: np.ndarray


def theil(income: Any, weights: Any | None = None) -> np.ndarray:
    """Theil's T: sum of w_i r_i ln r_i, with r_i income over mean income and 0 ln 0 = 0.

    income   (..., provinces)  income per head >= 0, one currency unit [any]
    weights  (provinces,) or the shape of `income`: population > 0; None for equal weights
    returns  (...,)  0 if all are equal, at most ln(1 / least weight) [-]
    raises ValueError : a number is not finite, negative or (weights) zero; no income at all;
        shapes do not match
    Source: Theil (1967), Economics and Information Theory, North-Holland, ch. 4.
    """
    relative, weight = _relative_income(income, weights)
    return (weight * xlogy(relative, relative)).sum(axis=-1)


def theil_decomposition(income: Any, groups: Any, weights: Any | None = None) -> TheilParts:
    """Theil's T split exactly into inequality between groups and within them.

    Between: every province has the mean income of its group. Within: the T of each group,
    weighted by its share of all income.

    income   (..., provinces)  income per head >= 0, one currency unit [any]
    groups   (provinces,)      label of the macro-region of each province
    weights  (provinces,) or the shape of `income`: population > 0; None for equal weights
    returns  total, between, within, each (...,) [-]
    raises ValueError : see `theil`; or `groups` is not one label per province
    Source: Shorrocks (1980), Econometrica 48(3).
    """
    relative, weight = _relative_income(income, weights)
    labels = np.asarray(groups)
    if labels.shape != relative.shape[-1:]:
        raise ValueError(f"groups have shape {labels.shape}, provinces {relative.shape[-1:]}")
    names, row = np.unique(labels, return_inverse=True)
    member = np.eye(names.size)[row]
    group_weight = weight @ member
    group_mean = (weight * relative) @ member / group_weight
    between = (group_weight * xlogy(group_mean, group_mean)).sum(axis=-1)
    own_mean = group_mean[..., row]
    within_ratio = relative / np.where(own_mean > 0, own_mean, 1.0)  # a group without income: 0
    within = (weight * xlogy(relative, within_ratio)).sum(axis=-1)
    total = (weight * xlogy(relative, relative)).sum(axis=-1)
    return TheilParts(total, between, within)


def gini(income: Any, weights: Any | None = None) -> np.ndarray:
    """Gini coefficient: twice the area between the diagonal and the piecewise linear Lorenz curve.

    income   (..., provinces)  income per head >= 0, one currency unit [any]
    weights  (provinces,) or the shape of `income`: population > 0; None for equal weights
    returns  (...,)  0 if all are equal, below 1 [-]
    raises ValueError : a number is not finite, negative or (weights) zero; no income at all;
        shapes do not match
    Source: Gini (1912); weighted form in Lerman and Yitzhaki (1989), J. Econometrics 42(1).
    """
    relative, weight = _relative_income(income, weights)
    order = np.argsort(relative, axis=-1, kind="stable")
    weight = np.take_along_axis(weight, order, axis=-1)
    income_share = np.take_along_axis(relative, order, axis=-1) * weight
    lorenz = np.cumsum(income_share, axis=-1)
    return 1.0 - (weight * (2.0 * lorenz - income_share)).sum(axis=-1)


def _relative_income(income: Any, weights: Any | None) -> tuple[np.ndarray, np.ndarray]:
    """Income over weighted mean income, and weights adding up to one, both (..., provinces)."""
    values = non_negative(income, "income")
    weight = unit_weights(weights, values)
    mean = (weight * values).sum(axis=-1, keepdims=True)
    if (mean <= 0).any():
        raise ValueError("income adds up to zero")
    return values / mean, weight
