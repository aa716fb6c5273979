"""Random streams: one per (seed, mechanism, step), one draw per row ever created.

A policy changes a run only where it bites: row k of a table meets the same number in every
scenario, however many rows exist, because a stream is drawn from its start for all rows.
"""

from __future__ import annotations

import zlib

import numpy as np


class Streams:
    """Numbered random streams of one run."""

    def __init__(self, seed: int) -> None:
        """Streams of the run with whole number `seed` >= 0."""
        self.seed = int(seed)

    def at(self, name: str, step: int) -> np.random.Generator:
        """Generator of mechanism `name` in step `step`; the same triple gives the same stream."""
        key = zlib.crc32(name.encode())
        sequence = np.random.SeedSequence([self.seed, key, step])
        return np.random.Generator(np.random.PCG64(sequence))
