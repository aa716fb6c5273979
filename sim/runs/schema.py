"""How the output tables look in Parquet: types, units and meanings, column by column."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from sim.state.table import Column

Schemas = Mapping[str, Mapping[str, Column]]
"""Columns of every table of a run, by table name; each table begins with `run`."""

RUN = Column(np.int32, "-", "ordinal of the run in its folder")

RUNS: Mapping[str, Column] = {
    "run": RUN,
    "scenario": Column(str, "-", "scenario of the experiment, or name of the config"),
    "point": Column(np.int32, "-", "point of the design, a row of the table design"),
    "seed": Column(np.int64, "-", "seed of all random streams"),
    "config_hash": Column(str, "-", "SHA-256 of the resolved config"),
    "parameters": Column(str, "JSON", "what scenario and point change in the base config"),
    "status": Column(str, "-", "done, failed, timed out or killed"),
    "error": Column(str, "-", "why the run failed; empty if it did not"),
    "traceback": Column(str, "-", "where it failed; empty if it did not"),
    "replay": Column(str, "-", "command that does a failed run again, called in its folder"),
}


def arrow_table(frame: pd.DataFrame, columns: Mapping[str, Column]) -> pa.Table:
    """`frame` as an Arrow table with the declared types, units and meanings.

    frame    rows in their final order; its columns are a subset of `columns`
    columns  declaration, which also gives the order of the columns
    returns  table; a number that is NaN is null, so that no payload of a NaN reaches the file
    raises ValueError : a column is not declared
    """
    undeclared = [str(name) for name in frame.columns if name not in columns]
    if undeclared:
        raise ValueError(f"output columns without declaration: {', '.join(undeclared)}")
    names = [name for name in columns if name in frame.columns]
    fields = [_field(name, columns[name]) for name in names]
    arrays = [
        pa.array(frame[field.name].to_numpy(), type=field.type, from_pandas=True)
        for field in fields
    ]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def arrow_tables(frames: Mapping[str, pd.DataFrame], schemas: Schemas) -> dict[str, pa.Table]:
    """Tables of a run, see `arrow_table`."""
    return {name: arrow_table(frame, schemas[name]) for name, frame in frames.items()}


def without_run(table: pa.Table, columns: Mapping[str, Column]) -> pa.Table:
    """Table read from a file as its run made it: declared types, no column `run`."""
    names = [name for name in table.column_names if name != "run"]
    schema = pa.schema([_field(name, columns[name]) for name in names])
    return pa.Table.from_arrays([table.column(name) for name in names], schema=schema)


def with_run(table: pa.Table, run: int, columns: Mapping[str, Column]) -> pa.Table:
    """Table of one run with the column `run` in front."""
    ordinals = pa.array(np.full(table.num_rows, run, np.int32))
    return table.add_column(0, _field("run", columns["run"]), ordinals)


def _field(name: str, column: Column) -> pa.Field:
    kind = pa.string() if column.dtype is str else pa.from_numpy_dtype(np.dtype(column.dtype))
    metadata = {"unit": column.unit, "meaning": column.meaning}
    return pa.field(name, kind, metadata=metadata)
