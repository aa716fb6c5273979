"""The commands `sim params` and `sim columns`: what can be set, and what comes out."""

from __future__ import annotations

from typing import Annotated

import typer

from sim import default_engine
from sim.terminal import aligned


def params(
    assumed: Annotated[
        bool, typer.Option("--assumed", help="Only those without a published source.")
    ] = False,
) -> None:
    """List every setting of a config: default, unit, bounds, source and meaning."""
    from sim.listings import parameter_rows

    typer.echo(aligned(*parameter_rows(default_engine.engine().schema, assumed=assumed)))


def columns(
    table: Annotated[str | None, typer.Argument(help="One table only, e.g. provinces.")] = None,
) -> None:
    """List the columns of the output tables, with units; for TABLE `metrics` every metric too."""
    from sim.listings import column_rows, metric_rows
    from sim.metrics import METRICS

    typer.echo(aligned(*column_rows(default_engine.engine().tables, table)))
    if table == "metrics":
        typer.echo("\n" + aligned(*metric_rows(METRICS)))
