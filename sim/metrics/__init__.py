"""Metrics of regional development: functions of plain arrays, and the table of a run."""

from __future__ import annotations

from sim.metrics.catalogue import METRICS
from sim.metrics.registry import metric_names, metric_spec
from sim.metrics.spec import MetricSpec
from sim.metrics.table import location_quotients, metrics_table

__all__ = [
    "METRICS",
    "MetricSpec",
    "location_quotients",
    "metric_names",
    "metric_spec",
    "metrics_table",
]
