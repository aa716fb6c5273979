"""The command `sim sensitivity`: what the outcomes of a sweep depend on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.terminal import Format

Outcomes = Annotated[
    list[str] | None,
    typer.Option("--outcome", help="Metric; those of the experiment if left out. Repeat it."),
]
Statistic = Annotated[
    str, typer.Option(help="last: value in the last quarter; mean: over all quarters.")
]
Effect = Annotated[
    bool, typer.Option("--effect", help="Difference to the baseline, same point and seed.")
]
Method = Annotated[
    str, typer.Option(help="auto (that of the design), morris, sobol or regression.")
]
Pairs = Annotated[bool, typer.Option("--pairs", help="Sobol indices of pairs of settings too.")]
Across = Annotated[str | None, typer.Option("--x", help="Setting across a heat map; give --y too.")]
Up = Annotated[str | None, typer.Option("--y", help="Setting up a heat map.")]
Best = Annotated[
    str | None, typer.Option(metavar="OUTCOME", help="Only say which point has most of it.")
]
Worst = Annotated[
    str | None, typer.Option(metavar="OUTCOME", help="Only say which point has least of it.")
]
Branch = Annotated[
    str | None, typer.Option(metavar="QUARTER", help="Only points that branch at this quarter.")
]
Out = Annotated[Path | None, typer.Option(help="Folder for table and figures; FOLDER if left out.")]


def sensitivity(
    folder: Annotated[Path, typer.Argument(help="Results folder of a sweep.")],
    outcomes: Outcomes = None,
    statistic: Statistic = "last",
    effect: Effect = False,
    method: Method = "auto",
    pairs: Pairs = False,
    across: Across = None,
    up: Up = None,
    best: Best = None,
    worst: Worst = None,
    branch: Branch = None,
    out: Out = None,
    format_: Annotated[Format, typer.Option("--format", help="File format.")] = Format.PNG,
) -> None:
    """Rank the settings of a sweep by what they do to its outcomes, with 95 % intervals.

    Morris, Sobol or regression indices, after the design; parameters told apart from seeds;
    failed runs left out and counted. Writes sensitivity.csv and pictures: ranking, response
    curves, and with --x and --y a heat map. --best and --worst print the command that runs the
    point again.
    """
    from sim.analysis import report
    from sim.analysis.sweep import open_sweep

    sweep = open_sweep(folder, branch)
    target = out or folder
    if best is not None or worst is not None:
        for name, maximise in ((best, True), (worst, False)):
            if name is not None:
                job = report.prepare(sweep, [name], statistic, effect=effect)
                typer.echo(report.extreme(job, target, maximise=maximise))
        return
    axes = report.heat_axes(sweep, across, up)
    job = report.prepare(sweep, outcomes or (), statistic, effect=effect)
    table, text = report.analyse(job, target, method=method, pairs=pairs)
    typer.echo(text)
    for path in report.draw(job, table, target, axes, format_.value):
        typer.echo(str(path))
