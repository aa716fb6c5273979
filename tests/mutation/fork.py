"""Work in a fork of this process, with bounds on what it may use."""

from __future__ import annotations

import json
import math
import os
import resource
import select
import signal
import time
import traceback
from collections.abc import Callable
from typing import Any

PATIENCE, MULTIPLE = 3.0, 8.0
"""A test may use so many seconds of CPU time, plus so many times what it uses without a change.

CPU time, because the verdict must not depend on what else the machine does."""
MEMORY = 6 << 30
"""Bytes of data that a fork may hold."""


def in_fork(work: Callable[[], Any], seconds: float) -> tuple[str, Any]:
    """Outcome of work in a fork: "done" with what it gives, "timeout", or "died".

    seconds : of the clock, after which the fork is ended whatever CPU time it used
    raises RuntimeError : the work raised an error
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        run_and_tell(work, writer)
    os.close(writer)
    told, late = read_all(reader, seconds)
    if late:
        os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if late or (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU):
        return "timeout", None
    if not told:
        return "died", None
    answer = json.loads(told)
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return "done", answer["gave"]


def run_and_tell(work: Callable[[], Any], writer: int) -> None:
    """Run work in this fork, write what it gives as JSON, and end; never returns."""
    os.setsid()
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    try:
        try:
            told = {"gave": work()}
        except BaseException:  # noqa: BLE001 - the process that waits is told
            told = {"error": traceback.format_exc()}
        with os.fdopen(writer, "wb") as stream:
            stream.write(json.dumps(told).encode())
    finally:  # nor does it return if nobody waits any more
        os._exit(0)


def read_all(reader: int, seconds: float) -> tuple[bytes, bool]:
    """What a fork writes until it ends, and whether it took too long."""
    told, end = b"", time.monotonic() + seconds
    with os.fdopen(reader, "rb", buffering=0) as stream:
        while (left := end - time.monotonic()) > 0:
            if select.select([stream], [], [], left)[0]:
                part = stream.read(1 << 20)
                if not part:
                    return told, False
                told += part
    return told, True


def used() -> float:
    """CPU seconds of this process and of its forks that have ended."""
    return sum(os.times()[:4])


def allow(seconds: float) -> None:
    """Let this process use more CPU time, see `PATIENCE`; past it the kernel ends it."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    limit = math.ceil(own.ru_utime + own.ru_stime + PATIENCE + MULTIPLE * seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
