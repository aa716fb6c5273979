"""The command `sim`: one verb per stage, from checking a file to drawing the figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim import default_engine, portable
from sim.analysis.command import sensitivity
from sim.experiments import Csv, Quiet, drop_old_figures, experiment, merge, replay, tell
from sim.export.command import export, odd
from sim.growth import growth
from sim.limits.command import limits
from sim.reference import columns, params
from sim.reproduction import reproduce
from sim.results_command import results
from sim.schema import schema
from sim.slurm_command import sbatch
from sim.terminal import Commands, Format, aligned, progress_bar
from sim.worker_command import worker

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="""Regional development under China's pilot free trade zones, as an agent-based model.

    A first look: `sim run configs/toy.yaml`, then `sim figures results/toy`.
    An experiment: `sim experiment experiments/toy.yaml`, then results/toy_levers/effects.csv.
    What can be set: `sim params`. What comes out: `sim columns`.""",
)


def main() -> None:
    """Run the command line, in a process that gives the same bytes on every machine."""
    portable.ensure()
    app()


@app.command()
def check(file: Annotated[Path, typer.Argument(help="A config or an experiment.")]) -> None:
    """Say whether FILE can be run, and if not, where it is wrong.

    Every mistake is named with its line, what may stand there, and the nearest valid name.
    Nothing is simulated. Exit code 0 if the file is good, 2 if not.
    """
    from sim.config.values import digest
    from sim.figures import COMPARES
    from sim.limits.run import is_limit, load_limit
    from sim.runs.draft import is_experiment
    from sim.runs.experiment_file import load_experiment
    from sim.runs.single import load_run
    from sim.runs.slurm_config import is_cluster, load_cluster

    if is_cluster(file):
        typer.echo(f"{file}: good; {load_cluster(file).jobs} SLURM jobs")
    elif is_limit(file):
        load_limit(file)
        typer.echo(f"{file}: good; limit {file.stem}")
    elif is_experiment(file):
        experiment = load_experiment(file, default_engine.engine(), COMPARES)
        scenarios, points = len(experiment.scenarios), len(experiment.points)
        design = f" x {points} points" if points > 1 else ""
        seeds = len(experiment.seeds())
        typer.echo(f"{file}: good; {scenarios} scenarios{design} x {seeds} seeds")
    else:
        run_ = load_run(file, default_engine.engine())
        typer.echo(f"{file}: good; config {digest(run_.config)[:12]}, seed {run_.seed}")


@app.command()
def run(
    file: Annotated[Path, typer.Argument(help="A config, e.g. configs/baseline.yaml.")],
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed; the file's own (`seed: 7`) or 1 if left out.")
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="Change a setting, e.g. time.end=2019Q4; repeat it."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Results folder; results/<name of the config> if left out.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Last quarter to simulate, e.g. 2019Q4.")
    ] = None,
    csv: Csv = False,
    quiet: Quiet = False,
) -> None:
    """Simulate one config once, and write its tables to a results folder.

    The folder's config.yaml holds every setting and the seed: running it gives the same bytes.
    Exit code 0 if all went well, 1 if the run failed, 2 if the config or the folder is at fault.
    """
    from sim.runs.folder import default_folder
    from sim.runs.produce import produce_run
    from sim.runs.single import load_run

    job = load_run(file, default_engine.engine(), changes or (), seed=seed, until=until)
    folder = out or default_folder(job.config.name or file.stem)
    with progress_bar("quarter", quiet=quiet) as progress:
        report = produce_run(job, folder, default_engine.engine(), csv=csv, progress=progress)
    drop_old_figures(folder)
    tell(report, folder)


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="Results folder compared with.")],
    second: Annotated[
        Path | None,
        typer.Argument(
            metavar="[B]", help="Results folder; A itself if left out, then with --scenarios."
        ),
    ] = None,
    scenarios: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="X Y", help="Compare scenario Y of B with scenario X of A."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for table and figure; below results/ if left out.")
    ] = None,
) -> None:
    """Compare B with A, seed by seed, for every national metric.

    Prints the mean paired difference B - A with its 95 % interval, and writes compare.csv and a
    figure. Within one experiment: `sim compare results/toy_levers --scenarios baseline levers`.
    """
    from sim.comparison import draw_comparison
    from sim.listings import effect_rows
    from sim.runs.compare import compare_folders, comparison_name
    from sim.runs.folder import write_text

    other = second or first
    effects = compare_folders(first, other, scenarios, default_engine.engine())
    folder = out or Path("results", comparison_name(first, other, scenarios))
    write_text(folder / "compare.csv", effects.to_csv(index=False, lineterminator="\n"))
    draw_comparison(effects, folder / "compare.png")
    typer.echo(aligned(*effect_rows(effects)))
    typer.echo(f"table and figure in {folder}")


@app.command()
def figures(
    folder: Annotated[Path, typer.Argument(help="Results folder of a run or an experiment.")],
    only: Annotated[
        list[str] | None, typer.Option(help="Draw this figure only; repeat it for several.")
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="File format.")] = Format.PNG,
) -> None:
    """Draw the figures of a results folder into its subfolder figures/."""
    from sim.figures import FIGURES, draw
    from sim.runs.errors import known_name
    from sim.runs.folder import read_manifest

    read_manifest(folder)
    names = [known_name("figure", name, FIGURES) for name in only or ()]
    for path in draw(folder, names, format_.value):
        typer.echo(str(path))


app.command()(experiment)
app.command()(export)
app.command()(merge)
app.command()(replay)
app.command()(reproduce)
app.command()(results)
app.command()(sbatch)
app.command()(sensitivity)
app.command()(growth)
app.command()(limits)
app.command()(odd)
app.command()(params)
app.command()(schema)
app.command()(columns)
app.command()(worker)
