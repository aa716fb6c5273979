"""Mutation score of the mechanisms and metrics, with cosmic-ray.

    python tests/mutation/run.py [MODULE ...] [--sample 0.05] [--seed 1] [--jobs 2]

Every module of sim/mechanisms and sim/metrics is changed in one place at a time, compiled kernels
included, and the tests that ought to see it are run (`TESTS`). Score = killed / all that were
generated and sampled; timeouts count as killed and are listed apart. Results go to
results/mutation/: a line per module, and every survivor with its change.

With --sample 1 (all, the default of `make mutation`) this takes hours; a sample estimates the score
with the standard error that is printed.
"""

from __future__ import annotations

import argparse
import ast
import csv
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from targets import tests_of

HERE = Path(__file__).resolve().parent

ROOT = HERE.parents[1]
OUT = ROOT / "results" / "mutation"
COPIED = ("sim", "tests", "configs", "experiments", "pyproject.toml", "README.md")
FOLDERS = ("sim/mechanisms", "sim/metrics")
TIMEOUT = 60.0
"""Seconds after which a mutant counts as a timeout."""
ARITHMETIC = "core/ReplaceBinaryOperator"
EXCLUDED = ("_LShift", "_RShift", "_BitXor", "_BitOr", "_BitAnd")
"""Ends of operators left out: arithmetic on floats turned into bit operations raises a TypeError
under any test that runs the line, so such mutants would only make the score look better."""
CONFIG = """[cosmic-ray]
module-path = "{module}"
timeout = {timeout}
excluded-modules = []
test-command = "{python} -I {client} {socket} -x -q -p no:cacheprovider {tests}"

[cosmic-ray.distributor]
name = "local"
"""


@dataclass(frozen=True)
class Mutant:
    """One change and what became of it: killed, timeout, survived, or an error of the tool."""

    module: str
    line: int
    operator: str
    outcome: str
    change: str


def copy_of_project(folder: Path) -> None:
    """Everything the tests need, without caches."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder / name)


def annotations(source: Path) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where the annotations of functions begin and end, (line, column) each.

    They are text that nobody evaluates: a change there changes nothing that could be tested.
    """
    spans = []
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            for each in [node.returns, *(arg.annotation for arg in given)]:
                if each is not None and each.end_lineno is not None:
                    end = (each.end_lineno, each.end_col_offset or 0)
                    spans.append(((each.lineno, each.col_offset), end))
    return spans


def drop(session: Path, source: Path, sample: float, seed: int) -> None:
    """Leave out excluded operators, annotations, and what is not in the sample."""
    draw = random.Random(f"{seed} {session.stem}")  # noqa: S311 - a sample, not a secret
    spans = annotations(source)
    with sqlite3.connect(session) as base:
        rows = base.execute(
            "select job_id, operator_name, start_pos_row, start_pos_col from mutation_specs"
            " order by operator_name, occurrence, operator_args"
        ).fetchall()
        for job, operator, line, column in rows:
            excluded = operator.startswith(ARITHMETIC) and operator.endswith(EXCLUDED)
            idle = any(start <= (line, column) < end for start, end in spans)
            if excluded or idle or draw.random() >= sample:
                base.execute("delete from mutation_specs where job_id = ?", (job,))
                base.execute("delete from work_items where job_id = ?", (job,))
        base.commit()


def results(session: Path, module: str) -> Iterator[Mutant]:
    """What became of every mutant of a session."""
    with sqlite3.connect(session) as base:
        rows = base.execute(
            "select s.start_pos_row, s.operator_name, r.test_outcome, r.worker_outcome, r.output,"
            " r.diff from mutation_specs s left join work_results r on s.job_id = r.job_id"
        ).fetchall()
    for line, operator, outcome, worker, output, diff in rows:
        told = (outcome or worker or "untested").lower()
        if told == "killed" and (output or "").startswith("timeout"):
            told = "timeout"
        yield Mutant(module, line, operator.removeprefix("core/"), told, diff or "")


