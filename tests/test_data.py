"""The data tables: identities they must obey, and figures known from elsewhere."""

import numpy as np
import pandas as pd
import pytest

from sim import data
from sim.metrics.inequality import theil_decomposition
from sim.state.calendar import parse_quarter, quarter_of_date
from sim.state.geography import great_circle

INDUSTRIES = ["A0", "T1", "T2", "T3", "T4", "E1", "E2", "E3", "E4", "F1", "S1", "S2", "S3", "L0"]
TABLES = [
    data.provinces, data.zones, data.industry_accounts, data.io_coefficients, data.concordance,
    data.province_industry, data.hubs, data.energy, data.adjacency, data.firm_facts,
    data.firm_counts, data.history, data.moments,
]  # fmt: skip


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_tables_are_complete(table):
    assert not np.any(table().isna())


@pytest.mark.parametrize("table", [data.provinces, data.zones, data.hubs, data.energy])
def test_rows_are_unique(table):
    assert table().index.is_unique


def test_every_call_returns_a_fresh_copy():
    first = data.provinces()
    first.loc[:, "gdp_2012"] = 0.0
    assert (data.provinces()["gdp_2012"] > 0).all()


def test_provinces_and_their_regions():
    frame = data.provinces()
    assert frame.index.is_monotonic_increasing
    assert frame.groupby("region").size().to_dict() == {"east": 11, "central": 8, "west": 12}


def test_positive_columns_of_provinces():
    numbers = (
        data.provinces()
        .select_dtypes("number")
        .drop(columns=["port", "land_border", "tile_row", "tile_col", "has_zone"])
    )
    assert (numbers > 0).all(axis=None)


def test_sums_of_provinces_meet_national_figures():
    # published national figures of 2012; the statistics of provinces differ from them a little
    total = data.provinces().sum(numeric_only=True)
    assert total["gdp_2012"] == pytest.approx(538_580, rel=0.03)  # 100m CNY
    assert total["population_2012"] == pytest.approx(135_922, rel=0.01)  # 10k persons
    assert total["rd_expenditure_2012"] == pytest.approx(10_298.4, rel=0.001)  # 100m CNY
    assert total["trade_2012"] == pytest.approx(244_160, rel=0.001)  # 100m CNY
    assert total["land_area"] == pytest.approx(960, rel=0.01)  # 10k km2


def test_rd_intensity_is_spending_over_the_gdp_of_its_day():
    # published intensities use GDP before the census revisions, which cut it most in Inner
    # Mongolia (15881 to 10639: 1.49) and raised it most in Beijing (17879 to 19568: 0.91)
    frame = data.provinces()
    ratio = 100 * frame["rd_expenditure_2012"] / frame["gdp_2012"] / frame["rd_intensity_2012"]
    assert ratio.between(0.90, 1.50).all()
    assert ratio.median() == pytest.approx(1, abs=0.02)


def test_distances_between_capitals():
    frame = data.provinces().set_index("province")
    km = pd.DataFrame(
        great_circle(frame["lat"].to_numpy(), frame["lon"].to_numpy()),
        index=frame.index,
        columns=frame.index,
    )
    # two decimals of a degree are about 1 km
    assert km.loc["Beijing", "Shanghai"] == pytest.approx(1067, abs=2)
    assert km.loc["Beijing", "Tianjin"] == pytest.approx(111, abs=2)
    assert km.loc["Guangdong", "Xinjiang"] == pytest.approx(3280, abs=20)


def test_tiles_do_not_collide_and_look_like_the_map():
    frame = data.provinces()
    assert not frame.duplicated(["tile_row", "tile_col"]).any()
    assert np.corrcoef(frame["tile_row"], -frame["lat"])[0, 1] > 0.9
    assert np.corrcoef(frame["tile_col"], frame["lon"])[0, 1] > 0.9


