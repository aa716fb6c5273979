"""States of a results folder. Apart, so that they are quick to import."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """What a results folder is found in."""

    COMPLETE = "complete"
    """Tables are there."""
    RUNNING = "running"
    """A process is at it."""
    BROKEN_OFF = "broken off"
    """Runs of a sweep wait for the rest."""
    SHARDS = "shards"
    """Shards wait for `sim merge`."""
    UNREADABLE = "unreadable"
    """A manifest of another version, or damaged tables."""
