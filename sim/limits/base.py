"""What all limit cases share: a row with model value, exact value and tolerance."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

EXACT = 1e-9
"""Relative tolerance of a case that has an exact answer."""

THRESHOLD = 1e-4
"""Relative tolerance of a threshold found by bisection on a perturbation of 1e-6."""


@dataclass(frozen=True)
class Row:
    """One comparison of the model with theory.

    id         case, e.g. L3
    name       what is compared, with its parameters
    model      value of the model's own functions
    exact      value of the formula at the same parameters
    tolerance  largest error that passes
    basis      where the tolerance comes from
    absolute   whether the error is a difference; else it is relative to the exact value, which
               must not be 0
    """

    id: str
    name: str
    model: float
    exact: float
    tolerance: float
    basis: str
    absolute: bool = False

    @property
    def error(self) -> float:
        """Distance of the model from theory."""
        gap = abs(self.model - self.exact)
        return gap if self.absolute else gap / abs(self.exact)

    @property
    def ok(self) -> bool:
        """Whether the error is within the tolerance; a NaN is not."""
        return bool(self.error <= self.tolerance)


def exact(case: str, name: str, model: float, value: float) -> Row:
    """Row of a case with an exact answer."""
    return Row(case, name, float(model), float(value), EXACT, "rounding")


def identity(case: str, name: str, gap: float, scale: float = 1.0) -> Row:
    """Row of an identity: `gap` over `scale` should be 0."""
    return Row(case, name, float(gap / scale), 0.0, EXACT, "rounding", absolute=True)


def threshold(case: str, name: str, model: float, value: float) -> Row:
    """Row of a threshold found by bisection."""
    basis = "bisection on the growth of a perturbation of 1e-6"
    return Row(case, name, float(model), float(value), THRESHOLD, basis)


def sampled(case: str, name: str, model: float, value: float, error: float) -> Row:
    """Row of a Monte-Carlo case; `error` is the standard error of `model`."""
    basis = f"4 standard errors of {error:.2g}"
    return Row(case, name, float(model), float(value), 4 * float(error), basis, absolute=True)


@dataclass(frozen=True)
class Limit:
    """A limit case: its cases in the literature, its settings, and how to measure it.

    ids      cases it covers, e.g. ("L3", "L4")
    schema   its settings, read from configs/limits/<name>.yaml
    measure  settings -> rows
    """

    ids: tuple[str, ...]
    schema: type[Any]
    measure: Callable[[Any], Iterable[Row]]
