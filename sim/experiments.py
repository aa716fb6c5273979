"""The commands `experiment`, `merge` and `replay`: many runs, in parts or whole, and one again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim import default_engine
from sim.terminal import Format, progress_bar

if TYPE_CHECKING:
    from sim.runs.draft import Draft
    from sim.runs.executors import Executor
    from sim.runs.experiment import Experiment
    from sim.runs.produce import Report

Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress bar.")]
Csv = Annotated[bool, typer.Option("--csv", help="Write each table as CSV too, beside Parquet.")]
Jobs = Annotated[
    int | None, typer.Option(min=1, help="Processes; as many as there are cores if left out.")
]


Out = Annotated[
    Path | None, typer.Option(help="Results folder; results/<name of the file> if left out.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only say how many runs, how long and how much disk.")
]
Again = Annotated[bool, typer.Option("--retry-failed", help="Do runs again that failed before.")]
ShardText = Annotated[
    str | None,
    typer.Option(metavar="I/N", help="Do only every N-th run, from the I-th; then sim merge."),
]
Scheduler = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Do the runs on a Dask scheduler, tcp://host:8786."),
]
Cluster = Annotated[
    Path | None, typer.Option(help="Do the runs as SLURM jobs; YAML, see experiments/README.md.")
]
MaxRuns = Annotated[
    int | None, typer.Option(min=1, help="Allow so many runs, whatever the file says.")
]


def experiment(
    file: Annotated[Path, typer.Argument(help="e.g. experiments/headline_levers.yaml.")],
    out: Out = None,
    jobs: Jobs = None,
    dry_run: DryRun = False,
    again: Again = False,
    shard: ShardText = None,
    scheduler: Scheduler = None,
    cluster: Cluster = None,
    max_runs: MaxRuns = None,
    csv: Csv = False,
    quiet: Quiet = False,
) -> None:
    """Run every scenario of FILE at every point under every seed, and report the effects.

    Scenarios meet the same points and seeds, so effects.csv holds paired differences to the
    baseline with 95 % intervals. A run that fails is a row in runs.parquet; the others go on, and
    the exit code is 1.

    Whatever ends it (Ctrl-C, a full disk, kill -9), finished runs are kept: the same command goes
    on from there.
    """
    from sim.figures import COMPARES
    from sim.runs.draft import load_draft
    from sim.runs.experiment_file import load_experiment
    from sim.runs.folder import default_folder
    from sim.runs.produce import produce_experiment
    from sim.runs.shards import parse_shard, produce_shard

    engine, processes = default_engine.engine(), jobs or os.cpu_count() or 1
    if dry_run:
        typer.echo(_takes(load_draft(file, engine, COMPARES), processes))
        return
    job = load_experiment(file, engine, COMPARES, max_runs=max_runs)
    folder = out or default_folder(job.spec.name)
    part = parse_shard(shard, job) if shard else None
    with (
        _stopping(folder),
        progress_bar("run", quiet=quiet) as progress,
        _executor(job, processes, scheduler, cluster) as executor,
    ):
        if part is not None:
            typer.echo(produce_shard(job, folder, executor, part, again=again, progress=progress))
            return
        report = produce_experiment(job, folder, executor, csv=csv, again=again, progress=progress)
    _draw(job, report, folder)
    tell(report, folder)


def merge(
    folder: Annotated[Path, typer.Argument(help="Results folder whose shards have been done.")],
    csv: Csv = False,
) -> None:
    """Make the tables of an experiment that was done in shards (`sim experiment --shard I/N`).

    They are the bytes of the experiment done whole. A shard that is missing or not at its end is
    named, with the command that does it.
    """
    from sim.runs.shards import merge_shards

    with _stopping(folder):
        report, job = merge_shards(folder, default_engine.engine(), csv=csv)
    _draw(job, report, folder)
    tell(report, folder)


def replay(
    folder: Annotated[Path, typer.Argument(help="Results folder of an experiment or a run.")],
    run: Annotated[int, typer.Argument(min=0, help="Ordinal of the run, see runs.parquet.")],
    out: Annotated[
        Path | None, typer.Option(help="Results folder for it; FOLDER/replay/RUN if left out.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Do one run of a results folder again, by itself and in this process.

    For a run that failed it shows the whole traceback. The config that was run is in the new
    folder, so that it can be changed and run with `sim run`.
    """
    from sim.runs.produce import produce_run
    from sim.runs.replay import stored_run

    engine = default_engine.engine()
    job = stored_run(folder, run, engine)
    target = out or folder / "replay" / str(run)
    with progress_bar("quarter", quiet=quiet) as progress:
        report = produce_run(job, target, engine, csv=False, progress=progress)
    for failure in report.failures:
        typer.echo(failure.trace, err=True)
    tell(report, target)


