"""Whether a design can be used with a base config, told before any of its points is made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pydantic import BaseModel

from sim.config.document import Document
from sim.config.errors import ConfigError, Place, Problem, dotted
from sim.config.load import validate
from sim.config.overrides import apply_overrides
from sim.runs.designs.base import Design, Uncertainties
from sim.runs.designs.listed import Table, TableDesign, ZippedDesign, read_table
from sim.runs.uncertainty import UncertaintyConfig

MIDDLE = 0.381966
"""Probability at which a value is tried beside the ends: no fraction with a small denominator."""


class _Trial(NamedTuple):
    """A value that a setting will have in some point.

    place   where the value was written
    header  where the name of the setting was written, if elsewhere
    note    said after the value, where that is what is wrong
    """

    name: str
    value: Any
    place: Place
    header: Place | None = None
    note: str = ""


def check_design(
    design: Design,
    uncertainties: Uncertainties,
    *,
    document: Document,
    base: Document,
    schema: type[BaseModel],
    folder: Path,
) -> None:
    """Refuse a design that cannot be used, before any of its points is made.

    Of each uncertainty the ends, a value between them and all values of a choice are tried in the
    base config, one setting at a time; of a table and of lists the first point. What only a
    combination of values breaks, or a later row, shows when the config of that point is made.

    document  the experiment as written, for the lines of what is wrong
    base      the base config as written, valid by itself
    folder    folder of the experiment file, from which the path of a table starts
    raises ConfigError : every problem found, each with its line: settings that do not exist with
        the nearest name, values outside the bounds of the setting, a table that cannot be read
    """
    faults = [
        Problem(each.problem, *document.place(each.path), dotted(each.path), each.allowed)
        for each in design.faults(uncertainties)
    ]
    if faults:
        raise ConfigError(*faults)
    problems: dict[tuple[str, str], Problem] = {}
    for trial in [*_of_uncertainties(uncertainties, document), *_written(design, document, folder)]:
        for each in _problems(trial, base, schema):
            # what is wrong with one value of a setting is not told again of the next
            problems.setdefault((each.field, each.problem.partition(" (got ")[0]), each)
    if problems:
        raise ConfigError(*problems.values())


def _problems(trial: _Trial, base: Document, schema: type[BaseModel]) -> Iterator[Problem]:
    """What is wrong with the base config once it has the value."""
    try:
        changed = apply_overrides(
            base, {trial.name: trial.value}, schema=schema, places={trial.name: trial.place}
        )
        validate(changed.values, schema, changed.where)
    except ConfigError as error:
        for each in error.errors:
            if each.problem == "unknown key":
                yield each if trial.header is None else replace(each, line=trial.header.line)
            elif " (got " in each.problem:
                yield replace(each, problem=each.problem + trial.note)
            else:
                yield each


def _of_uncertainties(uncertainties: Uncertainties, document: Document) -> Iterator[_Trial]:
    """Ends, a value between them, and all values of a choice."""
    for name, each in uncertainties.items():
        at = ("uncertainties", name)
        header = document.place(at)
        for position, value in enumerate(each.values):
            place = document.place((*at, "values", str(position)))
            yield _Trial(name, value, place, header)
        if not each.values:
            low, middle, high = each.quantile(np.array([0.0, MIDDLE, 1.0])).tolist()
            for end, value in (("low", low), ("high", high)):
                whole = int(value) if float(value).is_integer() else value
                note = _unbounded(each, end)
                yield _Trial(name, whole, document.place((*at, end)), header, note)
            note = f", of the distribution {each.distribution}"
            yield _Trial(name, middle, header, header, note)


def _unbounded(each: UncertaintyConfig, end: str) -> str:
    missing = getattr(each, end) is None
    return f", which a {each.distribution} without `{end}` reaches" if missing else ""


def _written(design: Design, document: Document, folder: Path) -> Iterator[_Trial]:
    """Settings of the first point that is written down."""
    if isinstance(design, TableDesign):
        file = folder / design.file
        table = _table(file, document)
        header = Place(file, table.header)
        for column, (name, value) in enumerate(table.points[0].items(), start=1):
            note = f" in column {column}"
            yield _Trial(name, value, Place(file, table.lines[0]), header, note)
    if isinstance(design, ZippedDesign):
        for name, values in design.settings.items():
            at = ("design", "settings", name)
            yield _Trial(name, values[0], document.place((*at, "0")), document.place(at))


def _table(file: Path, document: Document) -> Table:
    """Table of a design; if there is no such file, the error names the experiment."""
    try:
        return read_table(file)
    except ConfigError as error:
        if error.line is not None:
            raise
        at = ("design", "file")
        problem = f"cannot use {file}: {error.problem}"
        place = document.place(at)
        raise ConfigError(
            Problem(problem, *place, dotted(at), error.allowed, error.nearest)
        ) from error
