import copy

import numpy as np
import pandas as pd
import pytest

from sim.mechanisms.migration import residents
from sim.model import outputs
from sim.state.columns import LEVERS
from tests.worlds import PROVINCES, QUARTERS, small_model

TABLES = [name for name in outputs.TABLES if name != "metrics"]


@pytest.fixture(scope="module")
def frames(grown):
    return grown.frames()


def last(table):
    return table[table["quarter"] == table["quarter"].max()].reset_index(drop=True)


def test_the_tables_of_the_schema_and_no_others(frames):
    assert set(frames) == set(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_columns_are_those_of_the_schema_in_order(frames, name):
    expected = [column for column in outputs.TABLES[name] if column != "run"]
    assert list(frames[name].columns) == expected


@pytest.mark.parametrize("name", TABLES)
def test_dtypes_are_those_of_the_schema(frames, name):
    for column, spec in outputs.TABLES[name].items():
        if column == "run":
            continue
        if spec.dtype is str:
            assert frames[name][column].map(type).eq(str).all(), column
        else:
            assert frames[name][column].dtype == spec.dtype, column


def test_a_row_for_every_province_zone_and_industry_and_quarter(frames, grown):
    k = len(grown.world.tech.codes)
    for name, keys, rows in (
        ("provinces", ["quarter", "province"], 6),
        ("zones", ["quarter", "zone"], 6),
        ("industries", ["quarter", "province", "industry"], 6 * k),
    ):
        table = frames[name]
        assert len(table) == rows * QUARTERS
        assert not table.duplicated(keys).any()
        assert table["quarter"].nunique() == QUARTERS
        assert table["quarter"].is_monotonic_increasing


@pytest.mark.parametrize("name", TABLES)
def test_numbers_are_numbers(frames, name):
    numbers = frames[name].select_dtypes("number")
    assert np.isfinite(numbers.to_numpy(dtype=float)).all()


def test_shares_are_shares(frames):
    provinces, industries = frames["provinces"], frames["industries"]
    stages = provinces[[f"digital_stage_{stage}" for stage in range(5)]]
    assert stages.sum(axis=1).to_numpy() == pytest.approx(1, abs=1e-12)
    assert stages.to_numpy() @ np.arange(5) == pytest.approx(
        provinces["digital_stage_mean"].to_numpy(), rel=1e-12
    )
    assert provinces["unemployment"].between(0, 1).all()
    assert industries["in_zone_share"].between(0, 1 + 1e-12).all()


def test_per_head_and_price_columns_agree(frames):
    table = frames["provinces"]
    ratio = table["gdp_real"] / table["population"]
    assert table["gdp_per_head_real"].to_numpy() == pytest.approx(ratio.to_numpy(), rel=1e-13)
    first = table[table["quarter"] == "2012Q1"]
    assert first["gdp_real"].to_numpy() == pytest.approx(first["gdp_nominal"].to_numpy(), rel=1e-12)


def test_gdp_is_value_added_of_firms_and_hubs(frames, grown):
    provinces = grown.world.provinces
    hubs = provinces["compute_revenue"] - provinces["compute_power"] - provinces["compute_delivery"]
    expected = provinces["value_added"].sum(axis=1) + hubs
    assert last(frames["provinces"])["gdp_nominal"].to_numpy() == pytest.approx(expected, rel=1e-13)
    assert (hubs > 0).all()


def test_population_and_agents_are_those_of_the_world(frames, grown):
    table, world = last(frames["provinces"]), grown.world
    assert table["population"].to_numpy() == pytest.approx(residents(world), rel=1e-14)
    for column, agents in (("firms", world.firms), ("talents", world.talents)):
        count = np.bincount(agents["province"][agents["alive"]], minlength=6)
        assert table[column].tolist() == count.tolist()


def test_industries_add_up_to_zones_and_provinces(frames):
    industries, zones = last(frames["industries"]), last(frames["zones"])
    inside = (industries["output"] * industries["in_zone_share"]).groupby(industries["province"])
    assert inside.sum().loc[zones["province"]].to_numpy() == pytest.approx(
        zones["output"].to_numpy(), rel=1e-10
    )
    assert (
        industries.groupby("province")["firms"].sum().tolist()
        == last(frames["provinces"]).set_index("province")["firms"].sort_index().tolist()
    )


def test_snapshots_add_up_to_the_tables(frames, grown):
    firms, world = frames["firms"], grown.world
    assert set(firms["quarter"]) == {last(frames["provinces"])["quarter"][0]}
    assert firms["firm"].tolist() == np.flatnonzero(world.firms["alive"]).tolist()
    sold = (firms["output"] * firms["weight"]).groupby(firms["province"]).sum()
    output = last(frames["industries"]).groupby("province")["output"].sum()
    # Firms that closed after the market are not in the snapshot.
    assert (sold <= output * (1 + 1e-9)).all()
    assert (sold > 0.7 * output).all()
    talents = frames["talents"]
    assert set(talents["type"]) <= {"e", "a", "f"}
    assert talents["weight"].sum() == pytest.approx(
        world.talents["weight"][world.talents["alive"]].sum(), rel=1e-13
    )
    assert talents["money"].to_numpy() == pytest.approx(
        world.ledger.balance[world.talents["account"][world.talents["alive"]]], rel=1e-13
    )


def test_costs_have_a_column_per_lever(frames):
    for name in ("provinces", "zones"):
        columns = {column for column in frames[name] if column.startswith("cost_")}
        assert columns == {f"cost_{lever}" for lever in LEVERS}
        # No lever acts in the baseline.
        assert not frames[name][sorted(columns)].to_numpy().any()


def test_provinces_are_named_by_code_and_macro_region(frames, grown):
    first = frames["provinces"].head(6)
    assert first["province"].tolist() == grown.world.geography.codes.tolist()
    region = dict(zip(grown.world.geography.names, first["region"], strict=True))
    assert {name: region[name] for name in ("Shanghai", "Henan", "Sichuan")} == {
        "Shanghai": "east",
        "Henan": "central",
        "Sichuan": "west",
    }
    assert set(region) == set(PROVINCES)


def test_what_is_recorded_does_not_change_afterwards():
    model = small_model()
    model.step()
    before = copy.deepcopy(model.recorder.blocks)
    model.step()
    for name, blocks in before.items():
        for one, two in zip(blocks, model.recorder.blocks[name], strict=False):
            assert all(np.array_equal(one[key], two[key]) for key in one), name


def test_a_quarter_is_recorded_once_however_it_is_divided():
    model = small_model(time={"steps_per_quarter": 3})
    for _ in range(6):
        model.step()
    assert model.frames()["provinces"]["quarter"].unique().tolist() == ["2012Q1", "2012Q2"]


def test_snapshots_at_chosen_quarters_and_at_the_end():
    model = small_model(time={"end": "2012Q4"}, record={"snapshots": ("2012Q2",)})
    model.run()
    frames = model.frames()
    for name in ("firms", "talents"):
        assert frames[name]["quarter"].unique().tolist() == ["2012Q2", "2012Q4"]


def test_asking_twice_gives_the_same(grown):
    one, two = grown.frames(), grown.frames()
    for name in TABLES:
        pd.testing.assert_frame_equal(one[name], two[name])


def test_before_the_first_quarter_tables_are_empty(started):
    frames = started.frames()
    for name in TABLES:
        assert list(frames[name].columns) == [c for c in outputs.TABLES[name] if c != "run"]
        assert frames[name].empty
