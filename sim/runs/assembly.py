"""From outcomes to the files of a results folder, run by run in the order of their ordinals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from sim.runs.pairing import PairLedger
from sim.runs.parcel import unpack_tables
from sim.runs.schema import RUNS
from sim.runs.store import ResultsWriter
from sim.runs.task import DONE, Outcome, Task


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

    writer  of the results folder
    ledger  takes the numbers of the effects, if there are any
    """

    writer: ResultsWriter
    ledger: PairLedger | None = None
    failures: list[Failure] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    _rows: list[dict[str, Any]] = field(default_factory=list)

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
        if self.ledger is not None:
            metrics = tables["metrics"].to_pandas()
            self.ledger.enter(task.scenario, task.point, task.seed, metrics)

    def finish(self) -> None:
        """Write the table `runs`."""
        self.writer.table("runs", pd.DataFrame(self._rows, columns=list(RUNS)))
