"""Figures of 2012 for the provinces and industries of a configuration, as plain arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim import data
from sim.start.config import GeographyConfig
from sim.state.calendar import parse_quarter, quarter_of_date
from sim.state.geography import Geography, great_circle
from sim.state.industries import IndustryConfig
from sim.state.technology import Technology, build, mixing

Array = np.ndarray

NEVER = parse_quarter("9999Q4")
MIGRATION_YEARS = 3
"""Years 2012-15 over which population growth is observed."""


@dataclass(frozen=True)
class Facts:
    """What is known of 2012; provinces r, industries k.

    value_added (r, k) and gdp (r,) [100m CNY / quarter]; population, employment (r,) [10k persons];
    growth (r,) population growth 2012-15 [1 / year]; graduates, researchers, broadband (r,) per head
    or counts, used as shares; research (r,) R&D funded by enterprises
    over GDP; exports, imports (k,) shares of the
    nation's; final (k, 3) consumption, investment, government as weights; firms (k,) [firms];
    baskets name -> (k,) shares; mixing (industry, data industry)
    """

    value_added: Array
    gdp: Array
    population: Array
    employment: Array
    growth: Array
    graduates: Array
    researchers: Array
    broadband: Array
    research: Array
    exports: Array
    imports: Array
    final: Array
    firms: Array
    baskets: dict[str, Array]
    energy: Array
    hub_opening: Array
    zone_names: tuple[str, ...]
    zone_host: Array
    zone_founded: Array
    zone_border: Array


BASKETS: Mapping[str, Mapping[str, float]] = {
    "adoption": {"E1": 0.6, "T3": 0.4},
    "research": {"T1": 0.3, "E1": 0.4, "S1": 0.3},
    "entry": {"S1": 0.5, "L0": 0.5},
    "services": {"S1": 0.5, "L0": 0.5},
    "electricity": {"T4": 1.0},
    "network": {"S3": 1.0},
}
"""What orders are spent on, by data industry: adoption and R&D as MODEL 3, the rest assumed."""


def select(cfg: GeographyConfig) -> list[int]:
    """Administrative codes of the provinces of the world, in data order.

    raises ValueError : a name is not a province
    """
    table = data.provinces()
    if cfg.provinces == "all":
        return list(table.index)
    unknown = set(cfg.provinces) - set(table["province"])
    if unknown:
        raise ValueError(
            f"geography.provinces: {sorted(unknown)[0]!r} is not one of "
            f"{', '.join(table['province'])}"
        )
    return list(table.index[table["province"].isin(cfg.provinces)])


def geography(codes: list[int]) -> Geography:
    """Map of the chosen provinces; gateways are sought among all provinces."""
    everyone = data.provinces()
    distance = great_circle(everyone["lat"].to_numpy(), everyone["lon"].to_numpy())
    chosen = everyone.index.isin(codes)
    port = everyone["port"].to_numpy() == 1
    gate = port | (everyone["land_border"].to_numpy() == 1)
    gateways = np.stack([distance[:, gate].min(axis=1), distance[:, port].min(axis=1)], axis=1)
    table = everyone[chosen]
    row = {code: place for place, code in enumerate(table.index)}
    neighbours = np.zeros((len(row), len(row)), dtype=bool)
    for one, two in data.adjacency()[["adm_a", "adm_b"]].itertuples(index=False):
        if one in row and two in row:
            neighbours[row[one], row[two]] = neighbours[row[two], row[one]] = True
    return Geography(
        codes=table.index.to_numpy(),
        names=tuple(table["province"]),
        region=table["region"].to_numpy(dtype=str),
        distance=distance[np.ix_(chosen, chosen)],
        gateway=gateways[chosen],
        neighbours=neighbours,
        land=table["land_area"].to_numpy(),
    )


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


def zone_facts(codes: list[int]) -> dict[str, object]:
    """Zones whose host takes part."""
    table = data.zones()
    table = table[table["adm_code"].isin(codes)]
    return {
        "zone_names": tuple(table.index),
        "zone_host": np.array([codes.index(code) for code in table["adm_code"]], dtype=np.int32),
        "zone_founded": np.array([quarter_of_date(date) for date in table["launch_date"]]),
        "zone_border": table["border"].to_numpy() == 1,
    }


def gather(codes: list[int], industries: Mapping[str, IndustryConfig]) -> Facts:
    """Figures of the chosen provinces and configured industries."""
    mix = mixing(industries)
    table = data.provinces().loc[codes]
    accounts = data.industry_accounts()
    names = list(accounts.index)
    baskets = {
        name: mix @ np.array([basket.get(code, 0.0) for code in names])
        for name, basket in BASKETS.items()
    }
    energy = data.energy().loc[codes]
    hubs = data.hubs()["opening_quarter"]
    opening = {code: parse_quarter(quarter) for code, quarter in hubs.items()}
    final = accounts[["household_consumption", "investment", "government_consumption"]]
    enterprises = data.firm_facts().set_index("fact").loc["enterprises", "low"] * 1e4
    value_added = data.province_industry().loc[codes].to_numpy() @ mix.T / 4
    everyone = data.province_industry().to_numpy().sum(axis=0)
    share = (
        (data.province_industry().loc[codes].to_numpy().sum(axis=0) / everyone)
        @ np.diag(data.firm_counts().loc[names].to_numpy())
        @ mix.T
    )
    growth = np.log(table["population_2015"] / table["population_2012"]) / MIGRATION_YEARS
    column = {
        name: table[name].to_numpy(dtype=float)
        for name in table.columns
        if name not in ("iso", "province", "region", "capital")
    }
    return Facts(
        value_added=value_added,
        gdp=column["gdp_2012"] / 4,
        population=column["population_2012"],
        employment=column["employment_2012"],
        growth=growth.to_numpy(),
        graduates=column["college_share"] * column["population_2012"],
        researchers=column["rd_researchers_fte_2012"],
        broadband=column["broadband_2012"] / column["population_2012"],
        research=column["rd_enterprise_2012"] / column["gdp_2012"],
        exports=mix @ (accounts["exports_2012"] / accounts["exports_2012"].sum()).to_numpy(),
        imports=mix @ (accounts["imports_2012"] / accounts["imports_2012"].sum()).to_numpy(),
        final=np.maximum(mix @ final.to_numpy(), 1.0),
        firms=share * enterprises,
        baskets=baskets,
        energy=(energy["electricity_price_relative"] * energy["pue"]).to_numpy(),
        hub_opening=np.array([opening.get(code, NEVER) for code in codes]),
        **zone_facts(codes),
    )
