"""Convergence: whether incomes draw together (sigma) and the poor grow faster (beta)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.metrics.checks import finite, non_negative, positive, unit_weights

LEAST_PROVINCES = 3


@dataclass(frozen=True)
class BetaEstimate:
    """Result of a growth regression.

    speed           beta: share of the gap closed [1 / year]; negative means divergence
    standard_error  of `speed`, delta method on homoscedastic OLS [1 / year]
    half_life       ln 2 / speed [year]; infinite if the gap does not close
    """

    speed: float
    standard_error: float
    half_life: float


@dataclass(frozen=True)
class BetaPath:
    """Growth regressions of one start against many ends, each (periods,).

    The fields are those of `BetaEstimate`; NaN where no real speed exists.
    """

    speed: np.ndarray
    standard_error: np.ndarray
    half_life: np.ndarray


def sigma_convergence(income: Any, weights: Any | None = None) -> np.ndarray:
    """Standard deviation of log income (population formula, divided by n).

    income   (..., provinces)  income per head > 0, one currency unit [any]
    weights  (provinces,) or the shape of `income`: population > 0; None for equal weights
    returns  (...,) [log points]
    raises ValueError : a number is not finite and positive, or shapes do not match
    Source: Barro and Sala-i-Martin (1992), J. Polit. Econ. 100(2).
    """
    logs = np.log(positive(income, "income"))
    weight = unit_weights(weights, logs)
    mean = (weight * logs).sum(axis=-1, keepdims=True)
    return np.sqrt((weight * (logs - mean) ** 2).sum(axis=-1))


def coefficient_of_variation(income: Any, weights: Any | None = None) -> np.ndarray:
    """Standard deviation (population formula) over mean.

    income   (..., provinces)  income per head >= 0, one currency unit [any]
    weights  (provinces,) or the shape of `income`: population > 0; None for equal weights
    returns  (...,) [-]; weighted by population it is Williamson's index
    raises ValueError : a number is not finite, negative or (weights) zero; no income at all;
        shapes do not match
    Source: Williamson (1965), Econ. Dev. Cult. Change 13(4).
    """
    values = non_negative(income, "income")
    weight = unit_weights(weights, values)
    mean = (weight * values).sum(axis=-1, keepdims=True)
    if (mean <= 0).any():
        raise ValueError("income adds up to zero")
    return np.sqrt((weight * (values / mean - 1.0) ** 2).sum(axis=-1))


def beta_convergence(
    income_start: Any, income_end: Any, years: float, controls: Any | None = None
) -> BetaEstimate:
    """Speed at which poor provinces catch up with rich ones, absolute or given controls.

    Fits ln(y_T / y_0) / T = a - (1 - exp(-beta T)) / T * ln(y_0) + controls by OLS.

    income_start, income_end  (provinces,)  income per head > 0, one currency unit [any]
    years     scalar > 0 [year]
    controls  None for absolute convergence, else (provinces,) or (provinces, controls) [any]
    raises ValueError : not more provinces than coefficients, shapes differ, a number not finite
        and (incomes, years) positive, equal starts or collinear controls, or a slope so steep
        that no real speed exists
    Source: Barro and Sala-i-Martin (1992), J. Polit. Econ. 100(2).
    """
    start, end = positive(income_start, "income_start"), positive(income_end, "income_end")
    if start.ndim != 1 or start.shape != end.shape:
        raise ValueError(f"income_start has shape {start.shape}, income_end {end.shape}")
    path = beta_path(start, end[np.newaxis], np.array([years]), controls)
    if np.isnan(path.speed[0]):
        raise ValueError(
            "no real speed of convergence: the poor overtook the rich (slope <= -1 / years)"
        )
    return BetaEstimate(
        float(path.speed[0]), float(path.standard_error[0]), float(path.half_life[0])
    )


def beta_path(
    income_start: Any, income_end: Any, years: Any, controls: Any | None = None
) -> BetaPath:
    """Beta-convergence from one start to each of many ends, see `beta_convergence`.

    income_start  (provinces,)          income per head > 0 [any]
    income_end    (periods, provinces)  in the same unit
    years         (periods,)            time from the start to each end, > 0 [year]
    controls      None, (provinces,) or (provinces, controls) [any]
    raises ValueError : as `beta_convergence`, but a slope too steep gives NaN
    """
    start, end = positive(income_start, "income_start"), positive(income_end, "income_end")
    span = positive(years, "years")
    if start.ndim != 1 or end.shape != (*span.shape, *start.shape):
        raise ValueError(f"shapes: start {start.shape}, end {end.shape}, years {span.shape}")
    growth = np.log(end / start) / span[:, np.newaxis]
    slope, slope_error = _slope_on_start(np.log(start), growth, controls)
    remaining = 1.0 + slope * span  # share of the initial gap that is left: exp(-beta T)
    remaining = np.where(remaining > 0, remaining, np.nan)
    speed = -np.log(remaining) / span
    closing = speed > 0
    half_life = np.where(closing, np.log(2.0) / np.where(closing, speed, 1.0), np.inf)
    return BetaPath(
        speed=speed,
        standard_error=slope_error / remaining,  # |d beta / d slope| = 1 / (1 + slope T)
        half_life=np.where(np.isnan(speed), np.nan, half_life),
    )


def _slope_on_start(
    log_start: np.ndarray, growth: np.ndarray, controls: Any | None
) -> tuple[np.ndarray, np.ndarray]:
    """OLS coefficient of `log_start` and its standard error, for every row of `growth`."""
    provinces = log_start.size
    columns = [np.ones((provinces, 1)), log_start[:, np.newaxis]]
    if controls is not None:
        given = finite(controls, "controls")
        if given.ndim > 2 or given.shape[0] != provinces:  # noqa: PLR2004 - a matrix at most
            raise ValueError(f"controls have shape {given.shape}, for {provinces} provinces")
        columns.append(given.reshape(provinces, -1))
    design = np.hstack(columns)
    coefficients = design.shape[1]
    if provinces < max(LEAST_PROVINCES, coefficients + 1):
        raise ValueError(f"{provinces} provinces do not identify {coefficients} coefficients")
    scaled = design / np.maximum(np.abs(design).max(axis=0), np.finfo(float).tiny)
    if np.linalg.matrix_rank(scaled) < coefficients:
        raise ValueError("incomes start equal, or controls are collinear")
    basis, triangle = np.linalg.qr(design)
    solution = np.linalg.solve(triangle, basis.T @ growth.T)
    residual = growth.T - design @ solution
    variance = (residual**2).sum(axis=0) / (provinces - coefficients)
    spread = (np.linalg.inv(triangle)[1] ** 2).sum()  # entry of the inverse of X'X
    return solution[1], np.sqrt(variance * spread)
