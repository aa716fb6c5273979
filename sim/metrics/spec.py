"""What the project says about a metric, apart from the formula."""

from __future__ import annotations

from dataclasses import dataclass

from sim.metrics.definitions import Metric

BY_INDUSTRY = "<industry>"
"""Stands in a name for the code of an industry; such a function gives one column per industry."""


@dataclass(frozen=True)
class MetricSpec:
    """Declaration of one metric.

    function  of a `Panel`, see `sim.metrics.definitions`; NaN where it is undefined
    unit      unit as text, "-" for a pure number
    label     a few words for an axis
    meaning   what the number says
    needs     columns of the `Panel` without which the metric does not exist
    """

    function: Metric
    unit: str
    label: str
    meaning: str
    needs: tuple[str, ...]