def compiled(folder: Path) -> None:
    """Byte code of a copy, good for as long as the source is the same, whatever its date."""
    words = ["-q", "--invalidation-mode", "checked-hash", "sim", "tests"]
    subprocess.run([sys.executable, "-m", "compileall", *words], cwd=folder, check=True)


@contextmanager
def server_of(folder: Path, environment: dict[str, str]) -> Iterator[Path]:
    """Server that runs tests of a copy; gives the path of its socket."""
    door = folder / "tests.socket"
    with subprocess.Popen(
        [sys.executable, HERE / "server.py", door], cwd=folder, env=environment
    ) as process:
        try:
            while not door.exists():
                if process.poll() is not None:
                    raise RuntimeError("the test server did not start")
                time.sleep(0.05)
            yield door
        finally:
            process.kill()


def judge(module: str, sample: float, seed: int) -> list[Mutant]:
    """Mutants of one module, in a copy of the project."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_of_project(folder)
        compiled(folder)
        environment = {**os.environ, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1"}
        session = folder / f"{module.replace('/', '.')}.sqlite"
        with server_of(folder, environment) as door:
            text = CONFIG.format(
                module=module,
                timeout=TIMEOUT,
                python=sys.executable,
                client=HERE / "client.py",
                socket=door,
                tests=" ".join(tests_of(module)),
            )
            (folder / "mutation.toml").write_text(text)
            use_tool("init", session, folder, environment)
            drop(session, folder / module, sample, seed)
            use_tool("exec", session, folder, environment)
        return list(results(session, module))


def use_tool(step: str, session: Path, folder: Path, environment: dict[str, str]) -> None:
    """A step of cosmic-ray on a session.

    raises RuntimeError : it failed
    """
    tool = Path(sys.executable).parent / "cosmic-ray"
    done = subprocess.run(
        [tool, step, "mutation.toml", session],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"cosmic-ray {step} {session.stem}: {done.stderr[-500:]}")


def report(mutants: Sequence[Mutant]) -> None:
    """Write all mutants and print the score."""
    OUT.mkdir(parents=True, exist_ok=True)
    with (OUT / "mutants.csv").open("w", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["module", "line", "operator", "outcome"])
        table.writerows([m.module, m.line, m.operator, m.outcome] for m in mutants)
    survivors = [m for m in mutants if m.outcome not in {"killed", "timeout"}]
    text = [f"{m.module}:{m.line} {m.operator} ({m.outcome})\n{m.change}\n" for m in survivors]
    (OUT / "survivors.txt").write_text("\n".join(text))
    score = 1 - len(survivors) / max(len(mutants), 1)
    error = (score * (1 - score) / max(len(mutants), 1)) ** 0.5
    timeouts = sum(m.outcome == "timeout" for m in mutants)
    print(
        f"{len(mutants)} mutants, {len(survivors)} survived, {timeouts} timeouts:"
        f" score {100 * score:.1f} % (standard error {100 * error:.1f})"
    )


def main() -> int:
    """Judge the modules and report."""
    parser = argparse.ArgumentParser(description="Mutation score of mechanisms and metrics.")
    parser.add_argument("modules", nargs="*", help="such as sim/metrics/spatial.py; all if none")
    parser.add_argument("--sample", type=float, default=1.0, help="share of mutants that is run")
    parser.add_argument("--seed", type=int, default=1, help="seed of the sample")
    parser.add_argument("--jobs", type=int, default=2, help="modules judged at once")
    asked = parser.parse_args()
    every = [str(p.relative_to(ROOT)) for f in FOLDERS for p in sorted((ROOT / f).glob("*.py"))]
    chosen = asked.modules or [name for name in every if not name.endswith("__init__.py")]
    for name in chosen:
        tests_of(name)  # a module without tests is told at once
    found: list[Mutant] = []
    with ThreadPoolExecutor(asked.jobs) as pool:
        parts = pool.map(lambda name: judge(name, asked.sample, asked.seed), chosen)
        for module, part in zip(chosen, parts, strict=True):
            lost = sum(m.outcome not in {"killed", "timeout"} for m in part)
            print(f"{module:45} {len(part):5} mutants {lost:4} survived", flush=True)
            found += part
            report(found)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
