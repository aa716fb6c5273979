"""When a metric exists: what it needs of provinces, industries and firms in a quarter."""

import numpy as np
import pytest

from sim.metrics import metrics_table
from sim.metrics.definitions import provinces_herfindahl
from sim.metrics.panel import make_panel
from tests.metric_frames import BORDERS, CODES, QUARTERS, invented_frames

MONEY = ["gdp_real", "gdp_nominal", "exports"]
FLOWS = [*MONEY, "compute_used", "compute_capacity"]


@pytest.fixture
def frames():
    return invented_frames()


def _values(table, quarter):
    return table[table["quarter"] == quarter].set_index("metric")["value"]


def _quarters_with(table, metric):
    return set(table.loc[table["metric"] == metric, "quarter"])


def test_a_quarter_without_gdp_of_a_province_is_left_out_alone(frames):
    provinces = frames["provinces"]
    bare = (provinces["province"] == CODES[2]) & (provinces["quarter"] == "2014Q2")
    provinces.loc[bare, "gdp_real"] = 0.0
    table = metrics_table(frames, BORDERS)
    assert _quarters_with(table, "sigma_gdp_per_head") == set(QUARTERS) - {"2014Q2"}
    assert _quarters_with(table, "beta_speed") == {"2014Q1", "2014Q3", "2014Q4"}
    assert _quarters_with(table, "gini_gdp_per_head") == set(QUARTERS)


def test_beta_needs_an_income_of_every_province_at_the_start(frames):
    provinces = frames["provinces"]
    bare = (provinces["province"] == CODES[2]) & (provinces["quarter"] == "2012Q1")
    provinces.loc[bare, "gdp_real"] = 0.0
    assert not _quarters_with(metrics_table(frames, BORDERS), "beta_speed")


@pytest.mark.parametrize(("number", "beta"), [(2, False), (3, True)])
def test_beta_needs_three_provinces(frames, number, beta):
    provinces = frames["provinces"]
    few = {"provinces": provinces[provinces["province"].isin(CODES[:number])]}
    assert bool(_quarters_with(metrics_table(few, BORDERS), "beta_speed")) is beta


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_provinces_alike_but_for_rounding_have_no_beta_and_no_moran(frames, unit):
    provinces = frames["provinces"]
    provinces["population"] = 1.0
    provinces["gdp_real"] = unit * (1 + 1e-10 * provinces["province"].map(CODES.index))
    found = set(metrics_table(frames, BORDERS)["metric"])
    assert not {"beta_speed", "moran_gdp_per_head"} & found


def test_pure_numbers_ignore_units(frames):
    """In units of a billion of the usual ones nothing vanishes."""
    small = {name: frame.copy() for name, frame in frames.items()}
    small["provinces"][[*FLOWS, "population"]] *= 1e-9
    small["industries"][["employment", "output"]] *= 1e-9
    small["firms"][["employment", "output"]] *= 1e-9
    table, other = (
        metrics_table(each, BORDERS).set_index(["quarter", "metric"])["value"]
        for each in (frames, small)
    )
    assert set(table.index) == set(other.index)
    pure = [
        key for key in table.index if key[1] not in {"gdp_real_national", "gdp_nominal_national"}
    ]
    np.testing.assert_allclose(other[pure], table[pure], rtol=1e-9)


def test_a_quarter_in_which_nobody_sells_or_works_has_no_ratios(frames):
    provinces, cells = frames["provinces"], frames["industries"]
    provinces.loc[provinces["quarter"] == "2014Q2", FLOWS[1:]] = 0.0
    cells.loc[cells["quarter"] == "2014Q2", "employment"] = 0.0
    table = metrics_table(frames, BORDERS)
    usual, found = (set(_values(table, quarter).index) for quarter in ("2014Q3", "2014Q2"))
    assert usual == set(_values(table, "2014Q1").index)
    of_jobs = {name for name in usual if name.startswith(("locational_gini", "herfindahl_ind"))}
    assert usual - found == of_jobs | {
        *("sigma_gdp_per_head_nominal", "rd_intensity_national", "exports_share"),
        *("compute_utilisation", "krugman_index_mean", "herfindahl_province_mean"),
    }


