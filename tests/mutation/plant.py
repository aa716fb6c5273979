"""Put a mutant into this process: into the functions that are loaded, or by loading anew.

Most changes lie within a function. Its code is then exchanged where it stands, so that everybody
who has imported the function runs the changed one; compiled kernels that use it are compiled anew.
A change that takes effect as the module is loaded (a default, a bound, a constant) needs the module
and all that imports it to be loaded again.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from collections.abc import Iterator
from functools import cached_property
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from numba.core.caching import NullCache
from numba.core.dispatcher import Dispatcher

Path_ = tuple[str, ...]


def bare(code: CodeType) -> CodeType:
    """Code without what is nested in it and without its places in the file, for comparison."""
    rest = tuple(None if isinstance(each, CodeType) else each for each in code.co_consts)
    return code.replace(co_consts=rest, co_linetable=b"", co_firstlineno=1)


def changed(old: CodeType, new: CodeType, path: Path_ = ()) -> Iterator[tuple[Path_, CodeType]]:
    """Names that lead to every function that differs, with its new code.

    An empty path stands for code that runs as the module is loaded.
    """
    if bare(old) != bare(new):
        yield (), new
        return
    for one, other in zip(old.co_consts, new.co_consts, strict=True):
        if isinstance(one, CodeType):
            inner = (*path, one.co_name)
            if not one.co_flags & inspect.CO_OPTIMIZED:  # the body of a class
                yield from changed(one, other, inner)
            elif not alike(one, other):
                yield inner, other


def alike(old: CodeType, new: CodeType) -> bool:
    """Whether code does the same, with all that is nested in it."""
    return bare(old) == bare(new) and all(
        alike(one, other)
        for one, other in zip(old.co_consts, new.co_consts, strict=True)
        if isinstance(one, CodeType)
    )


def live(module: ModuleType, path: Path_, line: int) -> FunctionType | None:
    """Function of a loaded module, found by name and first line; None if it hides."""
    value: Any = module
    for name in path:
        value = vars(value).get(name)
    if isinstance(value, property):
        value = value.fget
    elif isinstance(value, cached_property):
        value = value.func
    elif isinstance(value, staticmethod | classmethod):
        value = value.__func__
    elif isinstance(value, Dispatcher):
        value = value.py_func
    found = isinstance(value, FunctionType) and value.__code__.co_firstlineno == line
    return value if found else None


def exchange(module: ModuleType, changes: list[tuple[Path_, CodeType]]) -> list[FunctionType]:
    """Exchange the code of functions; those that were changed.

    raises LookupError : one of them hides
    """
    found = []
    for path, code in changes:
        function = live(module, path, code.co_firstlineno)
        if function is None or function.__code__.co_freevars != code.co_freevars:
            raise LookupError(f"{module.__name__}: {path} cannot be exchanged")
        function.__code__ = code
        forget_compiled(function)
        found.append(function)
    return found


def dispatchers() -> list[Dispatcher]:
    """Every compiled kernel of the package."""
    loaded = [module for name, module in sys.modules.items() if name.startswith("sim.")]
    every = (value for module in loaded for value in list(vars(module).values()))
    return list({id(each): each for each in every if isinstance(each, Dispatcher)}.values())


def is_kernel(function: FunctionType | None) -> bool:
    """Whether a function is compiled."""
    return function is not None and any(each.py_func is function for each in dispatchers())


def with_callers(functions: list[FunctionType]) -> list[Dispatcher]:
    """Kernels of functions, and all kernels that call them."""
    every = dispatchers()
    found = [each for each in every if each.py_func in functions]
    for kernel in found:  # grows as callers are found
        for caller in every:
            names, known = caller.py_func.__code__.co_names, caller.py_func.__globals__
            if caller not in found and any(known.get(name) is kernel for name in names):
                found.append(caller)
    return found


def forget_compiled(function: FunctionType) -> None:
    """Drop compiled code of a kernel, and of all kernels that call it, in memory and on disk."""
    for kernel in with_callers([function]):
        kernel._reset_overloads()
        kernel._cache = NullCache()


def interpret(functions: list[FunctionType]) -> None:
    """Put functions in the place of their kernels, and of all kernels that call them."""
    plain = {id(kernel): kernel.py_func for kernel in with_callers(functions)}
    for name, module in list(sys.modules.items()):
        if name.startswith(("sim.", "tests.")):
            for key, value in list(vars(module).items()):
                if id(value) in plain:
                    setattr(module, key, plain[id(value)])


def importers(root: Path, module: str) -> set[str]:
    """Modules of the package that import a module, directly or not, and the module itself."""
    files = {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path
        for path in root.glob("sim/**/*.py")
    }
    uses = {name: imported(path, set(files)) for name, path in files.items()}
    found = {module}
    while more := {name for name, used in uses.items() if used & found} - found:
        found |= more
    return found


def imported(path: Path, known: set[str]) -> set[str]:
    """Modules of the package that a file names in its imports."""
    named: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            named |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return named & known


class Planted(MetaPathFinder, Loader):
    """Finds one module: the changed one."""

    def __init__(self, name: str, path: Path, code: CodeType) -> None:
        self.name, self.path, self.code = name, path, code

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        if name != self.name:
            return None
        spec = ModuleSpec(name, self, origin=str(self.path))
        spec.has_location = True
        return spec

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, vars(module))  # noqa: S102 - this is what a mutant is for


def load_again(name: str, path: Path, code: CodeType, stale: set[str]) -> None:
    """Load a changed module, and later whoever imports it; tests are to be collected anew.

    stale : modules to be loaded again, see `importers`
    raises Exception : whatever the changed module raises as it is loaded
    """
    sys.meta_path.insert(0, Planted(name, path, code))
    gone = {each for each in sys.modules if each in stale or is_test(each)}
    for each in gone:
        parent, _, child = each.rpartition(".")
        if parent in sys.modules:
            vars(sys.modules[parent]).pop(child, None)
    for each in gone:
        del sys.modules[each]
    keep = Dispatcher.enable_caching

    def enable_caching(kernel: Dispatcher) -> None:
        """A constant of a kernel may have changed, of which its cache on disk knows nothing."""
        if kernel.py_func.__module__ not in stale:
            keep(kernel)

    Dispatcher.enable_caching = enable_caching
    importlib.import_module(name)
    for each in [each for each in sys.modules if each.rpartition(".")[0] in gone]:
        parent, _, child = each.rpartition(".")
        setattr(importlib.import_module(parent), child, sys.modules[each])


def is_test(module: str) -> bool:
    """Whether a module belongs to the tests, and not to what runs them."""
    return module.startswith("tests.") and not module.startswith("tests.mutation")
