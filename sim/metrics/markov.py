"""Distribution dynamics: how provinces move between income classes, and where that ends."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.metrics.checks import non_negative, positive

ROUNDING = 1e-9
"""How far the chances of a row may be from adding up to one."""


def income_classes(income: Any, edges: Any) -> np.ndarray:
    """Class of each province by its income over the mean of the period.

    income   (..., provinces)  income per head >= 0, one currency unit [any]
    edges    (classes - 1,)    upper ends of all classes but the last, ascending [mean incomes]
    returns  (..., provinces)  whole number from 0 (poorest class); an edge belongs to the class
             below it
    raises ValueError : a number is out of range or not finite, a period without income, or edges
        do not ascend
    Source: Quah (1993), Eur. Econ. Rev. 37(2/3).
    """
    values, ends = non_negative(income, "income"), positive(edges, "edges")
    if ends.ndim != 1 or (np.diff(ends) <= 0).any():
        raise ValueError(f"edges must ascend: {ends}")
    mean = values.mean(axis=-1, keepdims=True)
    if (mean <= 0).any():
        raise ValueError("income adds up to zero")
    return np.searchsorted(ends, values / mean, side="left")


def transition_matrix(classes: Any, count: int) -> np.ndarray:
    """Chance to be in class j one period after being in class i: share of the moves seen.

    classes  (periods, provinces)  whole numbers from 0 to count - 1
    count    number of classes
    returns  (count, count)  rows add up to one [-]
    raises ValueError : fewer than two periods, a class out of range, or one that nobody left
    Source: Anderson and Goodman (1957), Ann. Math. Stat. 28(1).
    """
    found = np.asarray(classes)
    if found.ndim != 2 or len(found) < 2:  # noqa: PLR2004 - a matrix of two periods or more
        raise ValueError(f"classes have shape {found.shape}, not (2 or more periods, provinces)")
    if not np.issubdtype(found.dtype, np.integer) or ((found < 0) | (found >= count)).any():
        raise ValueError(f"classes must be whole numbers from 0 to {count - 1}")
    moves = np.bincount((found[:-1] * count + found[1:]).ravel(), minlength=count**2)
    table = moves.reshape(count, count)
    seen = table.sum(axis=1, keepdims=True)
    if (seen == 0).any():
        raise ValueError(f"nobody is in class {int(np.argmin(seen))} before the last period")
    return table / seen


def ergodic_distribution(transition: Any) -> np.ndarray:
    """Shares of the classes that the transitions keep as they are: pi = pi P.

    transition  (classes, classes)  rows add up to one
    returns     (classes,)  add up to one; what the shares tend to, unless classes alternate [-]
    raises ValueError : not such a matrix, or more than one distribution is kept
    Source: Quah (1993), Eur. Econ. Rev. 37(2/3).
    """
    matrix = _checked_transition(transition)
    classes = len(matrix)
    system = np.vstack([np.eye(classes) - matrix.T, np.ones(classes)])
    if np.linalg.matrix_rank(system) < classes:
        raise ValueError("classes fall into groups without way out: many distributions are kept")
    return np.linalg.lstsq(system, np.append(np.zeros(classes), 1.0))[0]


def mixing_half_life(transition: Any) -> float:
    """Time in which the slowest part of the distance to the ergodic shares halves.

    transition  (classes, classes)  rows add up to one
    returns     ln 2 / -ln |lambda_2|, the second largest eigenvalue [periods]; 0 if the ergodic
                shares are reached at once, infinite if never
    raises ValueError : not such a matrix, or of a single class
    Source: Shorrocks (1978), Econometrica 46(5).
    """
    matrix = _checked_transition(transition)
    if len(matrix) == 1:
        raise ValueError("a single class has no second eigenvalue")
    second = np.sort(np.abs(np.linalg.eigvals(matrix)))[-2]
    if second < ROUNDING:
        return 0.0
    return float(np.log(2.0) / -np.log(second)) if second < 1 - ROUNDING else np.inf


def _checked_transition(transition: Any) -> np.ndarray:
    matrix = non_negative(transition, "transition")
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:  # noqa: PLR2004 - a matrix
        raise ValueError(f"transition has shape {matrix.shape}, not that of a square matrix")
    if (np.abs(matrix.sum(axis=1) - 1) > ROUNDING).any():
        raise ValueError("rows of transition do not add up to one")
    return matrix
