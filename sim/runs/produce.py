"""From a run or an experiment to its results folder."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pandas as pd

from sim.config.values import digest
from sim.runs.alike import program
from sim.runs.assembly import Assembly, Failure
from sim.runs.cache import RunCache
from sim.runs.campaign import Campaign
from sim.runs.design_table import design_table
from sim.runs.effects import COLUMNS, paired_effects
from sim.runs.engine import Engine, Progress
from sim.runs.errors import ResultsError
from sim.runs.executors import Executor
from sim.runs.experiment import Experiment
from sim.runs.folder import claim, locked
from sim.runs.manifest import provenance
from sim.runs.pairing import PairLedger, Pairs
from sim.runs.reuse import finished, reuse
from sim.runs.single import Run
from sim.runs.store import ResultsWriter
from sim.runs.sweep import stoppable
from sim.runs.task import Job, Task
from sim.runs.worker import perform


@dataclass(frozen=True)
class Report:
    """What became of the runs of a folder.

    failures  runs that did not end well, in order
    seconds   wall time of the whole
    notes     what else the user should know, one sentence each
    fresh     whether the folder was written, and not found as it should be
    """

    failures: tuple[Failure, ...]
    seconds: float
    notes: tuple[str, ...] = ()
    fresh: bool = True


def produce_run(run: Run, folder: Path, engine: Engine, *, csv: bool, progress: Progress) -> Report:
    """Simulate one run in this process and write its results folder.

    progress  called after each step
    raises ResultsError : the folder cannot be written, or keeps runs of a sweep
    """
    start, name = time.perf_counter(), run.config.name
    with locked(folder), ResultsWriter(folder, engine.tables, csv=csv) as writer:
        _refuse_kept(folder)
        outcome = perform(Job(engine, run.config, run.seed), progress)
        assembly = Assembly(writer)
        assembly.enter(Task(0, name, 0, run.seed), digest(run.config), {}, outcome)
        assembly.finish()
        writer.text("config.yaml", run.resolved())
        seconds = time.perf_counter() - start
        writer.commit(
            {
                **provenance("run", digest(run.config), [run.seed]),
                "program": program(),
                "wall_seconds": round(seconds, 3),
                "run_seconds": assembly.seconds,
            }
        )
    return Report(tuple(assembly.failures), seconds)


def _refuse_kept(folder: Path) -> None:
    """Refuse a folder that keeps runs of a sweep: it would look finished, and they be forgotten."""
    kept = RunCache(folder).discard(())
    if kept:
        raise ResultsError(
            f"{folder}: keeps {kept} runs of a sweep that was broken off; end it with its own "
            f"command, or remove {RunCache(folder).folder}, or choose another folder with --out"
        )


def silent(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


def experiment_hash(experiment: Experiment) -> str:
    """SHA-256 of an experiment, spelt out."""
    return hashlib.sha256(experiment.resolved().encode()).hexdigest()


@stoppable()
def produce_experiment(
    experiment: Experiment,
    folder: Path,
    executor: Executor,
    *,
    csv: bool = False,
    again: bool = False,
    progress: Progress = silent,
) -> Report:
    """Do every run of an experiment that is missing, and write its results folder.

    The same experiment in the same folder goes on where it was broken off: runs that are done, in
    the cache or in finished tables, are not done again.

    executor  does the runs; the caller shuts it down
    again     do failed runs again
    progress  called with the number of runs done, and of all
    raises ResultsError : the folder cannot be written, or not all of it (the runs are kept)
    raises StoppedError : a signal came (the runs are kept)
    """
    start = time.perf_counter()
    campaign = Campaign(experiment, RunCache(folder), program())
    with locked(folder), writing(folder):
        claim(folder)
        wanted = experiment_hash(experiment)
        old = None if again else finished(folder, wanted, campaign.program, csv=csv)
        if old is not None:
            told = ("nothing to do: all runs are there", *tidied(campaign))
            return Report(old, time.perf_counter() - start, told, fresh=False)
        spoilt = reuse(folder, campaign)
        if again:
            campaign.cache.forget_failures()
        seeds, notes = campaign.do(executor, progress)
        failures = assemble(campaign, folder, seeds, start, notes, csv=csv)
        notes = (*spoilt, *notes, *tidied(campaign))
    return Report(failures, time.perf_counter() - start, notes)


def tidied(campaign: Campaign) -> tuple[str, ...]:
    """Remove the kept runs that are in tables now; returns what to tell about others, if any."""
    left = campaign.cache.discard(campaign.keys())
    if not left:
        return ()
    told = f"{left} kept runs are of another experiment or program than this one"
    return (f"{told}; remove {campaign.cache.folder} if they are not wanted",)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """A file that cannot be written within, as on a full disk, is told with what is kept."""
    try:
        yield
    except OSError as error:
        raise ResultsError(
            f"{folder}: cannot write: {error.strerror or error}. Runs that are done are kept "
            "there; the same command goes on from them"
        ) from None


def assemble(
    campaign: Campaign,
    folder: Path,
    seeds: range,
    start: float,
    notes: tuple[str, ...],
    *,
    csv: bool,
) -> tuple[Failure, ...]:
    """Write the folder of an experiment from outcomes that are all there; returns failed runs.

    raises LostError : one is not
    """
    experiment = campaign.experiment
    metrics = experiment.spec.outcomes or experiment.engine.metrics
    ledger = PairLedger(experiment.spec.baseline, campaign.last, metrics)
    with ResultsWriter(folder, experiment.engine.tables, csv=csv) as writer:
        assembly = Assembly(writer, ledger)
        for task, key in campaign.tasks(seeds):
            _enter(campaign, assembly, task, key)
        assembly.finish()
        writer.text("experiment.yaml", experiment.resolved())
        if len(experiment.points) > 1:
            writer.table("design", *design_table(experiment))
        if len(experiment.scenarios) > 1:
            effects = _effects(experiment, ledger)
            writer.text("effects.csv", effects.to_csv(index=False, lineterminator="\n"))
        writer.commit(
            {
                **provenance("experiment", experiment_hash(experiment), seeds),
                "program": campaign.program,
                "wall_seconds": round(time.perf_counter() - start, 3),
                "run_seconds": assembly.seconds,
                "notes": list(notes),
            }
        )
    return tuple(assembly.failures)


class LostError(ResultsError):
    """The outcome of a run that was done is damaged or gone; `task` is the run."""

    def __init__(self, path: Path, task: Task) -> None:
        """Lost is the file `path`."""
        super().__init__(
            f"{path}: damaged or gone while tables were written; the same command does the run "
            "again"
        )
        self.task = task


def _enter(campaign: Campaign, assembly: Assembly, task: Task, key: str) -> None:
    """Write one run.

    raises LostError : its outcome is gone or damaged, since it was there
    """
    outcome, experiment = campaign.cache.get(key), campaign.experiment
    if outcome is None:
        raise LostError(campaign.cache.path(key), task)
    config_hash = experiment.config_hash(task.scenario, task.point)
    assembly.enter(task, config_hash, experiment.parameters(task.scenario, task.point), outcome)


def _effects(experiment: Experiment, ledger: PairLedger) -> pd.DataFrame:
    """Effects of every scenario that has a finished run paired with one of the baseline."""
    engine, name, spec = experiment.engine, experiment.spec.baseline, experiment.spec
    outcomes = spec.outcomes or [each for each in engine.metrics if each in ledger.present]
    first, per_draw = experiment.config(name).time.start, spec.points_per_draw()
    rows = []
    for scenario, outcome in product(experiment.scenarios, outcomes):
        table = ledger.pairs(scenario, outcome)
        if not table.empty:
            pairs = Pairs(name, scenario, table, first, ledger.last, per_draw)
            rows.append(paired_effects(pairs, [outcome], engine.metric_unit))
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=list(COLUMNS))
