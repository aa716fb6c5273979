"""Doing many jobs: each outcome is kept the moment it is there, and nothing else is remembered.

Jobs are handed out in order, a few ahead of what the executor can do, so that memory does not grow
with the number of runs, and a sweep broken off is balanced if its order is. A job whose worker was
lost is begun again as often as the executor says, then recorded.
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from sim.runs.cache import RunCache
from sim.runs.executors import Executor
from sim.runs.task import DONE, KILLED, TIMED_OUT, Job, Outcome
from sim.runs.worker import out_of_time


class StoppedError(BaseException):
    """A signal asked to stop; `signum` is its number.

    Like KeyboardInterrupt it is no Exception: a run that it comes in the middle of has not failed.
    """

    def __init__(self, signum: int) -> None:
        """Stopped by signal `signum`."""
        super().__init__(signal.Signals(signum).name)
        self.signum = signum


@dataclass(frozen=True)
class Order:
    """A run to do.

    key   what its outcome is stored under
    job   makes the job; given the checkpoint it starts from, b"" for none
    base  order of the burn-in that it starts from, if any
    """

    key: str
    job: Callable[[bytes], Job]
    base: Order | None = None


@dataclass
class Sweep:
    """Orders on their way.

    cache     where outcomes go
    executor  who does the jobs
    told      called with the key of each order that has an outcome, found or new
    limit     seconds that runs may take; one that timed out under another limit is done again
    """

    cache: RunCache
    executor: Executor
    told: Callable[[str], None]
    limit: float = 0.0
    _ready: deque[Order] = field(default_factory=deque)
    _waiting: dict[str, list[Order]] = field(default_factory=dict)
    _flying: dict[Future[Outcome], tuple[Order, int]] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def run(self, orders: Iterable[Order]) -> None:
        """See to it that every order has an outcome in the cache.

        raises OSError      : an outcome cannot be written; those before it are kept
        raises StoppedError : a signal came, see `stoppable`
        """
        coming = iter(orders)
        while True:
            self._fill(coming)
            if not self._flying:
                return
            done, _ = wait(self._flying, return_when=FIRST_COMPLETED)
            for future in done:
                self._land(future)

    def _fill(self, coming: Iterator[Order]) -> None:
        """Hand out jobs until there are enough ahead."""
        while len(self._flying) < self.executor.ahead:
            order = self._ready.popleft() if self._ready else next(coming, None)
            if order is None:
                return
            self._consider(order)

    def _consider(self, order: Order) -> None:
        """Begin an order, unless it has an outcome or has to wait for its burn-in."""
        if order.key in self._seen:
            return
        if self._outcome(order) is not None:
            self._found(order.key)
        elif order.base is None:
            self._start(order, b"")
        elif order.base.key in self._waiting:
            self._waiting[order.base.key].append(order)
        else:
            self._branch(order, order.base)

    def _branch(self, order: Order, base: Order) -> None:
        """Begin an order at its burn-in's end, or that burn-in first."""
        burnt = self._outcome(base)
        if burnt is None:
            self._waiting[base.key] = [order]
            self._start(base, b"")
        elif burnt.status == DONE:
            self._start(order, burnt.content)
        else:
            self.cache.put(order.key, burnt)
            self._found(order.key)

    def _outcome(self, order: Order) -> Outcome | None:
        """Outcome that is kept of an order, if it is what it would be under this limit."""
        kept = self.cache.get(order.key)
        if kept is None or kept.status != TIMED_OUT or kept.error == out_of_time(self.limit):
            return kept
        return None

    def _start(self, order: Order, checkpoint: bytes, tries: int = 1) -> None:
        self._seen.add(order.key)
        self._flying[self.executor.submit(order.job(checkpoint))] = order, tries

    def _land(self, future: Future[Outcome]) -> None:
        """Keep an outcome; what waited for it can begin."""
        order, tries = self._flying.pop(future)
        outcome = self.executor.result(future)
        if outcome.status == KILLED and tries < self.executor.tries:
            burnt = self.cache.get(order.base.key) if order.base else None
            self._start(order, burnt.content if burnt else b"", tries + 1)
            return
        self.cache.put(order.key, outcome)
        if order.key in self._waiting:
            self._ready.extend(self._waiting.pop(order.key))
        else:
            self._found(order.key)

    def _found(self, key: str) -> None:
        self._seen.add(key)
        self.told(key)


@contextmanager
def stoppable() -> Iterator[None]:
    """Ctrl-C and SIGTERM within raise `StoppedError`; only where signals can be caught at all."""

    def stop(signum: int, _frame: FrameType | None) -> None:
        raise StoppedError(signum)

    before = {}
    try:
        for each in (signal.SIGINT, signal.SIGTERM):
            before[each] = signal.signal(each, stop)
    except ValueError:  # not the main thread: a notebook server catches them for us
        before = {}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
