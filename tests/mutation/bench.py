"""One session of pytest from which mutants are judged: its tests, what they run, their cost."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from tests.mutation.fork import allow
from tests.mutation.record import Recorder, shared_fixtures

WORDS = (
    *("-q", "-s", "--tb=no", "--assert=plain", "--hypothesis-profile=mutation"),
    *("-p", "no:cacheprovider", "-p", "no:xdist"),
)


class Watch:
    """Plugin of pytest: bounds the CPU time of each test, and remembers the first that fails."""

    def __init__(self) -> None:
        self.cost: dict[str, float] = {}
        self.failed = ""

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        if nodeid in self.cost:
            allow(self.cost[nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = self.failed or report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failed = self.failed or report.nodeid or "collection"


class Bench:
    """Collected tests.

    cost : test -> seconds, without a change, when all that tests share is there
    runs : file -> line -> tests that run it
    kills : test -> mutants that it killed so far
    """

    def __init__(self, items: list[pytest.Item], watch: Watch) -> None:
        self.items, self.watch = items, watch
        self.cost = watch.cost
        self.runs: dict[str, dict[int, set[str]]] = {}
        self.kills: Counter[str] = Counter()

    def run(self, items: Iterable[pytest.Item], *, keep: bool = False) -> dict[str, float]:
        """Run tests until one fails, see `watch.failed`; seconds of each.

        keep : leave what the session's tests share for those that come later
        """
        items, seconds = list(items), {}
        for item, after in zip(items, [*items[1:], items[0] if keep else None], strict=True):
            start = time.process_time()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            seconds[item.nodeid] = time.process_time() - start
            if self.watch.failed:
                break
        return seconds

    def named(self, names: set[str], own: set[str]) -> list[pytest.Item]:
        """Tests by name; own ones, quick ones and those that have killed before come first."""
        items = [item for item in self.items if item.nodeid in names]
        return sorted(items, key=lambda item: (item.nodeid not in own, self.rank(item.nodeid)))

    def rank(self, name: str) -> float:
        """Seconds of a test over how often it is likely to kill."""
        return self.cost.get(name, 1.0) / (1 + self.kills[name])

    def within(self, seconds: float, names: set[str]) -> set[str]:
        """The most promising of some tests, as many as fit into a time."""
        chosen: set[str] = set()
        for name in sorted(names, key=self.rank):
            seconds -= self.cost.get(name, 1.0)
            if seconds < 0:
                break
            chosen.add(name)
        return chosen

    def of_files(self, files: Iterable[str]) -> set[str]:
        """Names of the tests in some files, or of single tests named in full."""
        given = set(files)
        names = {item.nodeid for item in self.items}
        return {name for name in names if name in given or name.partition("::")[0] in given}

    def record(self, recorder: Recorder) -> dict[str, Any]:
        """Lines that each test runs, by file; the first test that fails."""
        lines: dict[str, dict[int, list[str]]] = {}
        for item, after in zip(self.items, [*self.items[1:], None], strict=True):
            with recorder.watching():
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            shared = (recorder.kept.get(each, set()) for each in shared_fixtures(item))
            for file, line in recorder.lines.union(*shared):
                lines.setdefault(file, {}).setdefault(line, []).append(item.nodeid)
        return {"lines": lines, "failed": self.watch.failed}

    def learn(self, found: dict[str, Any]) -> None:
        """Take over what was recorded in a fork."""
        for file, lines in found["lines"].items():
            self.runs[file] = {int(line): set(names) for line, names in lines.items()}
