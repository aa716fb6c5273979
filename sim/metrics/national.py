"""National aggregates of provincial columns: means, ratios and growth."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.metrics.checks import finite, non_negative, positive

QUARTERS_PER_YEAR = 4


def weighted_mean(values: Any, weights: Any) -> np.ndarray:
    """Mean of a provincial rate, each province counted by its size.

    values   (..., provinces)  a rate or a stage [any]
    weights  (..., provinces)  > 0, size of the base of the rate [any]
    returns  (...,)  in the unit of `values`
    raises ValueError : a number is not finite, a weight not above zero, or shapes differ
    """
    rate, size = finite(values, "values"), positive(weights, "weights")
    if rate.shape != size.shape:
        raise ValueError(f"values have shape {rate.shape}, weights {size.shape}")
    return (rate * size).sum(axis=-1) / size.sum(axis=-1)


def ratio_of_totals(part: Any, whole: Any) -> np.ndarray:
    """Sum of `part` over sum of `whole`.

    part, whole  (..., provinces)  >= 0
    returns      (...,)  [unit of part / unit of whole]
    raises ValueError : a number is negative or not finite, shapes differ, or a whole is zero
    """
    above, below = non_negative(part, "part"), non_negative(whole, "whole")
    if above.shape != below.shape:
        raise ValueError(f"part has shape {above.shape}, whole {below.shape}")
    total = below.sum(axis=-1)
    if (total <= 0).any():
        raise ValueError("whole adds up to zero")
    return above.sum(axis=-1) / total


def region_ratio(total: Any, population: Any, first: Any, second: Any) -> np.ndarray:
    """Total per head in one macro-region over total per head in another.

    total          (..., provinces)  e.g. GDP, > 0 in sum over each region [any]
    population     (..., provinces)  > 0 [any]
    first, second  (provinces,)      which provinces form the two regions [bool]
    returns        (...,)  1 if both are equally rich [-]
    raises ValueError : see `ratio_of_totals`; or a region has no province or no total
    """
    amount, people = non_negative(total, "total"), positive(population, "population")
    one, other = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    if not (one.any() and other.any()):
        raise ValueError("a macro-region without provinces has no total per head")
    below = ratio_of_totals(amount[..., other], people[..., other])
    if (below <= 0).any():
        raise ValueError("total of the second region is zero")
    return ratio_of_totals(amount[..., one], people[..., one]) / below


def growth_over_year(quarters: Any, values: Any) -> np.ndarray:
    """Growth against the same quarter of the year before.

    quarters  (quarters,)  quarter numbers, ascending [quarter]
    values    (quarters,)  > 0 [any]
    returns   (quarters,)  NaN where the year before is not in the series [share / year]
    raises ValueError : a value is not finite and positive, quarters do not ascend, shapes differ
    """
    level, number = positive(values, "values"), np.asarray(quarters)
    if number.shape != level.shape or level.ndim != 1:
        raise ValueError(f"quarters have shape {number.shape}, values {level.shape}")
    if (np.diff(number) <= 0).any():
        raise ValueError("quarters must ascend")
    earlier = np.searchsorted(number, number - QUARTERS_PER_YEAR)
    known = number[earlier] == number - QUARTERS_PER_YEAR
    return np.where(known, level / level[earlier] - 1.0, np.nan)
