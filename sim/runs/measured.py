"""Numbers that runs have, stored and done again, side by side for the tests of agreement.

Scenarios are kept apart: a change that moves one up and another down leaves their mean where it is.
So it is with the points of a design, of which there are many: their mean has to agree, and none by
itself may show a difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sim.runs.agreement import Quantity
from sim.runs.task import Task

ROWS = "rows"
"""Name of the number of rows of a quarter among the columns."""

Name = tuple[str, str, str]
"""Column, of text also "=" and a value, and statistic: last or mean."""
Pair = tuple[float, float]
"""A number as stored, and done again; NaN for none."""
Pairs = dict[tuple[int, int], Pair]
"""Point and seed of a run -> its pair."""


@dataclass
class Measured:
    """Pairs of each number, by scenario."""

    _pairs: dict[Name, dict[str, Pairs]] = field(default_factory=dict)

    def add(self, task: Task, name: Name, pair: Pair) -> None:
        """Take in the number `name` of a run."""
        self._pairs.setdefault(name, {}).setdefault(task.scenario, {})[task.point, task.seed] = pair

    def quantities(self, table: str, apart: Mapping[str, float]) -> Iterator[Quantity]:
        """Each number by scenario, the mean over points; then by point, if there are several.

        apart  largest relative difference of the columns
        """
        for (column, value, statistic), by_scenario in self._pairs.items():
            for scenario, pairs in by_scenario.items():
                of = f" of {scenario}" if len(by_scenario) > 1 else ""
                name = f"{table}: {column}{value}, {statistic}{of}"
                size = apart.get(column, apart.get(ROWS, 0.0))
                yield Quantity(name, *_by_seed(pairs), size)
                points = sorted({point for point, _ in pairs})
                for point in points if len(points) > 1 else ():
                    here = {at: pair for at, pair in pairs.items() if at[0] == point}
                    yield Quantity(f"{name}, point {point}", *_by_seed(here), size, part_of=name)

    def effects(self, baseline: str, outcomes: frozenset[str]) -> Iterator[Quantity]:
        """Numbers of the baseline, and differences of others to it, at the same point and seed.

        They are apart by their largest difference over the largest number of the baseline.
        """
        for (column, _, statistic), by_scenario in self._pairs.items():
            base = by_scenario.get(baseline, {})
            scale = float(np.nanmax(np.abs(list(base.values())), initial=0.0))
            for scenario, runs in by_scenario.items() if column in outcomes else ():
                pairs = runs if scenario == baseline else _minus(runs, base)
                largest = max(map(_gap, pairs.values()), default=0.0)
                apart = largest / scale if scale else np.inf
                yield Quantity(f"{column}, {statistic} of {scenario}", *_by_seed(pairs), apart)


def _minus(pairs: Pairs, base: Pairs) -> Pairs:
    """Differences of runs that are in both."""
    return {
        at: (pair[0] - base[at][0], pair[1] - base[at][1])
        for at, pair in pairs.items()
        if at in base
    }


def _gap(pair: Pair) -> float:
    """Difference of a pair, infinite if one of the two has no number."""
    if np.isnan(pair).any():
        return 0.0 if np.isnan(pair).all() else np.inf
    return abs(pair[1] - pair[0])


def means(one: pd.DataFrame, two: pd.DataFrame) -> dict[Name, Pair]:
    """Mean over the rows of the last quarter, and over all rows, of every column that both have.

    Of text they are the shares of rows that have each value.
    """
    found = {}
    for statistic in ("last", "mean"):
        left, right = (_mean(frame, statistic) for frame in (one, two))
        for column, value in left | right:
            if column == ROWS or (column in one and column in two):
                none = 0.0 if value else np.nan
                pair = left.get((column, value), none), right.get((column, value), none)
                found[column, value, statistic] = pair
    return found


def is_number(column: pd.Series) -> bool:
    """Whether a column holds numbers or truth values, and not text."""
    return pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)


def _mean(frame: pd.DataFrame, statistic: str) -> dict[tuple[str, str], float]:
    """Means by column and value, which is "" of a column of numbers."""
    rows = frame[frame.index == frame.index.max()] if statistic == "last" else frame
    found = {(ROWS, ""): float(len(rows))}
    for name, column in rows.items():
        if is_number(column):
            found[str(name), ""] = float(column.astype(float).mean())
        else:
            shares = column.astype(str).value_counts(normalize=True)
            found |= {(str(name), f"={value}"): float(share) for value, share in shares.items()}
    return found


def _by_seed(pairs: Mapping[tuple[int, int], Pair]) -> tuple[np.ndarray, np.ndarray]:
    """(seeds,) means over points, stored and again, in the order of seeds.

    A run without the number, stored and again, as one that failed both times, is left out.
    """
    by_seed: dict[int, list[Pair]] = {}
    for (_, seed), pair in pairs.items():
        known = by_seed.setdefault(seed, [])
        if not np.isnan(pair).all():
            known.append(pair)
    none = [(np.nan, np.nan)]
    found = [np.mean(by_seed[seed] or none, axis=0) for seed in sorted(by_seed)]
    stored, again = np.array(found).reshape(-1, 2).T
    return stored, again
