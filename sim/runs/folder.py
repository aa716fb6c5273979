"""Results folders: whose they are, what is in them, and reading it back."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import filelock
import pandas as pd
import pyarrow.parquet as pq

import sim
from sim.runs.errors import ResultsError

MANIFEST = "manifest.json"
FORMAT = 2
"""Number of the layout of results folders; it rises when older ones cannot be read as they are."""
TABLES = ("runs", "design", "provinces", "zones", "industries", "metrics", "firms", "talents")
TEXTS = ("config.yaml", "experiment.yaml", "effects.csv")
FILES = frozenset({f"{table}.{kind}" for table in TABLES for kind in ("parquet", "csv")} | {*TEXTS})
"""Files that the runner writes, and may replace."""
LOCK = ".lock"
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


def claim(folder: Path) -> None:
    """Make `folder` and check that it can be written without harm to files of others.

    raises ResultsError : it is a file, cannot be written, or holds files of somebody else
    """
    if (folder / MANIFEST).exists():
        read_manifest(folder, complete=False)
    else:
        foreign = sorted(name for name in FILES if (folder / name).exists())
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
    if manifest.get("format") != FORMAT:
        raise ResultsError(
            f"{folder}: written by another version of sim ({manifest.get('version', 'unknown')}, "
            f"this is {sim.__version__}), in a layout that this one does not read; use that "
            "version, or choose another folder with --out"
        )
    if complete and not manifest.get("complete"):
        raise ResultsError(f"{folder}: incomplete, its writing was interrupted; run it again")
    return manifest


def read_table(folder: Path, name: str, runs: Collection[int] | None = None) -> pd.DataFrame:
    """Table `name` of a results folder, or its rows of some runs.

    raises ResultsError : the folder has no such table, or it cannot be read
    """
    read_manifest(folder)
    path = folder / f"{name}.parquet"
    if not path.is_file():
        raise ResultsError(f"{folder}: has no table {name} ({path.name})")
    filters = None if runs is None else [("run", "in", {int(run) for run in runs})]
    try:
        return pq.read_table(path, filters=filters).to_pandas()
    except (OSError, ValueError) as error:
        raise ResultsError(f"{path}: not readable as Parquet: {error}") from None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep every other process of this package from writing into `folder`, which is made.

    raises ResultsError : another one is at it, or the folder cannot be written
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = _lock(folder, "wait for it, or choose another folder with --out")
    except OSError as error:
        raise ResultsError(f"{folder}: cannot write results there: {error.strerror}") from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def undisturbed(folder: Path) -> Iterator[None]:
    """Keep every process of this package from writing into `folder` while it is read.

    A folder that cannot be written, such as an archive, is left as it is.

    raises ResultsError : another process is at it
    """
    lock = None
    with suppress(OSError):
        lock = _lock(folder, "wait for it")
    try:
        yield
    finally:
        if lock is not None:
            lock.release()


def _lock(folder: Path, remedy: str) -> filelock.BaseFileLock:
    """Lock of a folder.

    remedy  what helps if another process has it
    raises ResultsError : another process has it
    raises OSError      : the folder cannot be written
    """
    lock = filelock.FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise ResultsError(
            f"{folder}: another process is writing results there; {remedy}"
        ) from None
    return lock
