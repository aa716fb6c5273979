"""Pairs of runs: one number per outcome for each of the two, over the quarters that both have."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

STATISTICS = ("last", "mean")
"""How a metric over quarters becomes one number: its last value, its mean."""
VALUES = ("value_baseline", "value_other")
"""Columns of a table of pairs: the number of the baseline, and of the other scenario."""


@dataclass(frozen=True)
class Pairs:
    """Runs of two scenarios, each two at the same point and under the same seed.

    baseline, other  labels of the scenarios
    table            point, seed, metric, statistic, and `VALUES`; NaN where a run has no value
    first, last      quarters that the statistics are taken over
    per_draw         points that came with one random draw; 0 if points are chosen
    """

    baseline: str
    other: str
    table: pd.DataFrame
    first: str
    last: str
    per_draw: int = 0


def statistics(
    metrics: pd.DataFrame, last: str, keys: Sequence[str] = (), values: Sequence[str] = ("value",)
) -> pd.DataFrame:
    """Value of each metric in the quarter `last`, and its mean over all quarters up to it.

    metrics  frame with the columns `keys`, quarter, metric and `values`
    returns  frame with the columns `keys`, metric, statistic and `values`
    """
    metrics = metrics[metrics["quarter"] <= last]
    by, columns = [*keys, "metric"], list(values)
    final = metrics.loc[metrics["quarter"] == last, [*by, *columns]].assign(statistic="last")
    mean = metrics.groupby(by, sort=False)[columns].mean().reset_index().assign(statistic="mean")
    return pd.concat([final, mean], ignore_index=True)[[*by, "statistic", *columns]]


def paired_statistics(
    baseline: pd.DataFrame, other: pd.DataFrame, last: str, keys: Sequence[str] = ()
) -> pd.DataFrame:
    """Statistics of two frames of metrics over the quarters in which both have a value.

    A metric need not be defined in every quarter, and the quarters may differ between two runs:
    means over different quarters would differ by what the quarters differ.

    returns  frame with the columns `keys`, metric, statistic and `VALUES`
    """
    by, (one, two) = [*keys, "quarter", "metric"], VALUES
    left = baseline[[*by, "value"]].rename(columns={"value": one}).reset_index(drop=True)
    right = other[[*by, "value"]].rename(columns={"value": two}).reset_index(drop=True)
    if left[by].equals(right[by]):  # as a rule; much quicker than to look for partners
        both = left.assign(**{two: right[two]})
    else:
        both = left.merge(right, on=by)
    return statistics(both.dropna(subset=list(VALUES)), last, keys, VALUES)


@dataclass
class PairLedger:
    """Numbers of all pairs of an experiment, taken while its runs pass by, one after the other.

    Runs of a point and seed come together: no more than their metrics are in memory at once.

    baseline  scenario the others are compared with
    last      last quarter that all runs have, at which outcomes are taken
    metrics   names of the metrics that are kept
    present   those of them that some run has
    """

    baseline: str
    last: str
    metrics: Collection[str]
    present: set[str] = field(default_factory=set)
    _at: tuple[int, int] | None = None
    _runs: dict[str, pd.DataFrame] = field(default_factory=dict)
    _keys: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    _values: dict[tuple[str, str, str], tuple[array[float], array[float]]] = field(
        default_factory=dict
    )

    def enter(self, scenario: str, point: int, seed: int, metrics: pd.DataFrame) -> None:
        """Take note of a run that did not fail.

        metrics  frame with the columns quarter, metric, value
        """
        if self._at != (point, seed):
            self._pair()
            self._at = point, seed
        self._runs[scenario] = metrics
        self.present |= set(metrics["metric"]).intersection(self.metrics)

    def pairs(self, scenario: str, metric: str) -> pd.DataFrame:
        """Pairs of a scenario and one metric, the table of `Pairs`; no rows if there is no pair.

        One metric at a time: those of all runs together would fill the memory of a large sweep.
        """
        self._pair()
        keys = pd.DataFrame(self._keys.get(scenario, []), columns=["point", "seed"])
        unknown = np.full((len(keys), len(VALUES)), np.nan)
        parts = []
        for statistic in STATISTICS:
            values = unknown.copy()
            for column, found in enumerate(self._values.get((scenario, metric, statistic), ())):
                values[: len(found), column] = found
            about = keys.assign(metric=metric, statistic=statistic)
            parts.append(about.assign(**dict(zip(VALUES, values.T, strict=True))))
        return pd.concat(parts, ignore_index=True)

    def _pair(self) -> None:
        """Pair the runs of the point and seed at hand, and let go of them."""
        base = self._runs.pop(self.baseline, None)
        if base is not None and self._at is not None:
            for scenario, other in self._runs.items():
                self._keep(scenario, self._at, paired_statistics(base, other, self.last))
        self._runs, self._at = {}, None

    def _keep(self, scenario: str, at: tuple[int, int], table: pd.DataFrame) -> None:
        """Numbers of a pair, behind NaN for those before it that had none."""
        keys = self._keys.setdefault(scenario, [])
        keys.append(at)
        chosen = table[table["metric"].isin(self.metrics)]
        for metric, statistic, *values in chosen.itertuples(index=False, name=None):
            columns = self._values.setdefault(
                (scenario, metric, statistic), (array("d"), array("d"))
            )
            for column, value in zip(columns, values, strict=True):
                column.extend([float("nan")] * (len(keys) - 1 - len(column)))
                column.append(value)
