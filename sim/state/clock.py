"""Where a run is in time: steps of a quarter, or of a fraction of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

INSTANT = 1e-9
"""Two times nearer than this are the same [quarters]: fractions of a quarter are rounded."""


@dataclass
class Clock:
    """`step` steps of `dt` quarters since quarter number `start`."""

    start: int
    dt: float
    step: int = 0

    @property
    def quarters(self) -> float:
        """Quarters since the start."""
        return self.step * self.dt

    @property
    def quarter(self) -> int:
        """Number of the current quarter."""
        return self.start + int(self.quarters + INSTANT)

    @property
    def last_quarter(self) -> int:
        """Number of the quarter of the last step done; before the first, the one before `start`."""
        return self.start + math.floor((self.step - 1) * self.dt + INSTANT)

    @property
    def ends_quarter(self) -> bool:
        """Whether the current step is the last of its quarter."""
        return self.start + int((self.step + 1) * self.dt + INSTANT) > self.quarter

    @property
    def years_per_step(self) -> float:
        """Length of a step in years."""
        return self.dt / 4

    @property
    def years(self) -> float:
        """Years since the start."""
        return self.quarters / 4
