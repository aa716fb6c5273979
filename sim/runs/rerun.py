"""Runs of a results folder done again, all or a sample, in a folder that is gone afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

import pandas as pd

from sim.config.document import read
from sim.config.values import digest
from sim.runs.alike import program
from sim.runs.cache import RunCache
from sim.runs.engine import Engine, Progress
from sim.runs.errors import ResultsError
from sim.runs.executors import Executor
from sim.runs.experiment import Experiment
from sim.runs.keys import run_key
from sim.runs.single import load_run
from sim.runs.sweep import Order, Sweep
from sim.runs.task import KILLED, TIMED_OUT, Job, Task


@dataclass(frozen=True)
class Again:
    """A run to do again: its row in the table of runs, and its config as it is read now."""

    row: Mapping[str, Any]
    config: Any
    parameters: Mapping[str, Any]
    key: str

    @property
    def run(self) -> int:
        """Its ordinal in the folder."""
        return int(self.row["run"])

    @property
    def seed(self) -> int:
        """Its seed."""
        return int(self.row["seed"])

    @property
    def task(self) -> Task:
        """Which run it is."""
        return Task(self.run, str(self.row["scenario"]), int(self.row["point"]), self.seed)


def sampled(runs: pd.DataFrame, count: int | None) -> list[dict[str, Any]]:
    """Rows of runs to do again, always the same ones: as many of each scenario as can be.

    Within a scenario the order is that of a hash of scenario, point and seed: as good as random,
    and the same whatever else the folder holds.

    count    number of runs, None or more than there are for all
    """
    rows: list[dict[str, Any]] = [
        {str(k): v for k, v in r.items()} for r in runs.to_dict("records")
    ]
    if count is None or count >= len(rows):
        return rows
    turns: dict[str, int] = {}
    ranked = []
    for row in sorted(rows, key=_hash):
        turn = turns[row["scenario"]] = turns.get(row["scenario"], 0) + 1
        ranked.append((turn, _hash(row), row))
    ranked.sort(key=lambda each: each[:2])
    return sorted((row for _, _, row in ranked[:count]), key=lambda row: row["run"])


def _hash(row: Mapping[str, Any]) -> str:
    text = f"{row['scenario']} {row['point']} {row['seed']}"
    return hashlib.sha256(text.encode()).hexdigest()


def prepare(
    folder: Path, engine: Engine, experiment: Experiment | None, row: Mapping[str, Any]
) -> Again:
    """The run of a row, its config read from what the folder holds."""
    parameters: Mapping[str, Any] = {}
    if experiment is None:
        config = load_run(folder / "config.yaml", engine).config
    else:
        config = experiment.config(row["scenario"], row["point"])
        parameters = experiment.parameters(row["scenario"], row["point"])
    return Again(row, config, parameters, run_key(digest(config), row["seed"], program()))


def risky(folder: Path, runs: pd.DataFrame) -> bool:
    """Whether a run of a folder may have to be ended by force, or may take its process along.

    raises ConfigError : the experiment cannot be read
    """
    file = folder / "experiment.yaml"
    said = read(file).values if file.is_file() else {}  # noqa: PD011 - a document, no frame
    return bool(said.get("timeout")) or bool(runs["status"].isin([KILLED, TIMED_OUT]).any())


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Temporary folder for what is done again; gone at the end, however it comes.

    raises ResultsError : it cannot be written
    """
    try:
        with TemporaryDirectory(prefix="sim-reproduce-", ignore_cleanup_errors=True) as scratch:
            yield Path(scratch)
    except OSError as error:
        raise ResultsError(
            f"{error.filename or gettempdir()}: cannot write: {error.strerror or error}; set "
            "TMPDIR to a folder with room"
        ) from None


def do_again(
    chosen: Sequence[Again],
    cache: RunCache,
    executor: Executor,
    engine: Engine,
    experiment: Experiment | None,
    progress: Progress,
) -> None:
    """Do runs, straight through, so that the outcome of each is in the cache.

    progress  called with the number of runs done, and of all
    """
    limit = 0.0 if experiment is None else experiment.spec.timeout
    left = {each.key for each in chosen}
    total = len(left)
    progress(0, total)

    def told(key: str) -> None:
        left.discard(key)
        progress(total - len(left), total)

    def job(each: Again, _start: bytes) -> Job:
        return Job(engine, each.config, each.seed, limit)

    Sweep(cache, executor, told, limit).run(Order(each.key, partial(job, each)) for each in chosen)
