"""Column tables: the state of the model, one NumPy array per property."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Column:
    """Declaration of one column.

    dtype    NumPy scalar type of an entry
    unit     unit as text, "-" for a pure number
    meaning  what the number is, in a few words
    default  value of a new row; None means blank: NaN, or -9 for whole numbers
    per      names of further dimensions, e.g. ("industry",) for one entry per industry
    """

    dtype: type
    unit: str
    meaning: str
    default: Any = None
    per: tuple[str, ...] = ()

    @property
    def blank(self) -> Any:
        """Value that marks an entry nobody has written yet."""
        if self.default is not None:
            return self.default
        return np.nan if np.issubdtype(self.dtype, np.floating) else -9


class Table:
    """Rows are agents or places; a row number is an identity and is never reused."""

    def __init__(self, name: str, schema: Mapping[str, Column], sizes: Mapping[str, int]) -> None:
        """Empty table `name` with the columns of `schema`; `sizes` gives each further dimension."""
        self.name = name
        self.schema = schema
        self.n = 0
        self._sizes = sizes
        self._data = {column: self._blank(column, 16) for column in schema}

    @classmethod
    def of(
        cls, name: str, schema: Mapping[str, Column], columns: Mapping[str, np.ndarray]
    ) -> Table:
        """Table that holds `columns`, one array (n, ...) per column of `schema`, as its own.

        raises ValueError : a column is not as declared, or columns disagree about a dimension
        """
        sizes: dict[str, int] = {}
        for column, spec in schema.items():
            values, dims = columns[column], ("row", *spec.per)
            if (values.dtype, values.ndim) != (np.dtype(spec.dtype), len(dims)):
                given = f"{values.dtype} with {values.ndim} dimensions"
                expected = f"{np.dtype(spec.dtype)} with {len(dims)}"
                raise ValueError(f"{name}.{column}: is {given}, declared {expected}")
            for dim, size in zip(dims, values.shape, strict=True):
                if sizes.setdefault(dim, size) != size:
                    raise ValueError(f"{name}.{column}: {dim} has {size}, elsewhere {sizes[dim]}")
        table = cls(name, schema, sizes)
        table.n, table._data = sizes["row"], dict(columns)
        return table

    def columns(self) -> dict[str, np.ndarray]:
        """All columns by name, shape (n, ...) each, views."""
        return {column: self[column] for column in self.schema}

    def _blank(self, column: str, rows: int) -> np.ndarray:
        spec = self.schema[column]
        shape = (rows, *(self._sizes[dim] for dim in spec.per))
        return np.full(shape, spec.blank, dtype=spec.dtype)

    def __getitem__(self, column: str) -> np.ndarray:
        """Column, shape (n, ...), a view: write through it, never keep it across `add`."""
        return self._data[column][: self.n]

    def __setitem__(self, column: str, value: Any) -> None:
        self._data[column][: self.n] = value

    def __len__(self) -> int:
        return self.n

    def __iter__(self) -> Iterator[str]:
        return iter(self.schema)

    def add(self, count: int, **values: Any) -> np.ndarray:
        """Append `count` rows; columns not named are blank or hold their default.

        returns  (count,) int64 row numbers of the new rows
        raises KeyError : a name is not a column
        """
        unknown = set(values) - set(self.schema)
        if unknown:
            raise KeyError(f"{self.name} has no column {sorted(unknown)}")
        start, self.n = self.n, self.n + count
        for column in self.schema:
            data = self._data[column]
            if self.n > len(data):
                grown = self._blank(column, max(self.n, 2 * len(data)))
                grown[:start] = data[:start]
                self._data[column] = data = grown
            if column in values:
                data[start : self.n] = values[column]
        return np.arange(start, self.n)
