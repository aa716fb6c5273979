"""From outcomes to the files of a results folder, run by run in the order of their ordinals."""

from __future__ import annotations

import json
from array import array
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from sim.runs.compare import STATISTICS, Sample, statistics
from sim.runs.parcel import unpack_tables
from sim.runs.schema import RUNS
from sim.runs.store import ResultsWriter
from sim.runs.task import DONE, Outcome, Task

_COLUMNS = ["point", "seed", "metric", "statistic", "value"]


@dataclass(frozen=True)
class Failure:
    """A run that did not end well."""

    task: Task
    status: str
    error: str
    trace: str = ""


@dataclass
class Assembly:
    """What is kept of each run once its tables are on disk: a row, and numbers for the effects.

    writer   of the results folder
    first    first quarter of the runs
    last     last quarter that all runs have, at which outcomes are taken
    metrics  names of the metrics that are kept
    """

    writer: ResultsWriter
    first: str
    last: str
    metrics: Collection[str]
    failures: list[Failure] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    _rows: list[dict[str, Any]] = field(default_factory=list)
    _done: list[Task] = field(default_factory=list)
    _values: dict[tuple[str, str], array[float]] = field(default_factory=dict)

    def enter(
        self, task: Task, config_hash: str, parameters: Mapping[str, Any], outcome: Outcome
    ) -> None:
        """Write the tables of a run, and take note of it."""
        failed = outcome.status != DONE
        self.seconds.append(round(outcome.seconds, 3))
        self._rows.append(
            {
                "run": task.run,
                "scenario": task.scenario,
                "point": task.point,
                "seed": task.seed,
                "config_hash": config_hash,
                "parameters": json.dumps(parameters, sort_keys=True),
                "status": outcome.status,
                "error": outcome.error,
                "traceback": outcome.trace,
                "replay": f"sim replay . {task.run}" if failed else "",
            }
        )
        if failed:
            self.failures.append(Failure(task, outcome.status, outcome.error, outcome.trace))
            return
        tables = unpack_tables(outcome.content)
        self.writer.add(task.run, tables)
        self._keep(task, statistics(tables["metrics"].to_pandas(), self.last))

    def finish(self) -> None:
        """Write the table `runs`."""
        self.writer.table("runs", pd.DataFrame(self._rows, columns=list(RUNS)))

    def samples(self, metric: str) -> dict[str, Sample]:
        """Outcomes of the finished runs by scenario: the statistics of one metric, NaN if missing.

        One metric at a time: those of all runs together would fill the memory of a large sweep.
        """
        keys = pd.DataFrame(
            [(task.scenario, task.point, task.seed) for task in self._done],
            columns=["scenario", "point", "seed"],
        )
        parts = [
            keys.assign(
                metric=metric,
                statistic=statistic,
                value=np.array(self._values.get((metric, statistic), [np.nan] * len(keys)), float),
            )
            for statistic in STATISTICS
        ]
        return {
            str(name): Sample(str(name), rows[_COLUMNS], self.first, self.last)
            for name, rows in pd.concat(parts).groupby("scenario", sort=False)
        }

    def present(self) -> set[str]:
        """Metrics that some run has."""
        return {metric for metric, _ in self._values}

    def _keep(self, task: Task, table: pd.DataFrame) -> None:
        """Numbers of a run, a column for each metric and statistic; NaN where it has none."""
        before = len(self._done)
        self._done.append(task)
        chosen = table[table["metric"].isin(self.metrics)]
        for metric, statistic, value in chosen.itertuples(index=False, name=None):
            column = self._values.setdefault(
                (metric, statistic), array("d", [float("nan")] * before)
            )
            column.append(value)
        for column in self._values.values():
            if len(column) == before:
                column.append(float("nan"))
