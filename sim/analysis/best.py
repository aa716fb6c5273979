"""The best or worst setting of a sweep, and the words that run it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sim.analysis.variance import shares_seeds
from sim.runs.interval import half_width


@dataclass(frozen=True)
class Best:
    """A point of the design with the largest or smallest mean outcome.

    point      its ordinal
    mean       over seeds [unit of the outcome]
    low, high  95 % interval of that mean by Student's t; NaN from one seed
    seeds      seeds behind it
    among      points it was chosen from: of many, the best looks better than it is
    """

    point: int
    mean: float
    low: float
    high: float
    seeds: int
    among: int


def best(table: pd.DataFrame, *, maximise: bool) -> Best:
    """Point with the largest (or smallest) mean over seeds; the first of equals.

    A point that lacks a run is not compared: fewer seeds would let chance choose. (Points that
    share no seeds are compared by those they have.)

    table  points x seeds, NaN where there is no finished run
    raises ValueError : no point has all its runs
    """
    shared = shares_seeds(table.to_numpy(float))
    whole = table.dropna(how="any" if shared else "all")
    if whole.empty:
        raise ValueError("no point has all its runs")
    means = whole.mean(axis=1).to_numpy(float)
    at = int(means.argmax() if maximise else means.argmin())
    values = whole.iloc[at].dropna().to_numpy(float)
    mean, point, half = float(means[at]), int(whole.index.to_numpy()[at]), half_width(values)
    return Best(point, mean, mean - half, mean + half, len(values), len(whole))


def as_words(parameters: Mapping[str, Any]) -> list[str]:
    """Changes of a config as words of the command line: --set, a.b=1.5, --set, ...

    parameters  dotted setting -> value; mappings and lists as JSON, which YAML reads
    """
    words: list[str] = []
    for name, value in parameters.items():
        words += ["--set", f"{name}={json.dumps(value, allow_nan=False)}"]
    return words
