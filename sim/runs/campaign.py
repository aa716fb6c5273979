"""The runs of an experiment: which there are, under which keys, and doing those missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import NamedTuple

from sim.runs.cache import RunCache
from sim.runs.checkpoint import Origin, origin
from sim.runs.engine import Progress
from sim.runs.executors import Executor
from sim.runs.experiment import Experiment
from sim.runs.keys import burn_in_key, run_key
from sim.runs.replicates import Precision
from sim.runs.sweep import Order, Sweep
from sim.runs.task import Job, Task


class Shard(NamedTuple):
    """Every `of`-th run, beginning with the `number`-th, from 1."""

    number: int
    of: int

    def holds(self, run: int) -> bool:
        """Whether the run with this ordinal belongs to it."""
        return run % self.of == self.number - 1


WHOLE = Shard(1, 1)


@dataclass(frozen=True)
class Campaign:
    """An experiment, and where the outcomes of its runs are kept.

    program  SHA-256 of what runs it, see `sim.runs.alike.program`
    """

    experiment: Experiment
    cache: RunCache
    program: str

    @property
    def last(self) -> str:
        """Last quarter that all runs have."""
        # what else a point changes moves no end
        points = {point.get("time.end"): at for at, point in enumerate(self.experiment.points)}
        runs = product(self.experiment.scenarios, points.values())
        return str(min(self.experiment.config(name, at).time.end for name, at in runs))

    def tasks(self, seeds: range, shard: Shard = WHOLE) -> Iterator[tuple[Task, str]]:
        """Runs under some seeds, each with its key."""
        for task in self.experiment.tasks(seeds):
            if shard.holds(task.run):
                config_hash = self.experiment.config_hash(task.scenario, task.point)
                yield task, run_key(config_hash, task.seed, self.program)

    @property
    def most(self) -> range:
        """All seeds that it may come to: with `replicates: auto` more than those of the file."""
        first, aim = self.experiment.spec.seeds.count, self.experiment.spec.precision
        return self.experiment.seeds(first if aim is None else max(first, aim.most))

    def keys(self) -> Iterator[str]:
        """Keys of all outcomes that it may come to, of runs and of their burn-ins."""
        for order in self._orders(self.most, WHOLE):
            yield order.key
            if order.base is not None:
                yield order.base.key

    def do(
        self, executor: Executor, progress: Progress, shard: Shard = WHOLE
    ) -> tuple[range, tuple[str, ...]]:
        """Do what is missing, in as many rounds of seeds as the experiment asks for.

        progress  called with the number of runs done, and of all so far
        returns   all seeds, and what the user should know
        raises OSError, StoppedError : see `sim.runs.sweep`; outcomes so far are kept
        """
        seeds, aim = self.experiment.seeds(), self.experiment.spec.precision
        self._round(seeds, executor, progress, shard)
        if aim is None:
            return seeds, ()
        precision = Precision(
            self.experiment, aim, lambda task: self.cache.get(self._key(task)), self.last
        )
        width = precision.half_width(seeds)
        while width > aim.half_width and len(seeds) < aim.most:
            seeds = self.experiment.seeds(min(len(seeds) + aim.round, aim.most))
            self._round(seeds, executor, progress, shard)
            width = precision.half_width(seeds)
        return seeds, (precision.told(width, len(seeds)),)

    def _key(self, task: Task) -> str:
        config_hash = self.experiment.config_hash(task.scenario, task.point)
        return run_key(config_hash, task.seed, self.program)

    def _round(self, seeds: range, executor: Executor, progress: Progress, shard: Shard) -> None:
        """See to it that the runs of all these seeds have an outcome."""
        times: dict[str, int] = {}
        for _, key in self.tasks(seeds, shard):
            times[key] = times.get(key, 0) + 1
        total, done = sum(times.values()), 0
        progress(0, total)

        def told(key: str) -> None:
            nonlocal done
            done += times[key]
            progress(done, total)

        Sweep(self.cache, executor, told, self._limit).run(self._orders(seeds, shard))

    def _orders(self, seeds: range, shard: Shard) -> Iterator[Order]:
        for task, key in self.tasks(seeds, shard):
            yield Order(key, partial(self._job, task), self._base(task))

    def _job(self, task: Task, start: bytes) -> Job:
        config = self.experiment.config(task.scenario, task.point)
        origin = self._origin(task) if start else None
        return Job(self.experiment.engine, config, task.seed, self._limit, origin, start)

    def _base(self, task: Task) -> Order | None:
        """Burn-in that a run starts from, if it does."""
        origin = self._origin(task)
        if origin is None:
            return None
        config, engine = self.experiment.burn_in(task.point), self.experiment.engine
        key = burn_in_key(origin.config, task.seed, origin.quarter, self.program)
        return Order(key, lambda _start: Job(engine, config, task.seed, self._limit, origin))

    def _origin(self, task: Task) -> Origin | None:
        """Origin of the checkpoint that a run starts from, if it does."""
        quarter = self.experiment.branch(task.point)
        if not quarter:
            return None
        return origin(self.experiment.burn_in(task.point), task.seed, quarter, self.program)

    @property
    def _limit(self) -> float:
        return self.experiment.spec.timeout
