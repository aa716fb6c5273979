"""The table of effects: paired differences of scenarios to the baseline, with intervals.

Common random numbers make two runs at the same point and under the same seed differ only where
the scenarios differ, so the interval is that of the mean of the differences, which is narrower
than that of the difference of the means.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
import pandas as pd

from sim.runs.interval import HalfWidth, crossed_half_width, half_width
from sim.runs.pairing import VALUES, Pairs

COLUMNS = (
    "scenario",
    "baseline",
    "outcome",
    "statistic",
    "quarters",
    "unit",
    "n",
    "baseline_mean",
    "difference",
    "low",
    "high",
    "relative",
    "variance_removed",
)
"""Columns of effects.csv and compare.csv.

`statistic` is `last` (value in the last quarter) or `mean` (over all quarters in which both runs
have one); `n` counts pairs of runs; `baseline_mean` and `difference` are means over points of the
design, each a mean over its seeds; `low` and `high` bound the 95 % interval of `difference`, over
seeds, and over points too where the design draws them at random (see `sim.runs.interval`);
`relative` is the difference over the size of `baseline_mean`; `variance_removed` is the share of
the variance of a difference of unrelated runs that common seeds and points took away. Where a
number is not defined (an interval from one seed, a share of nothing) the field is empty.
"""


def paired_effects(
    pairs: Pairs, outcomes: Sequence[str], unit_of: Callable[[str], str]
) -> pd.DataFrame:
    """Mean paired difference to the baseline with its 95 % interval, per outcome.

    outcomes  metrics wanted, in this order
    unit_of   unit of a metric
    returns   frame with the columns `COLUMNS`, two rows per outcome
    """
    spans = {"last": pairs.last, "mean": f"{pairs.first}-{pairs.last}"}
    rows = []
    for outcome, (statistic, span) in product(outcomes, spans.items()):
        chosen = known_pairs(pairs, outcome, statistic)
        one, two = (chosen[name].to_numpy(float) for name in VALUES)
        numbers = (
            crossed_interval(chosen, pairs.per_draw)
            if len(set(chosen["point"])) > 1
            else paired_interval(one, two)
        )
        about = (pairs.other, pairs.baseline, outcome, statistic, span, unit_of(outcome))
        rows.append((*about, *numbers, variance_removed(one, two)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def known_pairs(pairs: Pairs, outcome: str, statistic: str) -> pd.DataFrame:
    """Pairs of which both runs have a number: only what both know can be compared."""
    table = pairs.table
    chosen = table[(table["metric"] == outcome) & (table["statistic"] == statistic)]
    return chosen[np.isfinite(chosen[list(VALUES)].to_numpy(float)).all(axis=1)]


def paired_interval(
    baseline: np.ndarray, other: np.ndarray
) -> tuple[int, float, float, float, float, float]:
    """Mean difference of pairs with its Student-t interval.

    baseline, other  (pairs,) values of the same seeds; a pair with a NaN is left out
    returns  n, mean of the baseline, mean difference, low, high, relative difference; NaN where
             not defined: anything of no pair, the interval of one, the ratio to a mean of zero
    """
    known = np.isfinite(baseline) & np.isfinite(other)
    level, difference = baseline[known], (other - baseline)[known]
    if len(difference) == 0:
        return 0, np.nan, np.nan, np.nan, np.nan, np.nan
    return _interval(len(difference), level, difference, half_width(difference))


def crossed_interval(
    chosen: pd.DataFrame, per_draw: int
) -> tuple[int, float, float, float, float, float]:
    """Mean difference over points that all meet the same seeds, with its interval.

    chosen    point, seed and `VALUES`, all known
    per_draw  points that came with one random draw; 0 if points are chosen
    returns   as `paired_interval`; no interval from one seed
    """
    means = chosen.groupby("point")[list(VALUES)].mean()
    level, difference = (
        means[VALUES[0]].to_numpy(),
        (means[VALUES[1]] - means[VALUES[0]]).to_numpy(),
    )
    return _interval(len(chosen), level, difference, spread(chosen, per_draw).whole)


def spread(chosen: pd.DataFrame, per_draw: int) -> HalfWidth:
    """Half-width of the interval of `crossed_interval`, and what points alone make of it."""
    apart = chosen.assign(value=chosen[VALUES[1]] - chosen[VALUES[0]])
    table = apart.pivot_table(index="point", columns="seed", values="value")
    points = table.index.to_numpy()
    draw = points // per_draw if per_draw else np.zeros_like(points)
    return crossed_half_width(table.to_numpy(float), draw)


def _interval(
    n: int, level: np.ndarray, difference: np.ndarray, half: float
) -> tuple[int, float, float, float, float, float]:
    mean, centre = float(difference.mean()), float(level.mean())
    relative = mean / abs(centre) if centre != 0 else np.nan
    return n, centre, mean, mean - half, mean + half, relative


def variance_removed(baseline: np.ndarray, other: np.ndarray) -> float:
    """Share of variance that pairing takes from a difference, 1 - Var(o - b) / [Var(o) + Var(b)].

    baseline, other  (pairs,) values; a pair with a NaN is left out
    returns  1 where runs differ by a constant, about 0 where seeds have nothing in common, below 0
             where they pull apart; NaN for fewer than two pairs, or runs that do not vary
    """
    known = np.isfinite(baseline) & np.isfinite(other)
    one, two = baseline[known], other[known]
    apart = float(one.var(ddof=1) + two.var(ddof=1)) if len(one) > 1 else 0.0
    return 1 - float((two - one).var(ddof=1)) / apart if apart > 0 else np.nan
