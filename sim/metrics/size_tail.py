"""Tail of a size distribution: the Pareto exponent of firms or places."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.metrics.checks import positive

LEAST_SIZES = 3


def tail_exponent(size: Any, least: float) -> tuple[float, float]:
    """Exponent of a Pareto tail above `least`, and its standard error.

    Hill's estimator, which is the maximum-likelihood one, times (n - 1) / n: unbiased if all
    sizes above `least` follow the law and are independent, with error exponent / sqrt(n - 2).

    size   (firms,) > 0 [any];  least > 0 in the same unit: smaller sizes are left out
    raises ValueError : a size is not finite and positive, or fewer than 3 are above `least`
    Source: Hill (1975), Ann. Stat. 3(5); Rytgaard (1990), ASTIN Bull. 20(2).
    """
    sizes = positive(size, "size")
    logs = np.log(sizes[sizes > least] / least)
    if logs.size < LEAST_SIZES:
        raise ValueError(f"{logs.size} sizes above {least} do not identify a tail")
    exponent = (logs.size - 1) / logs.sum()
    return float(exponent), float(exponent / np.sqrt(logs.size - 2))
