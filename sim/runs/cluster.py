"""Past one machine: a Dask scheduler that runs already, or SLURM jobs that Dask asks for."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Any

from pydantic import Field

from sim import portable
from sim.config.base import Config, param
from sim.config.document import read
from sim.config.load import validate
from sim.runs.errors import ResultsError
from sim.runs.executors import DaskCluster

MISSING = "needs packages that are not there: pip install 'sim[cluster]'"
_CHOICE = "choice of the user"


class SlurmConfig(Config):
    """SLURM jobs that do the runs: each holds worker processes of one core."""

    jobs: int = param(1, unit="jobs", source=_CHOICE, ge=1, le=10_000)
    """SLURM jobs that are asked for."""
    processes: int = param(1, unit="processes per job", source=_CHOICE, ge=1, le=1024)
    """Worker processes of a job, one core each."""
    memory: str = "2GB"
    """Memory of a job."""
    walltime: str = "01:00:00"
    """Longest time of a job, hours:minutes:seconds."""
    queue: str | None = None
    """Partition; the default one if left out."""
    account: str | None = None
    """Account that is charged."""
    interface: str | None = None
    """Network interface of the workers and the scheduler, e.g. ib0."""
    prologue: tuple[str, ...] = ()
    """Lines of shell before a worker starts, e.g. `module load python`."""
    directives: tuple[str, ...] = ()
    """Further directives of the job, e.g. `--constraint=haswell`."""
    log_folder: str = "slurm-logs"
    """Folder for what jobs print, relative to where the command is called."""
    scheduler: dict[str, Any] = Field({})
    """Further options of the Dask scheduler, e.g. `host`."""


def connected(address: str) -> DaskCluster:
    """Executor on the workers of the scheduler at `address`.

    raises ResultsError : nobody answers there, it has no workers, or Dask is not installed
    """
    try:
        from distributed import Client
    except ImportError:
        raise ResultsError(f"--scheduler {MISSING}") from None
    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise ResultsError(f"--scheduler {address}: no Dask scheduler answers ({error})") from None
    if not client.nthreads():
        client.close()
        raise ResultsError(f"--scheduler {address}: has no workers; start some with dask worker")
    return DaskCluster(client)


def slurm(file: Path) -> DaskCluster:
    """Executor on SLURM jobs as a YAML file describes them.

    raises ConfigError  : the file cannot be used
    raises ResultsError : dask-jobqueue is not installed
    """
    document = read(file)
    spec = validate(document.values, SlurmConfig, document.where)
    try:
        from dask_jobqueue import SLURMCluster
        from distributed import Client
    except ImportError:
        raise ResultsError(f"--cluster {MISSING}") from None
    cluster = SLURMCluster(
        cores=spec.processes,
        processes=spec.processes,
        memory=spec.memory,
        walltime=spec.walltime,
        queue=spec.queue,
        account=spec.account,
        interface=spec.interface,
        job_script_prologue=[*_settings(), *spec.prologue],
        job_extra_directives=list(spec.directives),
        log_directory=spec.log_folder,
        scheduler_options=spec.scheduler,
    )
    cluster.scale(jobs=spec.jobs)
    client = Client(cluster)
    client.wait_for_workers(1)
    return DaskCluster(client, spec.jobs * spec.processes, cluster)


def _settings() -> list[str]:
    """Lines that give a job the settings that the numbers of a run depend on."""
    wanted = portable.environment({portable.NATIVE: os.environ.get(portable.NATIVE, "")})
    return [f"export {name}={shlex.quote(value)}" for name, value in sorted(wanted.items())]
