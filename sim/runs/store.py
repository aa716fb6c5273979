"""Writing results: tables streamed to Parquet, moved into place at the end, all or none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.runs.folder import FILES, FORMAT, MANIFEST, TEXTS, claim, part, sha256
from sim.runs.schema import RUNS, Schemas, arrow_table, with_run
from sim.state.table import Column

GROUP = 2**14
"""Rows from which on runs make a row group of their file: runs are small, and files few."""


class TableWriter:
    """One table, written in groups of whole runs; `run` is in front of the columns of the model."""

    def __init__(self, folder: Path, name: str, *, csv: bool) -> None:
        """Table `name` below `folder`, in Parquet and, if `csv`, as text too."""
        self._folder = folder
        self._name = name
        self._waiting: list[pa.Table] = []
        self._rows = 0
        self._parquet: pq.ParquetWriter | None = None
        self._csv: IO[str] | None = None
        self._with_csv = csv

    def add(self, table: pa.Table) -> None:
        """Append the rows of one run; all runs have the same columns."""
        self._waiting.append(table)
        self._rows += table.num_rows
        if self._rows >= GROUP:
            self._flush()

    def _flush(self) -> None:
        """Write what waits as one row group."""
        if not self._waiting:
            return
        table = pa.concat_tables(self._waiting)
        self._waiting, self._rows = [], 0
        if self._parquet is None:
            self._parquet = pq.ParquetWriter(
                part(self._folder, f"{self._name}.parquet"), table.schema, compression="zstd"
            )
        self._parquet.write_table(table, row_group_size=max(1, table.num_rows))
        if self._with_csv:
            first = self._csv is None
            if self._csv is None:
                path = part(self._folder, f"{self._name}.csv")
                self._csv = path.open("w", encoding="utf-8", newline="")
            table.to_pandas().to_csv(self._csv, index=False, header=first, lineterminator="\n")

    def close(self) -> list[str]:
        """Finish the files; returns their names."""
        self._flush()
        names = []
        if self._parquet is not None:
            self._parquet.close()
            names.append(f"{self._name}.parquet")
        if self._csv is not None:
            self._csv.close()
            names.append(f"{self._name}.csv")
        return names

    def abandon(self) -> None:
        """Close the files without a care for what is in them, and remove them."""
        self._waiting = []
        for stream in (self._parquet, self._csv):
            if stream is not None:
                with suppress(OSError):  # the disk may be full: it does not matter any more
                    stream.close()
        for kind in ("parquet", "csv"):
            part(self._folder, f"{self._name}.{kind}").unlink(missing_ok=True)


class ResultsWriter:
    """The files of a results folder: nothing shows under its name before `commit`."""

    def __init__(self, folder: Path, schemas: Schemas, *, csv: bool = False) -> None:
        """Claim `folder`, making it if need be.

        raises ResultsError : it is a file, cannot be written, or holds files of somebody else
        """
        self.folder = folder
        self._schemas = {"runs": RUNS, **schemas}
        self._csv = csv
        self._writers: dict[str, TableWriter] = {}
        self._texts: list[str] = []
        claim(folder)

    def __enter__(self) -> Self:
        """Writer itself; leaving without `commit` removes what was begun."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for writer in self._writers.values():
            writer.abandon()
        for name in (*self._texts, MANIFEST):
            part(self.folder, name).unlink(missing_ok=True)

    def add(self, run: int, tables: Mapping[str, pa.Table]) -> None:
        """Append the tables of one run; runs must come in the order of their ordinals."""
        for name, table in tables.items():
            self._append(name, with_run(table, run, self._schemas[name]))

    def table(
        self, name: str, frame: pd.DataFrame, columns: Mapping[str, Column] | None = None
    ) -> None:
        """Append rows, complete with all columns, to the table `name`.

        columns  its columns, if the table is none of the model's
        """
        self._append(name, arrow_table(frame, columns or self._schemas[name]))

    def _append(self, name: str, table: pa.Table) -> None:
        if name not in self._writers:
            self._writers[name] = TableWriter(self.folder, name, csv=self._csv)
        self._writers[name].add(table)

    def text(self, name: str, content: str) -> None:
        """File `name` with `content`; the name is one of the fixed ones of a results folder."""
        if name not in TEXTS:
            raise ValueError(f"{name!r} is not a file of a results folder")
        part(self.folder, name).write_text(content, encoding="utf-8", newline="\n")
        self._texts.append(name)

    def commit(self, manifest: Mapping[str, Any]) -> None:
        """Move all files into place, replacing older results, and write the manifest last.

        manifest  provenance; `complete` and the SHA-256 of each file are added to it
        """
        tables = [name for writer in self._writers.values() for name in writer.close()]
        self._writers = {}
        written = {*tables, *self._texts}
        hashes = {name: sha256(part(self.folder, name)) for name in sorted(written)}
        manifest = {**manifest, "format": FORMAT}
        self._manifest({**manifest, "complete": False})
        for name in sorted(FILES - written):
            (self.folder / name).unlink(missing_ok=True)
        for name in sorted(written):
            part(self.folder, name).replace(self.folder / name)
        self._manifest({**manifest, "complete": True, "sha256": hashes})

    def _manifest(self, content: Mapping[str, Any]) -> None:
        path = part(self.folder, MANIFEST)
        path.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        path.replace(self.folder / MANIFEST)
