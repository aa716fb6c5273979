"""Past one machine: a Dask scheduler that runs already, or SLURM jobs that Dask asks for."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from sim import portable
from sim.runs.alike import differences, traits
from sim.runs.errors import ResultsError
from sim.runs.executors import REMEDY, DaskCluster
from sim.runs.slurm_config import SlurmConfig, load_cluster
from sim.runs.sweep import stoppable

MISSING = "needs packages that are not there: pip install 'sim[cluster]'"
PATIENCE = 10.0
"""Seconds in which a scheduler that runs must answer."""
QUIET = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}
"""No dashboard; Dask's page on its health cannot be left out, so no other machine reaches it."""
QUIET_WORDS = ("--no-dashboard", f"--dashboard-address={QUIET['dashboard_address']}")
"""The same for a worker."""


def connected(address: str) -> DaskCluster:
    """Executor on the workers of the scheduler at `address`.

    raises ResultsError : nobody answers there, it has no workers, one of them computes otherwise
                          than this process, or Dask is not installed
    """
    try:
        from distributed import Client
    except ImportError:
        raise ResultsError(f"--scheduler {MISSING}") from None
    try:
        client = Client(address, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        raise ResultsError(f"--scheduler {address}: no Dask scheduler answers ({error})") from None
    try:
        _compare(client, address)
    except BaseException:
        client.close()
        raise
    return DaskCluster(client)


def _compare(client: Any, address: str) -> None:
    """Refuse workers that would not give the bytes of this process.

    raises ResultsError : one would not, or cannot even tell, or there is none
    """
    answers = client.run(traits, on_error="return")
    if not answers:
        raise ResultsError(
            f"scheduler {address}: has no workers; start some with sim worker {address}"
        )
    for worker, told in sorted(answers.items()):
        if isinstance(told, Exception):
            problem = f"has not this version of sim ({type(told).__name__}: {told})"
        else:
            problem = differences(told, traits())
        if problem:
            raise ResultsError(f"worker {worker}: {problem}; {REMEDY}")


def slurm(file: Path) -> DaskCluster:
    """Executor on SLURM jobs as a YAML file describes them; the first has begun.

    raises ConfigError   : the file cannot be used
    raises ResultsError  : no jobs can be submitted here, none begins in time, its workers compute
                           otherwise than this process, or dask-jobqueue is not installed
    raises StoppedError  : a signal came while waiting; the jobs are cancelled
    """
    spec = load_cluster(file)
    try:
        from dask_jobqueue import SLURMCluster
        from distributed import Client
    except ImportError:
        raise ResultsError(f"--cluster {MISSING}") from None
    if shutil.which("sbatch") is None:
        raise ResultsError("--cluster: there is no sbatch here; call this where jobs are submitted")
    with stoppable():
        cluster = SLURMCluster(**_options(spec, _host(spec)))
        try:
            _try_submitting(cluster.job_script())
            cluster.adapt(minimum_jobs=spec.jobs, maximum_jobs=spec.jobs)
            client = Client(cluster)
            _wait(client, spec)
            _compare(client, cluster.scheduler_address)
        except BaseException:
            cluster.close()
            raise
    return DaskCluster(client, spec.jobs * spec.processes, cluster)


def _host(spec: SlurmConfig) -> str:
    """Address on which the scheduler listens.

    raises ResultsError : this machine has no such interface
    """
    from distributed.utils import get_ip_interface

    if spec.host is not None:
        return spec.host
    try:
        return str(get_ip_interface(spec.interface))
    except ValueError as error:
        raise ResultsError(f"--cluster: interface: {error}") from None


def _options(spec: SlurmConfig, host: str) -> dict[str, Any]:
    """Arguments of dask_jobqueue.SLURMCluster."""
    native = os.environ.get(portable.NATIVE, "")
    settings = [f"export {portable.NATIVE}={shlex.quote(native)}"] if native else []
    return {
        "cores": spec.processes,
        "processes": spec.processes,
        "memory": spec.memory,
        "walltime": spec.walltime,
        "queue": spec.queue,
        "account": spec.account,
        "interface": spec.interface,
        "python": f"{shlex.quote(sys.executable)} -m sim.portable",  # `-m distributed...` follows
        "job_name": "sim",
        "job_script_prologue": [*settings, *spec.prologue],
        "job_extra_directives": list(spec.directives),
        "worker_extra_args": list(QUIET_WORDS),
        "log_directory": spec.log_folder,
        "scheduler_options": {"host": host, "port": spec.port, **QUIET},
    }


def _try_submitting(script: str) -> None:
    """Ask SLURM whether it would take a job, without handing it in.

    raises ResultsError : it would not; Dask would try again and again, and wait for the jobs
    """
    tried = subprocess.run(
        ["sbatch", "--test-only"], input=script, capture_output=True, text=True, check=False
    )
    if tried.returncode:
        problem = " ".join(tried.stderr.split())
        raise ResultsError(f"--cluster: SLURM refuses the jobs: {problem}")


def _wait(client: Any, spec: SlurmConfig) -> None:
    """Wait for the first worker.

    raises ResultsError : none comes in time
    """
    try:
        client.wait_for_workers(1, timeout=spec.patience)
    except TimeoutError:
        raise ResultsError(
            f"--cluster: no worker came within {spec.patience:g} s (`patience`); see squeue for "
            f"jobs that wait, and {spec.log_folder}/ for what they said"
        ) from None


def worker_words(address: str, processes: int) -> list[str]:
    """Module and arguments that start workers of the scheduler at `address`.

    raises ResultsError : it is no address that this machine can reach, or Dask is not installed
    """
    try:
        from distributed.comm import get_address_host
        from distributed.utils import get_ip
    except ImportError:
        raise ResultsError(f"sim worker {MISSING}") from None
    try:
        host = get_ip(get_address_host(address))
    except (OSError, ValueError) as error:
        raise ResultsError(f"sim worker {address}: not an address to reach ({error})") from None
    options = [f"--nworkers={processes}", "--nthreads=1", f"--host={host}", *QUIET_WORDS]
    return ["distributed.cli.dask_worker", address, *options, "--death-timeout=60"]
