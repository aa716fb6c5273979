"""Paired comparison: two scenarios under the same seeds, difference by difference.

Common random numbers make run i of one scenario and run i of the other differ only where the
scenarios differ, so the interval is that of the mean of the differences, which is narrower than
that of the difference of the means.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import special

from sim.runs.engine import Engine
from sim.runs.errors import ResultsError, known_name
from sim.runs.store import read_table

LEVEL = 0.95
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
)
"""Columns of effects.csv and compare.csv.

`statistic` is `last` (value in the last quarter) or `mean` (over all quarters); `low` and `high`
bound the 95 % interval of `difference`; `relative` is the difference over the size of
`baseline_mean`. Where a number is not defined (an interval from one pair, a share of nothing) the
field is empty.
"""


@dataclass(frozen=True)
class Sample:
    """Metrics of one scenario: `label` and a frame seed, quarter, metric, value."""

    label: str
    table: pd.DataFrame

    @property
    def seeds(self) -> set[int]:
        """Seeds of the finished runs."""
        return set(self.table["seed"])


def sample(folder: Path, scenario: str) -> Sample:
    """Finished runs of `scenario` in the results folder."""
    runs = finished_runs(folder)
    runs = runs[runs["scenario"] == scenario]
    metrics = read_table(folder, "metrics").merge(runs[["run", "seed"]], on="run")
    return Sample(scenario, metrics[["seed", "quarter", "metric", "value"]])


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
    raises ResultsError : no seed or no quarter in common
    """
    left, right = _in_common(baseline, other)
    first, last = min(left["quarter"]), max(left["quarter"])
    pairs = _statistics(left, last).merge(
        _statistics(right, last),
        on=["seed", "metric", "statistic"],
        suffixes=("_baseline", "_other"),
    )
    spans = {"last": last, "mean": f"{first}-{last}"}
    rows = []
    for outcome, (statistic, span) in product(outcomes, spans.items()):
        chosen = pairs[(pairs["metric"] == outcome) & (pairs["statistic"] == statistic)]
        numbers = chosen[["value_baseline", "value_other"]].to_numpy(float)
        about = (other.label, baseline.label, outcome, statistic, span, unit_of(outcome))
        rows.append(about + paired_interval(numbers[:, 0], numbers[:, 1]))
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
        left, right = sample(first, one), sample(second, two)
        if one == two:
            names = _apart(first, second)
            left = Sample(f"{names[0]}/{one}", left.table)
            right = Sample(f"{names[1]}/{two}", right.table)
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


def _in_common(baseline: Sample, other: Sample) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of both samples whose seed and quarter both samples hold."""
    left, right = baseline.table, other.table
    for column in ("seed", "quarter"):
        shared = set(left[column]) & set(right[column])
        if not shared:
            raise ResultsError(
                f"{baseline.label} and {other.label} have no {column} in common, "
                "so their runs cannot be paired"
            )
        left, right = left[left[column].isin(shared)], right[right[column].isin(shared)]
    return left, right


def _statistics(table: pd.DataFrame, last: str) -> pd.DataFrame:
    """Per seed and metric the value in the quarter `last` and the mean over all quarters."""
    keys = ["seed", "metric"]
    final = table.loc[table["quarter"] == last, [*keys, "value"]].assign(statistic="last")
    mean = table.groupby(keys, sort=False)["value"].mean().reset_index().assign(statistic="mean")
    return pd.concat([final, mean], ignore_index=True)
