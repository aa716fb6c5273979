"""The table of metrics of a run: right numbers, no row where a metric is undefined."""

import numpy as np
import pandas as pd
import pytest

from sim.metrics import clustering as cl
from sim.metrics import convergence as cv
from sim.metrics import inequality as iq
from sim.metrics import location_quotients, metric_names, metrics_table
from sim.metrics.spatial import contiguity_weights, moran
from tests.metric_frames import (
    BORDERS,
    CHECKED,
    CODES,
    INDUSTRIES,
    QUARTERS,
    REGIONS,
    invented_frames,
)


@pytest.fixture
def frames():
    return invented_frames()


def _values(table, quarter):
    return table[table["quarter"] == quarter].set_index("metric")["value"]


def _wide(frame, quarter, column):
    return frame[frame["quarter"] == quarter][column].to_numpy()


def test_values_are_those_of_the_metric_functions(frames):
    quarter = QUARTERS[CHECKED]
    found = _values(metrics_table(frames, BORDERS), quarter)
    provinces = frames["provinces"]
    now = {name: _wide(provinces, quarter, name) for name in provinces.columns[3:]}
    expected = _expected_of_nation(now, _wide(provinces, "2013Q4", "gdp_real"))
    expected |= _expected_of_income(now)
    expected |= _expected_of_industries(_wide(frames["industries"], quarter, "employment"))
    expected |= _expected_of_firms(frames["firms"])
    start = _wide(provinces, "2012Q1", "gdp_real") / _wide(provinces, "2012Q1", "population")
    beta = cv.beta_convergence(start, now["gdp_real"] / now["population"], 11 / 4)
    expected |= {f"beta_{field}": value for field, value in vars(beta).items()}
    assert set(found.index) == set(expected)
    assert set(found.index) <= set(metric_names(INDUSTRIES))
    np.testing.assert_allclose(found[list(expected)], list(expected.values()), rtol=1e-10)


def _expected_of_income(now):
    real, nominal, people = now["gdp_real"], now["gdp_nominal"], now["population"]
    income = real / people
    east, central, west = (
        real[region].sum() / people[region].sum()
        for region in (slice(0, 2), slice(2, 4), slice(4, 6))
    )
    parts = iq.theil_decomposition(income, REGIONS, people)
    return {
        "sigma_gdp_per_head": np.log(income).std(),
        "sigma_gdp_per_head_nominal": np.log(nominal / people).std(),
        "sigma_gdp_per_head_weighted": cv.sigma_convergence(income, people),
        "cv_gdp_per_head": income.std() / income.mean(),
        "cv_gdp_per_head_weighted": cv.coefficient_of_variation(income, people),
        "theil_gdp_per_head": parts.total,
        "theil_between": parts.between,
        "theil_within": parts.within,
        "gini_gdp_per_head": iq.gini(income, people),
        "gdp_per_head_east_west_ratio": east / west,
        "gdp_per_head_east_central_ratio": east / central,
        "moran_gdp_per_head": moran(income, contiguity_weights(CODES, BORDERS[:-1])),
    }


def _expected_of_nation(now, real_last_year):
    real, nominal, people = now["gdp_real"], now["gdp_nominal"], now["population"]
    return {
        "gdp_real_national": real.sum(),
        "gdp_nominal_national": nominal.sum(),
        "growth_real_yoy": real.sum() / real_last_year.sum() - 1,
        "herfindahl_provinces": cl.herfindahl(real),
        "digital_stage_mean_national": np.average(now["digital_stage_mean"], weights=real),
        "unemployment_national": np.average(now["unemployment"], weights=people),
        "rd_intensity_national": np.average(now["rd_intensity"], weights=nominal),
        "exports_share": now["exports"].sum() / nominal.sum(),
        "compute_utilisation": now["compute_used"].sum() / now["compute_capacity"].sum(),
    }


def _expected_of_industries(employment):
    jobs = employment.reshape(len(CODES), len(INDUSTRIES))
    ginis = [cl.locational_gini(column, jobs.sum(axis=1)) for column in jobs.T]
    found = {
        "krugman_index_mean": cl.krugman_index(jobs).mean(),
        "herfindahl_province_mean": cl.herfindahl(jobs).mean(),
        "locational_gini_mean": np.average(ginis, weights=jobs.sum(axis=0)),
    }
    for code, column, value in zip(INDUSTRIES, jobs.T, ginis, strict=True):
        found[f"locational_gini_{code}"] = value
        found[f"herfindahl_industry_{code}"] = cl.herfindahl(column)
    return found


def _expected_of_firms(firms):
    """Each firm written out as its plants."""
    plants = firms.loc[firms.index.repeat(firms["weight"].astype(int))]
    benchmark = plants.groupby("province")["employment"].sum()
    found, jobs = {}, {}
    for code, members in plants.groupby("industry"):
        activity = members.groupby("province")["employment"].sum()
        own = cl.herfindahl(members["employment"])
        found[f"herfindahl_plants_{code}"] = own
        found[f"ellison_glaeser_{code}"] = cl.ellison_glaeser(activity, benchmark, own)
        jobs[f"ellison_glaeser_{code}"] = activity.sum()
    means = np.average([found[name] for name in jobs], weights=list(jobs.values()))
    return found | {"ellison_glaeser_mean": means}


