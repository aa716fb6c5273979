"""Run tests in forks of a process that has the heavy libraries loaded already.

    python server.py SOCKET

Most of the time of a short test run goes into importing NumPy, pandas and the like. This process
imports them once, but nothing of `sim`, so that every fork reads the source as it is then. A fork
ends with its client: one that runs too long is killed by cosmic-ray by way of `client.py`.
"""

from __future__ import annotations

import importlib
import os
import select
import signal
import socket
import sys

import pytest

PRELOADED = (
    "hypothesis.strategies",
    "matplotlib.figure",
    "mesa",
    "numba",
    "pandas",
    "pyarrow.parquet",
    "pydantic",
    "ruamel.yaml",
    "scipy.integrate",
    "scipy.optimize",
    "scipy.special",
    "scipy.stats",
    "typer.testing",
)
PATIENCE = 0.02
"""Seconds between two looks at a fork."""


def run_tests(words: list[str], out: int) -> None:
    """Run pytest in this fork, with its output to a file descriptor; never returns."""
    os.setsid()
    os.dup2(out, 1)
    os.dup2(out, 2)
    code = 1
    try:
        code = int(pytest.main(words))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def answer(client: socket.socket) -> None:
    """Fork for the tests that a client names, and tell it their exit code."""
    words = client.makefile().readline().split()
    child = os.fork()
    if child == 0:
        run_tests(words, client.fileno())
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            client.sendall(b"\0%d" % os.waitstatus_to_exitcode(status))
            return
        if select.select([client], [], [], PATIENCE)[0]:  # the client hung up
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return


def main() -> None:
    """Serve until killed."""
    sys.dont_write_bytecode = True
    for name in PRELOADED:
        importlib.import_module(name)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(sys.argv[1])
        door.listen()
        while True:
            client, _ = door.accept()
            with client:
                answer(client)


if __name__ == "__main__":
    main()
