"""Provinces that are alike stay alike in the full model, and answer a disturbance in proportion."""

from pathlib import Path

import numpy as np
import pytest

import sim
from sim.config import ConfigError, load, validate
from sim.model.config import RegionConfig
from sim.model.region import RegionModel

FILE = Path(sim.__file__).parents[1] / "configs" / "symmetric.yaml"
QUARTERS = 24
WATCHED = (
    "value_added",
    "output",
    "wage",
    "price",
    "population",
    "unemployed",
    "compute_price",
    "household_income",
    "government",
)


def model_of(count, **sections):
    overrides = {"geography.equidistant.count": count, **sections}
    return RegionModel(load(FILE, RegionConfig, overrides), 1, views=False)


def spread(model):
    """Largest relative difference between provinces, by column."""
    table = model.world.provinces
    return {name: np.abs(table[name] / table[name].mean(axis=0) - 1).max() for name in WATCHED}


@pytest.mark.parametrize("count", [2, 3, 7])
def test_provinces_that_are_alike_stay_alike(count):
    model = model_of(count)
    for _ in range(QUARTERS):
        model.step()
        assert max(spread(model).values()) < 1e-9
        assert max(model.gaps.values()) < 1e-9


def test_a_symmetric_world_does_change():
    model = model_of(2)
    first = model.world.provinces["value_added"].copy()
    for _ in range(QUARTERS):
        model.step()
    assert (model.world.provinces["value_added"] > 1.1 * first).all()


def response(size):
    """Log value added of a province over the others', its firms made better by `size`."""
    model = model_of(3)
    firms = model.world.firms
    firms["efficiency"][firms["province"] == 0] *= np.exp(size)
    out = []
    for _ in range(QUARTERS):
        model.step()
        value = np.log(model.world.provinces["value_added"].sum(axis=1))
        assert value[1] == pytest.approx(value[2], rel=1e-9)  # the others stay alike
        out.append(value[0] - value[1])
    return np.array(out)


def test_a_small_disturbance_is_answered_in_proportion_and_does_not_explode():
    """Growth of the answer would show an unstable symmetric state; see MODEL on agglomeration."""
    one, two = response(1e-5), response(2e-5)
    np.testing.assert_allclose(two / one, 2.0, rtol=1e-3)
    assert (one > 0).all()
    assert one[-1] < 2 * one[0]


def test_alike_needs_provinces_that_are():
    with pytest.raises(ConfigError, match=r"population\.alike needs provinces that are"):
        validate({"population": {"alike": True}}, RegionConfig)


def test_talents_as_cohorts_conserve_people_and_money():
    """In an uneven world cohorts really move, and nobody and nothing is lost."""
    settings = {
        "geography": {"provinces": ["Shanghai", "Henan", "Sichuan"]},
        "population": {"firms": 300, "talents": 100},
        "migration": {"cohorts": True},
        "accounts": {"check": True},
    }
    model = RegionModel(validate(settings, RegionConfig), 1, views=False)
    moved = model.world.provinces["movers"].sum()
    for _ in range(8):
        weight = model.world.talents["weight"].copy()
        model.step()
        assert max(model.gaps.values()) < 1e-9
    changed = model.world.talents["weight"][: weight.size] / weight
    assert changed.min() < 1 < changed.max()
    assert model.world.provinces["movers"].sum() > moved
