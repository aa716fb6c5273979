"""The metrics of a run as a long table, and the location quotients of one quarter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from sim.metrics.catalogue import METRICS
from sim.metrics.checks import non_negative
from sim.metrics.clustering import location_quotient
from sim.metrics.panel import Panel, cube, make_panel
from sim.metrics.spec import BY_INDUSTRY


def metrics_table(
    frames: Mapping[str, pd.DataFrame], adjacency: Iterable[tuple[int, int]]
) -> pd.DataFrame:
    """Every metric in every quarter of one run.

    frames     tables of one run by name: `provinces`, and where they exist `industries` and
               `firms` (snapshots: quarter, firm, province, industry, weight, employment)
    adjacency  pairs of neighbouring provinces by code, in one or both directions
    returns    quarter, metric, value; ordered by quarter, then as in `METRICS`. A metric that is
               undefined in a quarter, or whose columns the run has not, has no row there.
    raises ValueError : a table is incomplete or holds several runs, or a number cannot be right
    """
    panel = make_panel(frames, adjacency)
    names: list[str] = []
    series: list[np.ndarray] = []
    for name, values in _computed(panel):
        names.append(name)
        series.append(values)
    values = np.stack(series, axis=1)
    quarter, metric = np.nonzero(np.isfinite(values))
    return pd.DataFrame(
        {
            "quarter": panel.labels[quarter],
            "metric": np.array(names)[metric],
            "value": values[quarter, metric],
        }
    )


def _computed(panel: Panel) -> Iterable[tuple[str, np.ndarray]]:
    """Name and (quarters,) values of every metric whose columns are there."""
    for name, spec in METRICS.items():
        if not all(column in panel.columns for column in spec.needs):
            continue
        values = spec.function(panel)
        if name.endswith(BY_INDUSTRY):
            for code, column in zip(panel.industries, values.T, strict=True):
                yield name.replace(BY_INDUSTRY, code), column
        else:
            yield name, values


def location_quotients(
    frames: Mapping[str, pd.DataFrame], quarter: str, of: str = "employment"
) -> pd.DataFrame:
    """Location quotients of one quarter, for a heat map.

    frames   tables of one run, with `industries`
    quarter  e.g. "2019Q4"
    of       column of `industries` to take shares of: "employment" or "output"
    returns  provinces (rows, by code) x industries (columns, as in the table) [-]; provinces and
             industries without any activity are left out
    raises ValueError : no such quarter, or a cell is there twice, missing, or negative
    """
    table = frames["industries"]
    chosen = table[table["quarter"] == quarter]
    if chosen.empty:
        raise ValueError(f"the run has no quarter {quarter!r}")
    levels = {
        "province": np.array(sorted(chosen["province"].unique())),
        "industry": chosen["industry"].unique(),
    }
    activity = non_negative(cube(chosen, "industries", of, levels), of)
    here, there = activity.any(axis=1), activity.any(axis=0)
    return pd.DataFrame(
        location_quotient(activity[np.ix_(here, there)]),
        index=pd.Index(levels["province"][here], name="province"),
        columns=pd.Index(levels["industry"][there], name="industry"),
    )
