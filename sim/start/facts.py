"""Figures of 2012 for the provinces and industries of a configuration, as plain arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim import data
from sim.start.sources import Sources
from sim.state.calendar import parse_quarter
from sim.state.industries import IndustryConfig
from sim.state.technology import Technology, build, mixing

Array = np.ndarray

NEVER = parse_quarter("9999Q4")
"""Quarter number of what does not happen."""

MIGRATION_YEARS = 3
"""Years 2012-15 over which population growth is observed."""


@dataclass(frozen=True)
class ZoneFacts:
    """Zones whose host takes part, in the order of their launch."""

    names: tuple[str, ...]
    """Names of the zones."""
    host: Array
    """(zone,) row of the host province."""
    founded: Array
    """(zone,) quarter number of the launch."""
    border: Array
    """(zone,) bool, on a land border."""


@dataclass(frozen=True)
class Facts:
    """What is known of 2012; provinces r, industries k."""

    value_added: Array
    """(r, k) [100m CNY / quarter]."""
    gdp: Array
    """(r,) [100m CNY / quarter]."""
    population: Array
    """(r,) [10k persons]."""
    employment: Array
    """(r,) [10k persons]."""
    growth: Array
    """(r,) population growth 2012-15 [1 / year]."""
    graduates: Array
    """(r,) college graduates, used as shares."""
    researchers: Array
    """(r,) researchers, used as shares."""
    broadband: Array
    """(r,) connections per head, used as ranks."""
    research: Array
    """(r,) R&D funded by enterprises over GDP."""
    exports: Array
    """(k,) shares of the nation's exports."""
    imports: Array
    """(k,) shares of the nation's imports."""
    final: Array
    """(k, 3) consumption, investment and government purchases, used as weights."""
    firms: Array
    """(k,) [firms]."""
    baskets: dict[str, Array]
    """Order basket -> (k,) composition."""
    energy: Array
    """(r,) relative electricity price times power usage effectiveness."""
    hub_opening: Array
    """(r,) quarter number when a national compute hub opens, `NEVER` if none."""
    zones: ZoneFacts
    """Zones of the chosen provinces."""


BASKETS: Mapping[str, Mapping[str, float]] = {
    "adoption": {"E1": 0.6, "T3": 0.4},
    "research": {"T1": 0.3, "E1": 0.4, "S1": 0.3},
    "entry": {"S1": 0.5, "L0": 0.5},
    "services": {"S1": 0.5, "L0": 0.5},
    "electricity": {"T4": 1.0},
    "network": {"S3": 1.0},
}
"""What orders are spent on, by data industry (assumed; adoption and R&D: model specification)."""


def technology(
    industries: Mapping[str, IndustryConfig], compute_share: tuple[float, ...]
) -> Technology:
    """Cost shares of the configured industries."""
    mix = mixing(industries)
    table = data.industry_accounts()
    names = ("gross_output", "value_added", "labour_compensation")
    accounts = {name: mix @ table[name].to_numpy() for name in names}
    flows = data.io_coefficients().to_numpy() * table["gross_output"].to_numpy()
    return build(industries, compute_share, accounts, mix @ flows @ mix.T)


def zone_facts(tables: Sources) -> ZoneFacts:
    """Zones of a world."""
    zones, codes = tables.zones, list(tables.provinces.index)
    return ZoneFacts(
        names=tuple(zones.index),
        host=np.array([codes.index(code) for code in zones["adm_code"]], dtype=np.int32),
        founded=zones["founded"].to_numpy(dtype=np.int64),
        border=_column(zones, "border") == 1,
    )


def _column(table: pd.DataFrame, name: str) -> Array:
    """Numbers of a column, (rows,)."""
    return table[name].to_numpy(dtype=float)


def firm_numbers(value_added: pd.DataFrame, mix: Array) -> Array:
    """Firms of a world by industry of the model, (k,) [firms].

    value_added  (province, data industry);  mix  (model industry, data industry) shares
    The nation's firms of an industry are spread like its value added.
    """
    everywhere = data.province_industry()
    part = value_added.to_numpy().sum(axis=0) / everywhere.to_numpy().sum(axis=0)
    facts = data.firm_facts()
    total = _column(facts[facts["fact"] == "enterprises"], "low").item() * 1e4
    by_industry = data.firm_counts().loc[list(everywhere.columns)].to_numpy(dtype=float)
    return part @ np.diag(by_industry) @ mix.T * total


def gather(tables: Sources, industries: Mapping[str, IndustryConfig]) -> Facts:
    """Figures of a world for the configured industries."""
    mix = mixing(industries)
    table, energy = tables.provinces, tables.energy
    accounts = data.industry_accounts()
    names = list(accounts.index)
    final = accounts[["household_consumption", "investment", "government_consumption"]]
    exports, imports = _column(accounts, "exports_2012"), _column(accounts, "imports_2012")
    population, gdp = _column(table, "population_2012"), _column(table, "gdp_2012")
    return Facts(
        value_added=tables.value_added.to_numpy() @ mix.T / 4,
        gdp=gdp / 4,
        population=population,
        employment=_column(table, "employment_2012"),
        growth=np.log(_column(table, "population_2015") / population) / MIGRATION_YEARS,
        graduates=_column(table, "college_share") * population,
        researchers=_column(table, "rd_researchers_fte_2012"),
        broadband=_column(table, "broadband_2012") / population,
        research=_column(table, "rd_enterprise_2012") / gdp,
        exports=mix @ (exports / exports.sum()),
        imports=mix @ (imports / imports.sum()),
        final=np.maximum(mix @ final.to_numpy(), 1.0),
        firms=firm_numbers(tables.value_added, mix),
        baskets={
            name: mix @ np.array([basket.get(code, 0.0) for code in names])
            for name, basket in BASKETS.items()
        },
        energy=_column(energy, "electricity_price_relative") * _column(energy, "pue"),
        hub_opening=np.array([tables.hub_opening.get(code, NEVER) for code in table.index]),
        zones=zone_facts(tables),
    )
