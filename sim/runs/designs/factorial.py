"""Factorial designs: every combination of levels, or a fraction of the two-level ones."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Literal

import numpy as np

from sim.config.base import param
from sim.runs.designs.base import SOURCE, Fault, SampledDesign, Uncertainties, without_ends


class FullFactorialDesign(SampledDesign):
    """Every combination of the levels of each uncertainty; the last one varies fastest."""

    kind: Literal["full_factorial"]
    """Kind of design."""

    def faults(self, uncertainties: Uncertainties) -> Iterator[Fault]:
        """Each uncertainty needs levels, and ends if these are to be met."""
        yield from super().faults(uncertainties)
        yield from without_ends(uncertainties)
        for name, each in uncertainties.items():
            if each.count_levels() is None:
                problem = "must be given: a full factorial takes so many values from low to high"
                yield Fault(("uncertainties", name, "levels"), problem, "2 to 10000")

    def count(self, uncertainties: Uncertainties, folder: Path) -> int:  # noqa: ARG002
        """Product of the numbers of levels."""
        return prod(each.count_levels() or 0 for each in uncertainties.values())

    def unit(self, uncertainties: Uncertainties) -> np.ndarray:
        """All combinations of the levels."""
        levels = [each.unit_levels() for each in uncertainties.values()]
        grid = np.meshgrid(*levels, indexing="ij")
        return np.stack([axis.ravel() for axis in grid], axis=1)


class FractionalFactorialDesign(SampledDesign):
    """Low and high of each uncertainty, in the fewest runs that keep effects apart."""

    kind: Literal["fractional_factorial"]
    """Kind of design."""
    resolution: int = param(4, unit="factors", source=SOURCE, ge=3, le=5)
    """Effects of fewer factors than half of it are apart: IV keeps main effects clear of pairs."""

    def faults(self, uncertainties: Uncertainties) -> Iterator[Fault]:
        """Each uncertainty must have two ends, or two values."""
        yield from super().faults(uncertainties)
        yield from without_ends(uncertainties)
        for name, each in uncertainties.items():
            if len(each.values) > 2:  # noqa: PLR2004 - two-level design
                path = ("uncertainties", name, "values")
                yield Fault(path, "a two-level design needs a choice of two values", "two values")

    def count(self, uncertainties: Uncertainties, folder: Path) -> int:  # noqa: ARG002
        """Power of two."""
        return 1 << basic_factors(words(len(uncertainties), self.resolution))

    def unit(self, uncertainties: Uncertainties) -> np.ndarray:
        """Zeros and ones: the parity of the basic factors that each word names."""
        chosen = np.array(words(len(uncertainties), self.resolution), np.int64)
        runs = np.arange(1 << basic_factors(chosen.tolist()))
        odd = np.bitwise_count(runs[:, None] & chosen[None, :]) % 2
        return odd.astype(float)


def basic_factors(generators: list[int]) -> int:
    """Factors that vary freely; 2 to their power is the number of runs."""
    return max(generators).bit_length()


def words(factors: int, resolution: int) -> list[int]:
    """Words of basic factors whose product gives each factor, as sets of bits.

    Any `resolution` - 1 of the words are independent, so no product of fewer than `resolution`
    factors is constant over the runs. Each word is the least that keeps this true (a lexicode,
    which for resolution IV has the fewest runs possible); where the same number of runs allows a
    higher resolution, it is taken.

    factors     number of factors, >= 1
    resolution  >= 3
    Source: Conway and Sloane (1986), IEEE Trans. Inf. Theory 32(3); Box and Hunter (1961),
    Technometrics 3(3).
    """
    chosen = _lexicode(factors, resolution)
    basic = basic_factors(chosen)
    while basic < factors:
        resolution += 1
        better = _lexicode(factors, resolution, basic)
        if len(better) < factors:
            break
        chosen = better
    return chosen


def _lexicode(factors: int, resolution: int, basic: int | None = None) -> list[int]:
    """Least words of which any `resolution` - 1 are independent; fewer if `basic` bits run out."""
    chosen: list[int] = []
    sums: list[set[int]] = [{0}, *(set() for _ in range(resolution - 2))]
    word = 0
    while len(chosen) < factors and (basic is None or word + 1 < 1 << basic):
        word += 1
        if any(word in each for each in sums):
            continue
        chosen.append(word)
        for size in range(resolution - 2, 0, -1):
            sums[size] |= {word ^ other for other in sums[size - 1]}
    return chosen
