"""Mutation score of the mechanisms and metrics, with the mutants of cosmic-ray.

    python -m tests.mutation.run [MODULE ...] [--fresh | --shared] [--second] [--jobs 2]

Every module of sim/mechanisms and sim/metrics is changed in one place at a time, compiled kernels
included, and its tests (`targets.py`) are run; `session.py` says how. Only modules are judged whose
source or own tests have changed since `verdicts.csv` was written; after an interruption the work is
taken up where it stood. Score = killed / all that were made, those that no test runs included;
mutants that ran out of time are listed apart and do not count as killed. `mutants.py` says which
changes are not made, and why; `reasons.toml` why mutants survive.

--fresh judges everything again, --shared also modules for which only shared tests have changed,
--second looks at survivors once more, from nothing: some ten seconds each, so that it takes hours
after a great change. Without it the score is a lower bound.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.mutation import reasons, verdicts
from tests.mutation.mutants import mutants_of
from tests.mutation.verdicts import ROOT, Survivor, Verdict

OUT = ROOT / "results" / "mutation"
COPIED = ("sim", "tests", "configs", "experiments", "pyproject.toml", "README.md")
UNJUDGED = {"outcome": "untested"}
LEAST = 0.8
"""Score below which the command fails."""


def copy_of_project(folder: Path) -> None:
    """Everything the tests need, with the caches of compiled kernels: nothing is written there."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name)
        else:
            shutil.copy2(ROOT / name, folder / name)


def to_judge(asked: argparse.Namespace) -> list[str]:
    """Modules to be judged.

    raises ValueError : there is no such module
    """
    known, _ = verdicts.read()
    every = verdicts.modules()
    if unknown := set(asked.modules) - set(every):
        raise ValueError(f"no module to judge: {', '.join(sorted(unknown))}")
    enough = {"fresh"} if asked.shared else {"fresh", "kept"}

    def is_known(name: str) -> bool:
        if asked.fresh or name not in known:
            return False
        again = known[name].looks < (2 if asked.second else 1)
        return not again and verdicts.state(known[name]) in enough

    return [name for name in asked.modules or every if not is_known(name)]


def file_of(module: str, root: Path) -> str:
    """File for verdicts in the making; another one as soon as what is judged has changed."""
    return "-".join([module.replace("/", ".").removesuffix(".py"), *verdicts.digests(module, root)])


def harvest(module: str, file: Path, looks: int, root: Path) -> None:
    """Take the verdicts on one module over into the tables; mutants without one are untested."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    rows = [json.loads(line) for line in lines]
    if not looks:
        rows += [UNJUDGED] * (sum(1 for _ in mutants_of(root / module)) - len(rows))
    count = Counter(row["outcome"] for row in rows)
    known, survivors = verdicts.read()
    kinds = [count[kind] for kind in ("killed", "timeout", "survived", "untested")]
    known[module] = Verdict(module, *verdicts.digests(module, root), len(rows), *kinds, looks)
    survivors = [each for each in survivors if each.module != module]
    survivors += [
        Survivor(module, row["outcome"], row["operator"], row["text"], row["change"])
        for row in rows
        if row["outcome"] in {"survived", "untested"} and row is not UNJUDGED
    ]
    verdicts.write({m: v for m, v in known.items() if m in verdicts.modules()}, survivors)
    print(f"{module:45} {len(rows):5} mutants {dict(count)}", flush=True)


def judge(chosen: Sequence[str], jobs: int, *, second: bool) -> bool:
    """Judge modules in a copy of the project; whether all went well."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        copy_of_project(root)
        files = {module: OUT / file_of(module, root) for module in chosen}
        words = [f"{module}={file.name}" for module, file in files.items()]
        looks = ("first", "second") if second else ("first",)
        for file in files.values():
            file.with_name(f"{file.name}.error").unlink(missing_ok=True)
        with subprocess.Popen(
            [sys.executable, "-m", "tests.mutation.session", OUT, str(jobs), looks[-1], *words],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"},
        ) as process:
            told: set[tuple[str, int]] = set()
            running = True
            while running:
                running = process.poll() is None
                told |= collect(files, told, root)
                time.sleep(1.0 if running else 0.0)
        for module in set(chosen) - {module for module, _ in told} - set(verdicts.read()[0]):
            harvest(module, files[module], 0, root)
    errors = [path for file in files.values() for path in OUT.glob(f"{file.name}.error")]
    for path in errors:
        print(f"{path}:\n{path.read_text(encoding='utf-8')}")
    return process.returncode == 0 and not errors


def collect(files: dict[str, Path], told: set[tuple[str, int]], root: Path) -> set[tuple[str, int]]:
    """Harvest what has become ready, looks from 1."""
    ready = {
        (module, looks)
        for module, file in files.items()
        for looks, note in enumerate(("first", "second"), 1)
        if file.with_name(f"{file.name}.{note}").exists()
    }
    for module, looks in sorted(ready - told):
        harvest(module, files[module], looks, root)
    return ready


def report() -> bool:
    """Print the score and what is not explained; whether the score is high enough."""
    known, survivors = verdicts.read()
    states = Counter(verdicts.state(each) for each in known.values())
    missing = {name for name in verdicts.modules() if name not in known or not known[name].looks}
    total = verdicts.score(known.values())
    _, unexplained = reasons.sort(survivors, reasons.read())
    OUT.mkdir(parents=True, exist_ok=True)
    lines = [
        f"{s.module} {s.operator} ({s.outcome})\n- {s.text}\n+ {s.change}\n" for s in unexplained
    ]
    (OUT / "unexplained.txt").write_text("\n".join(lines), encoding="utf-8")
    print(
        "{mutants:.0f} mutants: {killed:.0f} killed, {timeout:.0f} out of time, {survived:.0f}"
        " survived, {untested:.0f} untested: score {0:.1f} %".format(100 * total["score"], **total)
    )
    print(
        f"modules: {states['fresh']} fresh, {states['kept']} judged before shared tests changed,"
        f" {states['stale']} stale; {len(missing)} not judged to the end {sorted(missing) or ''}"
    )
    judged = verdicts.score([each for each in known.values() if each.looks])
    print(f"score of the modules that were: {100 * judged['score']:.1f} %")
    print(f"{len(unexplained)} survivors unexplained: {OUT / 'unexplained.txt'}")
    return not missing and total["score"] >= LEAST


def main() -> int:
    """Judge what has changed, and report."""
    parser = argparse.ArgumentParser(description="Mutation score of mechanisms and metrics.")
    parser.add_argument("modules", nargs="*", help="such as sim/metrics/spatial.py; all if none")
    parser.add_argument("--fresh", action="store_true", help="judge again what is known")
    parser.add_argument("--shared", action="store_true", help="... where shared tests changed")
    parser.add_argument("--second", action="store_true", help="a second look at survivors")
    parser.add_argument("--report", action="store_true", help="judge nothing")
    parser.add_argument("--jobs", type=int, default=2, help="modules judged at once")
    asked = parser.parse_args()
    chosen = [] if asked.report else to_judge(asked)
    well = not chosen or judge(chosen, asked.jobs, second=asked.second)
    return 0 if report() and well else 1


if __name__ == "__main__":
    raise SystemExit(main())
