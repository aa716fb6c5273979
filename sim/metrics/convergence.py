"""Convergence: whether incomes draw together (sigma) and the poor grow faster (beta)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.metrics.checks import finite, non_negative, positive, unit_weights

LEAST_PROVINCES = 3
LEAST_PERIODS = 4


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


@dataclass(frozen=True)
class LogT:
    """Result of a log t regression.

    slope           twice the rate alpha at which differences decay; negative: they grow [-]
    standard_error  of `slope`, robust to autocorrelation (Newey and West 1987) [-]
    t_statistic     slope over standard error; below -1.65 convergence is rejected at 5 % [-]
    """

    slope: float
    standard_error: float
    t_statistic: float


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


def log_t(path: Any, discard: float = 1 / 3, lags: int | None = None) -> LogT:
    """Whether provinces approach one common path, be their speeds different for a while.

    Fits ln(H_1 / H_t) - 2 ln L(t) = a + b ln t from t = discard * periods on, with
    H_t = mean over provinces of (h - 1)^2, h a province over the mean and L(t) = ln(t + 1).
    If the differences decay like 1 / (L(t) t^alpha), b = 2 alpha.

    path     (periods, provinces)  log income per head or another level > 0, freed from cycles [any]
    discard  share of the periods left out at the start, in [0, 1) [-]
    lags     autocovariances in the standard error; None for 4 (n / 100)^(2/9), n periods used
    raises ValueError : fewer than three provinces or four periods to fit, a number is not finite
        and positive, all provinces alike in a period, or `discard` or `lags` out of range
    Source: Phillips and Sul (2007), Econometrica 75(6).
    """
    decay = _decay(path)
    if not 0 <= discard < 1:
        raise ValueError(f"discard must lie in [0, 1): {discard}")
    first = max(1, int(discard * len(decay)))
    time = np.arange(first, len(decay) + 1)
    if time.size < LEAST_PERIODS:
        raise ValueError(f"{time.size} periods are left, {LEAST_PERIODS} are needed")
    span = int(4 * (time.size / 100) ** (2 / 9)) if lags is None else lags
    if not 0 <= span < time.size:
        raise ValueError(f"lags must lie in [0, {time.size}): {span}")
    slope, error = _robust_slope(np.log(time), decay[first - 1 :], span)
    return LogT(slope, error, slope / error if error > 0 else np.nan)


def _decay(path: Any) -> np.ndarray:
    """ln(H_1 / H_t) - 2 ln L(t) of `log_t`, (periods,)."""
    level = positive(path, "path")
    if level.ndim != 2 or level.shape[1] < LEAST_PROVINCES:  # noqa: PLR2004 - a matrix
        raise ValueError(f"path has shape {level.shape}, not (periods, {LEAST_PROVINCES} or more)")
    difference = ((level / level.mean(axis=1, keepdims=True) - 1) ** 2).mean(axis=1)
    if (difference <= 0).any():
        raise ValueError("all provinces are alike in a period")
    time = np.arange(1, len(level) + 1)
    return np.log(difference[0] / difference) - 2 * np.log(np.log(time + 1))


def _robust_slope(x: np.ndarray, y: np.ndarray, lags: int) -> tuple[float, float]:
    """OLS slope of y on x and its standard error with Bartlett weights up to `lags`."""
    apart = x - x.mean()
    slope = (apart @ y) / (apart @ apart)
    score = apart * (y - y.mean() - slope * apart)
    variance = score @ score
    for lag in range(1, lags + 1):
        variance += 2 * (1 - lag / (lags + 1)) * (score[lag:] @ score[:-lag])
    return float(slope), float(np.sqrt(variance) / (apart @ apart))
