"""Paired comparison: two scenarios under the same seeds, difference by difference.

Common random numbers make run i of one scenario and run i of the other differ only where the
scenarios differ, so the interval is that of the mean of the differences, which is narrower than
that of the difference of the means.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import special

from sim.runs.engine import Engine
from sim.runs.errors import ResultsError, known_name
from sim.runs.folder import read_table

LEVEL = 0.95
STATISTICS = ("last", "mean")
"""How a metric over quarters becomes one number: its last value, its mean."""
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

`statistic` is `last` (value in the last quarter) or `mean` (over all quarters); `n` counts pairs:
seeds, or points of the design, each a mean over its seeds; `low` and `high` bound the 95 % interval
of `difference`; `relative` is the difference over the size of `baseline_mean`; `variance_removed`
is the share of the variance of a difference of unrelated runs that common seeds and points took
away. Where a number is not defined (an interval from one pair, a share of nothing) the field is
empty.
"""


@dataclass(frozen=True)
class Sample:
    """Outcomes of one scenario: `label`, and a frame point, seed, metric, statistic, value.

    first, last  quarters that the statistics are taken over
    """

    label: str
    table: pd.DataFrame
    first: str
    last: str

    @property
    def pairs(self) -> set[tuple[int, int]]:
        """Point and seed of each finished run."""
        return set(self.table[["point", "seed"]].itertuples(index=False, name=None))


def sample(folder: Path, scenario: str, last: str | None = None) -> Sample:
    """Finished runs of `scenario` in the results folder, up to quarter `last` or their end."""
    runs = finished_runs(folder)
    runs = runs[runs["scenario"] == scenario]
    metrics = read_table(folder, "metrics", runs["run"]).merge(
        runs[["run", "point", "seed"]], on="run"
    )
    end = str(metrics["quarter"].max()) if last is None else last
    metrics = metrics[metrics["quarter"] <= end]
    table = statistics(metrics, end, ["point", "seed"])
    return Sample(scenario, table, str(metrics["quarter"].min()), end)


def finished_runs(folder: Path) -> pd.DataFrame:
    """Rows of runs.parquet that did not fail.

    raises ResultsError : there is none
    """
    runs = read_table(folder, "runs")
    runs = runs[runs["status"] == "done"]
    if runs.empty:
        raise ResultsError(f"{folder}: every run failed, so there is nothing to compare")
    return runs


