"""How a table of re-run runs differs from the stored one: where first, and by how much."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.runs.agreement import Quantity
from sim.runs.measured import ROWS, Measured, is_number, means
from sim.runs.task import Task

MOST_NAMED = 4
"""Columns that a message names; it counts the rest."""
KEYS = ("quarter", "metric")
"""Columns that say what a row is about, whatever the order of rows."""


@dataclass
class ColumnDifference:
    """A column that is not the same.

    quarter   first quarter, in any run, with a difference
    run       run that has it there
    absolute  largest difference, of any quarter and run; infinite if a value is missing, or text
    relative  the same, over the largest number of the column in its run
    """

    quarter: str
    run: int
    absolute: float
    relative: float

    def widen(self, other: ColumnDifference) -> None:
        """Take the difference in another run in."""
        if other.quarter < self.quarter:
            self.quarter, self.run = other.quarter, other.run
        self.absolute = max(self.absolute, other.absolute)
        self.relative = max(self.relative, other.relative)


@dataclass
class TableComparison:
    """A table, compared run by run, so that no more than one run is in memory.

    columns   what differs, by column; of the table of metrics, by metric
    schema    columns that only one of the two has, or that have another type or unit
    metrics   of the table of metrics, those that only one of the two has, with a run
    moved     whether rows come in another order
    measured  numbers for the tests
    """

    name: str
    columns: dict[str, ColumnDifference] = field(default_factory=dict)
    schema: list[str] = field(default_factory=list)
    metrics: dict[str, str] = field(default_factory=dict)
    moved: bool = False
    measured: Measured = field(default_factory=Measured)
    _hashes: tuple[Any, Any] = field(default_factory=lambda: (hashlib.sha256(), hashlib.sha256()))

    def add(self, run: int, stored: pa.Table, again: pa.Table) -> None:
        """Compare the rows of a run; both tables are without the column `run`."""
        for total, table in zip(self._hashes, (stored, again), strict=True):
            total.update(hashlib.sha256(parquet_bytes(table)).digest())
        if not self.schema:
            self.schema = schema_differences(stored.schema, again.schema)
        if stored.equals(again):
            return
        one, two = _wide(stored), _wide(again)
        if _of_metrics(stored) and _of_metrics(again) and len(one) and len(two):
            for name in one.columns.symmetric_difference(two.columns):
                what = "gone" if name in one else "new"
                self.metrics.setdefault(name, f"metric {name} is {what} (run {run})")
        for name, found in _differences(run, one, two).items():
            self.columns.setdefault(name, found).widen(found)
        self.moved |= not _keys(stored).equals(_keys(again))

    def measure(self, task: Task, stored: pa.Table, again: pa.Table) -> None:
        """Take the means of a run for the tests; tables as in `add`, all of which came before."""
        for name, pair in means(_wide(stored), _wide(again)).items():
            if ROWS in self.columns or name[0] in self.columns:
                self.measured.add(task, name, pair)

    @property
    def identical(self) -> bool:
        """Whether both, written anew, are the same bytes, and so all values and types equal."""
        return not self.schema and self._hashes[0].digest() == self._hashes[1].digest()

    @property
    def layout(self) -> list[str]:
        """Columns and metrics that only one of the two has, or that are of another kind."""
        return [*self.schema, *self.metrics.values()]

    def quantities(self) -> list[Quantity]:
        """Last value and mean, by scenario and seed, of every column that is not the same."""
        apart = {name: each.relative for name, each in self.columns.items()}
        return list(self.measured.quantities(self.name, apart))

    def told(self) -> list[str]:
        """What differs: columns, the quarter in which they first do, and by how much."""
        if not self.columns:
            rows = "the same rows, in another order"
            return self.layout or [rows if self.moved else "only the signs of zeros differ"]
        first = min(each.quarter for each in self.columns.values())
        columns = [name for name, each in self.columns.items() if each.quarter == first]
        run = min(self.columns[name].run for name in columns)
        when = f"in {first} " if first else ""
        texts = [
            f"first differ {when}(run {run}): {_some(columns)}",
            f"in all: {_some([_size(name, each) for name, each in self._largest()])}",
        ]
        return [*self.layout, *texts]

    def _largest(self) -> list[tuple[str, ColumnDifference]]:
        return sorted(self.columns.items(), key=lambda item: -item[1].relative)


def parquet_bytes(table: pa.Table) -> bytes:
    """A table as a file of Parquet, without what its columns mean in words."""
    sink = pa.BufferOutputStream()
    pq.write_table(table.replace_schema_metadata(None).cast(_bare(table.schema)), sink)
    return sink.getvalue().to_pybytes()


def schema_differences(stored: pa.Schema, again: pa.Schema) -> list[str]:
    """Columns that only one of the two has, and those of another type or unit."""
    said = [f"column {name} is gone" for name in stored.names if name not in again.names]
    said += [f"column {name} is new" for name in again.names if name not in stored.names]
    if not said and stored.names != again.names:
        said.append("columns come in another order")
    for name in stored.names:
        if name in again.names:
            one, two = (_kind(schema.field(name)) for schema in (stored, again))
            said += [] if one == two else [f"column {name} was {one}, is {two}"]
    return said


def _kind(column: pa.Field) -> str:
    return f"{column.type} [{(column.metadata or {}).get(b'unit', b'-').decode()}]"


def _bare(schema: pa.Schema) -> pa.Schema:
    return pa.schema([pa.field(each.name, each.type) for each in schema])


def _wide(table: pa.Table) -> pd.DataFrame:
    """Rows with their quarter as index; of the table of metrics, a column for each metric."""
    frame = table.to_pandas()
    if "quarter" not in frame:
        return frame.set_axis([""] * len(frame), axis=0)
    if _of_metrics(table):
        by_metric = frame.set_index([*KEYS])["value"]
        return by_metric.unstack()  # noqa: PD010 - a pivot table would take means
    return frame.set_index("quarter").sort_index(kind="stable")


def _of_metrics(table: pa.Table) -> bool:
    return {*KEYS, "value"} <= set(table.column_names)


def _keys(table: pa.Table) -> pa.Table:
    return table.select([name for name in KEYS if name in table.column_names])


def _differences(run: int, one: pd.DataFrame, two: pd.DataFrame) -> dict[str, ColumnDifference]:
    """Columns of a run that differ; rows are compared in the quarters that have as many of them."""
    counts = pd.DataFrame({"one": one.index.value_counts(), "two": two.index.value_counts()})
    counts = counts.fillna(0)
    other = counts[counts["one"] != counts["two"]]
    found = {}
    if len(other):
        gap = float((other["two"] - other["one"]).abs().max())
        relative = gap / float(counts.to_numpy().max())
        found[ROWS] = ColumnDifference(str(other.index.min()), run, gap, relative)
    both = counts.index.difference(other.index)
    one, two = one[one.index.isin(both)], two[two.index.isin(both)]
    for name in [name for name in one if name in two]:
        difference = _column(run, one[name], two[name])
        if difference is not None:
            found[str(name)] = difference
    return found


def _column(run: int, one: pd.Series, two: pd.Series) -> ColumnDifference | None:
    """Difference of two columns of as many rows, None if there is none."""
    if not (is_number(one) and is_number(two)):
        differs = one.astype(str).to_numpy() != two.astype(str).to_numpy()
        sizes, scale = np.where(differs, np.inf, 0.0), 1.0
    else:
        left, right = one.to_numpy(float), two.to_numpy(float)
        known = np.isfinite(left) & np.isfinite(right)
        same = (left == right) | (np.isnan(left) & np.isnan(right))
        differs = ~same
        sizes = np.full(len(left), np.inf)
        sizes[known] = np.abs(right[known] - left[known])
        sizes[same] = 0.0
        scale = float(np.abs(np.concatenate([left[known], right[known], [0.0]])).max())
    if not differs.any():
        return None
    quarter, absolute = str(one.index[differs].min()), float(sizes[differs].max())
    relative = absolute / scale if scale else np.inf
    return ColumnDifference(quarter, run, absolute, relative)


def _size(name: str, difference: ColumnDifference) -> str:
    if not np.isfinite(difference.absolute):
        return f"{name} (other text, or values missing)"
    return f"{name} by up to {difference.absolute:.3g} ({difference.relative:.2g} of the largest)"


def _some(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
