"""The command `sim sbatch`: an experiment as a SLURM job array."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim import default_engine
from sim.experiments import MaxRuns, Out

if TYPE_CHECKING:
    from sim.runs.experiment import Experiment
    from sim.runs.job_array import JobArray

File = Annotated[Path, typer.Argument(help="e.g. experiments/headline_levers.yaml.")]
Shards = Annotated[int, typer.Option(min=1, help="Parts, a task of the array each.")]
Time = Annotated[str, typer.Option(help="Longest time of a task.")]
Memory = Annotated[str, typer.Option(help="Memory of a task.")]
Partition = Annotated[str | None, typer.Option(help="Partition; the default one if left out.")]
Account = Annotated[str | None, typer.Option(help="Account that is charged.")]
Directives = Annotated[
    list[str] | None,
    typer.Option(help="Option of sbatch, e.g. --directive=--constraint=haswell; repeat it."),
]
Prologue = Annotated[
    list[str] | None,
    typer.Option(help="Line of shell before a task, e.g. 'module load python'; repeat it."),
]
Script = Annotated[Path | None, typer.Option(help="File to write it to; shown if left out.")]


def sbatch(
    file: File,
    shards: Shards,
    out: Out = None,
    time: Time = "01:00:00",
    mem: Memory = "2G",
    partition: Partition = None,
    account: Account = None,
    directive: Directives = None,
    prologue: Prologue = None,
    max_runs: MaxRuns = None,
    script: Script = None,
) -> None:
    """Write the batch script that does the experiment FILE as a SLURM job array.

    Each task does a shard on one core, and nothing listens on the network. How to submit it, and
    how to put the shards together, stands at the head of the script.
    """
    from sim.runs.folder import default_folder
    from sim.runs.job_array import JobArray

    job = _in_shards(file, shards, max_runs)
    array = JobArray(
        file=file,
        out=out or default_folder(job.spec.name),
        folder=Path.cwd(),
        python=Path(sys.executable),
        name=job.spec.name,
        shards=shards,
        time=time,
        memory=mem,
        script=script or Path(f"{job.spec.name}.sbatch"),
        partition=partition,
        account=account,
        directives=directive or (),
        prologue=prologue or (),
        max_runs=max_runs,
    )
    _hand_over(array, script)


def _hand_over(array: JobArray, script: Path | None) -> None:
    """Show a script, or write it and show how it is submitted."""
    if script is None:
        typer.echo(array.text(), nl=False)
    else:
        array.write(script)
        typer.echo(array.usage())


def _in_shards(file: Path, shards: int, max_runs: int | None) -> Experiment:
    """The experiment in a file.

    raises ConfigError, ResultsError : it cannot be run, or not in so many shards
    """
    from sim.figures import COMPARES
    from sim.runs.errors import ResultsError
    from sim.runs.experiment_file import load_experiment
    from sim.runs.shards import parse_shard

    job = load_experiment(file, default_engine.engine(), COMPARES, max_runs=max_runs)
    parse_shard(f"{shards}/{shards}", job)
    if shards > job.size():
        raise ResultsError(f"--shards {shards}: the experiment has {job.size()} runs only")
    return job
