"""Provenance of results: what was run, with which versions, where, and from which commit."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import sim
from sim import portable
from sim.runs.keys import source_digest

LIBRARIES = (
    "mesa",
    "numba",
    "numpy",
    "pandas",
    "pyarrow",
    "pydantic",
    "ruamel.yaml",
    "SALib",
    "scipy",
)


def provenance(kind: str, config_hash: str, seeds: Sequence[int]) -> dict[str, Any]:
    """Manifest of a run or an experiment, without what is known only at its end.

    kind         run or experiment
    config_hash  SHA-256 of the resolved config (of an experiment: of its resolved file)
    seeds        seeds used, in order
    """
    return {
        "package": "sim",
        "kind": kind,
        "version": sim.__version__,
        "source": source_digest(),
        "config_hash": config_hash,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seeds": list(seeds),
        "floating_point": portable.floating_point(),
        "environment": {name: os.environ[name] for name in portable.BASELINE if name in os.environ},
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
        "platform": {
            "system": platform.platform(),
            "machine": platform.machine(),
            "processor": platform.processor(),
        },
        "git": git_state(Path(sim.__file__).resolve().parent.parent),
    }


def git_state(checkout: Path) -> dict[str, Any] | None:
    """Commit of the checkout and whether files differ from it.

    checkout  folder that holds the package
    returns   {"commit", "dirty"}; None if git is missing, or the folder is not the top of a
              repository with a commit (an installed package may lie inside a foreign one)
    """
    top = _git(checkout, "rev-parse", "--show-toplevel")
    if top is None or Path(top).resolve() != checkout:
        return None
    commit = _git(checkout, "rev-parse", "HEAD")
    changes = _git(checkout, "status", "--porcelain")
    if commit is None or changes is None:
        return None
    return {"commit": commit, "dirty": bool(changes)}


def _git(folder: Path, *words: str) -> str | None:
    """What git prints, or None if it is missing or refuses."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words],
            capture_output=True,
            check=True,
            text=True,
            timeout=30,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
