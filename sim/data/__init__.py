"""The figures the model starts from and is compared with.

One table per function, read from the package, fresh at every call: a caller may change what it
gets. Units, years, publishers and transformations of all columns stand in SOURCES.md beside the
tables.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import pandas as pd


@cache
def _read(name: str, index: str | None) -> pd.DataFrame:
    source = resources.files(__name__).joinpath(f"{name}.csv")
    with source.open(encoding="utf-8") as stream:
        return pd.read_csv(stream, index_col=index, dtype={"sector": str, "key": str})


def _table(name: str, index: str | None = None) -> pd.DataFrame:
    return _read(name, index).copy()


def provinces() -> pd.DataFrame:
    """Provinces in the order of their administrative codes, with their state in 2012.

    returns  31 rows, indexed by adm_code; text: iso, province, region (east, central, west),
             capital; numbers: place on the map, GDP, people, wages, R&D, trade, emissions
    Source: National Bureau of Statistics and others, see SOURCES.md.
    """
    return _table("provinces", "adm_code")


def zones() -> pd.DataFrame:
    """Pilot free trade zones in the order of their launch.

    returns  22 rows, indexed by zone; columns adm_code (host), batch, launch_date (ISO text),
             area_km2, border (1: on a land border), quality
    Source: State Council decisions, see SOURCES.md.
    """
    return _table("zones", "zone")


def industry_accounts() -> pd.DataFrame:
    """National accounts by industry: structure of 2020, trade also at the level of 2012.

    returns  14 rows, indexed by industry [100m CNY]
    Source: national input-output table of 2020, see SOURCES.md.
    """
    return _table("industry_accounts", "industry")


def io_coefficients() -> pd.DataFrame:
    """Intermediate input per unit of gross output, home and imported goods together, 2020.

    returns  14 x 14, row: supplying industry, column: using industry; with the value-added share
             of `industry_accounts` each column adds up to 1
    Source: national input-output table of 2020, see SOURCES.md.
    """
    return _table("io", "from")


def concordance() -> pd.DataFrame:
    """How the 42 sectors of the input-output table make up the industries.

    returns  columns sector (code as text), sector_name, industry, share of the sector's output
    Source: assumed, see SOURCES.md.
    """
    return _table("concordance")


def province_industry() -> pd.DataFrame:
    """Value added by province and industry, 2012.

    returns  31 x 14, indexed by adm_code, all above zero; rows add up to `gdp_2012` [100m CNY]
    Source: estimated from provincial sector accounts, see SOURCES.md.
    """
    return _table("province_industry", "adm_code")


def hubs() -> pd.DataFrame:
    """National compute hubs: one row per province that holds (part of) a planned cluster.

    returns  12 rows, indexed by adm_code; columns hub, cluster, role (east, west),
             cluster_share, opening_quarter
    Source: approval by the National Development and Reform Commission, see SOURCES.md.
    """
    return _table("hubs", "adm_code")


def energy() -> pd.DataFrame:
    """Running conditions of data centres.

    returns  31 rows, indexed by adm_code; electricity_price_relative [national mean],
             temperature_mean [degrees C], pue (power usage effectiveness) [-]
    Source: assumed, see SOURCES.md.
    """
    return _table("energy", "adm_code")


def adjacency() -> pd.DataFrame:
    """Pairs of provinces that share a land border, each once.

    returns  68 rows; columns adm_a < adm_b
    """
    return _table("adjacency")


def firm_facts() -> pd.DataFrame:
    """Published facts on the number, age, exit and size of firms.

    returns  columns fact, key (age band, year, size class), low, high, unit, period, source,
             quality; low = high for a point value
    """
    return _table("firm_facts")


def firm_counts() -> pd.Series:
    """Share of each industry in the number of firms (assumed).

    returns  14 entries, indexed by industry, adding up to 1
    """
    return _table("firm_counts", "industry")["share"]


def history() -> pd.DataFrame:
    """What happened: provinces from 2012 to 2019.

    returns  248 rows; columns adm_code, year, gdp_nominal [100m CNY], gdp_real_growth_index
             [previous year = 100], population [10k persons]
    Source: National Bureau of Statistics, see SOURCES.md.
    """
    return _table("history")


def moments() -> pd.DataFrame:
    """National moments of `history`: dispersion of GDP per head by year, and totals.

    returns  columns year, moment, value; units in SOURCES.md
    """
    return _table("moments")
