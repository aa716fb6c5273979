"""Configuration files as plain values that remember their lines; `extends` chains resolved."""

from __future__ import annotations

import os.path
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.config.errors import NOWHERE, ConfigError, Place, Problem, shown
from sim.config.yaml_file import parse_text, read_text

MAX_FILES = 5
"""Files in a chain of `extends`."""

Where = dict[tuple[str, ...], Place]
"""Path of keys and list positions -> where the setting was written."""


@dataclass(frozen=True)
class Document:
    """Settings as written, before any schema.

    values  plain mapping of text, numbers, true/false, None, lists and mappings
    where   place of every value, by path; () is the top
    """

    values: dict[str, Any]
    where: Where

    def place(self, path: tuple[str, ...]) -> Place:
        """Where the setting at a path was written, or else the nearest section around it."""
        while path and path not in self.where:
            path = path[:-1]
        return self.where.get(path, NOWHERE)


def read(path: str | Path) -> Document:
    """Settings of a YAML file and of the files that it extends.

    `extends: other.yaml` names a file relative to the one that says so. Mappings are merged key
    by key, everything else (lists too) is replaced by the file that extends.

    raises ConfigError : a file is missing, is not such YAML, or the chain is too long or circular
    """
    file = Path(path)
    return _read_chain(file, read_text(file), (file,))


def _read_chain(file: Path, text: str, chain: tuple[Path, ...]) -> Document:
    document = _parsed(file, text)
    place = document.where.get(("extends",))
    if place is None:
        return document
    values = dict(document.values)
    parent = _parent(values.pop("extends"), place, chain)
    base = _read_chain(parent, _parent_text(parent, place), (*chain, parent))
    return merge(base, Document(values, document.where))


def _parsed(file: Path, text: str) -> Document:
    parsed = parse_text(text, file)
    if parsed.values is None:
        raise ConfigError(Problem("the file is empty", file, allowed="settings as `name: value`"))
    if not isinstance(parsed.values, dict):
        problem = f"the file must hold settings as `name: value` (got {shown(parsed.values)})"
        raise ConfigError(Problem(problem, file, parsed.lines[()]))
    return Document(parsed.values, {at: Place(file, line) for at, line in parsed.lines.items()})


def _parent(name: object, place: Place, chain: tuple[Path, ...]) -> Path:
    """File that the last of `chain` extends, checked for circles and length."""
    if not isinstance(name, str) or not name or not name.isprintable():
        problem = f"must be the name of one YAML file (got {shown(name)})"
        raise ConfigError(Problem(problem, *place, "extends"))
    parent = Path(os.path.normpath(chain[-1].parent / name))
    arrows = " -> ".join(str(file) for file in (*chain, parent))
    if os.path.realpath(parent) in [os.path.realpath(file) for file in chain]:
        problem = f"files extend each other in a circle: {arrows}"
        raise ConfigError(Problem(problem, *place, "extends"))
    if len(chain) >= MAX_FILES:
        problem = f"the chain of files is too long: {arrows}"
        raise ConfigError(Problem(problem, *place, "extends", f"at most {MAX_FILES} files"))
    return parent


def _parent_text(parent: Path, place: Place) -> str:
    """Text of a file that another extends; if it cannot be read, the error names the other."""
    try:
        return read_text(parent)
    except ConfigError as error:
        problem = f"cannot extend {parent}: {error.problem}"
        raise ConfigError(
            Problem(problem, *place, "extends", error.allowed, error.nearest)
        ) from error


def merge(base: Document, over: Document) -> Document:
    """`base` with the settings of `over` on top: mappings key by key, all else replaced."""
    where = dict(base.where)
    _mark(over.values, (), over.where.get((), NOWHERE), over.where, where)
    return Document(_merged(base.values, over.values), where)


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(base)
    for key, value in over.items():
        old = values.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            values[key] = _merged(old, value)
        else:
            values[key] = value
    return values


def _mark(value: Any, path: tuple[str, ...], place: Place, known: Where, where: Where) -> None:
    """Write the place of `value` and of all in it; what has none of its own takes that above."""
    place = known.get(path, place)
    where[path] = place
    if isinstance(value, dict):
        for key, item in value.items():
            _mark(item, (*path, key), place, known, where)
    elif isinstance(value, list):
        for position, item in enumerate(value):
            _mark(item, (*path, str(position)), place, known, where)
