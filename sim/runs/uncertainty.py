"""Uncertain settings: where a value may lie and how likely, as a map from the unit interval."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, isfinite
from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from sim.config.base import Config, misfit, param
from sim.config.errors import shown
from sim.runs import distributions

Scalar = bool | int | float | str
"""A value that a single setting may have."""

_UNIT = "unit of the setting"
_SOURCE = "choice of the design"
_LARGEST_INTEGER = 2**53

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "uniform": ("low", "high"),
    "log_uniform": ("low", "high"),
    "normal": ("mean", "sd"),
    "lognormal": ("mean", "sd"),
    "triangular": ("low", "mode", "high"),
    "integer": ("low", "high"),
    "choice": ("values",),
}
"""Distribution -> what it must be given."""
_SHAPE = ("low", "high", "mode", "mean", "sd", "values")
_CUT_OFF = ("normal", "lognormal")
"""Distributions that may be given `low` and `high` too."""


class UncertaintyConfig(Config):
    """One uncertain setting: between which values it lies, and how likely each is."""

    distribution: Literal[
        "uniform", "log_uniform", "normal", "lognormal", "triangular", "integer", "choice"
    ] = "uniform"
    """Kind of distribution."""
    low: float | None = param(None, unit=_UNIT, source=_SOURCE)
    """Least value; of a normal or lognormal the value below which it is cut off."""
    high: float | None = param(None, unit=_UNIT, source=_SOURCE)
    """Largest value; of a normal or lognormal the value above which it is cut off."""
    mode: float | None = param(None, unit=_UNIT, source=_SOURCE)
    """Most likely value of a triangular distribution."""
    mean: float | None = param(None, unit=_UNIT, source=_SOURCE)
    """Mean of a normal or lognormal before it is cut off, of the value and not of its logarithm."""
    sd: float | None = param(None, unit=_UNIT, source=_SOURCE, gt=0)
    """Standard deviation of a normal or lognormal before it is cut off, of the value itself."""
    values: tuple[Scalar, ...] = ()
    """Values of a choice, all equally likely."""
    levels: int | None = param(None, unit="levels", source=_SOURCE, ge=2, le=10_000)
    """Values that a full factorial takes, from low to high in steps of equal probability."""

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        """Refuse a distribution that lacks what it needs, or has what it does not know."""
        needed = _NEEDED[self.distribution]
        known = ("low", "high", *needed) if self.distribution in _CUT_OFF else needed
        given = [name for name in _SHAPE if getattr(self, name) not in (None, ())]
        for name in given:
            if name not in known:
                others = ", ".join(kind for kind, shape in _NEEDED.items() if name in shape)
                problem = f"has no meaning for the distribution {self.distribution}"
                raise misfit(problem, (name,), f"{', '.join(known)}; or a distribution of {others}")
        for name in needed:
            if name not in given:
                raise misfit(f"must be given for the distribution {self.distribution}", (name,))
        return self

    @model_validator(mode="after")
    def _has_a_range(self) -> Self:
        """Refuse a range without extent, and one that the distribution does not cover."""
        low, high = self.ends()
        span = f"{low:.12g} to {high:.12g}"
        if low >= high:
            raise misfit(f"the range {span} is empty: low must be below high", ("low",))
        if isfinite(low) and isfinite(high) and not isfinite(high - low):
            raise misfit(f"the range {span} is too wide", ("low",))
        if self.distribution in ("log_uniform", "lognormal"):
            self._check_positive()
        if self.mode is not None and not low <= self.mode <= high:
            raise misfit(f"the mode {self.mode:.12g} is outside the range", ("mode",), span)
        if self.distribution in _CUT_OFF and not distributions.mass(*self._scores()) > 0:
            problem = f"the distribution has no probability between its ends ({span})"
            raise misfit(problem, ("low" if self.low is not None else "high",))
        return self

    @model_validator(mode="after")
    def _has_separate_values(self) -> Self:
        """Refuse ends of integers that are none, values given twice, more levels than values."""
        if self.distribution == "integer":
            for name, number in zip(("low", "high"), self.ends(), strict=True):
                if not number.is_integer() or abs(number) > _LARGEST_INTEGER:
                    problem = f"must be a whole number for the distribution integer (got {number})"
                    raise misfit(problem, (name,), "whole numbers up to 2^53")
        if self.distribution == "choice":
            _check_values(self.values)
            if self.levels is not None:
                raise misfit("a choice has its values as levels; leave this out", ("levels",))
        size = self.size()
        if size is not None and self.levels is not None and self.levels > size:
            problem = f"more levels ({self.levels}) than values from low to high"
            raise misfit(problem, ("levels",), f"2 to {size}")
        return self

    def _check_positive(self) -> None:
        for name in ("low", "high", "mean"):
            number = getattr(self, name)
            if number is not None and number <= 0:
                problem = f"must be > 0 for the distribution {self.distribution}"
                raise misfit(f"{problem} (got {number:.12g})", (name,), "above 0")

    def _scores(self) -> tuple[float, float]:
        """Ends of a normal or lognormal as standard scores."""
        mean, sd, (low, high) = self.mean or 0.0, self.sd or 1.0, self.ends()
        if self.distribution == "lognormal":
            return distributions.log_scores(mean, sd, low, high)
        return (low - mean) / sd, (high - mean) / sd

    def ends(self) -> tuple[float, float]:
        """Least and largest value; infinite where there is none."""
        return -inf if self.low is None else self.low, inf if self.high is None else self.high

    def bounded(self) -> bool:
        """Whether there is a least and a largest value, or a first and a last one."""
        return self.distribution == "choice" or (self.low is not None and self.high is not None)

    def size(self) -> int | None:
        """Number of values that the setting may have; None where they are a continuum."""
        if self.distribution == "choice":
            return len(self.values)
        if self.distribution == "integer":
            low, high = self.ends()
            return int(high) - int(low) + 1
        return None

    def quantile(self, u: np.ndarray | float) -> np.ndarray:
        """Values below which the setting lies with the probabilities `u`.

        u        (n,) or any other shape, 0 to 1
        returns  same shape; float64, int64 of an integer, Python objects of a choice
        raises ValueError : a probability outside 0 to 1
        """
        share = np.asarray(u, float)
        if not ((share >= 0) & (share <= 1)).all():
            raise ValueError("a probability lies between 0 and 1")
        low, high = self.ends()
        match self.distribution:
            case "uniform":
                values = distributions.uniform(share, low, high)
            case "log_uniform":
                values = distributions.log_uniform(share, low, high)
            case "triangular":
                values = distributions.triangular(share, low, self.mode or 0.0, high)
            case "normal":
                values = distributions.normal(share, self.mean or 0.0, self.sd or 1.0, low, high)
            case "lognormal":
                values = distributions.lognormal(share, self.mean or 1.0, self.sd or 1.0, low, high)
            case "integer":
                values = distributions.integer(share, int(low), int(high))
            case "choice":
                objects = np.array([*self.values, None], object)[:-1]
                values = objects[distributions.position(share, len(objects))]
        return values

    def count_levels(self) -> int | None:
        """Number of levels in a full factorial; None if they are not told."""
        return self.size() if self.levels is None else self.levels

    def unit_levels(self) -> np.ndarray:
        """Probabilities at which a full factorial takes the setting.

        returns  (levels,), ascending from 0 to 1; of a choice the middle of each value's share
        raises ValueError : a continuum without `levels`
        """
        levels = self.count_levels()
        if levels is None:
            raise ValueError("a range of real numbers has no levels of its own")
        if self.distribution == "choice":
            return (np.arange(levels) + 0.5) / levels
        return np.arange(levels) / (levels - 1)


def _check_values(values: tuple[Scalar, ...]) -> None:
    """Refuse a choice of fewer than two values, and one that holds a value twice."""
    if len(values) < 2:  # noqa: PLR2004 - fewer are no choice
        raise misfit("a choice needs at least two values", ("values",))
    seen: set[tuple[bool, Scalar]] = set()
    for position, value in enumerate(values):
        key = isinstance(value, bool), value
        if key in seen:
            raise misfit(f"is given twice ({shown(value)})", ("values", str(position)))
        seen.add(key)
