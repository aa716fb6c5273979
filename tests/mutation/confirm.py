"""Does a plain run of pytest agree? `python -m tests.mutation.confirm [N] [--seed 1]`.

Mutants are judged in forks that share worlds grown by unchanged code, with functions exchanged in
place. This takes N killed mutants at random from the last run, writes each into a copy of the
project, and runs the test that killed it in a process of its own. It prints those that pass.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.mutation import verdicts
from tests.mutation.mutants import mutants_of
from tests.mutation.run import OUT, copy_of_project, file_of
from tests.mutation.verdicts import ROOT


def killed() -> list[tuple[str, int, str]]:
    """Module, number and killing test of every mutant that the last run killed by a test."""
    found = []
    for module in verdicts.modules():
        file = OUT / file_of(module, ROOT)
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        for number, row in enumerate(map(json.loads, lines)):
            if row["outcome"] == "killed" and "::" in row["by"]:
                found.append((module, number, row["by"]))
    return found


def fails(root: Path, module: str, number: int, test: str) -> bool:
    """Whether a test fails with a mutant written into a copy of the project."""
    path = root / module
    before = path.read_text(encoding="utf-8")
    mutant = next(each for n, each in enumerate(mutants_of(path)) if n == number)
    path.write_text(mutant.source, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", test],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        check=False,
    )
    path.write_text(before, encoding="utf-8")
    return done.returncode != 0


def main() -> int:
    """Confirm a sample of kills; exit code 1 if one is not confirmed."""
    parser = argparse.ArgumentParser(description="Confirm a sample of killed mutants.")
    parser.add_argument("number", nargs="?", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    every = killed()
    draw = random.Random(asked.seed)  # noqa: S311 - a sample, not a secret
    chosen = draw.sample(every, min(asked.number, len(every)))
    passed = []
    with tempfile.TemporaryDirectory() as name:
        copy_of_project(Path(name))
        for each in chosen:
            if not fails(Path(name), *each):
                passed.append(each)
                print(*each, "passes", flush=True)
    print(f"{len(chosen) - len(passed)} of {len(chosen)} kills confirmed, of {len(every)}")
    return 1 if passed else 0


if __name__ == "__main__":
    raise SystemExit(main())
