"""Designs that are written down: a single point, lists varied together, a table in a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Any, Literal, NamedTuple

from sim.config.errors import ConfigError, Problem, dotted, shown
from sim.config.yaml_builder import scalar
from sim.config.yaml_file import read_text
from sim.runs.designs.base import Fault, ListedDesign, Point, Uncertainties
from sim.runs.uncertainty import Scalar

MAX_BYTES = 2**26
"""Size of a table [byte]."""
_CELL = "a number, text, or true/false"


class SingleDesign(ListedDesign):
    """No sampling: the settings as they are."""

    kind: Literal["single"] = "single"
    """Kind of design."""

    def count(self, uncertainties: Uncertainties, folder: Path) -> int:  # noqa: ARG002
        """One."""
        return 1

    def points(self, uncertainties: Uncertainties, folder: Path) -> list[Point]:  # noqa: ARG002
        """One point at which nothing is changed."""
        return [{}]


class ZippedDesign(ListedDesign):
    """Lists of equal length, varied together: the first values, then the second ones, ..."""

    kind: Literal["zipped"]
    """Kind of design."""
    settings: dict[str, tuple[Scalar, ...]]
    """Dotted name of a setting -> its values, one per point."""

    def faults(self, uncertainties: Uncertainties) -> Iterator[Fault]:
        """Lists must be there, hold something, and be equally long."""
        yield from super().faults(uncertainties)
        if not self.settings:
            yield Fault(
                (
                    "design",
                    "settings",
                ),
                "the design is empty: name a setting and its values",
            )
        first = next(iter(self.settings), "")
        for name, values in self.settings.items():
            length, wanted = len(values), len(self.settings[first])
            if not values:
                yield Fault(("design", "settings", name), "the list is empty")
            elif length != wanted:
                problem = f"lists must be equally long: this has {length} values, {first} {wanted}"
                yield Fault(("design", "settings", name), problem, f"{wanted} values")

    def count(self, uncertainties: Uncertainties, folder: Path) -> int:  # noqa: ARG002
        """Length of the lists."""
        return len(next(iter(self.settings.values())))

    def points(self, uncertainties: Uncertainties, folder: Path) -> list[Point]:  # noqa: ARG002
        """Values at the same position of every list."""
        rows = zip(*self.settings.values(), strict=True)
        return [dict(zip(self.settings, row, strict=True)) for row in rows]


class TableDesign(ListedDesign):
    """A table in a CSV file: one column per setting, one row per point."""

    kind: Literal["table"]
    """Kind of design."""
    file: str
    """CSV file, relative to the experiment file; its first row holds dotted names of settings."""

    def count(self, uncertainties: Uncertainties, folder: Path) -> int:  # noqa: ARG002
        """Rows of the file that are not blank, without the first."""
        return len(_rows(folder / self.file)) - 1

    def points(self, uncertainties: Uncertainties, folder: Path) -> list[Point]:  # noqa: ARG002
        """Rows of the file."""
        return read_table(folder / self.file).points


class Table(NamedTuple):
    """Points read from a file.

    names   dotted names of the settings, in the order of the columns
    points  one per row
    header  line of the names in the file, from 1
    lines   line of each point
    """

    names: tuple[str, ...]
    points: list[Point]
    header: int
    lines: list[int]


def read_table(file: Path) -> Table:
    """Points in a CSV file; cells are typed as in YAML: 0.5, 3, true, text.

    raises ConfigError : no such file, not CSV, no rows, a name given twice, a cell without value;
        the problem names file, line, setting and column
    """
    (header, first), *rest = _rows(file)
    names = tuple(name.strip() for name in first)
    problems = list(_header_problems(file, header, names))
    points: list[Point] = []
    for line, row in rest:
        if len(row) != len(names):
            problem = f"the row has {len(row)} cells, the first row {len(names)}"
            problems.append(Problem(problem, file, line, allowed=f"{len(names)} cells"))
            continue
        try:
            points.append(_point(file, line, names, row))
        except ConfigError as error:
            problems.extend(error.errors)
    if problems:
        raise ConfigError(*problems)
    return Table(names, points, header, [line for line, _ in rest])


def _rows(file: Path) -> list[tuple[int, list[str]]]:
    """Rows that are not blank with the lines where they start; at least two."""
    reader = csv.reader(io.StringIO(read_text(file, MAX_BYTES), newline=""), strict=True)
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        raise ConfigError(Problem(f"not valid CSV: {error}", file, line)) from None
    if len(rows) < 2:  # noqa: PLR2004 - names and a point
        have = "holds names but no point" if rows else "is empty"
        allowed = "a first row with names of settings, then a row per point"
        raise ConfigError(Problem(f"the table {have}", file, line=1, allowed=allowed))
    return rows


def _header_problems(file: Path, line: int, names: tuple[str, ...]) -> Iterator[Problem]:
    for position, name in enumerate(names):
        at = f"column {position + 1}"
        if not name:
            problem = f"{at} has no name"
            yield Problem(problem, file, line, allowed="dotted name of a setting")
        elif name in names[:position]:
            problem = f"{at} has the name of column {names.index(name) + 1}"
            yield Problem(problem, file, line, dotted([name]))


def _point(file: Path, line: int, names: tuple[str, ...], row: list[str]) -> Point:
    """One row as a point; raises ConfigError with every cell that has no value."""
    point: Point = {}
    problems = []
    for position, (name, cell) in enumerate(zip(names, row, strict=True)):
        text = cell.strip()
        try:
            value: Any = scalar(text)
        except OverflowError:
            value = float("inf")
        point[name] = value
        unusable = value is None or not text.isprintable()
        if unusable or (isinstance(value, float) and not isfinite(value)):
            problem = f"column {position + 1}: not a value (got {shown(text or None)})"
            problems.append(Problem(problem, file, line, dotted([name]), _CELL))
    if problems:
        raise ConfigError(*problems)
    return point
