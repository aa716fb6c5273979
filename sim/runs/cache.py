"""Runs that are done, each in a file of its own under the hash of what made it.

A file appears whole or not at all, so that a process killed at any moment loses no more than the
runs it was doing. The cache lives inside a results folder until its tables are written.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from sim.runs.parcel import DamagedError, seal, unseal
from sim.runs.task import DONE, Outcome

FOLDER = ".runs"
_KEY = re.compile(r"[0-9a-f]{64}")
_PART = re.compile(rf"\.{_KEY.pattern}\.\d+\.part")


class RunCache:
    """Outcomes by key."""

    def __init__(self, folder: Path) -> None:
        """Cache of the results folder `folder`; nothing is made before the first `put`."""
        self.folder = folder / FOLDER

    def path(self, key: str) -> Path:
        """Where the outcome of a key stands, or would."""
        return self.folder / key[:2] / key

    def put(self, key: str, outcome: Outcome) -> None:
        """Keep an outcome, whole or not at all.

        raises OSError : it cannot be written, for instance because the disk is full
        """
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{key}.{os.getpid()}.part")
        try:
            part.write_bytes(seal(outcome))
            part.replace(path)
        except OSError:
            part.unlink(missing_ok=True)
            raise

    def get(self, key: str) -> Outcome | None:
        """Outcome of a key; None if there is none, and if its file was damaged and is now gone."""
        path = self.path(key)
        try:
            return unseal(path.read_bytes())
        except FileNotFoundError:
            return None
        except DamagedError:
            path.unlink(missing_ok=True)
            return None

    def status(self, key: str) -> str | None:
        """Status of the outcome of a key, None if there is no sound one."""
        outcome = self.get(key)
        return None if outcome is None else outcome.status

    def forget_failures(self) -> int:
        """Remove the outcomes of failed runs, so that they are done again; returns how many."""
        failed = [key for key in self.keys() if self.status(key) not in {DONE, None}]
        for key in failed:
            self.path(key).unlink()
        return len(failed)

    def keys(self) -> Iterator[str]:
        """Keys of all outcomes; files of others are none."""
        for path in sorted(self.folder.glob("??/*")):
            if _KEY.fullmatch(path.name):
                yield path.name

    def discard(self, keys: Iterable[str]) -> int:
        """Remove the outcomes of these keys, and what is left of broken-off writing.

        returns  how many outcomes of other keys are still there
        """
        left, coming = set(self.keys()), iter(keys)
        with suppress(OSError):  # what cannot be removed does no harm
            for part in self.folder.glob("??/.*.part"):
                if _PART.fullmatch(part.name):
                    part.unlink()
            while left and (key := next(coming, None)) is not None:
                if key in left:
                    self.path(key).unlink()
                    left.remove(key)
        for folder in (*self.folder.glob("??"), self.folder):
            with suppress(OSError):  # not empty
                folder.rmdir()
        return len(left)
