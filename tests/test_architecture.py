"""Imports point one way, files and functions stay small, and a few things are never used."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import sim
from tests.architecture import (
    FILE_LIMIT,
    FUNCTION_LIMIT,
    LAYERS,
    LONG_FILES,
    LONG_FUNCTIONS,
    TYPES_ONLY,
    UPWARD,
)

ROOT = Path(sim.__file__).resolve().parent.parent
FILES = sorted([*ROOT.glob("sim/**/*.py"), *ROOT.glob("tests/**/*.py")])

GENERATORS = {"Generator", "SeedSequence", "PCG64"}
"""What may be used of numpy.random: nothing that holds a state of the process."""


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def module_of(path: Path) -> str:
    """Dotted name of a file."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def modules() -> dict[str, Path]:
    """Modules of the package."""
    return {module_of(path): path for path in FILES if path.is_relative_to(ROOT / "sim")}


def layer_of(module: str) -> str:
    """Package or module at the top of `sim`; "" for `sim` itself."""
    return ".".join(module.split(".")[1:2])


def type_only(tree: ast.Module) -> set[ast.AST]:
    """What stands under TYPE_CHECKING."""
    blocks = [node for node in ast.walk(tree) if isinstance(node, ast.If)]
    typing = [node.body for node in blocks if "TYPE_CHECKING" in ast.unparse(node.test)]
    return {inner for body in typing for each in body for inner in ast.walk(each)}


def names_imported(node: ast.AST) -> list[str]:
    """Full names that a statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports name the whole path"
        return [f"{node.module}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
        return [ast.literal_eval(node.args[0])]
    return []


@functools.cache
def imports() -> dict[tuple[str, str], bool]:
    """(module, module it imports), within the package -> whether only for types."""
    known, found = modules(), {}
    for module, path in known.items():
        typing = type_only(tree_of(path))
        for node in ast.walk(tree_of(path)):
            for name in names_imported(node):
                target = name if name in known else name.rpartition(".")[0]
                if name.split(".")[0] == "sim" and target != module:
                    edge = module, target
                    found[edge] = found.get(edge, True) and node in typing
    return found


def checked() -> set[tuple[str, str]]:
    """Imports without those that are only for types and listed as such."""
    return {edge for edge, typing in imports().items() if not (typing and edge in TYPES_ONLY)}


def against_layers(edges: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Imports from one layer into another that it may not import."""
    return {
        (one, other)
        for one, other in edges
        if (here := layer_of(one)) != (there := layer_of(other))
        and there not in LAYERS[here].split()
    }


def test_the_layers_point_one_way():
    """Each names layers above it in the table only, and every top-level name has its place."""
    names = list(LAYERS)
    for place, name in enumerate(names):
        assert set(LAYERS[name].split()) <= set(names[:place])
    assert {layer_of(module) for module in modules()} == set(names)


def test_imports_follow_the_layers():
    assert against_layers(checked()) - set(UPWARD) == set()


def test_the_layers_allow_nothing_that_is_not_used():
    used = {(layer_of(one), layer_of(other)) for one, other in checked()}
    allowed = {(name, each) for name, below in LAYERS.items() for each in below.split()}
    assert allowed - used == set()


def test_listed_imports_are_needed():
    wrong = against_layers(set(imports())) | set(cycle(set(imports())))
    assert set(UPWARD) | set(TYPES_ONLY) <= wrong
    assert all(imports()[edge] for edge in TYPES_ONLY)
    assert all({**UPWARD, **TYPES_ONLY}.values())


def cycle(edges: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Imports among mechanisms that run in a circle; empty if none does."""
    graph: dict[str, set[str]] = {}
    for one, other in edges:
        if layer_of(one) == layer_of(other) == "mechanisms":
            graph.setdefault(one, set()).add(other)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = error.args[1]
        return list(zip(circle[1:], circle, strict=False))
    return []


def test_no_mechanisms_import_each_other_in_a_circle():
    assert cycle(checked()) == []


def assert_small(sizes: dict[str, int], limit: int, listed: dict[str, tuple[int, str]]) -> None:
    """What is listed may not grow, and leaves the list when it has become small."""
    long = {name: size for name, size in sizes.items() if size > limit}
    assert {name: size for name, size in long.items() if size > listed.get(name, (0,))[0]} == {}
    assert set(listed) <= set(long), "no longer needed"
    assert all(reason for _, reason in listed.values())


def test_files_stay_small():
    sizes = {str(p.relative_to(ROOT)): len(p.read_text("utf-8").splitlines()) for p in FILES}
    assert_small(sizes, FILE_LIMIT, LONG_FILES)


def test_functions_stay_small():
    sizes: dict[str, int] = {}
    for path in FILES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                name = f"{path.relative_to(ROOT)} {node.name}"
                sizes[name] = max(node.end_lineno - node.lineno + 1, sizes.get(name, 0))
    assert_small(sizes, FUNCTION_LIMIT, LONG_FUNCTIONS)


def forbidden(tree: ast.AST) -> Iterator[str]:
    """Uses of what the package never uses."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and node.type is None:
            yield f"line {node.lineno}: bare except"
        elif isinstance(node, ast.Name) and node.id in {"eval", "exec"}:
            yield f"line {node.lineno}: {node.id}"
        elif isinstance(node, ast.Attribute):
            owner = ast.unparse(node.value)
            if owner in {"np.random", "numpy.random"} and node.attr not in GENERATORS:
                yield f"line {node.lineno}: {owner}.{node.attr}"
        for name in names_imported(node):
            path, last = name.split("."), name.split(".")[-1]
            draws = path[:2] == ["numpy", "random"] and last not in GENERATORS
            if path[0] in {"pickle", "random"} or draws:
                yield f"line {getattr(node, 'lineno', 0)}: import of {name}"


def test_the_package_uses_nothing_forbidden():
    found = {name: list(forbidden(tree_of(path))) for name, path in modules().items()}
    assert {name: uses for name, uses in found.items() if uses} == {}


@pytest.mark.parametrize(
    "line",
    [
        *("eval('1')", "exec('x = 1')", "import pickle", "from pickle import loads"),
        *("np.random.rand(3)", "numpy.random.seed(1)", "np.random.default_rng()"),
        *("from numpy.random import rand", "from numpy import random", "import random"),
        "try:\n    f()\nexcept:\n    pass",
    ],
)
def test_what_is_forbidden_is_found(line):
    assert list(forbidden(ast.parse(line)))
