"""The output tables of one run as arrays (quarters, provinces, industries), for the metrics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.metrics.clustering import plant_herfindahl
from sim.metrics.spatial import contiguity_weights
from sim.state.calendar import parse_quarter

NOT_MEASURES = frozenset({"run", "quarter", "province", "region", "industry"})
FIRM_COLUMNS = frozenset({"quarter", "province", "industry", "weight", "employment"})

Levels = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Panel:
    """One run.

    labels, quarters  (quarters,)    as text and as quarter numbers, ascending
    provinces         (provinces,)   codes, ascending
    regions           (provinces,)   macro-region of each
    industries        (industries,)  codes in the order of the table; none without that table
    columns           "table.column" to array:

    - provinces.*       (quarters, provinces)              as in the output table
    - industries.*      (quarters, provinces, industries)  as in the output table
    - firms.employment  (quarters, provinces, industries)  over all firms; NaN without snapshot
    - firms.herfindahl  (quarters, industries)  of plants, by employment; NaN if undefined [-]
    - contiguity        (provinces, provinces)  row-standardised; absent without neighbours [-]
    """

    labels: np.ndarray
    quarters: np.ndarray
    provinces: np.ndarray
    regions: np.ndarray
    industries: np.ndarray
    columns: Mapping[str, np.ndarray]

    def __getitem__(self, column: str) -> np.ndarray:
        """Array of "table.column"; KeyError if the run has no such column."""
        return self.columns[column]


def make_panel(frames: Mapping[str, pd.DataFrame], adjacency: Iterable[tuple[int, int]]) -> Panel:
    """Arrays of one run.

    frames     `provinces`, and where they exist `industries` and `firms` (snapshots)
    adjacency  pairs of neighbouring province codes; pairs with a code outside the run are left out
    raises ValueError : a table is not one row per combination of its keys (as when it holds two
        runs), the tables disagree on quarters or provinces, or a province changes its region
    """
    table = frames["provinces"]
    levels = {name: np.array(sorted(table[name].unique())) for name in ("quarter", "province")}
    columns = _measures(table, "provinces", levels)
    regions = cube(table, "provinces", "region", levels)
    if (regions != regions[0]).any():
        raise ValueError("a province changes its macro-region")
    industries = np.array([], dtype=object)
    if "industries" in frames:
        cells = frames["industries"]
        industries = np.array(cells["industry"].unique(), dtype=object)
        levels = {**levels, "industry": industries}
        columns |= _measures(cells, "industries", levels)
        if "firms" in frames:
            columns |= _firm_measures(frames["firms"], levels)
    columns |= _contiguity(levels["province"], adjacency)
    return Panel(
        labels=levels["quarter"],
        quarters=np.array([parse_quarter(label) for label in levels["quarter"]]),
        provinces=levels["province"],
        regions=regions[0],
        industries=industries,
        columns=columns,
    )


def _rows(table: pd.DataFrame, name: str, levels: Levels) -> np.ndarray:
    """Position of every row of `table` in the cube spanned by `levels`, flattened."""
    positions = []
    for key, known in levels.items():
        position = pd.Index(known).get_indexer(pd.Index(table[key]))
        if (position < 0).any():
            stranger = table[key].iloc[int(np.argmin(position))]
            raise ValueError(f"{name}: {key} {stranger} is in one table of the run, not in all")
        positions.append(position)
    return np.ravel_multi_index(positions, [known.size for known in levels.values()])


def cube(table: pd.DataFrame, name: str, column: str, levels: Levels) -> np.ndarray:
    """Column of a table as an array with one dimension per key.

    levels   key to its values in the order wanted; every combination must occur exactly once
    returns  shape of the sizes of `levels`
    raises ValueError : a combination is missing or there twice, or a key has another value
    """
    shape = [known.size for known in levels.values()]
    rows = _rows(table, name, levels)
    if rows.size != np.prod(shape) or np.unique(rows).size != rows.size:
        raise ValueError(f"{name} is not one row for every combination of {', '.join(levels)}")
    values = table[column].to_numpy()
    return values[np.argsort(rows)].reshape(shape)


def _measures(table: pd.DataFrame, name: str, levels: Levels) -> dict[str, np.ndarray]:
    return {
        f"{name}.{column}": cube(table, name, column, levels).astype(float)
        for column in table.columns
        if column not in NOT_MEASURES
    }


def _firm_measures(firms: pd.DataFrame, levels: Levels) -> dict[str, np.ndarray]:
    """Employment by cell and Herfindahl index of plants, from snapshots of firms."""
    missing = FIRM_COLUMNS - set(firms.columns)
    if missing:
        raise ValueError(f"firms has no column {', '.join(sorted(missing))}")
    shape = [known.size for known in levels.values()]
    size, weight = firms["employment"].to_numpy(), firms["weight"].to_numpy()
    flat = np.bincount(_rows(firms, "firms", levels), size * weight, int(np.prod(shape)))
    employment = flat.reshape(shape)
    quarters, _, industries = shape
    by = {key: levels[key] for key in ("quarter", "industry")}
    herfindahl = np.full((quarters, industries), np.nan)
    for cell, members in _groups(_rows(firms, "firms", by)):
        if size[members].sum() > 0:
            herfindahl.flat[cell] = plant_herfindahl(size[members], weight[members])
    has_snapshot = employment.sum(axis=(1, 2)) > 0
    employment[~has_snapshot] = np.nan
    return {"firms.employment": employment, "firms.herfindahl": herfindahl}


def _groups(keys: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Each key with the rows that carry it."""
    order = np.argsort(keys, kind="stable")
    found, start = np.unique(keys[order], return_index=True)
    return list(zip(found.tolist(), np.split(order, start[1:]), strict=True))


def _contiguity(provinces: np.ndarray, adjacency: Iterable[tuple[int, int]]) -> dict[str, Any]:
    codes = {int(code) for code in provinces}
    inside = [(one, other) for one, other in adjacency if one in codes and other in codes]
    if not inside:
        return {}
    return {"contiguity": contiguity_weights([int(code) for code in provinces], inside)}
