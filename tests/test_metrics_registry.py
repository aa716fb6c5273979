"""Metrics by name: declared in full, found, or refused with the nearest name."""

import pytest

from sim.metrics import METRICS, metric_names, metric_spec
from sim.model.outputs import PROVINCES

INDUSTRIES = ["A0", "T1"]


def test_every_name_has_unit_label_meaning_and_needs():
    for name in metric_names(INDUSTRIES):
        spec = metric_spec(name, INDUSTRIES)
        assert all((spec.unit, spec.label, spec.meaning, spec.needs))


def test_names_by_industry_are_spelt_out_and_labelled():
    names = metric_names(INDUSTRIES)
    assert {"locational_gini_A0", "ellison_glaeser_T1", "herfindahl_industry_T1"} <= set(names)
    assert not [name for name in names if "<" in name]
    assert metric_spec("locational_gini_T1").label == "locational Gini, T1"


def test_provincial_columns_a_metric_needs_are_in_the_output_schema():
    needed = {name for spec in METRICS.values() for name in spec.needs}
    provincial = {name.removeprefix("provinces.") for name in needed if "provinces." in name}
    assert provincial <= set(PROVINCES)


def test_sums_over_the_nation_need_no_population():
    for name in ("gdp_real_national", "growth_real_yoy", "herfindahl_provinces"):
        assert METRICS[name].needs == ("provinces.gdp_real",)
    assert METRICS["gdp_nominal_national"].needs == ("provinces.gdp_nominal",)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("thiel_gdp_per_head", "theil_gdp_per_head"),
        ("locational_gini_X9", "locational_gini_T1"),
        ("locational_gini_<industry>", "locational_gini_mean"),
    ],
)
def test_an_unknown_metric_is_refused_with_the_nearest_name(name, near):
    with pytest.raises(ValueError, match="no metric is called") as error:
        metric_spec(name, ["T1"])
    assert near in str(error.value)


def test_a_metric_of_the_nation_has_no_industry():
    with pytest.raises(ValueError, match="no metric is called"):
        metric_spec("gini_gdp_per_head_T1")
