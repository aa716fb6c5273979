"""A small results folder as a run leaves it, written by hand so that exports are quick to test."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pandas as pd

from sim.runs.folder import FORMAT

FINISHED = 1_700_000_000
"""File time of the manifest: 2023-11-14T22:13:20Z."""


def manifest(folder: Path, **changes: Any) -> None:
    """Write the manifest of what lies in `folder`, as of `FINISHED`."""
    content = {
        "package": "sim",
        "format": FORMAT,
        "complete": True,
        "version": "0.1.0",
        "config_hash": "ab" * 32,
        "seeds": [1],
        "python": "3.11.7",
        "libraries": {"numpy": "2.1.0", "mesa": "3.3.1"},
        "platform": {"system": "Linux", "machine": "x86_64", "processor": ""},
        "git": {"commit": "0" * 40, "dirty": False},
        "wall_seconds": 9.5,
        "sha256": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.glob("*.parquet")
        },
    }
    path = folder / "manifest.json"
    path.write_text(json.dumps(content | changes), encoding="utf-8")
    os.utime(path, (FINISHED, FINISHED))


def write(folder: Path, status: str = "done", **changes: Any) -> Path:
    """A run with two tables and a figure; `changes` replace entries of its manifest."""
    (folder / "figures").mkdir(parents=True)
    (folder / "config.yaml").write_text("name: tiny\nseed: 1\n", encoding="utf-8")
    (folder / "figures" / "sigma.png").write_bytes(b"png")
    pd.DataFrame({"run": [0, 0], "x": [1.0, 2.0]}).to_parquet(folder / "provinces.parquet")
    pd.DataFrame({"run": [0], "status": [status]}).to_parquet(folder / "runs.parquet")
    manifest(folder, **changes)
    return folder
