"""What is changed: the mutants that cosmic-ray makes of a module, and which are left out."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.commands import init
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator
from cosmic_ray.work_db import WorkDB
from cosmic_ray.work_item import MutationSpec

ARITHMETIC = "core/ReplaceBinaryOperator_"
BITS = ("LShift", "RShift", "BitXor", "BitOr", "BitAnd")
"""Arithmetic turned into these is left out: on floats it raises a TypeError under any test that
runs the line, so such mutants would only make the score look better. `&` and `|` of masks turned
into each other, and into arithmetic, are kept."""

Position = tuple[int, int]


@dataclass(frozen=True)
class Mutant:
    """One change of a module.

    line : of the module, from 1
    operator, occurrence : of cosmic-ray
    text, change : what stands there before and after, without indentation
    source : the whole module after the change
    """

    line: int
    operator: str
    occurrence: int
    text: str
    change: str
    source: str


def annotations(tree: ast.Module) -> list[tuple[Position, Position]]:
    """Where annotations begin and end, (line, column) each.

    They are text that no function evaluates: a change there changes nothing that could be tested.
    Pydantic does evaluate those of a configuration; `float | None` turned into arithmetic then
    fails at import, which again would only make the score look better.
    """
    found: list[ast.expr | None] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            found += [node.returns, *(each.annotation for each in given)]
        elif isinstance(node, ast.AnnAssign):
            found.append(node.annotation)
    return [
        ((each.lineno, each.col_offset), (each.end_lineno or 0, each.end_col_offset or 0))
        for each in found
        if each is not None
    ]


def left_out(spec: MutationSpec, spans: list[tuple[Position, Position]]) -> bool:
    """Whether a change is not made, for the reasons given at `BITS` and `annotations`."""
    name = spec.operator_name
    if name.startswith(ARITHMETIC):
        before, after = name.removeprefix(ARITHMETIC).split("_")
        if after in BITS and before not in BITS:
            return True
    return any(start <= tuple(spec.start_pos) < end for start, end in spans)


def specs_of(path: Path) -> list[MutationSpec]:
    """Changes to be made in a module, in the order of its lines."""
    spans = annotations(ast.parse(path.read_text(encoding="utf-8")))
    work = WorkDB(":memory:", WorkDB.Mode.create)
    init([path], work, {})
    made = [spec for item in work.work_items for spec in item.mutations]
    work.close()
    kept = [spec for spec in made if not left_out(spec, spans)]
    return sorted(kept, key=lambda s: (tuple(s.start_pos), s.operator_name, s.occurrence))


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Mutants of a module, in the order of its lines.

    raises RuntimeError : cosmic-ray does not make a change that it has announced
    """
    source = path.read_text(encoding="utf-8")
    for spec in specs_of(path):
        made = mutate_code(source, get_operator(spec.operator_name)(), spec.occurrence)
        if made is None:
            raise RuntimeError(f"{path}: {spec.operator_name} {spec.occurrence} is not there")
        if not is_program(made):
            continue
        operator = spec.operator_name.removeprefix("core/")
        text, change = difference(source, made)
        yield Mutant(spec.start_pos[0], operator, spec.occurrence, text, change, made)


def is_program(source: str) -> bool:
    """Whether Python can compile it; `a | not b` for `a | ~b` is no mutant but a slip of the tool.

    Counted as killed, such changes would only make the score look better.
    """
    with warnings.catch_warnings(action="ignore"):
        try:
            compile(source, "mutant", "exec", dont_inherit=True)
        except SyntaxError:
            return False
    return True


def difference(before: str, after: str) -> tuple[str, str]:
    """What of two texts differs: whole lines, joined by a blank, without indentation."""
    old, new = before.splitlines(), after.splitlines()
    first = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), 0)
    last = next(
        (i for i, (a, b) in enumerate(zip(old[::-1], new[::-1], strict=False)) if a != b), 0
    )
    return joined(old[first : len(old) - last]), joined(new[first : len(new) - last])


def joined(lines: list[str]) -> str:
    """Lines as one, without indentation."""
    return " ".join(line.strip() for line in lines).strip()


def statements(source: str) -> dict[int, range]:
    """Line -> lines of the innermost statement on it; of a compound statement only its head."""
    found: dict[int, range] = {}
    for node in ast.walk(ast.parse(source)):  # outer statements before inner ones
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            end = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            lines = range(node.lineno, max(end, node.lineno) + 1)
            found |= dict.fromkeys(lines, lines)
    return found
