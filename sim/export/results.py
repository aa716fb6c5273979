"""A results folder as the export reads it: its manifest, what was run, and its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sim.runs.errors import ResultsError
from sim.runs.folder import MANIFEST, read_manifest, read_table, sha256
from sim.runs.task import DONE

RECIPES = {"config.yaml": "run", "experiment.yaml": "experiment"}
"""File that holds every setting -> command that runs it."""

SUFFIXES = (".csv", ".json", ".md", ".parquet", ".pdf", ".png", ".svg", ".txt", ".yaml")
"""Kinds of file an export takes along; locks and half-written files are none of these."""


@dataclass(frozen=True)
class Results:
    """A complete results folder.

    recipe  name of the file that runs it again
    files   relative paths of all files, sorted
    """

    folder: Path
    manifest: Mapping[str, Any]
    recipe: str
    files: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.folder.resolve().name

    @property
    def command(self) -> str:
        """Command that runs it again, below the folder of the recipe."""
        return f"sim {RECIPES[self.recipe]} {self.recipe}"

    @property
    def failed(self) -> int:
        """Runs that did not end well."""
        return int((read_table(self.folder, "runs")["status"] != DONE).sum())

    @property
    def finished(self) -> datetime:
        """When the manifest, which is written last, was written."""
        if "finished" in self.manifest:
            return datetime.fromisoformat(str(self.manifest["finished"]))
        written = (self.folder / MANIFEST).stat().st_mtime
        return datetime.fromtimestamp(int(written), UTC)

    @property
    def started(self) -> datetime:
        """When the work began."""
        if "started" in self.manifest:
            return datetime.fromisoformat(str(self.manifest["started"]))
        return self.finished - timedelta(seconds=int(self.manifest.get("wall_seconds", 0)))


def open_results(folder: Path) -> Results:
    """The results in `folder`, checked against the hashes in their manifest.

    raises ResultsError : not a folder of results, incomplete, or changed since it was written
    """
    manifest = read_manifest(folder)
    recipe = next((name for name in RECIPES if (folder / name).is_file()), None)
    if recipe is None:
        raise ResultsError(f"{folder}: holds neither {' nor '.join(RECIPES)}")
    for name, digest in manifest.get("sha256", {}).items():
        if not (folder / name).is_file():
            raise ResultsError(f"{folder}: has no {name}, which its {MANIFEST} names")
        if sha256(folder / name) != digest:
            raise ResultsError(
                f"{folder / name}: not the file that was written (its SHA-256 is not that of "
                f"{MANIFEST}); run {RECIPES[recipe]} {recipe} again"
            )
    return Results(folder, manifest, recipe, tuple(_files(folder)))


def _files(folder: Path) -> list[str]:
    """Files to take along: none that is hidden, a link, or of a kind results do not have."""
    top, found = folder.resolve(), []
    for path in top.rglob("*"):
        name = path.relative_to(top)
        hidden = any(part.startswith(".") for part in name.parts)
        own = path.is_file() and path.resolve() == path
        if own and not hidden and path.suffix in SUFFIXES:
            found.append(name.as_posix())
    return sorted(found)
