import copy

import numpy as np
import pytest

from sim.mechanisms import zones
from sim.mechanisms.zones import ZonesConfig
from sim.state.calendar import parse_quarter
from tests.worlds import small_model

CONFIG = ZonesConfig(start_share=0.03, entry_share=0.06)
FOUNDED = {
    "Shanghai FTZ": "2013Q3",
    "Guangdong FTZ": "2015Q2",
    "Henan FTZ": "2017Q2",
    "Hubei FTZ": "2017Q2",
    "Sichuan FTZ": "2017Q2",
    "Shaanxi FTZ": "2017Q2",
}


def test_zones_are_founded_at_their_true_dates(grown):
    table = grown.frames()["zones"]
    first = table[table["active"]].groupby("zone")["quarter"].min()
    assert first.to_dict() == FOUNDED


def test_a_zone_acts_for_ever(grown):
    table = grown.frames()["zones"].sort_values(["zone", "quarter"])
    rises = table.groupby("zone")["active"].apply(lambda flags: flags.astype(int).diff().min())
    assert (rises >= 0).all()


def test_before_its_date_a_zone_is_empty(grown):
    table = grown.frames()["zones"]
    early = table[~table["active"]]
    assert len(early)
    for column in ("firms", "output", "receipts", "budget_balance"):
        assert not early[column].any(), column
    assert (early["target_1"] == "").all()
    first = table[table["active"] & (table["zone"] == "Shanghai FTZ")]
    assert (first["output"] > 0).all()
    assert (first["target_1"] != "").all()


def found(start, quarter, config=CONFIG, seed=1):
    start.clock.step = parse_quarter(quarter) - start.clock.start
    return zones.apply(start, config, np.random.default_rng(seed))


def test_firms_counted_in_are_tradable_firms_of_the_host(start):
    founded = found(start, "2013Q3", ZonesConfig(start_share=0.08))
    assert [start.zone_names[row] for row in founded] == ["Shanghai FTZ"]
    firms, zone = start.firms, int(founded[0])
    host, place = start.zones["province"][zone], start.zones["place"][zone]
    inside = firms["place"] == place
    assert inside.any()
    assert (firms["province"][inside] == host).all()
    assert start.tradable[firms["industry"][inside]].all()
    assert (firms["place"][~inside] == firms["province"][~inside]).all()


@pytest.mark.parametrize("seed", range(5))
def test_the_zone_reaches_its_share_of_the_host_whatever_the_agents_weigh(start, seed):
    found(start, "2013Q3", seed=seed)
    firms = start.firms
    sales = np.where(firms["province"] == 0, firms["revenue"] * firms["weight"], 0.0)
    inside = sales[firms["place"] >= 6].sum()
    # Whole agents are counted in: the share is met to half of the largest.
    assert inside == pytest.approx(0.03 * sales.sum(), abs=0.5 * sales.max())
    assert inside > 0


def test_part_of_the_entrants_of_the_host_settle_inside(start):
    before = start.places["entry_base"].copy()
    (zone,) = found(start, "2013Q3")
    host, place = start.zones["province"][zone], start.zones["place"][zone]
    after = start.places["entry_base"]
    assert after[place] == pytest.approx(0.06 * before[host] * start.tradable, rel=1e-14)
    assert after.sum(axis=0) == pytest.approx(before.sum(axis=0), rel=1e-13)
    untouched = np.delete(np.arange(start.places.n), [host, place])
    assert (after[untouched] == before[untouched]).all()


def test_a_zone_is_founded_once(start):
    assert found(start, "2013Q3").size == 1
    before = copy.deepcopy(start)
    assert found(start, "2013Q4").size == 0
    assert (start.places["entry_base"] == before.places["entry_base"]).all()
    assert (start.firms["place"] == before.firms["place"]).all()


def test_all_zones_due_are_founded_together(start):
    assert found(start, "2019Q4").size == 6
    assert start.zones["active"].all()


def test_frozen_no_zone_is_ever_founded():
    model = small_model(zones={"frozen": True})
    model.run(until="2014Q1")
    assert not model.world.zones["active"].any()
    assert (model.world.firms["place"] < 6).all()


@pytest.mark.parametrize("zone", [0, 3])
def test_firms_are_counted_in_industry_by_industry_up_to_their_part(start, zone):
    """By hand: the next in line enters while half of it fits; what is missed falls due next."""
    firms, cfg = start.firms, ZonesConfig(start_share=0.08)
    order = np.random.default_rng(4).random(firms.n)
    host = start.zones["province"][zone]
    mine = firms["alive"] & (firms["province"] == host)
    sales = np.where(mine, firms["revenue"] * firms["weight"], 0.0)
    fits = mine & start.tradable[firms["industry"]] & (sales > 0)
    due, inside = 0.0, set()
    for industry in np.unique(firms["industry"][fits]):
        group = np.flatnonzero(fits & (firms["industry"] == industry))
        due += 0.08 * sales.sum() * sales[group].sum() / sales[fits].sum()
        before = 0.0
        entered = 0.0
        for row in group[np.argsort(order[group])]:
            if before + 0.5 * sales[row] <= due:
                inside.add(int(row))
                entered += sales[row]
            before += sales[row]
        due -= entered
    zones.count_in(start, zone, cfg, order)
    found = np.flatnonzero(firms["place"] == start.zones["place"][zone])
    assert set(found.tolist()) == inside
    assert 3 < len(inside) < fits.sum()


def test_a_firm_of_which_just_half_fits_is_counted_in(start):
    """Fifty firms that sell one each; of the 3 % due the second takes the upper half."""
    firms = start.firms
    firms["alive"] = np.arange(firms.n) < 50
    firms["province"], firms["industry"] = start.zones["province"][1], 5
    firms["revenue"], firms["weight"] = 0.5, 2.0
    zones.count_in(start, 1, CONFIG, np.arange(firms.n)[::-1] / firms.n)
    assert start.tradable[5]
    assert np.flatnonzero(firms["place"] == start.zones["place"][1]).tolist() == [48, 49]


def test_closed_firms_and_sales_in_any_unit_make_no_difference(start):
    firms, order = start.firms, np.random.default_rng(4).random(start.firms.n)
    place = firms["place"].copy()
    firms["alive"][::7] = False
    zones.count_in(start, 0, CONFIG, order)
    usual = firms["place"].copy()
    assert not (usual != place)[::7].any()
    firms["place"] = place
    firms["weight"][:] *= 1e-9
    zones.count_in(start, 0, CONFIG, order)
    assert (firms["place"] == usual).all()
