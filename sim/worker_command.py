"""The command `sim worker`: processes that do runs for a Dask scheduler."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from sim import portable

Address = Annotated[str, typer.Argument(help="Dask scheduler, e.g. tcp://10.0.0.1:8786.")]
Processes = Annotated[
    int | None, typer.Option(min=1, help="Processes; as many as there are cores if left out.")
]


def worker(address: Address, processes: Processes = None) -> None:
    """Do runs for `sim experiment --scheduler ADDRESS`, until the scheduler ends or Ctrl-C.

    Each process has one thread, computes with the settings that give the same bytes on every
    machine, and is started anew if it dies. They listen on the network by which this machine
    reaches the scheduler. A scheduler is started by `dask scheduler --host ADDRESS`.
    """
    from sim.runs.cluster import worker_words

    portable.main(["-m", *worker_words(address, processes or os.cpu_count() or 1)])