def _takes(draft: Draft, jobs: int) -> str:
    """What an experiment would take, in words."""
    from sim.runs.estimate import trial

    spec, runs = draft.spec, draft.runs
    points = runs // len(spec.scenarios) // spec.seeds.count
    first = " in the first round" if spec.replicates == "auto" else ""
    parts = f"{len(spec.scenarios)} scenarios x {points:,} points x {spec.seeds.count} seeds"
    return f"{runs:,} runs{first} ({parts}): {trial(draft.engine, draft.base()).told(runs, jobs)}"


@contextmanager
def _executor(
    job: Experiment, jobs: int, scheduler: str | None, cluster: Path | None
) -> Iterator[Executor]:
    """What does the runs of an experiment, shut down at the end, however it comes."""
    from sim.runs.cluster import connected, slurm
    from sim.runs.executors import local

    executor: Executor
    if cluster is not None:
        executor = slurm(cluster)
    elif scheduler is not None:
        executor = connected(scheduler)
    else:
        executor = local(min(jobs, job.widest()), guarded=bool(job.spec.timeout))
    try:
        yield executor
    finally:
        executor.shutdown()


@contextmanager
def _stopping(folder: Path) -> Iterator[None]:
    """A signal ends the command with what is kept, and the exit code of the shell's custom."""
    from sim.runs.sweep import StoppedError

    try:
        yield
    except StoppedError as stopped:
        typer.echo(
            f"stopped by {stopped}: finished runs are kept in {folder}; "
            "the same command goes on from there",
            err=True,
        )
        raise typer.Exit(128 + stopped.signum) from None


def _draw(job: Experiment, report: Report, folder: Path) -> None:
    """Draw the figures that the file lists, if there is a run to draw; say which cannot be."""
    from sim.figures import NotRecordedError, draw

    if report.fresh:
        drop_old_figures(folder)
    for name in job.spec.figures if len(report.failures) < job.size() else ():
        try:
            draw(folder, [name], Format.PNG)
        except NotRecordedError as reason:
            typer.echo(f"figure {name} left out: {reason}", err=True)


def drop_old_figures(folder: Path) -> None:
    """Remove pictures and analyses of the results that were in the folder before."""
    from sim.analysis import pictures
    from sim.figures import discard

    pictures.discard(folder)
    if (folder / "figures").is_dir():
        discard(folder)


def tell(report: Report, folder: Path) -> None:
    """Where the results are; then each failed run, and exit code 1 if there is one."""
    for note in report.notes:
        typer.echo(note)
    typer.echo(f"results in {folder} ({report.seconds:.1f} s)")
    for failure in report.failures:
        task = failure.task
        point = f"point {task.point}, " if task.point else ""
        typer.echo(
            f"run {task.run} {failure.status} (scenario {task.scenario}, {point}seed {task.seed}): "
            f"{failure.error}; again: sim replay {folder} {task.run}",
            err=True,
        )
    if report.failures:
        raise typer.Exit(1)
