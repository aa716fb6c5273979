"""Judge the mutants of one module by the tests of a bench."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

from tests.mutation import plant
from tests.mutation.bench import WORDS, Bench, Watch
from tests.mutation.fork import PATIENCE, allow, in_fork, used
from tests.mutation.mutants import Mutant, mutants_of, statements
from tests.mutation.targets import AT_LOADING, own_tests, shared_tests

ROOT = Path(__file__).resolve().parents[2]
PARAMETERS = "tests.test_parameters"
LOADING = 3.0
"""Seconds that a module may take to be loaded, before PATIENCE and MULTIPLE."""
OWN, REST = 2.0, 0.6
"""Seconds of a module's own tests and of others at a first look; the second runs all."""
Names = set[str]


class Judge:
    """Judge of one module.

    again : survivors are judged once more, from nothing, by all their tests; see `run.py`
    """

    def __init__(self, module: str, bench: Bench, called: set[tuple[str, int]]) -> None:
        self.module, self.bench = module, bench
        self.path = ROOT / module
        self.name = module.removesuffix(".py").replace("/", ".")
        source = self.path.read_text(encoding="utf-8")
        self.code = compile(source, str(self.path), "exec", dont_inherit=True)
        self.statements = statements(source)
        self.has_parameters = "param(" in source
        self.stale = plant.importers(ROOT, self.name)
        self.loading = {line for file, line in called if file == str(self.path)}
        self.runs = bench.runs.get(str(self.path), {})
        self.own = bench.of_files(own_tests(module))
        self.every = self.own | bench.of_files(shared_tests(module))
        self.files = {*own_tests(module), *shared_tests(module)}
        self.at_loading = bench.of_files(f"tests/test_{name}.py" for name in AT_LOADING)
        importlib.import_module(self.name)

    def judge(self, out: Path) -> None:
        """Append a line of JSON per mutant to a file; those that it holds are judged already."""
        done = len(out.read_text(encoding="utf-8").splitlines()) if out.exists() else 0
        self.check_loading()
        self.measure_kernels()
        with out.open("a", encoding="utf-8") as stream:
            for number, mutant in enumerate(mutants_of(self.path)):
                if number >= done:
                    stream.write(json.dumps(self.verdict(mutant, again=False)) + "\n")
                    stream.flush()

    def check_loading(self) -> None:
        """See that the module's tests pass after it was loaded anew without a change.

        raises RuntimeError : they do not
        """
        told, failed = in_fork(lambda: self.run_loaded(self.code, self.own), 3600)
        if told != "done" or failed:
            raise RuntimeError(f"{self.module}: {told} {failed} though nothing is changed")

    def judge_again(self, out: Path) -> None:
        """Judge survivors from nothing; the file is written anew as verdicts change."""
        rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
        for row, mutant in zip(rows, mutants_of(self.path), strict=True):
            if row["outcome"] == "survived" and row["by"] == "":
                row.update(self.verdict(mutant, again=True))
                row["by"] = row["by"] or "all"
                out.write_text("".join(json.dumps(each) + "\n" for each in rows))

    def verdict(self, mutant: Mutant, *, again: bool) -> dict[str, Any]:
        """What becomes of a mutant: killed, timeout, survived, or untested if no test runs it."""
        code = compile(mutant.source, str(self.path), "exec", dont_inherit=True)
        start, by = used(), ""
        if plant.alike(self.code, code):
            outcome, by = "survived", "same code"
        else:
            chosen, way = self.chosen(mutant.line, code, again=again)
            outcome = "untested"
            if chosen:
                limit = 120 + 40 * sum(self.bench.cost.get(each, 1.0) for each in chosen)
                told, by = in_fork(lambda: way(code, chosen), limit)
                by = "crash" if told == "died" else by or ""
                outcome = told if told == "timeout" else "killed" if by else "survived"
                self.bench.kills[by] += 1
        said = {key: getattr(mutant, key) for key in ("line", "operator", "text", "change")}
        return said | {"outcome": outcome, "by": by, "seconds": round(used() - start, 3)}

    def chosen(
        self, line: int, code: CodeType, *, again: bool
    ) -> tuple[Names, Callable[[CodeType, Names], str]]:
        """Tests that run the changed statement, and how the mutant is planted for them."""
        functions = self.functions(code)
        if not functions:
            return (self.every if again else self.own | self.at_loading), self.run_loaded
        if any(plant.is_kernel(each) for each in functions):
            return (self.every, self.run_exchanged) if again else (self.own, self.run_interpreted)
        lines = self.statements.get(line, range(line, line + 1))
        run = set().union(*(self.runs.get(each, ()) for each in lines)) & self.every
        first = self.bench.within(OWN, run & self.own) | self.bench.within(REST, run - self.own)
        return (run if again else first), self.run_exchanged

    def functions(self, code: CodeType) -> list[FunctionType]:
        """Functions to be exchanged; none if the module must be loaded again."""
        changes = list(plant.changed(self.code, code))
        module = sys.modules[self.name]
        found = [plant.live(module, path, each.co_firstlineno) for path, each in changes]
        hides = any(
            each is None
            or each.__code__.co_firstlineno in self.loading
            or each.__code__.co_freevars != new.co_freevars
            for each, (_, new) in zip(found, changes, strict=True)
        )
        if hides:
            return []
        return [each for each in found if each is not None]

    def run_exchanged(self, code: CodeType, names: Names) -> str:
        """First test that fails with changed functions; none if ""."""
        plant.exchange(sys.modules[self.name], list(plant.changed(self.code, code)))
        self.bench.run(self.bench.named(names, self.own))
        return self.bench.watch.failed

    def run_interpreted(self, code: CodeType, names: Names) -> str:
        """The same with kernels that Python interprets: no wait for the compiler."""
        plant.interpret(
            plant.exchange(sys.modules[self.name], list(plant.changed(self.code, code)))
        )
        self.bench.cost.update({name: self.slow.get(name, 60.0) for name in names})
        self.bench.run(self.bench.named(names & set(self.slow), self.own))
        return self.bench.watch.failed

    def measure_kernels(self) -> None:
        """Seconds of the module's own tests while all its kernels are interpreted.

        Tests that take too long, or fail, without the compiler are left to the second look.
        """
        self.slow: dict[str, float] = {}
        kernels = [each.py_func for each in plant.dispatchers()]
        kernels = [each for each in kernels if each.__module__ == self.name]
        for item in self.bench.named(self.own, self.own) if kernels else ():

            def work(item: pytest.Item = item) -> dict[str, float]:
                plant.interpret(kernels)
                self.bench.cost.clear()
                allow(0.5)
                seconds = self.bench.run([item])
                return {} if self.bench.watch.failed else seconds

            told, seconds = in_fork(work, 60)
            self.slow.update(seconds if told == "done" else {})

    def run_loaded(self, code: CodeType, names: Names) -> str:
        """First test that fails with the module loaded anew; none if ""."""
        allow(LOADING)
        try:
            plant.load_again(self.name, self.path, code, self.stale)
            if self.has_parameters and not parameters_hold():
                return PARAMETERS
        except Exception as error:  # noqa: BLE001 - any error of the changed module counts
            return f"loading: {type(error).__name__}"
        files: dict[str, list[str]] = {}
        for name in sorted(names, key=self.bench.rank):
            files.setdefault(name.partition("::")[0], []).append(name)
        for file, some in files.items():
            watch = Watch()
            allow(PATIENCE + 2 * sum(self.bench.cost.get(name, 1.0) for name in some))
            whole = file in self.files and set(some) == self.bench.of_files([file])
            words = [file] if whole else some
            ended = int(pytest.main([*WORDS, "-x", *words], plugins=[watch]))
            if watch.failed or ended:
                return watch.failed or f"{file}: exit {ended}"
        return ""


def parameters_hold() -> bool:
    """Whether the table of parameters is as it was: the quickest test of all."""
    try:
        importlib.import_module(PARAMETERS).test_no_parameter_changes_unnoticed()
    except AssertionError:
        return False
    return True
