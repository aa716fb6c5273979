"""What is known of each module's mutants: tables beside this file, and what they rest on.

`verdicts.csv` has a row per module: digests of what was judged, and counts. `survivors.csv` has a
row per mutant that was not killed. A verdict is fresh as long as neither the module nor its own
tests have changed; text, comments and docstrings do not count. Tests that judge all modules of a
folder have a digest of their own: if only they have changed, the verdict is kept and counted apart.
"""

from __future__ import annotations

import ast
import csv
import functools
import hashlib
from collections.abc import Collection, Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from tests.mutation.targets import own_tests, shared_tests

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
VERDICTS, SURVIVORS = HERE / "verdicts.csv", HERE / "survivors.csv"
FOLDERS = ("sim/mechanisms", "sim/metrics")
HELPERS = ("conftest", "worlds", "contract_steps", "mutation/mutants")
"""What shared tests rest on, and which mutants are made."""


@dataclass(frozen=True)
class Verdict:
    """Counts of one module.

    looks : 2 if survivors of the first look were judged again; 0 if it was broken off, and what
        had no verdict by then is counted as untested and not listed
    """

    module: str
    source: str
    tests: str
    shared: str
    mutants: int
    killed: int
    timeout: int
    survived: int
    untested: int
    looks: int


@dataclass(frozen=True)
class Survivor:
    """A mutant that no test has killed: "survived", or "untested" if no test runs it."""

    module: str
    outcome: str
    operator: str
    text: str
    change: str


def modules(root: Path = ROOT) -> list[str]:
    """Modules whose mutants are judged; `__init__.py` holds nothing but imports."""
    paths = [path for folder in FOLDERS for path in sorted((root / folder).glob("[!_]*.py"))]
    return [str(path.relative_to(root)) for path in paths]


@functools.cache
def meaning(path: Path) -> str:
    """What a file says to Python, without docstrings; other files as they are."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return text
    tree = ast.parse(text)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [each for each in body if not is_text(each)]
    return ast.dump(tree)


def is_text(node: ast.stmt) -> bool:
    """Whether a statement is nothing but a string."""
    return isinstance(node, ast.Expr) and isinstance(getattr(node.value, "value", None), str)


def digest(root: Path, names: Iterable[str]) -> str:
    """Short hash of what files say."""
    paths = [root / name.partition("::")[0] for name in names]
    told = "\0".join(meaning(path) if path.exists() else "" for path in paths)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def digests(module: str, root: Path = ROOT) -> tuple[str, str, str]:
    """Digests of a module, of its own tests and of those it shares with others."""
    helpers = [f"tests/{name}.py" for name in HELPERS]
    shared = [*shared_tests(module), "tests/parameters.csv", *helpers]
    return digest(root, [module]), digest(root, own_tests(module)), digest(root, shared)


def state(verdict: Verdict, root: Path = ROOT) -> str:
    """Whether a verdict is "fresh", "stale", or "kept" though shared tests have changed since."""
    source, tests, shared = digests(verdict.module, root)
    if (source, tests) != (verdict.source, verdict.tests):
        return "stale"
    return "fresh" if shared == verdict.shared else "kept"


def read() -> tuple[dict[str, Verdict], list[Survivor]]:
    """Both tables; empty where there is none."""
    kinds = [{"int": int, "str": str}[str(each.type)] for each in fields(Verdict)]
    rows = [[kind(x) for kind, x in zip(kinds, row, strict=True)] for row in table(VERDICTS)]
    return {row[0]: Verdict(*row) for row in rows}, [Survivor(*row) for row in table(SURVIVORS)]


def table(path: Path) -> list[list[str]]:
    """Rows of a CSV file without its head."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.reader(stream))[1:]


def write(verdicts: dict[str, Verdict], survivors: Iterable[Survivor]) -> None:
    """Both tables, in the order of the modules."""
    for path, kind, rows in (
        (VERDICTS, Verdict, sorted(verdicts.values(), key=lambda each: each.module)),
        (SURVIVORS, Survivor, sorted(survivors, key=lambda each: each.module)),
    ):
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow([each.name for each in fields(kind)])
            writer.writerows(astuple(row) for row in rows)


def score(verdicts: Collection[Verdict]) -> dict[str, float]:
    """Sums over modules, and killed over all; mutants that ran out of time are not in it."""
    kinds = ("mutants", "killed", "timeout", "survived", "untested")
    sums = {kind: float(sum(getattr(each, kind) for each in verdicts)) for kind in kinds}
    return sums | {"score": sums["killed"] / max(sums["mutants"], 1.0)}