def paired_effects(
    baseline: Sample, other: Sample, outcomes: Sequence[str], unit_of: Callable[[str], str]
) -> pd.DataFrame:
    """Mean paired difference of `other` to `baseline` with its 95 % interval, per outcome.

    outcomes  metrics wanted, in this order
    unit_of   unit of a metric
    returns   frame with the columns `COLUMNS`, two rows per outcome
    raises ResultsError : no run of the one has point and seed of a run of the other
    """
    if baseline.pairs.isdisjoint(other.pairs):
        raise ResultsError(
            f"{baseline.label} and {other.label} have no seed in common (at the same point of a "
            "design), so their runs cannot be paired"
        )
    keys = ["point", "seed", "metric", "statistic"]
    pairs = baseline.table.merge(other.table, on=keys, suffixes=("_baseline", "_other"))
    if len(set(pairs["point"])) > 1:  # seeds of a point are one observation of that point
        by = ["point", "metric", "statistic"]
        pairs = pairs.groupby(by)[["value_baseline", "value_other"]].mean().reset_index()
    spans = {"last": baseline.last, "mean": f"{baseline.first}-{baseline.last}"}
    rows = []
    for outcome, (statistic, span) in product(outcomes, spans.items()):
        chosen = pairs[(pairs["metric"] == outcome) & (pairs["statistic"] == statistic)]
        numbers = chosen[["value_baseline", "value_other"]].to_numpy(float)
        about = (other.label, baseline.label, outcome, statistic, span, unit_of(outcome))
        one, two = numbers[:, 0], numbers[:, 1]
        rows.append((*about, *paired_interval(one, two), variance_removed(one, two)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def paired_interval(
    baseline: np.ndarray, other: np.ndarray
) -> tuple[int, float, float, float, float, float]:
    """Mean difference of pairs with its Student-t interval.

    baseline, other  (pairs,) values of the same seeds; a pair with a NaN is left out
    returns  n, mean of the baseline, mean difference, low, high, relative difference; NaN where
             not defined: anything of no pair, the interval of one, the ratio to a mean of zero
    Source: Student (1908), Biometrika 6(1).
    """
    known = np.isfinite(baseline) & np.isfinite(other)
    level, difference = baseline[known], (other - baseline)[known]
    n = len(difference)
    if n == 0:
        return 0, np.nan, np.nan, np.nan, np.nan, np.nan
    mean, centre, half = float(difference.mean()), float(level.mean()), np.nan
    if n > 1:
        quantile = special.stdtrit(n - 1, (1 + LEVEL) / 2)
        half = float(quantile * difference.std(ddof=1) / np.sqrt(n))
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


def compare_folders(
    first: Path, second: Path, scenarios: tuple[str, str] | None, engine: Engine
) -> pd.DataFrame:
    """Effects of `second` relative to `first`, two results folders, which may be the same one.

    scenarios  one of the first and one of the second folder; None means all that both hold, or
               the single scenario of each
    returns    frame with the columns `COLUMNS`, for every national metric
    raises ResultsError : a folder or a scenario is missing, or the two have no runs in common
    """
    frames = []
    for one, two in _scenario_pairs(first, second, scenarios):
        last = min(last_quarter(first, one), last_quarter(second, two))
        left, right = sample(first, one, last), sample(second, two, last)
        if one == two:
            names = _apart(first, second)
            left = replace(left, label=f"{names[0]}/{one}")
            right = replace(right, label=f"{names[1]}/{two}")
        present = set(left.table["metric"]) & set(right.table["metric"])
        outcomes = [name for name in engine.metrics if name in present]
        frames.append(paired_effects(left, right, outcomes, engine.metric_unit))
    return pd.concat(frames, ignore_index=True)


def _scenario_pairs(
    first: Path, second: Path, scenarios: tuple[str, str] | None
) -> list[tuple[str, str]]:
    here, there = scenario_names(first), scenario_names(second)
    same = first.resolve() == second.resolve()
    if same and (scenarios is None or scenarios[0] == scenarios[1]):
        raise ResultsError(
            f"{first}: compared with itself; give a second folder, or two of its scenarios "
            f"({', '.join(here)}) with --scenarios"
        )
    if scenarios is not None:
        known_name(f"scenario of {first}", scenarios[0], here)
        known_name(f"scenario of {second}", scenarios[1], there)
        return [scenarios]
    if len(here) == len(there) == 1:
        return [(here[0], there[0])]
    shared = [(name, name) for name in here if name in there]
    if not shared:
        raise ResultsError(
            f"{first} holds {', '.join(here)} and {second} holds {', '.join(there)}: "
            "name one of each with --scenarios"
        )
    return shared


def scenario_names(folder: Path) -> list[str]:
    """Scenarios of a results folder that have a finished run, in the order of the runs."""
    return list(dict.fromkeys(finished_runs(folder)["scenario"]))


def comparison_name(first: Path, second: Path, scenarios: tuple[str, str] | None) -> str:
    """Folder name for a comparison, made of the names compared."""
    names = [first.resolve().name, second.resolve().name]
    words = names[: 1 if first.resolve() == second.resolve() else 2] + list(scenarios or ())
    return re.sub(r"[^\w.-]+", "_", "-".join(["compare", *words]))


def _apart(first: Path, second: Path) -> tuple[str, str]:
    """Short names of two folders, or their paths where the names are the same."""
    short = first.resolve().name, second.resolve().name
    return short if short[0] != short[1] else (str(first), str(second))


def last_quarter(folder: Path, scenario: str) -> str:
    """Last quarter of the finished runs of a scenario."""
    runs = finished_runs(folder)
    chosen = runs.loc[runs["scenario"] == scenario, "run"]
    return str(read_table(folder, "metrics", chosen)["quarter"].max())


def statistics(metrics: pd.DataFrame, last: str, keys: Sequence[str] = ()) -> pd.DataFrame:
    """Value of each metric in the quarter `last`, and its mean over all quarters up to it.

    metrics  frame with the columns `keys`, quarter, metric, value
    returns  frame with the columns `keys`, metric, statistic, value
    """
    metrics = metrics[metrics["quarter"] <= last]
    by = [*keys, "metric"]
    final = metrics.loc[metrics["quarter"] == last, [*by, "value"]].assign(statistic="last")
    mean = metrics.groupby(by, sort=False)["value"].mean().reset_index().assign(statistic="mean")
    return pd.concat([final, mean], ignore_index=True)[[*by, "statistic", "value"]]
