"""The command `sim growth`: where the real growth of a run or experiment came from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.terminal import aligned


def growth(
    folder: Annotated[Path, typer.Argument(help="Results folder of a run or an experiment.")],
    first: Annotated[int, typer.Option(help="First year.")] = 2012,
    last: Annotated[int, typer.Option(help="Last year.")] = 2019,
) -> None:
    """Show growth accounts: capital, labour, R&D, imitation, frontier; mean over baseline runs."""
    import pandas as pd

    from sim.figures import Results
    from sim.metrics.growth_accounts import growth_accounts
    from sim.runs.errors import ResultsError

    results = Results(folder)
    table = results.provinces[results.provinces["scenario"] == results.baseline]
    try:
        parts = [growth_accounts(run, first, last) for _, run in table.groupby("run")]
    except ValueError as error:
        raise ResultsError(f"{folder}: {error}") from None
    mean = pd.concat(parts).groupby("source", sort=False).mean()
    rows = [
        (str(name), f"{part:.2f}", f"{100 * share:.0f} %")
        for name, part, share in mean.itertuples()
    ]
    typer.echo(f"{results.baseline}, {len(parts)} runs, growth between {first} and {last}\n")
    typer.echo(aligned(("source", "per cent a year", "share of growth"), rows))
