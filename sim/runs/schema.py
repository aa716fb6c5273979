"""How the output tables look in Parquet: types, units and meanings, column by column."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from sim.state.table import Column

Schemas = Mapping[str, Mapping[str, Column]]
"""Columns of every table of a run, by table name; each table begins with `run`."""

RUNS: Mapping[str, Column] = {
    "run": Column(np.int32, "-", "ordinal of the run in its folder"),
    "scenario": Column(str, "-", "scenario of the experiment, or name of the config"),
    "seed": Column(np.int64, "-", "seed of all random streams"),
    "config_hash": Column(str, "-", "SHA-256 of the resolved config"),
    "parameters": Column(str, "JSON", "what the scenario changes in the base config"),
    "status": Column(str, "-", "done or failed"),
    "error": Column(str, "-", "why the run failed; empty if it did not"),
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


def _field(name: str, column: Column) -> pa.Field:
    kind = pa.string() if column.dtype is str else pa.from_numpy_dtype(np.dtype(column.dtype))
    metadata = {"unit": column.unit, "meaning": column.meaning}
    return pa.field(name, kind, metadata=metadata)
