"""Worlds of invented provinces: equidistant ones, and ones made by hand."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from sim import data
from sim.config import ConfigError, validate
from sim.model.config import RegionConfig
from sim.model.region import RegionModel
from sim.runs.region import simulate
from sim.start.config import GeographyConfig
from sim.start.sources import sources
from sim.state.calendar import parse_quarter

HAND_MADE = {
    "Coast": {"region": "east", "gdp": 2.0, "population": 1.5, "zone": "2013Q4", "gateway": 0.0},
    "Middle": {"region": "central", "x": 600.0, "zone": "2014Q1", "neighbours": ["Coast"]},
    "Hills": {
        "region": "west",
        "x": 600.0,
        "y": 800.0,
        "gdp": 0.4,
        "hub": "2015Q1",
        "neighbours": ["Middle"],
    },
}


def world_of(geography, **sections):
    settings = {
        "geography": geography,
        "population": {"firms": 400, "talents": 200},
        "accounts": {"check": True},
        **sections,
    }
    return validate(settings, RegionConfig)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_equidistant_provinces_are_alike_but_for_their_names(count):
    found = sources(GeographyConfig(equidistant={"count": count, "distance": 700.0}))
    numbers = found.provinces.select_dtypes("number")
    assert len(numbers) == count
    assert (numbers.nunique() == 1).all()
    np.testing.assert_array_equal(found.geography.distance, 700.0 * (1 - np.eye(count)))
    assert found.geography.neighbours.sum() == count * (count - 1)
    assert found.geography.region.tolist() == ["east", "central", "west", "east", "central"][:count]


def test_a_mean_province_is_the_mean_of_the_data():
    found = sources(GeographyConfig(equidistant={"count": 31}))
    table = data.provinces()
    for name in ("gdp_2012", "population_2012", "employment_2012"):
        assert found.provinces[name].sum() == pytest.approx(table[name].sum(), rel=1e-12)
    np.testing.assert_allclose(found.value_added.sum(), data.province_industry().sum(), rtol=1e-12)


def test_hand_made_provinces_lie_where_the_config_puts_them():
    found = sources(GeographyConfig(invented=HAND_MADE))
    points = [(0.0, 0.0), (600.0, 0.0), (600.0, 800.0)]
    np.testing.assert_allclose(found.geography.distance, squareform(pdist(points)), rtol=1e-15)
    assert found.neighbours == [(1, 2), (2, 3)]
    assert found.zones["founded"].tolist() == [parse_quarter("2013Q4"), parse_quarter("2014Q1")]
    assert found.zones["adm_code"].tolist() == [1, 2]
    assert found.hub_opening == {3: parse_quarter("2015Q1")}
    gdp = found.provinces["gdp_2012"].to_numpy()
    np.testing.assert_allclose(gdp / gdp[1], [2.0, 1.0, 0.4], rtol=1e-12)
    np.testing.assert_allclose(found.value_added.sum(axis=1), gdp, rtol=1e-6)


def test_a_hand_made_world_runs_from_its_own_figures():
    config = world_of({"invented": HAND_MADE}, time={"end": "2014Q2"})
    frames = simulate(config, 1, None)
    table = frames["provinces"]
    first = table[table["quarter"] == "2012Q1"]
    facts = sources(config.geography).provinces["gdp_2012"].to_numpy()
    np.testing.assert_allclose(4 * first["gdp_nominal"], facts, rtol=1e-6)
    assert first["region"].tolist() == ["east", "central", "west"]
    active = frames["zones"].groupby("quarter")["active"].sum()
    assert active[["2013Q3", "2013Q4", "2014Q1"]].tolist() == [0, 1, 2]
    moran = frames["metrics"].set_index("metric").loc["moran_gdp_per_head", "value"]
    assert np.isfinite(moran).all()


def test_levers_can_name_invented_provinces():
    lever = {"policies": {"digital_subsidy": {"dose": 1.0, "targets": ["Hills"]}}}
    assert world_of({"invented": HAND_MADE}, **lever).policies.digital_subsidy.targets == ("Hills",)
    lever["policies"]["digital_subsidy"]["targets"] = ["Hubei"]
    with pytest.raises(ConfigError, match=r"no such name .* Coast, Middle, Hills"):
        world_of({"invented": HAND_MADE}, **lever)


@pytest.mark.parametrize(
    ("geography", "problem"),
    [
        ({"equidistant": {"count": 3}, "provinces": ["Hubei"]}, "give one of"),
        ({"invented": {"A": {"neighbours": ["B"]}}}, "no such name"),
        ({"invented": {"A": {"neighbours": ["A"]}}}, "no such name"),
        ({"invented": {"A": {"gdp": 0}}}, "must be > 0"),
        ({"equidistant": {"count": 0}}, "must be >= 1"),
    ],
)
def test_impossible_worlds_are_refused(geography, problem):
    with pytest.raises(ConfigError, match=problem):
        world_of(geography)


def test_identities_hold_with_a_single_province():
    model = RegionModel(world_of({"equidistant": {"count": 1}}), 1, views=False)
    for _ in range(3):
        model.step()
        assert max(model.gaps.values()) < 1e-9
