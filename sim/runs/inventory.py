"""Which results folders there are, in what state; removing one, and nothing that is not ours."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import filelock
import pyarrow.parquet as pq

from sim.runs import cache, shards
from sim.runs.errors import ResultsError, known_name
from sim.runs.folder import FILES, LOCK, MANIFEST, locked, read_manifest
from sim.runs.folder_state import State
from sim.runs.task import DONE

_KEY = re.compile(r"[0-9a-f]{64}|\.[0-9a-f]{64}\.\d+\.part")
_GROUP = re.compile(r"[0-9a-f]{2}")
_SHARD = re.compile(r"\d+-of-\d+")
_PARTS = frozenset(f".{name}.part" for name in {*FILES, MANIFEST})
_IN_SHARD = frozenset({"experiment.yaml", shards.HEAD, LOCK})
_IN_SHARD_PARTS = frozenset(f".{name}.part" for name in _IN_SHARD)


@dataclass(frozen=True)
class Entry:
    """A results folder.

    name       path below the folder that was searched
    state      what it is found in
    kind       run or experiment; "" where not known
    done       runs that ended well, those of an unfinished sweep too
    failed     runs that did not; 0 of an unfinished sweep, where it is not known
    scenarios  their names, in order
    version    of the package that wrote it; "" where not known
    written    when it was last written
    size       bytes of the files that the package wrote
    """

    name: str
    folder: Path
    state: State
    kind: str
    done: int
    failed: int
    scenarios: tuple[str, ...]
    version: str
    written: datetime
    size: int


def entries(root: Path, derived: Sequence[str] = ()) -> list[Entry]:
    """Every results folder at or below `root`, by name; links to folders are not followed.

    derived  patterns of files made from the tables, such as figures, which are the package's own
    raises ResultsError : no such folder
    """
    if not root.is_dir():
        raise ResultsError(f"{root}: no such folder")
    found = []
    for where, folders, _ in os.walk(root):
        folder = Path(where)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if is_results(folder):
            folders[:] = [name for name in folders if name not in {"figures", shards.FOLDER}]
            found.append(_entry(root, folder, derived))
    return sorted(found, key=lambda entry: entry.name)


def is_results(folder: Path) -> bool:
    """Whether a folder is one of results: its manifest, or what a sweep keeps, tells."""
    if (folder / MANIFEST).is_file():
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return isinstance(manifest, dict) and manifest.get("package") == "sim"
    return (folder / cache.FOLDER).is_dir() or any(_shard_folders(folder))


def own_files(folder: Path, derived: Sequence[str] = ()) -> Iterator[Path]:
    """Files of a results folder that the package wrote; a link is none of them."""
    for name in (*FILES, MANIFEST, LOCK, *_PARTS):
        yield from _regular(folder / name)
    for pattern in derived:
        for path in folder.glob(pattern):
            if not path.parent.is_symlink():
                yield from _regular(path)
    yield from _cached(folder)
    for shard in _shard_folders(folder):
        yield from _of_shard(shard)


def delete(entry: Entry, derived: Sequence[str] = ()) -> list[str]:
    """Remove the files of a results folder that the package wrote, and folders that are then empty.

    returns  names of what is left in the folder: files of others, other results; [] if it is gone
    raises ResultsError : a process is writing there, or a file cannot be removed
    """
    folder = entry.folder
    try:
        with locked(folder):
            files = [path for path in own_files(folder, derived) if path.name != LOCK]
            files.sort(key=lambda path: path.name == MANIFEST)  # last: until then it is ours
            _empty_shards(folder)
            for path in files:
                path.unlink(missing_ok=True)
        for path in (locks := [path for path in own_files(folder) if path.name == LOCK]):
            path.unlink()
        _prune(folder, [*files, *locks])
    except OSError as error:
        raise ResultsError(f"{error.filename}: cannot remove: {error.strerror}") from None
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def _empty_shards(folder: Path) -> None:
    """Remove the files of shards, but for their locks; none if a process is at work on one."""
    parts = list(_shard_folders(folder))
    shards.refuse_busy(parts)
    for part in parts:
        with locked(part):
            for path in (path for path in _of_shard(part) if path.name != LOCK):
                path.unlink()


def _prune(folder: Path, removed: Sequence[Path]) -> None:
    """Remove the folders of removed files that are empty now, from the inside."""
    inside = {parent for path in removed for parent in path.parents if folder in parent.parents}
    for each in sorted(inside | {folder}, key=lambda path: -len(path.parts)):
        if not any(each.iterdir()):
            each.rmdir()


def named(found: Sequence[Entry], names: Sequence[str]) -> list[Entry]:
    """Entries with these names.

    raises ResultsError : there is none of a name; the nearest is given
    """
    by_name = {entry.name: entry for entry in found}
    return [by_name[known_name("results folder", name, by_name)] for name in dict.fromkeys(names)]


def _entry(root: Path, folder: Path, derived: Sequence[str]) -> Entry:
    files = dict(_stated(own_files(folder, derived)))
    state, manifest, runs = _state(folder)
    counts = Counter(status == DONE for _, status in runs)
    kept = sum(1 for path in files if _KEY.fullmatch(path.name) and path.name[0] != ".")
    times = [stat.st_mtime for path, stat in files.items() if path.name != LOCK]
    return Entry(
        name=folder.relative_to(root).as_posix(),
        folder=folder,
        state=state,
        kind=str(manifest.get("kind", "experiment" if kept else "")),
        done=counts[True] if runs else kept,
        failed=counts[False],
        scenarios=tuple(dict.fromkeys(scenario for scenario, _ in runs)),
        version=str(manifest.get("version", "")),
        written=datetime.fromtimestamp(max(times, default=folder.stat().st_mtime)).astimezone(),
        size=sum(stat.st_size for stat in files.values()),
    )


def _stated(files: Iterable[Path]) -> Iterator[tuple[Path, os.stat_result]]:
    """Files with their size and time; those that a running sweep has just removed are left out."""
    for path in files:
        try:
            yield path, path.stat()
        except FileNotFoundError:
            continue


def _state(folder: Path) -> tuple[State, dict[str, Any], list[tuple[str, str]]]:
    """State, manifest ({} if there is none), and scenario and status of each run in the tables."""
    manifest: dict[str, Any] = {}
    runs: list[tuple[str, str]] = []
    state = State.COMPLETE
    if (folder / MANIFEST).is_file():
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        try:
            read_manifest(folder, complete=False)
            if manifest.get("complete"):
                table = pq.read_table(folder / "runs.parquet", columns=["scenario", "status"])
                runs = list(zip(*table.to_pydict().values(), strict=True))
        except (ResultsError, OSError, ValueError):
            state = State.UNREADABLE
    if _is_locked(folder) or any(map(_is_locked, _shard_folders(folder))):
        return State.RUNNING, manifest, runs
    if (folder / cache.FOLDER).is_dir() or (manifest and not manifest.get("complete")):
        return State.BROKEN_OFF, manifest, runs
    if any(_shard_folders(folder)):
        return State.SHARDS, manifest, runs
    return state, manifest, runs


def _is_locked(folder: Path) -> bool:
    """Whether a process is writing into a folder; nothing is made to find out."""
    if not (folder / LOCK).is_file():
        return False
    lock = filelock.FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return True
    except OSError:  # not ours to write: nobody who could write there is known
        return False
    lock.release()
    return False


def _shard_folders(folder: Path) -> Iterator[Path]:
    here = folder / shards.FOLDER
    for path in _inside(here):
        if _SHARD.fullmatch(path.name) and path.is_dir() and not path.is_symlink():
            yield path


def _of_shard(shard: Path) -> Iterator[Path]:
    for name in _IN_SHARD | _IN_SHARD_PARTS:
        yield from _regular(shard / name)
    yield from _cached(shard)


def _cached(folder: Path) -> Iterator[Path]:
    """Runs that a sweep keeps in a folder."""
    for group in _inside(folder / cache.FOLDER):
        for path in _inside(group):
            if _GROUP.fullmatch(group.name) and _KEY.fullmatch(path.name):
                yield from _regular(path)


def _inside(folder: Path) -> list[Path]:
    """What is in a folder; nothing if it is a link, none, or was removed meanwhile."""
    if folder.is_symlink():
        return []
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _regular(path: Path) -> Iterator[Path]:
    if path.is_file() and not path.is_symlink():
        yield path