def test_undefined_metrics_have_no_row(frames):
    table = metrics_table(frames, BORDERS)
    assert np.isfinite(table["value"]).all()
    first = table.groupby("metric")["quarter"].min()
    assert first["sigma_gdp_per_head"] == "2012Q1"
    assert first["growth_real_yoy"] == "2013Q1"
    assert first["beta_speed"] == "2014Q1"
    assert first["locational_gini_F1"] == "2014Q4"
    assert first["locational_gini_T1"] == "2012Q1"
    assert first["ellison_glaeser_A0"] == "2014Q4"
    assert "ellison_glaeser_F1" not in first.index


def test_a_widening_gap_has_a_speed_but_no_half_life(frames):
    provinces = frames["provinces"]
    provinces["population"] = 1.0
    time = provinces["quarter"].map(QUARTERS.index)
    richness = provinces["province"].map(CODES.index)
    provinces["gdp_real"] = np.exp(richness * (1 + 0.05 * time))
    found = _values(metrics_table(frames, ()), QUARTERS[CHECKED])
    assert found["beta_speed"] == pytest.approx(-np.log(1.55) / 2.75, rel=1e-9)
    assert "beta_half_life" not in found.index
    assert "moran_gdp_per_head" not in found.index


def test_metrics_of_missing_columns_and_tables_are_absent(frames):
    provinces = frames["provinces"][["quarter", "province", "region", "gdp_real", "population"]]
    metrics = set(metrics_table({"provinces": provinces}, BORDERS)["metric"])
    assert {"sigma_gdp_per_head", "growth_real_yoy", "moran_gdp_per_head"} <= metrics
    assert not {"sigma_gdp_per_head_nominal", "exports_share", "krugman_index_mean"} & metrics


def test_equal_provinces_have_no_beta_and_no_moran_but_zero_inequality(frames):
    frames["provinces"][["gdp_real", "population"]] = [3.0, 0.1]
    found = _values(metrics_table(frames, BORDERS), QUARTERS[CHECKED])
    assert not {"beta_speed", "moran_gdp_per_head"} & set(found.index)
    assert found["theil_gdp_per_head"] == pytest.approx(0.0, abs=1e-15)


def test_a_province_without_gdp_leaves_the_metrics_that_need_no_logarithm(frames):
    provinces = frames["provinces"]
    provinces.loc[provinces["province"] == CODES[0], "gdp_real"] = 0.0
    metrics = set(metrics_table(frames, BORDERS)["metric"])
    assert not {"sigma_gdp_per_head", "beta_speed"} & metrics
    assert {"theil_gdp_per_head", "gini_gdp_per_head", "cv_gdp_per_head"} <= metrics


def test_row_order_and_a_run_column_do_not_matter(frames):
    shuffled = {
        name: frame.sample(frac=1, random_state=3).assign(run=np.int32(4))
        for name, frame in frames.items()
    }
    table, other = (
        metrics_table(run, BORDERS).sort_values(["quarter", "metric"], ignore_index=True)
        for run in (frames, shuffled)
    )
    pd.testing.assert_frame_equal(table, other, rtol=1e-12)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: f | {"provinces": pd.concat([f["provinces"]] * 2)}, "provinces is not one row"),
        (lambda f: f | {"industries": f["industries"].iloc[1:]}, "industries is not one row"),
        (
            lambda f: f | {"provinces": f["provinces"].iloc[[0, *range(71)]]},
            "provinces is not one row",
        ),
        (lambda f: f | {"firms": f["firms"].assign(province=7)}, "province 7 is in one table"),
        (lambda f: f | {"firms": f["firms"].drop(columns="weight")}, "no column weight"),
        (lambda f: f | {"provinces": f["provinces"].assign(gdp_real=np.nan)}, "gdp_real holds NaN"),
        (lambda f: f | {"provinces": f["provinces"].assign(population=0.0)}, "population must"),
        (lambda f: f | {"industries": f["industries"].assign(employment=-1.0)}, "negative"),
    ],
)
def test_wrong_tables_are_refused(frames, spoil, message):
    with pytest.raises(ValueError, match=message):
        metrics_table(spoil(frames), BORDERS)


@pytest.mark.parametrize("region", ["central", "west", "east"])
@pytest.mark.parametrize("row", [0, 6, 38, -1])
def test_a_province_keeps_its_region(frames, row, region):
    provinces = frames["provinces"]
    label = provinces.index[row]
    if provinces.loc[label, "region"] == region:
        region = "another"
    provinces.loc[label, "region"] = region
    with pytest.raises(ValueError, match="macro-region"):
        metrics_table(frames, BORDERS)


def test_location_quotients_are_labelled_and_leave_out_what_is_empty(frames):
    table = location_quotients(frames, "2012Q1")
    assert list(table.columns) == ["A0", "T1"]
    assert list(table.index) == CODES
    jobs = _wide(frames["industries"], "2012Q1", "employment").reshape(6, 3)[:, :2]
    np.testing.assert_allclose(table, cl.location_quotient(jobs), rtol=1e-14)
    np.testing.assert_allclose(location_quotients(frames, "2012Q1", of="output"), table)
    with pytest.raises(ValueError, match="no quarter '2031Q1'"):
        location_quotients(frames, "2031Q1")
