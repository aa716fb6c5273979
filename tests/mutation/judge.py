"""Judge the mutants of one module: `python -m tests.mutation.judge MODULE OUT`.

pytest collects the tests once, in this process; every mutant is planted in a fork of it, which runs
the tests that execute the changed statement, the quickest first, until one fails. OUT receives a
line of JSON per mutant, after a first line that says what the verdicts rest on.
"""

from __future__ import annotations

import functools
import gc
import importlib
import json
import math
import os
import resource
import select
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import CodeType
from typing import Any

import hypothesis
import pytest

from tests.mutation import plant
from tests.mutation.mutants import Mutant, mutants_of, statements
from tests.mutation.record import Recorder, Recording, record_worlds, recorded_cache, shared_fixtures
from tests.mutation.targets import tests_of

ROOT = Path(__file__).resolve().parents[2]
PATIENCE, MULTIPLE = 4.0, 8.0
"""A test may use so many seconds of CPU time, plus so many times what it uses without a change."""
MEMORY = 6 << 30
"""Bytes of data that a fork may hold."""
WORDS = ("-q", "-s", "--tb=no", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-profile=mutation")
QUICK = {"database": None, "deadline": None, "derandomize": True, "print_blob": False}
FIRST = "tests/test_parameters.py"


def in_fork(work: Callable[[], Any], seconds: float) -> tuple[str, Any]:
    """Outcome of work in a fork: "done" with what it gives, "timeout", or "died".

    raises RuntimeError : the work raised an error
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.setsid()
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        try:
            told = {"gave": work()}
        except BaseException:  # noqa: BLE001 - the parent process is told
            told = {"error": traceback.format_exc()}
        os.write(writer, json.dumps(told).encode())
        os._exit(0)
    os.close(writer)
    told, late = read_all(reader, seconds)
    if late:
        os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if late or (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU):
        return "timeout", None
    if not told:
        return "died", None
    answer = json.loads(told)
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return "done", answer["gave"]


def read_all(reader: int, seconds: float) -> tuple[bytes, bool]:
    """What a fork writes until it ends, and whether it took too long."""
    told, end = b"", time.monotonic() + seconds
    with os.fdopen(reader, "rb", buffering=0) as stream:
        while (left := end - time.monotonic()) > 0:
            if select.select([stream], [], [], left)[0]:
                part = stream.read(1 << 20)
                if not part:
                    return told, False
                told += part
    return told, True


def allow(seconds: float) -> None:
    """Let this process use so much more CPU time; past it the kernel ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = math.ceil(used.ru_utime + used.ru_stime + PATIENCE + MULTIPLE * seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


class Limits:
    """Plugin of pytest: CPU time for each test; the first that fails is remembered."""

    def __init__(self, cost: dict[str, float]) -> None:
        self.cost, self.failed = cost, ""

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        if nodeid in self.cost:
            allow(self.cost[nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = self.failed or report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failed = self.failed or report.nodeid or "collection"


class Judge:
    """Plugin of pytest: in place of the tests, judge all mutants by them."""

    def __init__(self, module: str, recorder: Recorder, out: Path) -> None:
        self.module, self.recorder, self.out = module, recorder, out
        self.path = ROOT / module
        self.name = module.removesuffix(".py").replace("/", ".")
        self.source = self.path.read_text(encoding="utf-8")
        self.code = compile(self.source, str(self.path), "exec", dont_inherit=True)
        self.stale = plant.importers(ROOT, self.name)
        self.statements = statements(self.source)
        self.kills: Counter[str] = Counter()
        self.items: list[pytest.Item] = []
        self.cost: dict[str, float] = {}
        self.runs: dict[int, set[str]] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Judge, and run no test in this process."""
        self.recorder.rest()
        record_worlds(self.recorder)
        if session.testsfailed:
            raise RuntimeError("tests cannot be collected")
        self.items = session.items
        self.limits = Limits(self.cost)
        session.config.pluginmanager.register(self.limits)
        importlib.import_module("tests.mutation.warm").warm()
        gc.collect()
        gc.freeze()
        self.prepare()
        with self.out.open("a", encoding="utf-8") as stream:
            done = sum(1 for _ in self.out.open(encoding="utf-8")) - 1
            for number, mutant in enumerate(mutants_of(self.path)):
                if number >= done:
                    stream.write(json.dumps(self.verdict(mutant)) + "\n")
                    stream.flush()
        return True

    def prepare(self) -> None:
        """Record what each test runs, and see that all pass as long as nothing is changed.

        raises RuntimeError : a test fails, alone in its fork or after loading anew
        """
        told, found = in_fork(self.record, 3600)
        if told != "done" or found["failed"]:
            raise RuntimeError(f"{self.module}: while recording {told} {found and found['failed']}")
        self.cost.update(found["cost"])
        self.runs = {int(line): set(ids) for line, ids in found["lines"].items()}
        every = {item.nodeid for item in self.items}
        for way in (self.run_exchanged, self.run_loaded):
            told, failed = in_fork(lambda way=way: way(self.code, every), 3600)
            if told != "done" or failed:
                raise RuntimeError(f"{self.module}: unchanged, {way.__name__}: {told} {failed}")

    def record(self) -> dict[str, Any]:
        """Lines of the module that each test runs, and its seconds."""
        recorder, cost, lines = self.recorder, {}, {}
        for place, item in enumerate(self.items):
            recorder.lines, recorder.others, start = set(), 0.0, time.perf_counter()
            following = self.items[place + 1] if place + 1 < len(self.items) else None
            with recorder.watching():
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            kept = [recorder.kept[f] for f in shared_fixtures(item) if f in recorder.kept]
            own = time.perf_counter() - start - recorder.others
            cost[item.nodeid] = own + sum(seconds for _, seconds in kept)
            for line in recorder.lines.union(*(known for known, _ in kept)):
                lines.setdefault(line, []).append(item.nodeid)
        return {"cost": cost, "lines": lines, "failed": self.limits.failed}

    def verdict(self, mutant: Mutant) -> dict[str, Any]:
        """What becomes of a mutant: killed, timeout, survived, or untested if no test runs it."""
        code = compile(mutant.source, str(self.path), "exec", dont_inherit=True)
        start, by = time.perf_counter(), ""
        if plant.alike(self.code, code):
            outcome = "survived"
        else:
            chosen, way = self.chosen(mutant, code)
            outcome = "untested"
            if chosen:
                limit = 60 + 20 * sum(self.cost[each] for each in chosen)
                told, by = in_fork(lambda: way(code, chosen), limit)
                outcome = {"done": "killed" if by else "survived", "died": "killed"}.get(told, told)
                self.kills[by or ""] += 1
        said = {key: getattr(mutant, key) for key in ("line", "operator", "text", "change")}
        seconds = round(time.perf_counter() - start, 3)
        return said | {"outcome": outcome, "by": by or "", "seconds": seconds}

    def chosen(self, mutant: Mutant, code: CodeType) -> tuple[set[str], Callable[..., Any]]:
        """Tests that run the changed statement, and how the mutant is planted for them."""
        changes = list(plant.changed(self.code, code))
        module = sys.modules[self.name]
        found = [plant.live(module, path, each.co_firstlineno) for path, each in changes if path]
        loading = len(found) < len(changes) or any(
            each is None or each.__code__.co_firstlineno in self.recorder.called for each in found
        )
        every = {item.nodeid for item in self.items}
        if loading:
            return every, self.run_loaded
        if any(plant.is_kernel(function) for function in found):
            return every, self.run_exchanged
        lines = self.statements.get(mutant.line, range(mutant.line, mutant.line + 1))
        return set().union(*(self.runs.get(line, ()) for line in lines)), self.run_exchanged

    def order(self, name: str) -> float:
        """Place of a test: quick ones and those that have killed before come first."""
        return self.cost.get(name, 1.0) / (1 + self.kills[name])

    def run_exchanged(self, code: CodeType, names: set[str]) -> str:
        """First test that fails with changed functions; none if ""."""
        changes = list(plant.changed(self.code, code))
        if not plant.exchange(sys.modules[self.name], changes):
            return self.run_loaded(code, names)
        items = [item for item in self.items if item.nodeid in names]
        items.sort(key=lambda item: self.order(item.nodeid))
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.limits.failed:
                break
        return self.limits.failed

    def run_loaded(self, code: CodeType, names: set[str]) -> str:
        """First test that fails with the module loaded anew; none if ""."""
        allow(5.0)
        try:
            plant.load_again(self.name, self.path, code, self.stale)
        except Exception as error:  # noqa: BLE001 - any error of the changed module counts
            return f"loading: {type(error).__name__}"
        files: dict[str, list[str]] = {}
        for name in sorted(names, key=self.order):
            files.setdefault(name.partition("::")[0], []).append(name)
        for file in sorted(files, key=lambda each: each != FIRST):
            limits = Limits(self.cost)
            code_ = pytest.main([*WORDS, "-x", file], plugins=[limits])
            if limits.failed or code_:
                return limits.failed or f"{file}: exit {int(code_)}"
        return ""


def main(words: Sequence[str]) -> int:
    """Judge a module."""
    module, out = words
    file = str(ROOT / module)
    hypothesis.settings.register_profile(
        "mutation", phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate], **QUICK
    )
    recorder = Recorder(file)
    functools.cache = recorded_cache(recorder)
    judge = Judge(module, recorder, Path(out))
    with recorder.watching():  # what runs before the first test: functions called in loading
        return int(pytest.main([*WORDS, *tests_of(module)], plugins=[judge, Recording(recorder)]))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