def test_zones_have_hosts_in_all_regions():
    zones, provinces = data.zones(), data.provinces()
    region = zones["adm_code"].map(provinces["region"])
    assert region.value_counts().to_dict() == {"east": 11, "west": 6, "central": 5}
    assert set(zones["adm_code"]) == set(provinces.index[provinces["has_zone"] == 1])
    border = zones.loc[zones["border"] == 1, "adm_code"]
    assert (provinces.loc[border, "land_border"] == 1).all()


def test_zones_are_launched_in_seven_batches():
    zones = data.zones()
    quarter = zones["launch_date"].map(quarter_of_date)
    assert quarter.is_monotonic_increasing
    assert quarter.loc["Shanghai FTZ"] == parse_quarter("2013Q3")
    assert zones.groupby("batch").size().tolist() == [1, 3, 7, 1, 6, 3, 1]


def test_concordance_gives_every_sector_away_once():
    frame = data.concordance()
    assert frame["sector"].tolist() == sorted(frame["sector"])
    shares = frame.groupby("sector")["share"].sum()
    assert len(shares) == 42
    np.testing.assert_allclose(shares, 1, rtol=1e-9)
    assert set(frame["industry"]) == set(INDUSTRIES)


def test_inputs_and_value_added_exhaust_output():
    accounts, inputs = data.industry_accounts(), data.io_coefficients()
    assert inputs.index.tolist() == inputs.columns.tolist() == accounts.index.tolist() == INDUSTRIES
    assert (inputs >= 0).all(axis=None)
    assert (inputs.sum() < 1).all()
    share = accounts["value_added"] / accounts["gross_output"]
    np.testing.assert_allclose(inputs.sum() + share, 1, atol=1e-9)


def test_goods_made_are_goods_used():
    accounts = data.industry_accounts()
    used = data.io_coefficients() @ accounts["gross_output"] + accounts[
        ["final_consumption", "investment", "exports"]
    ].sum(axis=1)
    np.testing.assert_allclose(used, accounts[["gross_output", "imports"]].sum(axis=1), rtol=1e-8)


def test_parts_of_the_accounts_add_up():
    accounts = data.industry_accounts()
    parts = ["labour_compensation", "production_tax", "depreciation", "operating_surplus"]
    np.testing.assert_allclose(accounts[parts].sum(axis=1), accounts["value_added"], atol=1e-5)
    consumption = accounts["household_consumption"] + accounts["government_consumption"]
    np.testing.assert_allclose(consumption, accounts["final_consumption"], atol=1e-5)
    assert accounts["value_added"].sum() == pytest.approx(1_016_422, rel=1e-5)  # 100m CNY, table


def test_value_added_of_provinces_adds_up_to_gdp():
    table, provinces = data.province_industry(), data.provinces()
    assert table.columns.tolist() == INDUSTRIES
    np.testing.assert_allclose(table.sum(axis=1), provinces["gdp_2012"], rtol=1e-9)


def test_every_industry_is_everywhere_but_nowhere_absurd():
    table = data.province_industry()
    share = table.div(table.sum(axis=1), axis=0)
    assert (share >= 1e-5 * (1 - 1e-6)).all(axis=None)
    assert share.to_numpy().max() < 0.5
    quotient = share / (table.sum() / table.to_numpy().sum())
    assert quotient.to_numpy().max() < 4


def test_specialisation_has_the_known_sign():
    table = data.province_industry()
    share = table.div(table.sum(axis=1), axis=0).set_axis(data.provinces()["province"])
    national = table.sum() / table.to_numpy().sum()
    assert share.loc["Guangdong", "E1"] > national["E1"] > share.loc["Xinjiang", "E1"]
    assert share.loc["Inner Mongolia", "T4"] > national["T4"] > share.loc["Beijing", "T4"]
    assert share["S1"].idxmax() == "Beijing"
    assert share["A0"].idxmin() == "Shanghai"


