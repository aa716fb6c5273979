"""Where jobs are done: in this process, in processes of this machine, or on a Dask cluster.

All follow one protocol in the manner of concurrent.futures: `submit` gives a future, `result` its
outcome, whatever became of the worker.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from typing import Any, Protocol

from sim import portable
from sim.runs.alike import Traits, differences, traits
from sim.runs.errors import ResultsError
from sim.runs.task import KILLED, TIMED_OUT, Job, Outcome
from sim.runs.worker import out_of_time, perform

GRACE = 5.0
"""Seconds after its limit at which a run that does not give up by itself is ended by force."""
DIED = "WorkerDied: the system ended the worker process each time (out of memory?)"
GONE = "the Dask scheduler has gone; runs that are done are kept, the same command goes on"
ANEW = "the same command, begun again, does all runs by the present one"
"""What helps if files changed while runs were done."""
REMEDY = "its runs would not be those of this process; start it anew with `sim worker ADDRESS`"
"""What helps against a worker that computes otherwise."""


class Executor(Protocol):
    """Does jobs."""

    tries: int
    """Times that a job is begun whose worker is lost."""

    @property
    def ahead(self) -> int:
        """Jobs that are handed out at the same time."""

    def submit(self, job: Job) -> Future[Outcome]:
        """Begin a job, or put it in the queue."""

    def result(self, future: Future[Outcome]) -> Outcome:
        """Outcome of a future that is done; a lost worker is an outcome too."""

    def shutdown(self) -> None:
        """End at once, whatever still runs."""


class InProcess:
    """Jobs done one by one in this process, when they are submitted."""

    ahead, tries = 1, 1

    def submit(self, job: Job) -> Future[Outcome]:
        """Do the job."""
        future: Future[Outcome] = Future()
        future.set_result(perform(job))
        return future

    def result(self, future: Future[Outcome]) -> Outcome:
        """Outcome of the job."""
        return future.result()

    def shutdown(self) -> None:
        """Nothing runs."""


def local(workers: int, *, guarded: bool) -> Executor:
    """Executor of this machine: processes, or this one if it is enough.

    guarded  whether a run may have to be ended by force, or may take its process along
    """
    return InProcess() if workers == 1 and not guarded else LocalProcesses(workers)


class LocalProcesses:
    """Processes of this machine, started anew (spawn) and kept for many jobs."""

    tries = 2

    def __init__(self, workers: int) -> None:
        """Pool of `workers` processes of one thread each; they start with the first job."""
        from pebble import ProcessPool

        self.ahead = 2 * workers  # none waits for its next job
        self._settings = ExitStack()
        self._settings.enter_context(settings_of_workers())  # workers start whenever one is missing
        self._pool: Any = ProcessPool(
            max_workers=workers, context=get_context("spawn"), initializer=_begin_worker
        )

    def submit(self, job: Job) -> Future[Outcome]:
        """Put the job in the queue of the pool."""
        timeout = job.limit + GRACE if job.limit else None
        # the arithmetic is the one that we started them with, whatever our own is
        wanted = {name: value for name, value in traits().items() if name != "arithmetic"}
        future: Future[Outcome] = self._pool.schedule(
            _perform_unchanged, args=(job, wanted), timeout=timeout
        )
        return future

    def result(self, future: Future[Outcome]) -> Outcome:
        """Outcome of the job; killed if its process died, timed out if it had to be ended.

        raises ResultsError : the program is not what it was when this process began
        """
        from pebble import ProcessExpired

        try:
            return future.result()
        except FutureTimeoutError as error:
            return Outcome(TIMED_OUT, error=out_of_time(float(error.args[1]) - GRACE))
        except ProcessExpired:
            return Outcome(KILLED, error=DIED)

    def shutdown(self) -> None:
        """End all processes."""
        self._pool.stop()
        self._pool.join()
        self._settings.close()


class DaskCluster:
    """Workers of a Dask scheduler, near or far; tables come back over the network.

    The scheduler begins a job again whose worker is lost (distributed.scheduler.allowed-failures).
    It counts the loss against every job that the worker had, so each has one only.
    Workers come and go, so each job looks whether the one that it is on computes as we do.
    """

    tries = 1

    def __init__(self, client: Any, workers: int = 0, cluster: Any = None) -> None:
        """Executor on a connected `distributed.Client`.

        workers  jobs that can be done at the same time; 0 for as many as workers have threads
        cluster  what has to be closed at the end, if it is ours
        """
        self._client, self._cluster, self._workers = client, cluster, workers
        self._executor = client.get_executor(pure=False, retries=0)

    @property
    def ahead(self) -> int:
        """One job for each thread that there is now, so that workers may join.

        raises ResultsError : the scheduler has gone
        """
        try:
            threads = sum(self._client.nthreads().values())
        except OSError as error:
            raise ResultsError(f"{GONE} ({error})") from None
        return self._workers or max(1, threads)

    def submit(self, job: Job) -> Future[Outcome]:
        """Send the job to the scheduler."""
        future: Future[Outcome] = self._executor.submit(_perform_alike, job, traits())
        return future

    def result(self, future: Future[Outcome]) -> Outcome:
        """Outcome of the job; killed if the scheduler gave up on workers that died with it.

        raises ResultsError : the worker computes otherwise than this process, or the scheduler
                              has gone, which is no failure of the run
        """
        from distributed import KilledWorker

        try:
            return future.result()
        except KilledWorker:
            return Outcome(KILLED, error=DIED)
        except CancelledError:
            raise ResultsError(GONE) from None

    def shutdown(self) -> None:
        """Drop what is queued and leave the scheduler, which goes on unless it is ours."""
        self._executor.shutdown(wait=False)
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()


def _perform_alike(job: Job, wanted: Traits) -> Outcome:
    """Do a job on a worker of Dask that gives the bytes of the process that sent it."""
    from distributed import get_worker

    unlike = differences(traits(), wanted)
    if unlike:
        raise ResultsError(f"worker {get_worker().address}: {unlike}; {REMEDY}")
    return perform(job)


def _perform_unchanged(job: Job, wanted: Traits) -> Outcome:
    """Do a job in a process that was perhaps started long after the one that sent it."""
    unlike = differences(traits(), wanted)
    if unlike:
        raise ResultsError(f"the program has changed since the runs were begun: {unlike}; {ANEW}")
    return perform(job)


def _begin_worker() -> None:
    """A worker leaves Ctrl-C to the process that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def settings_of_workers() -> Iterator[None]:
    """Processes started within use one thread each, and the instructions all processors have.

    Libraries read these variables once, when they are loaded, so this is for the workers, which
    inherit them, and not for the present process.
    """
    before = dict(os.environ)
    os.environ.update(portable.environment() | dict.fromkeys(portable.THREADS, "1"))
    try:
        yield
    finally:
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update(before)
