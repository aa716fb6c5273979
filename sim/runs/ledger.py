"""What is kept of each run once its tables are on disk: its row, its metrics, its failure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from sim.config.values import digest
from sim.runs.execute import Outcome
from sim.runs.schema import RUNS
from sim.runs.store import ResultsWriter

DONE, FAILED = "done", "failed"


@dataclass
class Ledger:
    """Runs of one folder, in order.

    parameters  what each scenario changes in the base config, by scenario
    """

    parameters: Mapping[str, Mapping[str, Any]]
    failures: list[Outcome] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    _rows: list[dict[str, Any]] = field(default_factory=list)
    _metrics: list[pd.DataFrame] = field(default_factory=list)

    def write(self, outcomes: Iterable[Outcome], writer: ResultsWriter) -> None:
        """Stream the tables of all runs, then the table `runs`, to the writer."""
        for outcome in outcomes:
            self._enter(outcome)
            if outcome.frames is None:
                self.failures.append(outcome)
            else:
                writer.add(outcome.task.run, outcome.frames)
                self._metrics.append(
                    outcome.frames["metrics"].assign(
                        scenario=outcome.task.scenario, seed=outcome.task.seed
                    )
                )
        writer.table("runs", pd.DataFrame(self._rows, columns=list(RUNS)))

    def metrics(self) -> pd.DataFrame:
        """Metrics of the finished runs: quarter, metric, value, scenario, seed."""
        columns = ["quarter", "metric", "value", "scenario", "seed"]
        frames = [pd.DataFrame(columns=columns), *self._metrics]
        return pd.concat(frames[1:] or frames, ignore_index=True)[columns]

    def manifest(self) -> dict[str, Any]:
        """Wall times and tracebacks: what differs between equal runs, so kept out of the tables."""
        return {
            "run_seconds": self.seconds,
            "failures": {str(each.task.run): each.trace or each.error for each in self.failures},
        }

    def _enter(self, outcome: Outcome) -> None:
        task = outcome.task
        self.seconds.append(round(outcome.seconds, 3))
        self._rows.append(
            {
                "run": task.run,
                "scenario": task.scenario,
                "seed": task.seed,
                "config_hash": digest(task.config),
                "parameters": json.dumps(self.parameters[task.scenario], sort_keys=True),
                "status": DONE if outcome.frames is not None else FAILED,
                "error": outcome.error,
            }
        )
