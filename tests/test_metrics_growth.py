"""Growth accounts: the parts add up, and each source shows where it belongs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.metrics.growth_accounts import SOURCES, growth_accounts


def provinces(capital: float = 0.0, work: float = 0.0, **sources: float) -> pd.DataFrame:
    """Two provinces, 2012Q1 to 2014Q4, growing at given rates a year [ln]."""
    rows = []
    for quarter in range(12):
        years = quarter // 4
        for code in (1, 2):
            row = {
                "quarter": f"{2012 + years}Q{quarter % 4 + 1}",
                "province": code,
                "gdp_nominal": 100.0,
                "gdp_real": 100.0 * np.exp(0.05 * years),
                "capital_stock": 500.0 * np.exp(capital * years),
                "employment": 50.0 * np.exp(work * years),
                "wage_bill": 60.0,
                "capital_cost": 20.0,
                "sales": 220.0,
            }
            rows.append(row | {name: sources.get(name, 0.0) / 4 for name in SOURCES})
    return pd.DataFrame(rows)


def value(table: pd.DataFrame, source: str) -> float:
    """Per cent a year of a source."""
    return float(table.set_index("source").loc[source, "per_cent_a_year"])


def test_parts_add_up_to_growth() -> None:
    table = growth_accounts(provinces(0.08, 0.01, growth_imitation=0.002), 2012, 2014)
    parts = table[table["source"] != "real GDP"]["per_cent_a_year"].sum()
    assert parts == pytest.approx(5.0, rel=1e-12)
    assert value(table, "real GDP") == pytest.approx(5.0, rel=1e-12)


def test_factors_count_by_their_shares() -> None:
    table = growth_accounts(provinces(0.08, 0.01), 2012, 2014)
    assert value(table, "capital") == pytest.approx(0.25 * 8.0)
    assert value(table, "labour") == pytest.approx(0.75 * 1.0)


@pytest.mark.parametrize(("column", "name"), SOURCES.items())
def test_efficiency_counts_by_cost_over_factor_cost(column: str, name: str) -> None:
    table = growth_accounts(provinces(**{column: 0.01}), 2012, 2014)
    # cost 20 + 60 + materials 120, over factor cost 80
    assert value(table, name) == pytest.approx(2.5 * 1.0)


def test_the_rest_is_what_no_source_explains() -> None:
    assert value(growth_accounts(provinces(0.0, 0.01), 2012, 2014), "rest") == pytest.approx(4.25)
    # more than all: 0.75 * 8 = 6 of 5 per cent
    assert value(growth_accounts(provinces(0.0, 0.08), 2012, 2014), "rest") == pytest.approx(-1.0)


def test_shares_are_parts_of_the_growth_of_real_gdp() -> None:
    table = growth_accounts(provinces(0.08, 0.01), 2012, 2014)
    np.testing.assert_allclose(table["share_of_growth"], table["per_cent_a_year"] / 5.0)
    assert table["share_of_growth"].iloc[-1] == 1.0


def test_sources_count_after_the_first_year_up_to_the_last() -> None:
    table = provinces(growth_imitation=0.01)
    alone = table.assign(growth_imitation=table["growth_imitation"] * (table["quarter"] > "2013"))
    for first, last, years in ((2012, 2014, 2), (2012, 2013, 1), (2013, 2014, 1)):
        for frame in (table, alone):
            assert value(growth_accounts(frame, first, last), SOURCES["growth_imitation"]) == (
                pytest.approx(2.5 * years / (last - first))
            )


def test_a_run_of_two_years_has_accounts() -> None:
    table = provinces(0.08)
    short = table[table["quarter"] < "2014"]
    assert value(growth_accounts(short, 2012, 2013), "capital") == pytest.approx(0.25 * 8.0)


@pytest.mark.parametrize(
    ("first", "last"), [(2012, 2019), (2011, 2014), (2013, 2013), (2014, 2012)]
)
def test_years_outside_the_run_or_out_of_order_are_refused(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="two years"):
        growth_accounts(provinces(), first, last)
