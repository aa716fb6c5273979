"""Why results may differ from stored ones: what has changed since they were written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sim.runs.folder import sha256

_OF_THE_RUN = frozenset(
    {"complete", "config_hash", "finished", "format", "kind", "notes", "package", "program"}
    | {"run_seconds", "seeds", "sha256", "wall_seconds"}
)
"""Entries of a manifest about what was run, and a digest of what ran it, which others tell."""
_NAMES = {"source": "source of the package (SHA-256)", "version": "version of sim"}
_SHORT = 12


def changes(stored: Mapping[str, Any], present: Mapping[str, Any]) -> list[str]:
    """What differs between two manifests, and trees that were not those of a commit.

    stored   manifest of the results
    present  provenance of a run done now
    returns  one phrase each: versions, platform, processor, commit, whatever a manifest holds
    """
    one, two = (
        dict(_flat({k: v for k, v in each.items() if k not in _OF_THE_RUN}))
        for each in (stored, present)
    )
    said = [
        f"{_NAMES.get(name, name)} was {_short(one.get(name))}, is {_short(two.get(name))}"
        for name in sorted(one.keys() | two.keys())
        if one.get(name) != two.get(name) and name != "git.dirty"
    ]
    if one.get("git.dirty"):
        said.append("the results were made by files that are in no commit (dirty tree)")
    if two.get("git.dirty"):
        said.append("the present files are in no commit (dirty tree)")
    return said


def damaged(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    """Files of a folder that are not those that were written there, one phrase each."""
    said = []
    for name, digest in manifest.get("sha256", {}).items():
        path = folder / name
        if not path.is_file():
            said.append(f"{name} is gone since the results were written")
        elif sha256(path) != digest:
            said.append(f"{name} was changed after it was written (its SHA-256 is another)")
    return said


def _flat(entries: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in entries.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _short(value: Any) -> str:
    text = "not recorded" if value is None else str(value) or "empty"
    digest = len(text) in (40, 64) and not set(text) - set("0123456789abcdef")
    return text[:_SHORT] if digest else text
