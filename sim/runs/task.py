"""What is to be run, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
    until   last quarter of a burn-in, whose state is the result; "" for a whole run
    start   checkpoint that the run continues from; b"" to start at the start
    source  SHA-256 of the program, which a checkpoint must have been made by
    """

    engine: Engine
    config: Any
    seed: int
    limit: float = 0.0
    until: str = ""
    start: bytes = b""
    source: str = ""


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
