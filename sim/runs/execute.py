"""Executing runs: in this process or in several, results always in the order of the tasks."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sim.runs.engine import Engine, Frames, Progress

_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)


@dataclass(frozen=True)
class Task:
    """One run to do: its ordinal, scenario, seed and resolved configuration."""

    run: int
    scenario: str
    seed: int
    config: Any


@dataclass(frozen=True)
class Outcome:
    """What became of a task.

    frames   tables of the run; None if it failed
    error    one line saying why it failed, the same on every machine; "" if it did not
    trace    full traceback of the failure, "" if it did not fail
    seconds  wall time
    """

    task: Task
    frames: Frames | None
    error: str
    trace: str
    seconds: float


def run_one(task: Task, engine: Engine, progress: Progress | None = None) -> Outcome:
    """Do one run; whatever goes wrong in it becomes part of the outcome."""
    start = time.perf_counter()
    frames, error, trace = None, "", ""
    try:
        frames = engine.simulate(task.config, task.seed, progress)
    except Exception as problem:  # noqa: BLE001 - any failure of a run is data, others go on
        error, trace = _one_line(problem), traceback.format_exc()
    return Outcome(task, frames, error, trace, time.perf_counter() - start)


def run_all(
    tasks: Sequence[Task], engine: Engine, jobs: int, done: Callable[[], None]
) -> Iterator[Outcome]:
    """Outcomes in the order of the tasks, whatever the order in which they finish.

    jobs  processes; with 1 the runs are done in this one
    done  called each time a run has finished
    """
    if min(jobs, len(tasks)) == 1:
        for task in tasks:
            outcome = run_one(task, engine)
            done()
            yield outcome
        return
    with single_threaded():
        yield from _run_in_processes(tasks, engine, min(jobs, len(tasks)), done)


def _run_in_processes(
    tasks: Sequence[Task], engine: Engine, jobs: int, done: Callable[[], None]
) -> Iterator[Outcome]:
    def finished(_future: Future[Outcome]) -> None:
        done()

    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"))
    try:
        futures = [pool.submit(run_one, task, engine) for task in tasks]
        for future in futures:
            future.add_done_callback(finished)
        for task, future in zip(tasks, futures, strict=True):
            try:
                outcome = future.result()
            except BrokenProcessPool:
                error = "WorkerDied: the system ended a worker process (out of memory?)"
                outcome = Outcome(task, None, error, "", 0.0)
            yield outcome
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def single_threaded() -> Iterator[None]:
    """Processes started within use one thread each: runs are what is parallel.

    Libraries read these variables once, when they are imported, so this pins the workers, which
    inherit them, and not the present process.
    """
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _one_line(problem: Exception) -> str:
    """Kind, message and place of a failure, without paths of this machine."""
    frames = traceback.extract_tb(problem.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"
    message = " ".join(str(problem).split())
    return f"{type(problem).__name__}: {message} ({place})"
