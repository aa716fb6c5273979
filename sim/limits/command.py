"""The command `sim limits`: the model against theory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.terminal import aligned

if TYPE_CHECKING:
    from sim.limits.base import Row

HEADER = ("", "case", "model", "exact", "error", "tolerance", "of", "what")


def limits(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Limits by name (matching) or case (L3); all if left out."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a list of rows as JSON.")] = False,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="LIMIT.NAME=VALUE", help="Change a parameter; repeat it."),
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write verification.md and its figures there."),
    ] = None,
) -> None:
    """Run limit cases through the model and compare with their exact answers.

    Settings stand in configs/limits/; the exact value is computed from the formula at the same
    parameters. Exit code 0 if all agree, 1 if one does not.
    """
    from sim.limits.run import run

    found = list(run(names or (), changes or ()))
    rows = [row for _, row in found]
    if page is not None:
        from sim.limits.page import write

        typer.echo(str(write(found, page)))
    if as_json:
        typer.echo(json.dumps([as_dict(row) for row in rows], indent=1))
    else:
        typer.echo(aligned(HEADER, [as_text(row) for row in rows]))
        failed = sum(not row.ok for row in rows)
        typer.echo(f"\n{len(rows) - failed} of {len(rows)} agree")
    if not all(row.ok for row in rows):
        raise typer.Exit(1)


def as_dict(row: Row) -> dict[str, Any]:
    """A row for JSON."""
    return {
        "id": row.id,
        "name": row.name,
        "model": row.model,
        "exact": row.exact,
        "error": row.error,
        "tolerance": row.tolerance,
        "absolute": row.absolute,
        "basis": row.basis,
        "ok": row.ok,
    }


def as_text(row: Row) -> tuple[str, ...]:
    """A row for a terminal."""
    return (
        "ok" if row.ok else "FAIL",
        row.id,
        f"{row.model:.10g}",
        f"{row.exact:.10g}",
        f"{row.error:.1e}",
        f"{row.tolerance:.1e}",
        row.basis,
        row.name,
    )
