"""Look-up of metrics by name, with the names by industry spelt out."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace

from sim.metrics.catalogue import METRICS
from sim.metrics.spec import BY_INDUSTRY, MetricSpec


def metric_names(industries: Sequence[str] = ()) -> tuple[str, ...]:
    """Names of all metrics, those by industry once for each of the codes `industries`."""
    names: list[str] = []
    for name in METRICS:
        if name.endswith(BY_INDUSTRY):
            names += [name.replace(BY_INDUSTRY, code) for code in industries]
        else:
            names.append(name)
    return tuple(names)


def metric_spec(name: str, industries: Sequence[str] = ()) -> MetricSpec:
    """Declaration of the metric `name`, for axis labels and for checking outcomes.

    name        e.g. "theil_gdp_per_head" or "locational_gini_E1", whose label then names E1
    industries  codes that exist; none given means any code is accepted
    raises ValueError : no such metric; the message gives the nearest name
    """
    if name in METRICS and not name.endswith(BY_INDUSTRY):
        return METRICS[name]
    for pattern, spec in METRICS.items():
        stem = pattern.removesuffix(BY_INDUSTRY)
        code = name.removeprefix(stem)
        if stem != pattern and name.startswith(stem) and _is_code(code, industries):
            return replace(spec, label=f"{spec.label}, {code}")
    near = difflib.get_close_matches(name, metric_names(industries or (BY_INDUSTRY,)), n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"no metric is called {name!r}{hint}")


def _is_code(code: str, industries: Sequence[str]) -> bool:
    return code in industries if industries else code.isidentifier()
