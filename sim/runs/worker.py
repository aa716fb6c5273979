"""What a worker process does: one job, and whatever goes wrong in it becomes its outcome."""

from __future__ import annotations

import time
import traceback
from pathlib import Path

from sim.runs.checkpoint import from_bytes, to_bytes
from sim.runs.engine import Progress
from sim.runs.parcel import pack_tables
from sim.runs.schema import arrow_tables
from sim.runs.task import DONE, FAILED, TIMED_OUT, Job, Outcome


class OutOfTimeError(RuntimeError):
    """A run took longer than its experiment allows."""


def perform(job: Job, progress: Progress | None = None) -> Outcome:
    """Do a job; failures of the model are data, so that other runs go on.

    progress  called after each step of the model; None for nothing
    """
    start = time.perf_counter()
    watch = _Watch(start, job.limit, progress)
    status, content, error, trace = DONE, b"", "", ""
    try:
        content = _done(job, watch)
    except OutOfTimeError as late:
        status, error = TIMED_OUT, str(late)
    except Exception as problem:  # noqa: BLE001 - any failure of a run is data, others go on
        status, error, trace = FAILED, one_line(problem), told(problem)
    return Outcome(status, content, error, trace, time.perf_counter() - start)


def _done(job: Job, watch: _Watch) -> bytes:
    """Tables of a run, or the checkpoint of a burn-in, packed."""
    engine, at = job.engine, job.origin
    if at is None:
        frames = engine.simulate(job.config, job.seed, watch)
    elif not job.start:
        if engine.burn_in is None:
            raise TypeError("this model cannot stop and go on")
        return to_bytes(engine.burn_in(job.config, job.seed, at.quarter, watch), at)
    else:
        if engine.branch is None:
            raise TypeError("this model cannot stop and go on")
        frames = engine.branch(job.config, job.seed, from_bytes(job.start, at), watch)
    return pack_tables(arrow_tables(frames, engine.tables))


class _Watch:
    """Progress that gives up when time is out."""

    def __init__(self, start: float, limit: float, progress: Progress | None) -> None:
        self._start, self._limit, self._progress = start, limit, progress

    def __call__(self, done: int, total: int) -> None:
        if self._limit and time.perf_counter() - self._start > self._limit:
            raise OutOfTimeError(out_of_time(self._limit))
        if self._progress is not None:
            self._progress(done, total)


def out_of_time(limit: float) -> str:
    """Error of a run that took more than `limit` seconds."""
    return f"OutOfTime: took more than {limit:g} s"


def one_line(problem: Exception) -> str:
    """Kind, message and place of a failure, without paths of this machine."""
    last = traceback.extract_tb(problem.__traceback__)[-1]
    message = " ".join(str(problem).split())
    return f"{type(problem).__name__}: {message} ({Path(last.filename).name}:{last.lineno})"


def told(problem: BaseException) -> str:
    """Traceback of a failure with names of files instead of paths: the same on every machine."""
    whole = traceback.TracebackException.from_exception(problem)
    each: traceback.TracebackException | None = whole
    while each is not None:
        each.stack = traceback.StackSummary.from_list(
            [
                traceback.FrameSummary(
                    Path(frame.filename).name, frame.lineno, frame.name, line=frame.line
                )
                for frame in each.stack
            ]
        )
        each = each.__cause__ or each.__context__
    return "".join(whole.format())
