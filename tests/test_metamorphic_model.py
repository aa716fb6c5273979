"""Data in other units, of money or of people, give the same history in these units."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from sim import data
from sim.model import outputs
from sim.model.region import RegionModel
from sim.start import sources
from tests.worlds import small_config

Array = np.ndarray

MONEY_UNITS = ("100m CNY", "10k CNY")
UNTIL = "2013Q4"


def scaled_data(patch: pytest.MonkeyPatch, money: float, people: float) -> None:
    """Data in other units: all money times one number, all people times another."""
    provinces, industries = data.provinces, data.province_industry

    def other_provinces() -> pd.DataFrame:
        table = provinces().astype({"gdp_2012": float, "rd_enterprise_2012": float})
        table[list(sources.MONEY)] *= money
        heads = [name for name in sources.PEOPLE if name != "land_area"]
        table[heads] = table[heads].astype(float) * people
        return table

    patch.setattr(data, "provinces", other_provinces)
    patch.setattr(data, "province_industry", lambda: industries() * money)


def history(money: float = 1.0, people: float = 1.0) -> dict[str, pd.DataFrame]:
    """Two years of a small world whose data are in other units; nothing is remembered."""
    with pytest.MonkeyPatch.context() as patch:
        scaled_data(patch, money, people)
        # the pull of earlier movers counts persons: ln(1 + n) has a unit, so it is switched off
        model = RegionModel(
            small_config(
                migration={"network": 0.0},
                foreign_talent={"group": 0.05 * people},
                market={"tolerance": 1e-13},
                policies={
                    "digital_subsidy": {"dose": 1.0, "start": "2012Q3", "targets": "all"},
                    "coordination_barriers": {"dose": 1.0, "start": "2013Q1", "targets": "all"},
                },
            ),
            1,
            views=False,
        )
        model.run(until=UNTIL)
    return model.frames()


@pytest.fixture(scope="module")
def usual() -> dict[str, pd.DataFrame]:
    return history()


def compared(
    usual: dict[str, pd.DataFrame], other: dict[str, pd.DataFrame]
) -> Iterator[tuple[str, str, Array, Array]]:
    """Unit, name, and values of every number of both histories."""
    for name, table in usual.items():
        for column in table.select_dtypes("number"):
            if column == "efficiency":
                continue
            unit = outputs.TABLES[name][column].unit
            yield unit, f"{name}.{column}", table[column].to_numpy(), other[name][column].to_numpy()


def same_but_for_units(one: pd.DataFrame, two: pd.DataFrame) -> bool:
    """Whether efficiencies, counted in goods per input, differ by one factor per industry."""
    factors = (two["efficiency"] / one["efficiency"]).groupby(one["industry"])
    return bool((factors.max() / factors.min() < 1 + 1e-7).all())


def near(found: Array, expected: Array) -> bool:
    """Equal to 1e-7: eight quarters solved to 1e-13, and money that is a small difference."""
    size = np.abs(expected).max(initial=0.0)
    return np.allclose(found, expected, rtol=1e-7, atol=1e-8 * size)


@pytest.mark.parametrize("scale", [1e-2, 7.3])
def test_the_unit_of_money_does_not_matter(usual: dict[str, pd.DataFrame], scale: float) -> None:
    found = history(money=scale)
    assert same_but_for_units(usual["firms"], found["firms"])
    for unit, name, one, two in compared(usual, found):
        # compute is counted in units that cost 1 at the prices of 2012
        grows = unit.startswith((*MONEY_UNITS, "units / quarter"))
        assert near(two, scale * one if grows else one), name


@pytest.mark.parametrize("scale", [1e-2, 7.3])
def test_the_number_of_people_per_agent_does_not_matter(
    usual: dict[str, pd.DataFrame], scale: float
) -> None:
    found = history(people=scale)
    assert same_but_for_units(usual["firms"], found["firms"])
    for unit, name, one, two in compared(usual, found):
        factor = 1.0
        if unit.startswith("10k persons"):
            factor = scale
        elif unit.startswith("10k CNY"):  # per person or efficiency unit
            factor = 1 / scale
        assert near(two, factor * one), name
