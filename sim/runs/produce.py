"""From a run or an experiment to its results folder."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sim.config.values import digest
from sim.runs.compare import COLUMNS, Sample, paired_effects
from sim.runs.engine import Engine, Progress
from sim.runs.execute import Outcome, Task, run_all, run_one
from sim.runs.experiment import Experiment
from sim.runs.ledger import Ledger
from sim.runs.manifest import provenance
from sim.runs.single import Run
from sim.runs.store import ResultsWriter


@dataclass(frozen=True)
class Report:
    """What became of the runs of a folder.

    failures  outcomes of the failed runs, in order
    seconds   wall time of the whole
    """

    failures: tuple[Outcome, ...]
    seconds: float


def produce_run(run: Run, folder: Path, engine: Engine, *, csv: bool, progress: Progress) -> Report:
    """Simulate one run and write its results folder.

    progress  called after each step
    raises ResultsError : the folder cannot be written
    """
    start = time.perf_counter()
    name = run.config.name
    task = Task(0, name, run.seed, run.config)
    ledger = Ledger({name: {}})
    with ResultsWriter(folder, engine.tables, csv=csv) as writer:
        writer.text("config.yaml", run.resolved())
        ledger.write([run_one(task, engine, progress)], writer)
        seconds = time.perf_counter() - start
        writer.commit(
            {
                **provenance(digest(run.config), [run.seed]),
                "wall_seconds": round(seconds, 3),
                **ledger.manifest(),
            }
        )
    return Report(tuple(ledger.failures), seconds)


def produce_experiment(
    experiment: Experiment,
    folder: Path,
    engine: Engine,
    *,
    jobs: int,
    csv: bool,
    done: Callable[[], None],
) -> Report:
    """Simulate every run of an experiment and write its results folder.

    jobs  processes
    done  called after each run
    raises ResultsError : the folder cannot be written
    """
    start = time.perf_counter()
    ledger = Ledger(experiment.parameters())
    tasks = experiment.tasks()
    resolved = experiment.resolved()
    with ResultsWriter(folder, engine.tables, csv=csv) as writer:
        writer.text("experiment.yaml", resolved)
        ledger.write(run_all(tasks, engine, jobs, done), writer)
        if len(experiment.configs) > 1:
            effects = _effects(experiment, ledger.metrics(), engine)
            writer.text("effects.csv", effects.to_csv(index=False, lineterminator="\n"))
        seconds = time.perf_counter() - start
        config_hash = hashlib.sha256(resolved.encode()).hexdigest()
        writer.commit(
            {
                **provenance(config_hash, experiment.seeds()),
                "wall_seconds": round(seconds, 3),
                **ledger.manifest(),
            }
        )
    return Report(tuple(ledger.failures), seconds)


def _effects(experiment: Experiment, metrics: pd.DataFrame, engine: Engine) -> pd.DataFrame:
    """Effects of every scenario that has a finished run under a seed of the baseline."""
    present = set(metrics["metric"])
    outcomes = experiment.spec.outcomes or [name for name in engine.metrics if name in present]
    samples = {
        str(name): Sample(str(name), rows) for name, rows in metrics.groupby("scenario", sort=False)
    }
    baseline = samples.pop(experiment.spec.baseline, None)
    frames = [
        paired_effects(baseline, other, outcomes, engine.metric_unit)
        for other in samples.values()
        if baseline is not None and not baseline.seeds.isdisjoint(other.seeds)
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(COLUMNS))
