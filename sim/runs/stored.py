"""A stored table, read run by run: no more than one row group of its file is in memory."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.runs.errors import ResultsError


class StoredTable:
    """Rows of the runs in a table; quick if they are asked for in the order of the file."""

    def __init__(self, path: Path) -> None:
        """Open a file of Parquet with a column `run`.

        raises ResultsError : it is none
        """
        self._path = path
        try:
            self._file = pq.ParquetFile(path)
            self._column = self._file.schema_arrow.names.index("run")
        except (OSError, ValueError) as error:
            raise ResultsError(f"{path}: not readable as Parquet: {error}") from None
        self._number = -1
        self._group: pa.Table | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def rows(self, run: int) -> pa.Table:
        """Rows of a run, without the column `run`.

        raises ResultsError : the file is damaged there
        """
        parts = [self._file.schema_arrow.empty_table()]
        for number in range(self._file.num_row_groups):
            if self._may_hold(number, run):
                group = self._read(number)
                parts.append(group.filter(pc.equal(group["run"], run)))
        return pa.concat_tables(parts).drop_columns("run").combine_chunks()

    def _may_hold(self, number: int, run: int) -> bool:
        """Whether a row group may have rows of a run, by its statistics."""
        told = self._file.metadata.row_group(number).column(self._column).statistics
        return told is None or not told.has_min_max or told.min <= run <= told.max

    def _read(self, number: int) -> pa.Table:
        if self._group is None or self._number != number:
            try:
                self._group = self._file.read_row_group(number)
            except (OSError, ValueError) as error:
                raise ResultsError(f"{self._path}: not readable as Parquet: {error}") from None
            self._number = number
        return self._group
