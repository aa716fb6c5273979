r"""Steady unemployment: u* = s / (s + f) (L16; Pissarides 2000, chapter 1).

The competing hazards of `matching` must leave that share out of work whatever the step, both when
iterated and as the chain's stationary distribution.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.config.base import Config, param
from sim.limits.base import Row, exact
from sim.mechanisms import matching
from sim.mechanisms.matching import MatchingConfig

SETTLED = 200.0
"""Mean durations of a spell after which nothing is left of the start."""


class MatchingLimit(Config):
    """Frictional unemployment with constant hazards."""

    matching: MatchingConfig = MatchingConfig()
    """Hazards of job loss and job finding."""

    step: tuple[float, ...] = param(
        (1.0, 0.25), unit="quarters", gt=0, le=4, source="numerical: no step may matter"
    )
    """Lengths of a step."""


def measure(cfg: MatchingLimit) -> Iterator[Row]:
    """Unemployment of a cohort that starts with full employment."""
    hazards = cfg.matching
    value = hazards.separation / (hazards.separation + hazards.finding)
    for dt in cfg.step:
        lose, find = matching.transition(hazards.separation, hazards.finding, dt)
        out = np.zeros(1)
        for _ in range(int(SETTLED / (hazards.separation + hazards.finding) / dt)):
            out = out + lose * (1 - out) - find * out
        yield exact("L16", f"unemployment, step of {dt:g} quarters", out.item(), value)
