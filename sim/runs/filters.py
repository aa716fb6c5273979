"""Which rows of a table are wanted, as its reader in Parquet takes it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pyarrow as pa

from sim.config.errors import nearest_name
from sim.runs.errors import ResultsError

MOST_LISTED = 15
"""Names that a message lists; it counts the rest."""

Wanted = Any
"""Filter of a column: the value wanted, or a collection of them; None for all."""


def several(value: Wanted) -> list[Any]:
    """Values of a filter that may be a single one."""
    single = isinstance(value, str) or not isinstance(value, Collection)
    return [value] if single else list(value)


def parquet_filter(schema: pa.Schema, column: str, value: Wanted) -> tuple[str, str, Any] | None:
    """Filter of Parquet for the rows that have one of the values; None if all are wanted.

    raises ResultsError : a value is not of the type of the column
    """
    if value is None:
        return None
    try:
        values = pa.array(several(value), type=schema.field(column).type)
    except (pa.ArrowException, TypeError):
        kind = schema.field(column).type
        raise ResultsError(f"{column}={value!r}: the column {column} holds {kind}") from None
    return column, "in", values.to_pylist()


def no_such(what: str, name: object, known: Sequence[object]) -> ResultsError:
    """Error of a value that no run has; it gives the nearest, and those that there are."""
    names = [str(each) for each in known]
    listed = ", ".join(names[:MOST_LISTED])
    if len(names) > MOST_LISTED:
        listed += f" and {len(names) - MOST_LISTED} others"
    near = nearest_name(str(name), names)
    return ResultsError(
        f"{what} {name!r}; there are {listed}" + (f"; did you mean {near}?" if near else "")
    )
