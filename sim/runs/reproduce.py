"""Results done again from what their folder holds, and a verdict on every table."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sim.config.values import digest
from sim.runs.alike import program
from sim.runs.cache import RunCache
from sim.runs.campaign import Campaign
from sim.runs.changes import changes, damaged
from sim.runs.design_table import design_table
from sim.runs.difference import TableComparison, parquet_bytes, schema_differences
from sim.runs.engine import Engine, Progress
from sim.runs.errors import ResultsError
from sim.runs.executors import Executor
from sim.runs.experiment import Experiment
from sim.runs.folder import TABLES, read_manifest, read_table, undisturbed
from sim.runs.manifest import provenance
from sim.runs.parcel import unpack_tables
from sim.runs.produce import assemble, silent
from sim.runs.replay import stored_experiment
from sim.runs.rerun import Again, do_again, prepare, sampled, scratch_folder
from sim.runs.schema import arrow_table
from sim.runs.stored import StoredTable
from sim.runs.sweep import stoppable
from sim.runs.task import DONE, TIMED_OUT, Outcome
from sim.runs.verdicts import (
    DIFFERENT,
    EFFECTS,
    IDENTICAL,
    VERDICTS,
    Verdict,
    on_effects,
    on_tables,
)

OTHERS = ("runs", "design")
"""Tables that are not of a run."""
_OF_A_RUN = ("config_hash", "parameters", "status", "error", "traceback")
"""Columns of the table of runs that doing a run again can change."""


@dataclass(frozen=True)
class Reproduction:
    """Verdicts on the tables of a results folder.

    done, total  runs done again, and runs that the folder holds
    reasons      what has changed since, so that results may differ
    """

    tables: tuple[Verdict, ...]
    done: int
    total: int
    reasons: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """The worst of the verdicts."""
        return max((each.verdict for each in self.tables), key=VERDICTS.index)


def reproduce(
    folder: Path,
    engine: Engine,
    executor: Executor,
    *,
    sample: int | None = None,
    progress: Progress = silent,
) -> Reproduction:
    """Do the runs of a results folder again, all or a sample, and compare.

    Runs are done straight through, branching ones too.

    sample    number of runs, see `sampled`; None for all
    executor  does the runs; the caller shuts it down
    progress  called with the number of runs done, and of all
    raises ResultsError : the folder cannot be read, or runs cannot be kept meanwhile
    raises ConfigError  : this version does not understand the stored file
    raises StoppedError : a signal came
    """
    manifest = read_manifest(folder)
    runs = read_table(folder, "runs")
    experiment = None if manifest["kind"] == "run" else stored_experiment(folder, engine)
    chosen = [prepare(folder, engine, experiment, row) for row in sampled(runs, sample)]
    with undisturbed(folder), scratch_folder() as scratch, stoppable():
        cache = RunCache(scratch)
        do_again(chosen, cache, executor, engine, experiment, progress)
        unlike, comparisons = _compare(folder, chosen, cache)
        tables = [Verdict("runs", DIFFERENT if unlike else IDENTICAL, tuple(unlike))]
        tables += on_tables(comparisons)
        if experiment is not None and len(experiment.points) > 1:
            tables.append(_design(folder, experiment))
        if experiment is not None and len(chosen) == len(runs) and (folder / EFFECTS).exists():
            seeds = range(manifest["seeds"][0], manifest["seeds"][-1] + 1)
            again = _assembled(experiment, cache, scratch / "whole", seeds)
            baseline, metrics = experiment.spec.baseline, comparisons.get("metrics")
            tables.append(on_effects(folder / EFFECTS, again / EFFECTS, baseline, metrics))
    reasons = changes(manifest, provenance("", "", [])) + damaged(folder, manifest)
    if any(row["status"] == TIMED_OUT for row in runs.to_dict("records")):
        reasons.append("runs timed out, which depends on how fast a machine is")
    return Reproduction(tuple(tables), len(chosen), len(runs), tuple(reasons))


def _compare(
    folder: Path, chosen: list[Again], cache: RunCache
) -> tuple[list[str], dict[str, TableComparison]]:
    """What is other in the table of runs, and comparisons of those of the model."""
    names = [name for name in TABLES if (folder / f"{name}.parquet").exists()]
    comparisons = {name: TableComparison(name) for name in names if name not in OTHERS}
    unlike: list[str] = []
    with ExitStack() as stack:
        stored = {
            name: stack.enter_context(StoredTable(folder / f"{name}.parquet"))
            for name in comparisons
        }
        for each in chosen:
            outcome, tables = _outcome(cache, each)
            unlike += _unlike(each, outcome)
            extra = sorted(tables.keys() - comparisons.keys())
            unlike += [f"run {each.run}: has a table {name} now" for name in extra]
            for name, comparison in comparisons.items():
                rows = stored[name].rows(each.run)
                comparison.add(each.run, rows, tables.get(name, rows.slice(0, 0)))
        apart = [name for name, each in comparisons.items() if not each.identical]
        for each in chosen if apart else ():
            tables = _outcome(cache, each)[1]
            for name in apart:
                rows = stored[name].rows(each.run)
                comparisons[name].measure(each.task, rows, tables.get(name, rows.slice(0, 0)))
    return unlike, comparisons


def _outcome(cache: RunCache, each: Again) -> tuple[Outcome, dict[str, pa.Table]]:
    """What became of a run done again, and its tables, none if it failed."""
    outcome = cache.get(each.key)
    if outcome is None:
        raise ResultsError(f"{cache.path(each.key)}: damaged or gone; do it again")
    return outcome, unpack_tables(outcome.content) if outcome.status == DONE else {}


def _unlike(each: Again, outcome: Outcome) -> Iterator[str]:
    """What is other in the row of a run."""
    now = {
        "config_hash": digest(each.config),
        "parameters": json.dumps(each.parameters, sort_keys=True),
        "status": outcome.status,
        "error": outcome.error,
        "traceback": outcome.trace,
    }
    for name in _OF_A_RUN:
        if each.row[name] != now[name]:
            was, new = (" ".join(str(text).split())[:80] for text in (each.row[name], now[name]))
            yield f"run {each.run}: {name} was {was or 'empty'}, is {new or 'empty'}"


def _design(folder: Path, experiment: Experiment) -> Verdict:
    """Verdict on the table of the points."""
    path = folder / "design.parquet"
    if not path.exists():
        return Verdict("design", DIFFERENT, ("is not stored",))
    stored, again = pq.read_table(path), arrow_table(*design_table(experiment))
    said = schema_differences(stored.schema, again.schema)
    if not said and parquet_bytes(stored) == parquet_bytes(again):
        return Verdict("design", IDENTICAL)
    return Verdict("design", DIFFERENT, (*said, "the points are others"))


def _assembled(experiment: Experiment, cache: RunCache, folder: Path, seeds: range) -> Path:
    """Results folder of the runs done again."""
    campaign = Campaign(experiment, cache, program())
    assemble(campaign, folder, seeds, time.perf_counter(), (), csv=False)
    return folder
