"""What an experiment would take, from a short trial of its base config."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from sim.runs.engine import Engine
from sim.runs.parcel import pack_tables
from sim.runs.schema import arrow_tables
from sim.state.calendar import parse_quarter, quarter_label

SHORT, LONG = 2, 6
"""Quarters of the two trials; their difference is what a quarter takes."""


@dataclass(frozen=True)
class Estimate:
    """Time and disk of one run, by the trials of this machine.

    seconds  wall time on one core
    size     bytes of its tables
    """

    seconds: float
    size: float

    def told(self, runs: int, jobs: int) -> str:
        """Time and disk of a number of runs in words; runs are kept until the tables are there."""
        hours = duration(runs * self.seconds / jobs)
        once, twice = (volume(times * runs * self.size) for times in (1, 2))
        return (
            f"about {hours} on {jobs} core{'s' * (jobs > 1)} and {once} of disk ({twice} while "
            "tables are written)"
        )


def trial(engine: Engine, config: Any) -> Estimate:
    """Time and disk of a run, extrapolated linearly in its quarters."""
    first, last = parse_quarter(config.time.start), parse_quarter(config.time.end)
    quarters = last - first + 1
    _measure(engine, config, first)  # compiles, and reads the tables of figures
    if quarters <= LONG:
        return Estimate(*_measure(engine, config, last))
    short = _measure(engine, config, first + SHORT - 1)
    long = _measure(engine, config, first + LONG - 1)
    more = (quarters - LONG) / (LONG - SHORT)
    seconds, size = (b + more * max(b - a, 0.0) for a, b in zip(short, long, strict=True))
    return Estimate(seconds, size)


def _measure(engine: Engine, config: Any, last: int) -> tuple[float, float]:
    """Seconds and bytes of a run to the end of quarter number `last`."""
    short = config.model_copy(
        update={"time": config.time.model_copy(update={"end": quarter_label(last)})}
    )
    start = time.perf_counter()
    frames = engine.simulate(short, 1, None)
    seconds = time.perf_counter() - start
    return seconds, float(len(pack_tables(arrow_tables(frames, engine.tables))))


def duration(seconds: float) -> str:
    """A time in words, to two digits or so."""
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds:.2g} seconds"


def volume(size: float) -> str:
    """A number of bytes in words."""
    for unit, bytes_ in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if size >= bytes_:
            return f"{size / bytes_:.3g} {unit}"
    return f"{size / 1e3:.3g} kB"
