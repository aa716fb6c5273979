"""Results folders: tables streamed to Parquet, moved into place at the end, and read back."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import pandas as pd
import pyarrow.parquet as pq

from sim.runs.errors import ResultsError
from sim.runs.schema import RUNS, Schemas, arrow_table
from sim.state.table import Column

MANIFEST = "manifest.json"
TABLES = ("runs", "provinces", "zones", "industries", "metrics", "firms", "talents")
_TEXTS = ("config.yaml", "experiment.yaml", "effects.csv")
_OWN = frozenset({f"{table}.{kind}" for table in TABLES for kind in ("parquet", "csv")} | {*_TEXTS})
_NAME = re.compile(r"\w[\w.-]*")


def default_folder(name: str) -> Path:
    """`results/<name>` below the current folder.

    raises ResultsError : the name is not one plain folder name
    """
    if not _NAME.fullmatch(name):
        raise ResultsError(
            f"name {name!r} cannot name a folder of results: use letters, digits, '-', '_' "
            "and '.', or choose a folder with --out"
        )
    return Path("results") / name


class TableWriter:
    """One table, one row group per run; `run` is put in front of the columns of the model."""

    def __init__(
        self, folder: Path, name: str, columns: Mapping[str, Column], *, csv: bool
    ) -> None:
        """Table `name` below `folder`, in Parquet and, if `csv`, as text too."""
        self._folder = folder
        self._name = name
        self._columns = columns
        self._parquet: pq.ParquetWriter | None = None
        self._csv: IO[str] | None = None
        self._with_csv = csv

    def add(self, frame: pd.DataFrame) -> None:
        """Append the rows of one run; all runs have the same columns."""
        table = arrow_table(frame, self._columns)
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
            frame[table.column_names].to_csv(
                self._csv, index=False, header=first, lineterminator="\n"
            )

    def close(self) -> list[str]:
        """Finish the files; returns their names."""
        names = []
        if self._parquet is not None:
            self._parquet.close()
            names.append(f"{self._name}.parquet")
        if self._csv is not None:
            self._csv.close()
            names.append(f"{self._name}.csv")
        return names


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
        _claim(folder)

    def __enter__(self) -> Self:
        """Writer itself; leaving without `commit` removes what was begun."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        names = [name for writer in self._writers.values() for name in writer.close()]
        for name in (*names, *self._texts, MANIFEST):
            part(self.folder, name).unlink(missing_ok=True)

    def add(self, run: int, frames: Mapping[str, pd.DataFrame]) -> None:
        """Append the tables of one run; runs must come in the order of their ordinals."""
        for name, frame in frames.items():
            self.table(name, frame.assign(run=run))

    def table(self, name: str, frame: pd.DataFrame) -> None:
        """Append rows, complete with `run`, to the table `name`."""
        if name not in self._writers:
            self._writers[name] = TableWriter(self.folder, name, self._schemas[name], csv=self._csv)
        self._writers[name].add(frame)

    def text(self, name: str, content: str) -> None:
        """File `name` with `content`; the name is one of the fixed ones of a results folder."""
        if name not in _TEXTS:
            raise ValueError(f"{name!r} is not a file of a results folder")
        part(self.folder, name).write_text(content, encoding="utf-8", newline="\n")
        self._texts.append(name)

    def commit(self, manifest: Mapping[str, Any]) -> None:
        """Move all files into place, replacing older results, and write the manifest last.

        manifest  provenance; `complete` and the SHA-256 of each table are added to it
        """
        tables = [name for writer in self._writers.values() for name in writer.close()]
        self._writers = {}
        hashes = {name: sha256(part(self.folder, name)) for name in sorted(tables)}
        self._manifest({**manifest, "complete": False})
        written = {*tables, *self._texts}
        for name in sorted(_OWN - written):
            (self.folder / name).unlink(missing_ok=True)
        for name in sorted(written):
            part(self.folder, name).replace(self.folder / name)
        self._manifest({**manifest, "complete": True, "sha256": hashes})

    def _manifest(self, content: Mapping[str, Any]) -> None:
        path = part(self.folder, MANIFEST)
        path.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        path.replace(self.folder / MANIFEST)


def part(folder: Path, name: str) -> Path:
    """Where a file stands until it is complete: hidden, in the same folder."""
    return folder / f".{name}.part"


def write_text(path: Path, content: str) -> None:
    """Replace `path` by a file with `content`, whole or not at all.

    raises ResultsError : its folder cannot be made or written
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part(path.parent, path.name).write_text(content, encoding="utf-8", newline="\n")
        part(path.parent, path.name).replace(path)
    except OSError as error:
        raise ResultsError(f"{path}: cannot write: {error.strerror}") from None


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _claim(folder: Path) -> None:
    """Make `folder` and check that it can be written without harm to files of others."""
    if (folder / MANIFEST).exists():
        read_manifest(folder, complete=False)
    else:
        foreign = sorted(name for name in _OWN if (folder / name).exists())
        if foreign:
            raise ResultsError(
                f"{folder}: holds {', '.join(foreign)} but no {MANIFEST}, so these are not "
                "results of sim and will not be overwritten; choose another folder with --out"
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part(folder, MANIFEST).touch()
    except OSError as error:
        raise ResultsError(f"{folder}: cannot write results there: {error.strerror}") from None


def read_manifest(folder: Path, *, complete: bool = True) -> dict[str, Any]:
    """Manifest of a results folder.

    complete  refuse a folder whose writing was interrupted
    raises ResultsError : no such folder, no manifest, not one of sim, or incomplete
    """
    if not folder.is_dir():
        raise ResultsError(f"{folder}: no such results folder")
    path = folder / MANIFEST
    if not path.is_file():
        raise ResultsError(f"{folder}: not a results folder (it holds no {MANIFEST})")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise ResultsError(f"{path}: not readable as JSON") from None
    if not isinstance(manifest, dict) or manifest.get("package") != "sim":
        raise ResultsError(f"{path}: not written by sim")
    if complete and not manifest.get("complete"):
        raise ResultsError(f"{folder}: incomplete, its writing was interrupted; run it again")
    return manifest


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Table `name` of a results folder.

    raises ResultsError : the folder has no such table, or it cannot be read
    """
    read_manifest(folder)
    path = folder / f"{name}.parquet"
    if not path.is_file():
        raise ResultsError(f"{folder}: has no table {name} ({path.name})")
    try:
        return pq.read_table(path).to_pandas()
    except (OSError, ValueError) as error:
        raise ResultsError(f"{path}: not readable as Parquet: {error}") from None