def test_a_nation_without_gdp_is_not_concentrated_anywhere(frames):
    provinces = frames["provinces"]
    provinces.loc[provinces["quarter"] == "2014Q2", "gdp_real"] = 0.0
    found = provinces_herfindahl(make_panel(frames, BORDERS))
    assert np.isnan(found).tolist() == [quarter == "2014Q2" for quarter in QUARTERS]


@pytest.mark.parametrize("region", ["east", "west"])
def test_a_region_without_gdp_or_provinces_has_no_ratio(frames, region):
    provinces = frames["provinces"]
    there = provinces["region"] == region
    alone = {"provinces": provinces[~there]}
    assert not _quarters_with(metrics_table(alone, BORDERS), "gdp_per_head_east_west_ratio")
    provinces.loc[there & (provinces["quarter"] == "2014Q2"), "gdp_real"] = 0.0
    table = metrics_table(frames, BORDERS)
    ratio = table[table["metric"] == "gdp_per_head_east_west_ratio"].set_index("quarter")["value"]
    assert ratio.get("2014Q2") == (None if region == "west" else 0.0)
    assert set(ratio.index) | {"2014Q2"} == set(QUARTERS)


@pytest.mark.parametrize("column", ["digital_stage_mean", "gdp_real"])
def test_a_mean_rate_needs_rate_and_weight_of_every_province(frames, column):
    provinces = frames["provinces"]
    there = (provinces["province"] == CODES[3]) & (provinces["quarter"] == "2014Q2")
    provinces.loc[there, column] = np.nan if column == "digital_stage_mean" else 0.0
    found = _quarters_with(metrics_table(frames, BORDERS), "digital_stage_mean_national")
    assert found == set(QUARTERS) - {"2014Q2"}


@pytest.mark.parametrize("name", ["krugman_index_mean", "herfindahl_province_mean"])
def test_a_province_without_work_has_no_specialisation(frames, name):
    cells = frames["industries"]
    there = (cells["province"] == CODES[3]) & (cells["quarter"] == "2014Q2")
    cells.loc[there, "employment"] = 0.0
    table = metrics_table(frames, BORDERS)
    assert _quarters_with(table, name) == set(QUARTERS) - {"2014Q2"}
    assert "2014Q2" not in _quarters_with(table, "locational_gini_T1")
    assert "2014Q2" in _quarters_with(table, "herfindahl_industry_T1")


def test_firms_are_known_in_quarters_with_a_snapshot_and_plants_where_somebody_works(frames):
    firms = frames["firms"]
    firms.loc[firms["industry"] == "T1", "employment"] = 0.0
    panel = make_panel(frames, [])
    jobs, plants = panel["firms.employment"], panel["firms.herfindahl"]
    assert np.isnan(jobs[:-1]).all()
    assert np.isfinite(jobs[-1]).all()
    assert np.isnan(plants[:-1]).all()
    assert np.isfinite(plants[-1]).tolist() == [True, False, False]  # A0; nobody in T1; no F1


def test_a_border_with_a_province_outside_the_run_is_left_out(frames):
    panel = make_panel(frames, [(CODES[0], 999), (998, CODES[1]), (CODES[2], CODES[3])])
    assert panel["contiguity"].sum() == 2.0
    assert "contiguity" not in make_panel(frames, [(CODES[0], 999)]).columns


@pytest.mark.parametrize(("provinces", "defined"), [(1, False), (2, True)])
def test_plants_in_one_province_could_not_have_chosen_another(frames, provinces, defined):
    frames["firms"]["province"] = np.resize(CODES[:provinces], 60)
    found = _values(metrics_table(frames, BORDERS), QUARTERS[-1]).index
    assert ("ellison_glaeser_A0" in found) is defined


@pytest.mark.parametrize(("plants", "defined"), [(1.0, False), (2.0, True)])
def test_an_industry_of_one_plant_has_no_choice_beyond_it(frames, plants, defined):
    firms = frames["firms"]
    others = (firms["industry"] == "A0") & (firms["firm"] > 0)
    firms.loc[others, "employment"] = 0.0
    firms.loc[0, "weight"] = plants
    found = _values(metrics_table(frames, BORDERS), QUARTERS[-1]).index
    assert ("ellison_glaeser_A0" in found) is defined
    assert {"ellison_glaeser_T1", "ellison_glaeser_mean", "herfindahl_plants_A0"} <= set(found)
