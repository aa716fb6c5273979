"""Apply each planted fault to a copy of the project and see which test catches it.

    python tests/faults/run.py [NAME ...] [--jobs 2]

A fault is a patch beside this file. Its first lines say what is wrong and which tests ought to see
it: `Fault: ...` and `Tests: tests/test_x.py ...`. It counts as caught when one of them fails by an
assertion; a test that cannot be imported, or an error of another kind, does not count. Exit code 1
if a fault survives, or if a patch no longer applies.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
COPIED = ("sim", "tests", "configs", "experiments", "pyproject.toml", "README.md")
ASSERTIONS = ("AssertionError", "assert ", "Failed: DID NOT RAISE", "Failed: DID NOT WARN")
ENOUGH = 5
"""Failing tests after which a run is broken off."""


@dataclass(frozen=True)
class Fault:
    """A patch, what it breaks, and the tests that ought to see it."""

    path: Path
    what: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """What became of a fault: the test that caught it, or why none did."""

    fault: Fault
    caught: str
    problem: str
    seconds: float


def read(path: Path) -> Fault:
    """Fault of a patch file.

    raises ValueError : its head does not say what it is
    """
    head = dict(line.split(": ", 1) for line in path.read_text().splitlines()[:2] if ": " in line)
    if set(head) != {"Fault", "Tests"}:
        raise ValueError(f"{path.name} must begin with the lines Fault: and Tests:")
    return Fault(path, head["Fault"], tuple(head["Tests"].split()))


def copy_of_project(folder: Path) -> None:
    """Everything the tests need, without caches."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)


def failures(report: Path) -> list[tuple[str, str]]:
    """Tests that failed, with the first words of the failure."""
    found = []
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 - written by pytest
        for kind in ("failure", "error"):
            for bad in case.iter(kind):
                name = f"{case.get('classname', '').split('.')[-1]}::{case.get('name')}"
                found.append((name, bad.get("message", "")))
    return found


def judge(fault: Fault) -> Verdict:
    """Plant the fault in a copy and run its tests."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_of_project(folder)
        applied = subprocess.run(
            ["git", "apply", str(fault.path)],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if applied.returncode:
            return Verdict(fault, "", f"does not apply: {applied.stderr.strip()}", 0.0)
        report = folder / "report.xml"
        words = ["-q", "-p", "no:cacheprovider", f"--maxfail={ENOUGH}", f"--junitxml={report}"]
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", *words, *fault.tests],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - start
        if not report.exists():
            return Verdict(fault, "", f"tests did not run: {ran.stdout[-300:]}", seconds)
        found = failures(report)
    for test, message in found:
        if message.startswith(ASSERTIONS):
            return Verdict(fault, test, "", seconds)
    reason = f"only other errors: {found[0][1][:120]}" if found else "every test passed"
    return Verdict(fault, "", reason, seconds)


def main() -> int:
    """Judge the faults and print a table."""
    parser = argparse.ArgumentParser(description="Which test catches which planted fault?")
    parser.add_argument("names", nargs="*", help="names of patches; all if left out")
    parser.add_argument("--jobs", type=int, default=2, help="faults judged at once")
    asked = parser.parse_args()
    paths = sorted(HERE.glob("*.patch"))
    unknown = set(asked.names) - {path.stem for path in paths}
    if unknown:
        parser.error(f"no fault is called {', '.join(sorted(unknown))}")
    faults = [read(path) for path in paths if not asked.names or path.stem in asked.names]
    survived = 0
    with ThreadPoolExecutor(asked.jobs) as pool:
        for verdict in pool.map(judge, faults):
            survived += not verdict.caught
            outcome = verdict.caught or f"SURVIVED: {verdict.problem}"
            print(f"{verdict.fault.path.stem:32} {verdict.seconds:5.0f} s  {outcome}", flush=True)
    print(f"{len(faults) - survived} of {len(faults)} faults caught")
    return 1 if survived else 0


if __name__ == "__main__":
    raise SystemExit(main())
