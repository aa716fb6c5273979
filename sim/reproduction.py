"""The command `sim reproduce`: stored results done again, with a verdict on every table."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim import default_engine
from sim.experiments import Jobs, Quiet
from sim.terminal import progress_bar

if TYPE_CHECKING:
    from sim.runs.reproduce import Reproduction

EXIT_CODES = {"identical": 0, "statistically equal": 3, "different": 1}
MOST_TOLD = 6
"""Sentences about a table; the rest is counted."""


def reproduce(
    folder: Annotated[Path, typer.Argument(help="Results folder of a run or an experiment.")],
    sample: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Do N of the runs again, always the same ones."),
    ] = None,
    jobs: Jobs = None,
    quiet: Quiet = False,
) -> None:
    """Do the runs of FOLDER again from what it holds, and compare every table.

    Identical: all values and types, byte for byte. Statistically equal: other numbers, but no
    difference of means by paired tests, and enough seeds to show it. Different: which columns
    differ, from when, by how much. Then: what has changed since the results were written.

    Exit code 0 if all is identical, 3 if statistically equal, 1 if different. Nothing in FOLDER is
    changed, which may be read-only: runs done again are kept in the temporary folder (TMPDIR)
    meanwhile.
    """
    from sim.runs.executors import local
    from sim.runs.folder import read_table
    from sim.runs.reproduce import reproduce as done_again
    from sim.runs.rerun import risky
    from sim.runs.sweep import StoppedError

    runs = read_table(folder, "runs")
    processes = min(jobs or os.cpu_count() or 1, len(runs), sample or len(runs))
    executor = local(processes, guarded=risky(folder, runs))
    try:
        with progress_bar("run", quiet=quiet) as progress:
            engine = default_engine.engine()
            outcome = done_again(folder, engine, executor, sample=sample, progress=progress)
    except StoppedError as stopped:
        typer.echo(f"stopped by {stopped}; the results are as they were", err=True)
        raise typer.Exit(128 + stopped.signum) from None
    finally:
        executor.shutdown()
    _tell(outcome, folder)
    raise typer.Exit(EXIT_CODES[outcome.verdict])


def _tell(outcome: Reproduction, folder: Path) -> None:
    width = max(len(each.table) for each in outcome.tables)
    for each in outcome.tables:
        typer.echo(f"{each.table:<{width}}  {each.verdict}")
        for sentence in each.said[:MOST_TOLD]:
            typer.echo(f"{'':<{width}}    {sentence}")
        if len(each.said) > MOST_TOLD:
            typer.echo(f"{'':<{width}}    and {len(each.said) - MOST_TOLD} more")
    typer.echo(f"\n{folder}: {outcome.verdict}; {outcome.done} of {outcome.total} runs done again")
    if outcome.reasons:
        typer.echo("changed since the results were written:")
        for reason in outcome.reasons:
            typer.echo(f"  {reason}")
    else:
        typer.echo("versions, platform and commit are those of the results")
