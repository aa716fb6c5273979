"""Growth accounts: where the nation's real growth comes from."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

SOURCES = {
    "growth_innovation": "own R&D",
    "growth_imitation": "imitation",
    "growth_hires": "hires from better firms",
    "growth_frontier": "exogenous frontier",
    "growth_digital": "digital stages",
}
"""Column of the provinces table -> name in the accounts."""

COLUMNS = [
    "gdp_real",
    "gdp_nominal",
    "capital_stock",
    "employment",
    "wage_bill",
    "capital_cost",
    "sales",
]
"""Columns the accounts add up over provinces."""


def growth_accounts(provinces: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
    """Mean growth of national real GDP between two years, and its sources.

        d ln Y = s_K d ln K + s_L d ln L + D sum of d ln A by source + rest

    s_K and s_L are shares in the cost of capital and labour, and D is cost over the cost of
    capital and labour: where prices stand above cost, elasticities are cost shares, not revenue
    shares (Hall 1990; Basu and Fernald 1997, J. Polit. Econ. 105(2)). The rest holds entry and
    exit, reallocation, variety and the local externality.

    provinces    the provinces table of one run
    first, last  years; growth is between their means
    returns      rows by source: per cent a year and share of growth
    raises ValueError : a year is not in the table, or last <= first
    """
    year = provinces["quarter"].str[:4].astype(int).to_numpy()
    if last <= first or not {first, last} <= set(year.tolist()):
        raise ValueError(f"growth accounts need two years of the run, got {first} to {last}")
    span = last - first
    table = {name: provinces[name].to_numpy(dtype=float) for name in (*COLUMNS, *SOURCES)}
    start, end = (
        {name: float(table[name][year == when].sum()) for name in COLUMNS} for when in (first, last)
    )
    growth = {name: float(np.log(end[name] / start[name])) / span for name in COLUMNS}
    capital = float(np.mean([at["capital_cost"] / factor_cost(at) for at in (start, end)]))
    materials = [(at["sales"] - at["gdp_nominal"]) / factor_cost(at) for at in (start, end)]
    multiple = 1 + float(np.mean(materials))
    parts = {
        "capital": capital * growth["capital_stock"],
        "labour": (1 - capital) * growth["employment"],
    }
    within = (year > first) & (year <= last)
    nation = provinces.groupby("quarter")["sales"].transform("sum").to_numpy(dtype=float)
    weight = np.where(within, table["sales"] / nation, 0.0)
    for column, name in SOURCES.items():
        parts[name] = multiple * float((table[column] * weight).sum()) / span
    parts["rest"] = growth["gdp_real"] - sum(parts.values())
    parts["real GDP"] = growth["gdp_real"]
    rows = {name: float(100 * part) for name, part in parts.items()}
    return pd.DataFrame(
        {
            "source": list(rows),
            "per_cent_a_year": list(rows.values()),
            "share_of_growth": [part / rows["real GDP"] for part in rows.values()],
        }
    )


def factor_cost(at: Mapping[str, float]) -> float:
    """Cost of capital and labour in a year."""
    return at["capital_cost"] + at["wage_bill"]
