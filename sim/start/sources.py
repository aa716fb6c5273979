"""Tables of 2012 behind a world: the data's, or those of invented provinces.

An invented province is a mean province of the data, times the sizes that the config gives it. So
every figure it needs is there, and provinces that are alike are exactly alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim import data
from sim.start.config import GeographyConfig, InventedProvince
from sim.state.calendar import parse_quarter, quarter_of_date
from sim.state.geography import Geography, great_circle

PEOPLE = (
    "population_2012",
    "population_2015",
    "employment_2012",
    "rd_researchers_fte_2012",
    "broadband_2012",
    "land_area",
)
"""Columns that grow with the people of an invented province."""
MONEY = ("gdp_2012", "rd_enterprise_2012")
"""Columns that grow with its GDP."""


@dataclass(frozen=True)
class Sources:
    """Tables indexed by province code; of invented provinces only the columns that are used.

    provinces         people, money, place
    value_added       (province, data industry) [100m CNY / year]
    zones             indexed by name: adm_code, founded [quarter number], border
    energy            electricity price and power usage effectiveness, relative
    hub_opening       code -> quarter number
    neighbours        pairs of codes
    geography         the map
    """

    provinces: pd.DataFrame
    value_added: pd.DataFrame
    zones: pd.DataFrame
    energy: pd.DataFrame
    hub_opening: dict[int, int]
    neighbours: list[tuple[int, int]]
    geography: Geography


def sources(cfg: GeographyConfig) -> Sources:
    """Tables of the provinces that a config asks for."""
    invented = cfg.all_invented()
    return _invented(cfg, invented) if invented else _observed(cfg.names_and_codes()[1])


def _observed(codes: list[int]) -> Sources:
    """Tables of real provinces; their gateways are sought among all provinces."""
    everyone = data.provinces()
    chosen = everyone.index.isin(codes)
    table = everyone[chosen]
    distance = great_circle(everyone["lat"].to_numpy(), everyone["lon"].to_numpy())
    port = everyone["port"].to_numpy() == 1
    gate = port | (everyone["land_border"].to_numpy() == 1)
    gateways = np.stack([distance[:, gate].min(axis=1), distance[:, port].min(axis=1)], axis=1)
    zones, hubs = data.zones(), data.hubs()["opening_quarter"]
    zones = zones.assign(founded=[quarter_of_date(date) for date in zones["launch_date"]])
    pairs = data.adjacency()[["adm_a", "adm_b"]].itertuples(index=False, name=None)
    neighbours = [(one, two) for one, two in pairs if one in table.index and two in table.index]
    return Sources(
        provinces=table,
        value_added=data.province_industry().loc[table.index],
        zones=zones[zones["adm_code"].isin(codes)],
        energy=data.energy().loc[table.index],
        hub_opening=dict(zip(hubs.index.to_list(), map(parse_quarter, hubs), strict=True)),
        neighbours=neighbours,
        geography=_geography(table, distance[np.ix_(chosen, chosen)], gateways[chosen], neighbours),
    )


def _geography(
    table: pd.DataFrame,
    distance: np.ndarray,
    gateway: np.ndarray,
    pairs: list[tuple[int, int]],
) -> Geography:
    row = {code: place for place, code in enumerate(table.index)}
    neighbours = np.zeros((len(row), len(row)), dtype=bool)
    for one, two in pairs:
        neighbours[row[one], row[two]] = neighbours[row[two], row[one]] = True
    return Geography(
        codes=table.index.to_numpy(),
        names=tuple(table["province"]),
        region=table["region"].to_numpy(dtype=str),
        distance=distance,
        gateway=gateway,
        neighbours=neighbours,
        land=table["land_area"].to_numpy(),
    )


def _invented(cfg: GeographyConfig, made: dict[str, InventedProvince]) -> Sources:
    """Tables of invented provinces, with codes 1, 2, ..."""
    names, each = list(made), list(made.values())
    codes = pd.RangeIndex(1, len(names) + 1, name="adm_code")
    mean = data.provinces().mean(numeric_only=True)
    table = pd.DataFrame(
        {name: [mean[name] * one.population for one in each] for name in PEOPLE}
        | {name: [mean[name] * one.gdp for one in each] for name in MONEY},
        index=codes,
    )
    table["college_share"] = mean["college_share"]
    table["province"], table["region"] = names, [one.region for one in each]
    per_industry = data.province_industry().mean()
    energy = data.energy().mean(numeric_only=True)
    pairs = _pairs(made)
    gateway = np.array([[one.gateway, one.gateway] for one in each])
    return Sources(
        provinces=table,
        value_added=pd.DataFrame([per_industry * one.gdp for one in each], index=codes),
        zones=_zones(made),
        energy=pd.DataFrame([energy] * len(names), index=codes),
        hub_opening={
            code: parse_quarter(one.hub)
            for code, one in zip(codes, each, strict=True)
            if one.hub is not None
        },
        neighbours=pairs,
        geography=_geography(table, _distances(cfg, each), gateway, pairs),
    )


def _pairs(made: dict[str, InventedProvince]) -> list[tuple[int, int]]:
    """Pairs of codes that share a border, each once."""
    code = {name: place for place, name in enumerate(made, start=1)}
    pairs = {
        (min(code[name], code[other]), max(code[name], code[other]))
        for name, one in made.items()
        for other in one.neighbours
    }
    return sorted(pairs)


def _zones(made: dict[str, InventedProvince]) -> pd.DataFrame:
    """Zones of invented provinces, named after them."""
    hosts = [(code, name, one) for code, (name, one) in enumerate(made.items(), start=1)]
    rows = [(f"{name} FTZ", code, parse_quarter(one.zone)) for code, name, one in hosts if one.zone]
    table = pd.DataFrame(rows, columns=["zone", "adm_code", "founded"]).set_index("zone")
    return table.assign(border=0).sort_values("founded", kind="stable")


def _distances(cfg: GeographyConfig, each: list[InventedProvince]) -> np.ndarray:
    """Distances between invented provinces, (n, n) [km]."""
    if cfg.equidistant is not None:
        return np.where(np.eye(len(each)) > 0, 0.0, cfg.equidistant.distance)
    x, y = np.array([(one.x, one.y) for one in each]).T
    return np.hypot(x[:, None] - x, y[:, None] - y)
