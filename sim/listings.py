"""What the commands print as lists: settings, output columns, metrics, effects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel

from sim.config.schema import parameters
from sim.metrics import MetricSpec
from sim.runs.errors import known_name
from sim.runs.schema import RUNS, Schemas

Rows = tuple[tuple[str, ...], list[tuple[str, ...]]]
"""Header, and one tuple of texts per row."""


def parameter_rows(schema: type[BaseModel], *, assumed: bool) -> Rows:
    """Settings of a config; with `assumed` only those whose source says so."""
    rows: list[tuple[str, ...]] = [
        (
            each.name,
            "required" if each.required else _short(each.default),
            each.unit or "",
            each.bounds,
            each.source or "",
            each.description,
        )
        for each in parameters(schema)
        if not assumed or "assumed" in (each.source or "")
    ]
    return ("name", "default", "unit", "allowed", "source", "meaning"), rows


def column_rows(tables: Schemas, only: str | None) -> Rows:
    """Columns of the output tables, or of the table `only`.

    raises ResultsError : no table of that name
    """
    known = {"runs": RUNS, **tables}
    if only is not None:
        known_name("table", only, known)
    rows: list[tuple[str, ...]] = [
        (table, name, np.dtype(column.dtype).name, column.unit, column.meaning)
        for table, columns in known.items()
        if only in (None, table)
        for name, column in columns.items()
    ]
    return ("table", "column", "type", "unit", "meaning"), rows


def metric_rows(metrics: Mapping[str, MetricSpec]) -> Rows:
    """Metrics, as they stand in the column `metric` of the table `metrics`."""
    rows: list[tuple[str, ...]] = [
        (name, spec.unit, spec.meaning) for name, spec in metrics.items()
    ]
    return ("metric", "unit", "meaning"), rows


def effect_rows(effects: pd.DataFrame) -> Rows:
    """Table of paired effects, numbers shortened to four digits."""
    rows: list[tuple[str, ...]] = []
    for row in effects.to_dict("records"):
        about = (row["scenario"], row["outcome"], row["statistic"], row["quarters"])
        numbers = [_number(row[key]) for key in ("baseline_mean", "difference", "low", "high")]
        share = _number(100 * row["relative"])
        rows.append((*about, str(row["n"]), *numbers, share, row["unit"]))
    header = ("scenario", "outcome", "statistic", "quarters", "n", "baseline")
    return (*header, "difference", "low", "high", "relative %", "unit"), rows


def _number(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.4g}"


def _short(value: Any, longest: int = 24) -> str:
    text = str(value)
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
