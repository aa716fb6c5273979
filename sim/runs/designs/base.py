"""What all designs have: a seed, a number of points, and faults that can be told beforehand."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.config.base import Config, param
from sim.runs.uncertainty import UncertaintyConfig

Uncertainties = Mapping[str, UncertaintyConfig]
"""Dotted name of a setting -> how uncertain it is."""

Point = dict[str, Any]
"""Dotted name of a setting -> its value: text, a number or true/false."""

SOURCE = "choice of the design"


class Fault(NamedTuple):
    """Something wrong with a design.

    path     path of the setting in the experiment
    problem  what is wrong, in words
    allowed  what would be right; None if nothing helps
    """

    path: tuple[str, ...]
    problem: str
    allowed: str | None = None


class Design(Config):
    """Which points of the space of settings are visited."""

    seed: int = param(1, unit="seed", source=SOURCE, ge=0, le=2**31)
    """Seed of the design; without meaning for a design that leaves nothing to chance."""

    @abstractmethod
    def faults(self, uncertainties: Uncertainties) -> Iterator[Fault]:
        """What keeps the design from being used with these uncertainties."""

    @abstractmethod
    def count(self, uncertainties: Uncertainties, folder: Path) -> int:
        """Number of points, without making them; `folder` is that of the experiment file."""

    @abstractmethod
    def points(self, uncertainties: Uncertainties, folder: Path) -> list[Point]:
        """The points, in the order of the design."""

    def points_per_draw(self, uncertainties: Uncertainties) -> int:  # noqa: ARG002
        """Consecutive points that come with one draw from the distributions of the uncertainties.

        0 where points are chosen, so that they are all there is and no sample of anything.
        """
        return 0


class SampledDesign(Design):
    """A design in the unit cube, one dimension per uncertainty, mapped by their quantiles."""

    def faults(self, uncertainties: Uncertainties) -> Iterator[Fault]:
        """A sampled design needs something to sample."""
        if not uncertainties:
            yield Fault(("uncertainties",), "the design samples uncertainties: name at least one")

    @abstractmethod
    def unit(self, uncertainties: Uncertainties) -> np.ndarray:
        """Points in the unit cube.

        returns  (points, uncertainties), 0 to 1; columns in the order of `uncertainties`
        """

    def points(self, uncertainties: Uncertainties, folder: Path) -> list[Point]:  # noqa: ARG002
        """The points of the unit cube as values of the settings."""
        unit = self.unit(uncertainties)
        columns = [
            each.quantile(unit[:, column]).tolist()
            for column, each in enumerate(uncertainties.values())
        ]
        return [dict(zip(uncertainties, row, strict=True)) for row in zip(*columns, strict=True)]


def without_ends(uncertainties: Uncertainties) -> Iterator[Fault]:
    """Uncertainties without bounds, which a design that goes to the ends cannot use."""
    for name, each in uncertainties.items():
        if not each.bounded():
            missing = "low" if each.low is None else "high"
            yield Fault(("uncertainties", name), f"the design goes to both ends: give {missing}")


class ListedDesign(Design):
    """A design whose points are written down, so that there is nothing uncertain."""

    def faults(self, uncertainties: Uncertainties) -> Iterator[Fault]:
        """What is written down cannot be sampled as well."""
        if uncertainties:
            problem = "the design does not sample: leave uncertainties out, or choose another kind"
            yield Fault(("uncertainties",), problem, SAMPLED)


SAMPLED = "full_factorial, fractional_factorial, latin_hypercube, sobol, morris"
"""Kinds of designs that sample uncertainties."""
