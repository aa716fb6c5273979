"""Runs on a Dask cluster of several processes: the bytes of one process, whatever dies."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import pytest

import sim
from sim import portable
from sim.runs import alike
from sim.runs.cache import RunCache
from sim.runs.cluster import connected, worker_words
from sim.runs.errors import ResultsError
from sim.runs.experiment_file import load_experiment
from sim.runs.folder import read_table
from sim.runs.produce import produce_experiment
from tests import tiny_model
from tests.tiny_experiment import TEXT, load, produce, tables, write
from tests.tiny_model import engine

distributed = pytest.importorskip("distributed")
MANY = TEXT.replace("seeds: {first: 5, count: 2}", "seeds: {first: 5, count: 20}")
LOOPBACK = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0", "threads_per_worker": 1}


def slow(config, seed, progress):
    time.sleep(0.02)
    return tiny_model.simulate(config, seed, progress)


def always_dies(config, seed, progress):
    if config.policies.lever.dose == 1 and seed == 5:
        os._exit(9)
    return tiny_model.simulate(config, seed, progress)


@pytest.fixture(scope="module")
def cluster():
    """Scheduler with two worker processes on the loopback interface."""
    with distributed.LocalCluster(n_workers=2, processes=True, **LOOPBACK) as made:
        yield made


@pytest.fixture
def executor(cluster):
    cluster.scheduler.allowed_failures = 3
    made = connected(cluster.scheduler_address)
    yield made
    made.shutdown()


def _with(tmp_path: Path, simulate, text: str = TEXT):
    return load_experiment(write(tmp_path, text), engine(simulate=simulate))


def test_a_worker_killed_mid_sweep_costs_nothing(tmp_path, executor):
    produce(load(write(tmp_path, MANY)), tmp_path / "whole")
    pids = set(executor._client.run(os.getpid).values())
    victim = min(pids)

    def kill(done: int, total: int) -> None:
        nonlocal victim
        if victim and 10 <= done < total - 10:
            os.kill(victim, signal.SIGKILL)
            victim = 0

    assert len(pids) == 2
    assert os.getpid() not in pids
    experiment = _with(tmp_path, slow, MANY)
    report = produce_experiment(experiment, tmp_path / "out", executor, progress=kill)
    assert report.failures == ()
    assert victim == 0
    assert set(executor._client.run(os.getpid).values()) != pids
    assert tables(tmp_path / "out") == tables(tmp_path / "whole")


def test_a_job_that_the_scheduler_took_along_is_no_failed_run(executor):
    future = Future()
    future.cancel()
    with pytest.raises(ResultsError, match="scheduler has gone"):
        executor.result(future)


@pytest.mark.slow
def test_a_scheduler_that_goes_is_told_and_no_failure_of_runs(tmp_path):
    with distributed.LocalCluster(n_workers=1, protocol="tcp://", **LOOPBACK) as own:
        made = connected(own.scheduler_address)

        def close(done: int, _total: int) -> None:
            if done == 30:
                own.close()

        with pytest.raises(ResultsError, match="scheduler has gone"):
            produce_experiment(_with(tmp_path, slow, MANY), tmp_path / "out", made, progress=close)
        made.shutdown()
    cache = RunCache(tmp_path / "out")
    assert [cache.status(key) for key in cache.keys()] == 30 * ["done"]  # noqa: SIM118 - no dict


def pretend(source: str | None) -> None:
    """Let this process have other sources."""
    alike.source_digest = (lambda: source) if source else sim.runs.keys.source_digest
    alike.traits.cache_clear()


def test_a_worker_with_other_sources_is_refused_by_name(cluster, executor):
    stale = max(cluster.scheduler.workers)
    executor._client.run(pretend, "0123456789abcdef", workers=[stale])
    try:
        with pytest.raises(ResultsError, match=f"worker {stale}: sources 0123456789ab") as refused:
            connected(cluster.scheduler_address)
    finally:
        executor._client.run(pretend, None, workers=[stale])
    assert f"(here {alike.traits()['sources']})" in str(refused.value)
    assert "sim worker" in str(refused.value)
    connected(cluster.scheduler_address).shutdown()


def test_a_worker_that_joins_later_with_other_sources_does_no_run(tmp_path, executor):
    executor._client.run(pretend, "0123456789abcdef")
    try:
        with pytest.raises(ResultsError, match=r"worker tcp://\S+: sources 0123456789ab"):
            produce_experiment(_with(tmp_path, slow), tmp_path / "out", executor)
    finally:
        executor._client.run(pretend, None)
    assert not (tmp_path / "out" / "runs.parquet").exists()


def test_what_differs_is_named_and_nothing_else():
    here = alike.traits()
    assert alike.differences(here, here) == ""
    there = {**here, "arithmetic": "by hand"}
    assert alike.differences(there, here) == f"arithmetic by hand (here {here['arithmetic']})"
    del there["numpy"]
    assert f"numpy unknown (here {here['numpy']})" in alike.differences(there, here)
    assert {"sim", "sources", "python", "numpy", "numba"} <= set(here)


@pytest.mark.slow
def test_a_run_that_kills_every_worker_is_recorded(tmp_path, executor):
    report = produce_experiment(_with(tmp_path, always_dies), tmp_path / "out", executor)
    assert [(each.task.run, each.status) for each in report.failures] == [(1, "killed")]
    assert "WorkerDied" in read_table(tmp_path / "out", "runs")["error"][1]


def test_no_scheduler_is_told(monkeypatch):
    monkeypatch.setattr("sim.runs.cluster.PATIENCE", 0.2)
    with pytest.raises(ResultsError, match="no Dask scheduler answers"):
        connected("tcp://127.0.0.1:1")


def test_a_scheduler_without_workers_is_told():
    with (
        distributed.LocalCluster(n_workers=0, protocol="tcp://", **LOOPBACK) as empty,
        pytest.raises(ResultsError, match=f"sim worker {empty.scheduler_address}"),
    ):
        connected(empty.scheduler_address)


def test_workers_listen_where_they_reach_the_scheduler():
    words = worker_words("tcp://127.0.0.1:8786", 3)
    assert words[:2] == ["distributed.cli.dask_worker", "tcp://127.0.0.1:8786"]
    assert {"--host=127.0.0.1", "--nworkers=3", "--nthreads=1", "--no-dashboard"} < set(words)
    with pytest.raises(ResultsError, match="not an address"):
        worker_words("http//nowhere", 1)


def listening() -> set[str]:
    """Addresses on which this process and the one that watches it wait for others."""
    import psutil  # noqa: PLC0415 - this is sent to a worker

    both = psutil.Process(), psutil.Process().parent()
    sockets = [each for process in both for each in process.net_connections("inet")]
    return {each.laddr.ip for each in sockets if each.status == psutil.CONN_LISTEN}


@contextmanager
def workers(address: str, log: Path, package: Path, **environment: str):
    """The command `sim worker` with two processes, of the package in a folder."""
    # How it computes it shall set for itself, and not inherit.
    inherited = {k: v for k, v in os.environ.items() if k not in portable.BASELINE}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "sim", "worker", address, "--processes", "2"],
            env={**inherited, "PYTHONPATH": f"{package}:{tiny_model_folder()}", **environment},
            cwd=log.parent,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        with distributed.Client(address) as client:
            client.wait_for_workers(2, timeout=60)
        yield
    finally:
        process.terminate()
        process.wait()


def tiny_model_folder() -> Path:
    return Path(tiny_model.__file__).parent.parent


@pytest.fixture
def scheduler():
    """A scheduler without workers."""
    with distributed.LocalCluster(n_workers=0, protocol="tcp://", **LOOPBACK) as made:
        yield made.scheduler_address


@pytest.mark.slow
def test_the_command_worker_serves_an_experiment(tmp_path, scheduler):
    produce(load(write(tmp_path)), tmp_path / "whole")
    here = Path(sim.__file__).parent.parent
    with workers(scheduler, tmp_path / "log", here):
        executor = connected(scheduler)
        try:
            assert executor.ahead == 2
            heard = executor._client.run(listening)
            assert set().union(*heard.values()) == {"127.0.0.1"}
            produce_experiment(_with(tmp_path, slow), tmp_path / "out", executor)
        finally:
            executor.shutdown()
    assert tables(tmp_path / "out") == tables(tmp_path / "whole")


@pytest.mark.slow
def test_workers_of_other_code_or_arithmetic_are_refused(tmp_path, scheduler):
    copy = tmp_path / "copy"
    shutil.copytree(Path(sim.__file__).parent, copy / "sim", ignore=shutil.ignore_patterns("*.pyc"))
    native = portable.floating_point() == "native"
    other = {portable.NATIVE: "" if native else "1"}
    if portable.applies():
        with (
            workers(scheduler, tmp_path / "log", copy, **other),
            pytest.raises(ResultsError, match="arithmetic"),
        ):
            connected(scheduler)
    with (copy / "sim" / "__init__.py").open("a") as file:
        file.write("# changed\n")
    with workers(scheduler, tmp_path / "log", copy), pytest.raises(ResultsError, match="sources"):
        connected(scheduler)
    with workers(scheduler, tmp_path / "log", copy):
        with distributed.Client(scheduler) as client:
            client.run(forget_alike)
        with pytest.raises(ResultsError, match="has not this version of sim"):
            connected(scheduler)


def forget_alike() -> None:
    """Make this process one whose package has no such module yet."""
    sys.modules["sim.runs.alike"] = None
