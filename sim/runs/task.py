"""What is to be run, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim.runs.checkpoint import Origin
from sim.runs.engine import Engine

DONE = "done"
FAILED = "failed"
TIMED_OUT = "timed out"
KILLED = "killed"
STATUSES = (DONE, FAILED, TIMED_OUT, KILLED)
"""What can become of a run; all but the first are failures, and rows like any other."""


@dataclass(frozen=True)
class Task:
    """One run of a folder: its ordinal, scenario, point of the design, and seed."""

    run: int
    scenario: str
    point: int
    seed: int


@dataclass(frozen=True)
class Job:
    """A piece of work for one process; all of it travels there.

    engine  model
    config  resolved configuration
    seed    seed of all random streams
    limit   seconds after which the run is given up; 0 for none
    origin  of the checkpoint that the run starts from, or, without `start`, makes; None for a run
            from its start to its end
    start   checkpoint that the run goes on from
    """

    engine: Engine
    config: Any
    seed: int
    limit: float = 0.0
    origin: Origin | None = None
    start: bytes = b""


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    status   one of `STATUSES`
    content  the tables of the run, packed (`sim.runs.parcel`), or the checkpoint of a burn-in;
             b"" of a failure
    error    one line saying why it failed, the same on every machine; "" if it did not
    trace    traceback of the failure, without paths of this machine; "" if there is none
    seconds  wall time
    """

    status: str
    content: bytes = b""
    error: str = ""
    trace: str = ""
    seconds: float = 0.0
