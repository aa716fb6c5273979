"""Single settings changed from outside a file: `--set a.b=c`, or a mapping of dotted names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sim.config.defaults import tables_behind
from sim.config.document import Document, Where, merge
from sim.config.errors import ConfigError, Place, Problem, dotted, shown
from sim.config.values import plain
from sim.config.yaml_builder import MAX_DEPTH
from sim.config.yaml_file import parse_text

COMMAND_LINE = Place(Path("--set"), None)
"""Place of an override that stands in no file."""
_HOW = "name.of.setting=value, e.g. time.end=2019Q4"


def apply_overrides(
    document: Document,
    overrides: Sequence[str] | Mapping[str, Any],
    *,
    schema: type[BaseModel] | None = None,
    places: Mapping[str, Place] | None = None,
) -> Document:
    """Document with settings changed, one after the other.

    overrides  "a.b=c" with c in YAML, or dotted name -> value; a mapping as value is merged
               key by key, a list replaces
    schema     with it, an override inside a table whose default stands in the schema (a field
               `dict[str, ...]` that the document leaves out) changes that table; without, it
               starts an empty one
    places     dotted name -> where the override was written; the rest count as `--set`
    raises ConfigError : an override without "=", without a name, or whose value is not YAML
    """
    given = overrides.items() if isinstance(overrides, Mapping) else _parsed(overrides)
    for name, value in given:
        place = (places or {}).get(name, COMMAND_LINE)
        path = _path(name, place)
        nested = plain(value)
        for part in reversed(path):
            nested = {part: nested}
        where: Where = {(): document.where.get((), place)}
        where |= {path[:end]: document.where.get(path[:end], place) for end in range(1, len(path))}
        where[path] = place
        if schema is not None:
            tables = tables_behind(schema, document.values, nested)
            document = merge(Document(tables, {}), document)
        document = merge(document, Document(nested, where))
    return document


def _parsed(overrides: Sequence[str]) -> list[tuple[str, Any]]:
    """Dotted names and values of overrides written as text."""
    given: list[tuple[str, Any]] = []
    for text in [overrides] if isinstance(overrides, str) else overrides:
        name, sign, value = text.partition("=")
        file = COMMAND_LINE.file or Path()
        if not sign:
            raise ConfigError(
                Problem(f"an override needs a '=' (got {shown(text)})", file, allowed=_HOW)
            )
        try:
            given.append((name.strip(), parse_text(value, file).values))
        except ConfigError as error:
            raise ConfigError(
                Problem(error.problem, file, None, dotted([name.strip()]), error.allowed)
            ) from error
    return given


def _path(name: str, place: Place) -> tuple[str, ...]:
    path = tuple(name.split("."))
    if not all(path) or len(path) > MAX_DEPTH or not name.isprintable():
        problem = f"not the dotted name of a setting ({shown(name)})"
        raise ConfigError(Problem(problem, *place, allowed=_HOW))
    return path
