"""The command `sim results`: which results there are, their state and size, and removing some."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.runs.folder_state import State
from sim.terminal import aligned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.runs.inventory import Entry

MOST_NAMED = 3
"""Scenarios that a line names; it counts the rest."""


class Order(StrEnum):
    """What the list is sorted by; all but the name from the largest or latest."""

    NAME = "name"
    DATE = "date"
    SIZE = "size"
    RUNS = "runs"


def results(
    folder: Annotated[Path, typer.Argument(help="Folder that is searched.")] = Path("results"),
    filter_: Annotated[
        str, typer.Option("--filter", metavar="TEXT", help="Only names that contain TEXT.")
    ] = "",
    status: Annotated[State | None, typer.Option(help="Only results in this state.")] = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only results with failed runs.")
    ] = False,
    sort: Annotated[Order, typer.Option(help="What the list is sorted by.")] = Order.NAME,
    delete: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Remove these results; repeat it for several."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Remove without asking.")] = False,
) -> None:
    """List the results folders below FOLDER: runs, scenarios, date, size, state.

    Running means that a process is at it; broken off, that the command that began it goes on from
    the runs that are kept; shards, that `sim merge` is to come. `--delete` removes only files that
    sim wrote; others stay, and their folder with them.
    """
    from sim.runs.inventory import entries, named

    found = entries(folder, _derived())
    if delete:
        _delete(named(found, delete), ask=not yes)
        return
    shown = [
        entry
        for entry in found
        if filter_ in entry.name and status in (None, entry.state) and (entry.failed or not failed)
    ]
    _show(sorted(shown, key=lambda entry: _rank(entry, sort)), folder)


def _derived() -> list[str]:
    """Patterns of the files that other commands make from the tables of a results folder."""
    from sim.analysis.pictures import FILES, STEMS
    from sim.figures import FIGURES
    from sim.figures.style import FORMATS

    stems = [*FIGURES, *(f"{stem}-*" for stem in STEMS)]
    return [*FILES, *(f"figures/{stem}.{kind}" for stem in stems for kind in FORMATS)]


def _rank(entry: Entry, order: Order) -> tuple[float, str]:
    by = {
        Order.NAME: 0.0,
        Order.DATE: -entry.written.timestamp(),
        Order.SIZE: -entry.size,
        Order.RUNS: -(entry.done + entry.failed),
    }
    return by[order], entry.name


def _show(shown: Sequence[Entry], folder: Path) -> None:
    from sim.runs.estimate import volume

    if not shown:
        typer.echo(f"no results in {folder}")
        return
    header = ("name", "kind", "done", "failed", "date", "version", "size", "state", "scenarios")
    rows = [
        (
            entry.name,
            entry.kind,
            str(entry.done),
            str(entry.failed),
            f"{entry.written:%Y-%m-%d %H:%M}",
            entry.version,
            volume(entry.size),
            entry.state,
            _scenarios(entry),
        )
        for entry in shown
    ]
    typer.echo(aligned(header, rows))
    done, failed = sum(entry.done for entry in shown), sum(entry.failed for entry in shown)
    size = volume(sum(entry.size for entry in shown))
    typer.echo(f"\n{len(shown)} results, {done} runs done, {failed} failed, {size}")


def _scenarios(entry: Entry) -> str:
    more = len(entry.scenarios) - MOST_NAMED
    return ", ".join(entry.scenarios[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _delete(chosen: Sequence[Entry], *, ask: bool) -> None:
    from sim.runs.estimate import volume
    from sim.runs.inventory import delete

    for entry in chosen:
        runs = f"{entry.done + entry.failed} runs, {volume(entry.size)}, {entry.state}"
        if ask and not typer.confirm(f"remove {entry.folder} ({runs})?"):
            continue
        left = delete(entry, _derived())
        kept = f"; left there: {', '.join(left)}" if left else ""
        typer.echo(f"removed {entry.folder}{kept}")
