"""The model in a notebook: one call, frames back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sim.config.document import Document, read
from sim.config.errors import NOWHERE
from sim.config.values import plain
from sim.model.config import RegionConfig
from sim.runs.cache import RunCache
from sim.runs.draft import load_draft
from sim.runs.errors import ResultsError
from sim.runs.folder import default_folder
from sim.runs.region import REGION
from sim.runs.results import ResultsFolder
from sim.runs.single import resolve
from sim.terminal import progress_bar

FAILED_RUNS = 1
"""Exit code of the command if runs failed, which are rows of its results."""


@dataclass(frozen=True)
class Result:
    """Tables of one run, and what gave them.

    provinces, zones, industries  one row per quarter and place
    metrics          quarter, metric, value
    firms, talents   snapshots of the agents at the quarters that the config records
    config, seed     resolved config and seed
    """

    provinces: pd.DataFrame
    zones: pd.DataFrame
    industries: pd.DataFrame
    metrics: pd.DataFrame
    firms: pd.DataFrame
    talents: pd.DataFrame
    config: RegionConfig
    seed: int


def run(
    config: str | Path | Mapping[str, Any] | RegionConfig,
    seed: int | None = None,
    set: Mapping[str, Any] | Sequence[str] = (),  # noqa: A002 - the word of the command line
    until: str | None = None,
    *,
    progress: bool = False,
) -> Result:
    """Simulate once, in this process, and write nothing.

    config    file, settings as a mapping, or a finished config
    seed      seed of all random streams; None takes that of the file, or else 1
    set       changed settings: {"policies.compute_sharing.dose": 1.0}, or ["a.b=c"]
    until     last quarter simulated, such as "2019Q4"
    progress  show a bar with the remaining time
    returns   the tables as frames, units as `sim columns` lists them
    raises ConfigError : the config or a changed setting cannot be used
    """
    if isinstance(config, str | Path):
        document = read(config)
    else:
        document = Document(plain(config), {(): NOWHERE})
    resolved = resolve(document, REGION, set, seed=seed, until=until)
    with progress_bar("quarter", quiet=not progress, anywhere=True) as show:
        frames = REGION.simulate(resolved.config, resolved.seed, show)
    return Result(config=resolved.config, seed=resolved.seed, **frames)


def experiment(
    file: str | Path,
    out: str | Path | None = None,
    *,
    jobs: int | None = None,
    retry_failed: bool = False,
    progress: bool = False,
) -> ResultsFolder:
    """Do an experiment in processes of their own, as `sim experiment` does, and open its results.

    It works in notebooks and in scripts without a main guard, since nothing of them is imported by
    the processes. Interrupted, it keeps finished runs; the same call goes on from there.

    file          experiment file
    out           results folder; results/<name of the file> if left out
    jobs          processes; as many as there are cores if left out
    retry_failed  do runs again that failed before
    progress      show a bar with the remaining time
    raises ConfigError, ResultsError : the experiment or the folder cannot be used
    """
    draft = load_draft(Path(file), REGION)
    folder = default_folder(draft.spec.name) if out is None else Path(out)
    words = [sys.executable, "-m", "sim", "experiment", str(file), "--out", str(folder), "--quiet"]
    words += ["--jobs", str(jobs)] if jobs else []
    words += ["--retry-failed"] if retry_failed else []
    with (
        progress_bar("run", quiet=not progress, anywhere=True) as show,
        subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process,
    ):
        told = _watch(process, RunCache(folder), draft.runs, show)
    if process.returncode not in {0, FAILED_RUNS}:
        raise ResultsError(told.removeprefix("error: ").strip())
    return ResultsFolder(folder)


def _watch(
    process: subprocess.Popen[bytes], cache: RunCache, runs: int, show: Callable[[int, int], None]
) -> str:
    """Wait for the end of a sweep, showing how many of its runs are done; what it said."""
    done = 0
    try:
        while True:
            try:
                told = process.communicate(timeout=0.5)[1].decode()
                break
            except subprocess.TimeoutExpired:
                done = max(done, len(list(cache.keys())))  # they go once they are in tables
                show(done, max(runs, done))
        if process.returncode in {0, FAILED_RUNS}:
            show(max(runs, done), max(runs, done))
        return told
    finally:
        process.terminate()  # an interrupt here ends it there, with what is kept


def open(folder: str | Path) -> ResultsFolder:  # noqa: A001 - `sim.open`
    """Results of `sim run` or `sim experiment`, as frames: `sim.open("results/x").provinces()`.

    raises ResultsError : no such folder, or no complete results of this version in it
    """
    return ResultsFolder(folder)
