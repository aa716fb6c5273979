"""Judge modules: `python -m tests.mutation.session OUT JOBS LOOKS MODULE=FILE ...`.

pytest collects all tests once. A fork records which lines each test runs. Another runs every test
once and keeps what tests share (worlds grown over years), all of it made by unchanged code. From
there every mutant gets a fork, which plants it and runs the tests that execute the changed
statement, the quickest first, until one fails. That is the first look. A mutant that survives it is
looked at again from the state after collection: worlds are then grown by the changed code, compiled
kernels are compiled anew, and all tests of the module are run that execute the statement.

LOOKS is first or second. OUT receives FILE per module, a line of JSON per mutant, FILE.first and
FILE.second as the looks are done, FILE.error if one fails.
"""

from __future__ import annotations

import functools
import gc
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

import hypothesis
import pytest

from tests.mutation.bench import WORDS, Bench, Watch
from tests.mutation.fork import in_fork
from tests.mutation.judge import ROOT, Judge
from tests.mutation.record import Recorder, record_worlds, recorded_cache
from tests.mutation.targets import tests_of

LONG = 1e7
"""Seconds of the clock: no bound."""
LIBRARIES = ("matplotlib.figure", "pandas", "pyarrow.parquet", "scipy.optimize", "scipy.stats")


class Session:
    """Plugin of pytest: judges in place of a run of the tests."""

    def __init__(
        self, out: Path, jobs: int, looks: str, files: dict[str, str], recorder: Recorder
    ) -> None:
        self.out, self.jobs, self.files, self.recorder = out, jobs, files, recorder
        self.looks = looks
        self.watch = Watch()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Judge; no test runs in this process.

        raises RuntimeError : a test cannot be collected, or fails while nothing is changed
        """
        self.recorder.rest()
        record_worlds(self.recorder)
        if self.watch.failed or session.testsfailed:
            raise RuntimeError(f"{self.watch.failed} cannot be collected")
        self.called = set(self.recorder.called)
        self.bench = Bench(session.items, self.watch)
        warm()
        gc.collect()
        gc.freeze()
        _, found = in_fork(lambda: self.bench.record(self.recorder), LONG)
        self.passes(found["failed"])
        self.bench.learn(found)
        _, self.bench.cost = in_fork(self.first_look, LONG)
        self.watch.cost = self.bench.cost
        if self.looks == "second":
            self.share(self.second)
        return True

    def passes(self, failed: str) -> None:
        """See that no test has failed.

        raises RuntimeError : one has
        """
        if failed:
            raise RuntimeError(f"{failed} fails while nothing is changed")

    def first_look(self) -> dict[str, float]:
        """Judge every module where all that tests share is there already; seconds of each test."""
        seconds = self.bench.run(self.bench.items, keep=True)
        self.passes(self.watch.failed)
        self.bench.cost.update(seconds)
        gc.freeze()
        self.share(self.first)
        return seconds

    def share(self, look: Callable[[str], None]) -> None:
        """Let forks of this process look at the modules, each at the next one that is left."""
        reader, writer = os.pipe()
        os.write(writer, bytes(range(len(self.files))))
        os.close(writer)

        def work() -> None:
            while number := os.read(reader, 1):
                look(list(self.files)[number[0]])

        workers = []
        for _ in range(self.jobs):
            if (worker := os.fork()) == 0:
                try:
                    work()
                finally:
                    os._exit(0)
            workers.append(worker)
        os.close(reader)
        for worker in workers:
            os.waitpid(worker, 0)

    def first(self, module: str) -> None:
        """First look at the mutants of a module."""
        self.look(module, "first", lambda judge, file: judge.judge(file))

    def second(self, module: str) -> None:
        """Second look at those that survived the first."""
        self.look(module, "second", lambda judge, file: judge.judge_again(file))

    def look(self, module: str, which: str, act: Callable[[Judge, Path], None]) -> None:
        """Look at a module unless it is done, and note that it is done."""
        file = self.out / self.files[module]
        note = file.with_name(f"{file.name}.{which}")
        if note.exists():
            return
        try:
            act(Judge(module, self.bench, self.called), file)
            note.touch()
        except Exception:  # noqa: BLE001 - the other modules go on
            file.with_name(f"{file.name}.error").write_text(traceback.format_exc())


def warm() -> None:
    """Load what forks would load again and again: libraries, and compiled kernels."""
    for name in LIBRARIES:
        importlib.import_module(name)
    settings = importlib.import_module("tests.worlds").small_config()
    model = importlib.import_module("sim.model.region").RegionModel(settings, 1)
    for _ in range(3):
        model.step()


def main(words: Sequence[str]) -> int:
    """Judge modules."""
    out, jobs, looks, *given = words
    files = dict(each.split("=") for each in given)
    hypothesis.settings.register_profile(
        "mutation",
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        database=None,
        deadline=None,
        derandomize=True,
    )
    recorder = Recorder({str(ROOT / module) for module in files})
    functools.cache = recorded_cache(recorder)
    plugin = Session(Path(out), int(jobs), looks, files, recorder)
    tests = dict.fromkeys(path for module in files for path in tests_of(module))
    with recorder.watching():  # what runs before the first test: functions called in loading
        return int(pytest.main([*WORDS, *tests], plugins=[plugin, plugin.watch, recorder]))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
