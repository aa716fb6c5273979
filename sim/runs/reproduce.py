"""Results done again from what their folder holds, and a verdict on every table."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sim.config.values import digest
from sim.runs.agreement import NEAR, TEST, disagreements
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
from sim.runs.folder import TABLES, locked, read_manifest, read_table
from sim.runs.manifest import provenance
from sim.runs.parcel import unpack_tables
from sim.runs.produce import assemble, silent
from sim.runs.replay import stored_experiment
from sim.runs.rerun import Again, do_again, prepare, sampled, scratch_folder
from sim.runs.schema import arrow_table
from sim.runs.stored import StoredTable
from sim.runs.sweep import stoppable
from sim.runs.task import DONE, TIMED_OUT, Outcome

IDENTICAL = "identical"
EQUAL = "statistically equal"
DIFFERENT = "different"
VERDICTS = (IDENTICAL, EQUAL, DIFFERENT)
"""From the best to the worst; that of the whole is the worst of its tables."""
FOLDER = ".reproduce"
"""Folder below the results for runs done again; removed at the end."""
EFFECTS = "effects.csv"
OTHERS = ("runs", "design")
"""Tables that are not of a run."""
_OF_A_RUN = ("config_hash", "parameters", "status", "error", "traceback")
"""Columns of the table of runs that doing a run again can change."""


@dataclass(frozen=True)
class Verdict:
    """What became of one table: verdict, and what to tell about it, a sentence each."""

    table: str
    verdict: str
    said: tuple[str, ...] = ()


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
    raises ResultsError : the folder cannot be read, or written below
    raises ConfigError  : this version does not understand the stored file
    raises StoppedError : a signal came
    """
    manifest = read_manifest(folder)
    runs = read_table(folder, "runs")
    single = manifest["kind"] == "run"
    experiment = None if single else stored_experiment(folder, engine)
    chosen = [prepare(folder, engine, experiment, row) for row in sampled(runs, sample)]
    with locked(folder), scratch_folder(folder / FOLDER) as scratch, stoppable():
        cache = RunCache(scratch)
        do_again(chosen, cache, executor, engine, experiment, progress)
        tables = list(_compare(folder, chosen, cache))
        if experiment is not None and len(experiment.points) > 1:
            tables.append(_design(folder, experiment))
        if experiment is not None and len(chosen) == len(runs) and (folder / EFFECTS).exists():
            campaign = Campaign(experiment, cache, program())
            tables.append(_effects(folder, campaign, scratch / "whole", manifest, tables))
    reasons = changes(manifest, provenance("", "", [])) + damaged(folder, manifest)
    if any(row["status"] == TIMED_OUT for row in runs.to_dict("records")):
        reasons.append("runs timed out, which depends on how fast a machine is")
    return Reproduction(tuple(tables), len(chosen), len(runs), tuple(reasons))


def _compare(folder: Path, chosen: list[Again], cache: RunCache) -> Iterator[Verdict]:
    """Verdicts on the table of runs and those of the model."""
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
                comparisons[name].measure(each.seed, rows, tables.get(name, rows.slice(0, 0)))
    yield Verdict("runs", DIFFERENT if unlike else IDENTICAL, tuple(unlike))
    yield from _judged(comparisons)


def _outcome(cache: RunCache, each: Again) -> tuple[Outcome, dict[str, pa.Table]]:
    """What became of a run done again, and its tables, none if it failed."""
    outcome = cache.get(each.key)
    if outcome is None:
        raise ResultsError(f"{cache.path(each.key)}: damaged or gone; do it again")
    return outcome, unpack_tables(outcome.content) if outcome.status == DONE else {}


def _judged(comparisons: Mapping[str, TableComparison]) -> Iterator[Verdict]:
    """Verdicts; the quantities of all tables are one family of tests."""
    apart = {name: each for name, each in comparisons.items() if not each.identical}
    against = disagreements([q for each in apart.values() for q in each.quantities()])
    for name, comparison in comparisons.items():
        if name not in apart:
            yield Verdict(name, IDENTICAL)
            continue
        mine = [text for text in against if text.startswith(f"{name}: ")]
        if mine or comparison.schema:
            yield Verdict(name, DIFFERENT, (*comparison.told(), *mine))
        else:
            yield Verdict(name, EQUAL, (*comparison.told(), _how(comparison)))


def _how(comparison: TableComparison) -> str:
    """By what a table is statistically equal."""
    if max((each.relative for each in comparison.columns.values()), default=0.0) <= NEAR:
        return (
            f"no value differs by more than {NEAR:g} of the largest of its column: no test needed"
        )
    return f"agrees by {TEST}"


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


def _effects(
    folder: Path,
    campaign: Campaign,
    whole: Path,
    manifest: Mapping[str, Any],
    tables: list[Verdict],
) -> Verdict:
    """Verdict on the effects: numbers that follow from the metrics, so they share their verdict."""
    seeds = range(manifest["seeds"][0], manifest["seeds"][-1] + 1)
    assemble(campaign, whole, seeds, time.perf_counter(), (), csv=False)
    stored, again = ((each / EFFECTS).read_text("utf-8").splitlines() for each in (folder, whole))
    other = sum(one != two for one, two in zip(stored, again, strict=False))
    if stored == again:
        return Verdict(EFFECTS, IDENTICAL)
    metrics = next(each.verdict for each in tables if each.table == "metrics")
    said = f"{other} of {len(stored)} lines differ"
    if metrics == EQUAL and len(stored) == len(again):
        return Verdict(EFFECTS, EQUAL, (said, "they follow from the metrics, which agree"))
    return Verdict(EFFECTS, DIFFERENT, (said,))
