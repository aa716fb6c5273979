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


def test_years_outside_the_run_are_refused() -> None:
    with pytest.raises(ValueError, match="two years"):
        growth_accounts(provinces(), 2012, 2019)
