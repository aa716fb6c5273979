"""Tidy series behind the figures: sums over provinces, annual rates, paired differences, bands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd

from sim.figures.results import NotRecordedError

QUARTERS = 4
"""Quarters in a year: turns a flow per quarter into one per year."""

Kind = Literal["absolute", "percent"]

RUN_KEYS = ["scenario", "seed", "time"]


def annual_unit(unit: str) -> str:
    """Unit of a quarterly flow after multiplication by four.

    raises ValueError : the unit is no flow per quarter
    """
    if not unit.endswith("/ quarter"):
        raise ValueError(f"{unit!r} is not a flow per quarter")
    return unit.removesuffix("quarter") + "year"


def percent_unit(unit: str) -> str:
    """Unit of a share after multiplication by 100: "share of GDP" becomes "% of GDP"."""
    if not unit.startswith("share"):
        raise ValueError(f"{unit!r} is not a share")
    return "%" + unit.removeprefix("share")


def gdp_per_head(provinces: pd.DataFrame, by: Sequence[str] = ("region",)) -> pd.DataFrame:
    """Real GDP per head of groups of provinces, at an annual rate.

    GDP and people are added up first, so every province counts by its population.

    provinces  rows of the provinces table
    by         further columns that make a group, besides scenario, seed and time
    returns    one row per group with `value` [10k CNY (2012) / person / year]
    """
    totals = provinces.groupby([*RUN_KEYS, *by], as_index=False)[["gdp_real", "population"]].sum()
    totals["value"] = QUARTERS * totals["gdp_real"] / totals["population"]
    return totals.drop(columns=["gdp_real", "population"])


def weighted_mean(
    provinces: pd.DataFrame, column: str, weight: str, by: Sequence[str]
) -> pd.DataFrame:
    """Mean of `column` over the provinces of a group, weighted by another column, as `value`."""
    rows = provinces[[*RUN_KEYS, *by]].copy()
    rows["weight"] = provinces[weight]
    rows["part"] = provinces[column] * provinces[weight]
    totals = rows.groupby([*RUN_KEYS, *by], as_index=False)[["part", "weight"]].sum()
    totals["value"] = totals["part"] / totals["weight"]
    return totals.drop(columns=["part", "weight"])


def paired_difference(
    series: pd.DataFrame,
    baseline: str,
    *,
    kind: Kind,
    by: Sequence[str] = (),
) -> pd.DataFrame:
    """Difference of every other scenario to the baseline run with the same seed.

    series   scenario, seed, time, columns of `by`, value
    kind     "absolute" in the unit of the value, "percent" of the baseline
    by       columns that, with seed and time, say which rows make a pair
    returns  rows of the other scenarios, `value` replaced by the difference
    """
    keys = ["seed", "time", *by]
    base = series.loc[series["scenario"] == baseline, [*keys, "value"]]
    pairs = series[series["scenario"] != baseline].merge(base, on=keys, suffixes=("", "_base"))
    difference = pairs["value"] - pairs["value_base"]
    if kind == "percent":
        difference = 100 * difference / pairs["value_base"]
    return pairs.assign(value=difference).drop(columns="value_base")


def band(series: pd.DataFrame, level: float = 0.90) -> pd.DataFrame:
    """Median and central band over seeds, one row per time.

    level    share of the runs inside the band
    returns  columns low, middle, high; index time
    """
    edge = (1 - level) / 2
    values = series.groupby("time")["value"]
    edges = {"low": edge, "middle": 0.5, "high": 1 - edge}
    return pd.DataFrame({name: values.quantile(share) for name, share in edges.items()})


def real_wage(provinces: pd.DataFrame) -> pd.DataFrame:
    """Wage of general labour at 2012 consumer prices by macro-region, at an annual rate.

    Provinces count by population.

    returns  scenario, seed, time, region, value [10k CNY (2012) / efficiency unit / year]
    """
    real = QUARTERS * provinces["wage_g"] / provinces["consumer_price"]
    deflated = provinces.assign(real=real)
    return weighted_mean(deflated, "real", "population", by=("region",))


def seeds_note(seeds: int) -> str:
    """Sentence that says what a line is."""
    return "One seed." if seeds == 1 else f"Lines: median of {seeds} seeds."


def last_value(provinces: pd.DataFrame, group: str) -> pd.DataFrame:
    """Annual real GDP per head of each province at the end, and its mean growth until then.

    provinces  rows of one scenario
    group      column whose groups are wanted, such as province
    returns    index `group`; columns level [10k CNY (2012) / person / year] and growth [% / year],
               medians over seeds
    raises NotRecordedError : the run has a single quarter
    """
    path = gdp_per_head(provinces, by=(group,))
    start, end = path["time"].min(), path["time"].max()
    if end == start:
        raise NotRecordedError("growth needs more than one quarter")
    keys = ["seed", group]
    ends = path[path["time"] == end].set_index(keys)["value"]
    starts = path[path["time"] == start].set_index(keys)["value"]
    growth = 100 * ((ends / starts) ** (1 / (end - start)) - 1)
    both = pd.DataFrame({"level": ends, "growth": growth})
    return both.groupby(level=group).median()
