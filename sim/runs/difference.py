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

ROWS = "rows"
"""Name of the number of rows of a quarter among the columns."""
MOST_NAMED = 4
"""Columns that a message names; it counts the rest."""

Name = tuple[str, str, str]
"""Column, of text also "=" and a value, and statistic: last or mean."""


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

    columns  what differs, by column; of the table of metrics, by metric
    schema   columns that only one of the two has, or that have another type or unit
    """

    name: str
    columns: dict[str, ColumnDifference] = field(default_factory=dict)
    schema: list[str] = field(default_factory=list)
    _hashes: tuple[Any, Any] = field(default_factory=lambda: (hashlib.sha256(), hashlib.sha256()))
    _values: dict[Name, dict[int, list[tuple[float, float]]]] = field(default_factory=dict)

    def add(self, run: int, stored: pa.Table, again: pa.Table) -> None:
        """Compare the rows of a run; both tables are without the column `run`."""
        for total, table in zip(self._hashes, (stored, again), strict=True):
            total.update(hashlib.sha256(parquet_bytes(table)).digest())
        if not self.schema:
            self.schema = schema_differences(stored.schema, again.schema)
        if not stored.equals(again):
            for name, found in _differences(run, _wide(stored), _wide(again)).items():
                self.columns.setdefault(name, found).widen(found)

    def measure(self, seed: int, stored: pa.Table, again: pa.Table) -> None:
        """Take the means of a run for the tests; tables as in `add`, all of which came before."""
        for quantity, pair in _means(_wide(stored), _wide(again)).items():
            if ROWS in self.columns or quantity[0] in self.columns:
                self._values.setdefault(quantity, {}).setdefault(seed, []).append(pair)

    @property
    def identical(self) -> bool:
        """Whether both, written anew, are the same bytes, and so all values and types equal."""
        return not self.schema and self._hashes[0].digest() == self._hashes[1].digest()

    def quantities(self) -> list[Quantity]:
        """Last value and mean, by seed, of every column that is not the same.

        Of text they are the shares of rows that have each value.
        """
        found = []
        for (column, value, statistic), by_seed in self._values.items():
            apart = self.columns.get(column, self.columns.get(ROWS))
            means = np.array([np.mean(by_seed[seed], axis=0) for seed in sorted(by_seed)])
            label = f"{self.name}: {column}{value}, {statistic}"
            if apart is not None:
                found.append(Quantity(label, means[:, 0], means[:, 1], apart.relative))
        return found

    def told(self) -> list[str]:
        """What differs: columns, the quarter in which they first do, and by how much."""
        if not self.columns:
            return [*self.schema] or ["only the signs of zeros differ"]
        first = min(each.quarter for each in self.columns.values())
        columns = [name for name, each in self.columns.items() if each.quarter == first]
        run = min(self.columns[name].run for name in columns)
        when = f"in {first} " if first else ""
        texts = [
            f"first differ {when}(run {run}): {_some(columns)}",
            f"in all: {_some([_size(name, each) for name, each in self._largest()])}",
        ]
        return [*self.schema, *texts]

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
    if {"metric", "value"} <= set(frame):
        by_metric = frame.set_index(["quarter", "metric"])["value"]
        return by_metric.unstack()  # noqa: PD010 - a pivot table would take means
    return frame.set_index("quarter")


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
    if not (_is_number(one) and _is_number(two)):
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


def _means(one: pd.DataFrame, two: pd.DataFrame) -> dict[Name, tuple[float, float]]:
    """Mean over the rows of the last quarter, and over all rows, of every column that both have."""
    found = {}
    for statistic in ("last", "mean"):
        left, right = (_mean(frame, statistic) for frame in (one, two))
        for column, value in left | right:
            if column == ROWS or (column in one and column in two):
                none = 0.0 if value else np.nan
                pair = left.get((column, value), none), right.get((column, value), none)
                found[column, value, statistic] = pair
    return found


def _mean(frame: pd.DataFrame, statistic: str) -> dict[tuple[str, str], float]:
    """Means by column and value, which is "" of a column of numbers."""
    rows = frame[frame.index == frame.index.max()] if statistic == "last" else frame
    found = {(ROWS, ""): float(len(rows))}
    for name, column in rows.items():
        if _is_number(column):
            found[str(name), ""] = float(column.astype(float).mean())
        else:
            shares = column.astype(str).value_counts(normalize=True)
            found |= {(str(name), f"={value}"): float(share) for value, share in shares.items()}
    return found


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)


def _size(name: str, difference: ColumnDifference) -> str:
    if not np.isfinite(difference.absolute):
        return f"{name} (other text, or values missing)"
    return f"{name} by up to {difference.absolute:.3g} ({difference.relative:.2g} of the largest)"


def _some(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