def test_final_demand_of_2012_leaves_no_industry_without_buyers():
    accounts, inputs = data.industry_accounts(), data.io_coefficients()
    output = data.province_industry().sum() * accounts["gross_output"] / accounts["value_added"]
    final = output - inputs @ output - accounts["exports_2012"] + accounts["imports_2012"]
    assert (final > 0).all()
    assert (accounts["exports_2012"] < 0.5 * output).all()


def test_hubs_lie_in_ten_clusters_of_eight_hubs():
    hubs, provinces = data.hubs(), data.provinces()
    assert hubs["hub"].nunique() == 8
    assert hubs["cluster"].nunique() == 10
    np.testing.assert_allclose(hubs.groupby("cluster")["cluster_share"].sum(), 1, atol=1e-5)
    without_zone = provinces.index[provinces["has_zone"] == 0]
    assert hubs.loc[hubs.index.isin(without_zone), "hub"].nunique() == 4
    assert (hubs["opening_quarter"].map(parse_quarter) == parse_quarter("2022Q1")).all()


def test_electricity_costs_twice_as_much_in_the_east():
    energy, region = data.energy(), data.provinces()["region"]
    price = energy["electricity_price_relative"]
    mean = price.groupby(region).mean()
    assert price.mean() == pytest.approx(1, abs=1e-3)
    assert mean["east"] / mean["west"] == pytest.approx(2, rel=1e-3)
    assert energy["pue"].agg(["min", "max"]).tolist() == [1.04, 1.5]


def test_neighbours_are_pairs_of_provinces_and_only_hainan_has_none():
    pairs, codes = data.adjacency(), set(data.provinces().index)
    assert (pairs["adm_a"] < pairs["adm_b"]).all()
    assert not pairs.duplicated().any()
    assert codes - set(pairs["adm_a"]) - set(pairs["adm_b"]) == {460000}


def test_firm_tables():
    facts = data.firm_facts()
    assert (facts["low"] <= facts["high"]).all()
    ages = facts.loc[facts["fact"] == "age_share", "low"]
    assert ages.sum() == pytest.approx(1, abs=1e-9)
    counts = data.firm_counts()
    assert counts.index.tolist() == INDUSTRIES
    assert counts.sum() == pytest.approx(1, abs=1e-12)
    assert (counts > 0).all()


def test_history_starts_where_the_model_starts_and_ends_in_2019():
    history, provinces = data.history(), data.provinces()
    assert sorted(history["year"].unique()) == list(range(2012, 2020))
    start = history[history["year"] == 2012].set_index("adm_code")
    pd.testing.assert_series_equal(start["gdp_nominal"], provinces["gdp_2012"], check_names=False)
    pd.testing.assert_series_equal(
        start["population"], provinces["population_2012"], check_names=False
    )
    assert history["gdp_real_growth_index"].between(95, 116).all()


def test_moments_follow_from_history():
    provinces, history = data.provinces(), data.history()
    moments = data.moments().set_index(["moment", "year"])["value"]
    for year, rows in history.groupby("year"):
        frame = rows.set_index("adm_code")
        per_head = frame["gdp_nominal"] / frame["population"]
        parts = theil_decomposition(per_head, provinces["region"], frame["population"])
        expected = {
            "sigma": np.log(per_head).std(ddof=0),
            "cv": per_head.std(ddof=0) / per_head.mean(),
            "theil": float(parts.total),
            "theil_between_share": float(parts.between / parts.total),
        }
        for name, value in expected.items():
            stored = moments[f"{name}_gdp_per_head_nominal", year]
            assert stored == pytest.approx(value, abs=1e-6)


def test_real_growth_of_history():
    moments = data.moments().set_index(["moment", "year"])["value"]
    growth = (moments["gdp_real", 2019] / moments["gdp_real", 2012]) ** (1 / 7) - 1
    # provinces report faster growth than the nation (about 7 % a year)
    assert 0.065 < growth < 0.085
