import mesa
import numpy as np
import pandas as pd
import pytest

from sim.model.agents import Firm, RowView, Talent, Zone
from tests.worlds import small_model


@pytest.fixture(scope="module")
def viewed():
    """A small world with agents, three quarters old; tests put back what they change."""
    model = small_model(views=True)
    model.run(until="2012Q3")
    return model


def alive(model, table):
    return np.flatnonzero(getattr(model.world, table)["alive"]).tolist()


def test_every_zone_and_everyone_alive_has_an_agent(viewed):
    by_type = viewed.agents_by_type
    assert set(by_type) == {Zone, Firm, Talent}
    assert sorted(agent.row for agent in by_type[Firm]) == alive(viewed, "firms")
    assert sorted(agent.row for agent in by_type[Talent]) == alive(viewed, "talents")
    assert sorted(agent.row for agent in by_type[Zone]) == list(range(6))
    assert all(isinstance(agent, mesa.Agent) for agent in viewed.agents)


@pytest.mark.parametrize("kind", [Zone, Firm, Talent])
def test_an_agent_shows_every_column_of_its_row(viewed, kind):
    agent = list(viewed.agents_by_type[kind])[-1]
    for column in agent.table:
        shown, entry = getattr(agent, column), agent.table[column][agent.row]
        assert np.array_equal(shown, entry, equal_nan=agent.table[column].dtype.kind == "f"), column


def test_select_finds_rows(viewed):
    firms = viewed.world.firms
    found = viewed.agents_by_type[Firm].select(lambda firm: firm.industry == 5)
    expected = np.flatnonzero(firms["alive"] & (firms["industry"] == 5))
    assert sorted(firm.row for firm in found) == expected.tolist()


def test_get_reads_a_column(viewed):
    agents = viewed.agents_by_type[Talent]
    rows = [agent.row for agent in agents]
    assert agents.get("weight") == viewed.world.talents["weight"][rows].tolist()


def test_agg_and_groupby_add_up(viewed):
    firms = viewed.world.firms
    total = viewed.agents_by_type[Firm].agg("weight", sum)
    assert total == pytest.approx(firms["weight"][firms["alive"]].sum(), rel=1e-12)
    groups = viewed.agents_by_type[Firm].groupby("province").count()
    count = np.bincount(firms["province"][firms["alive"]], minlength=6)
    assert groups == dict(enumerate(count))


def test_do_and_map_call_every_agent(viewed):
    zones = viewed.agents_by_type[Zone]
    assert sorted(zones.map(lambda zone: int(zone.province))) == list(range(6))


def test_set_writes_through_to_the_column(viewed):
    talents = viewed.world.talents
    before = talents["human_capital"].copy()
    viewed.agents_by_type[Talent].select(lambda talent: talent.type == 2).set("human_capital", 1.5)
    mine = talents["alive"] & (talents["type"] == 2)
    assert (talents["human_capital"][mine] == 1.5).all()
    assert (talents["human_capital"][~mine] == before[~mine]).all()
    talents["human_capital"] = before


def test_columns_and_agents_are_one(viewed):
    firm = next(iter(viewed.agents_by_type[Firm]))
    firms, before = viewed.world.firms, float(firm.capital)
    firm.capital = before + 1
    assert firms["capital"][firm.row] == before + 1
    firms["capital"][firm.row] = before + 2
    assert firm.capital == before + 2
    firm.capital = before


def test_a_misspelt_column_raises(viewed):
    firm = next(iter(viewed.agents_by_type[Firm]))
    with pytest.raises(AttributeError, match="Firm has no column 'capitel'"):
        firm.capitel = 1.0
    with pytest.raises(AttributeError, match="capitel"):
        firm.capitel  # noqa: B018
    zone = next(iter(viewed.agents_by_type[Zone]))
    with pytest.raises(AttributeError, match="Zone has no column 'capital'"):
        zone.capital = 1.0


def test_an_agent_has_no_state_of_its_own():
    columns = set(Firm.__dict__) & {"capital", "stage", "province"}
    assert columns == {"capital", "stage", "province"}
    assert not hasattr(RowView, "capital")
    assert not hasattr(Zone, "capital")


def test_agents_survive_the_growth_of_the_table():
    model = small_model(views=True)
    firm = next(iter(model.agents_by_type[Firm]))
    before = float(firm.efficiency)
    model.world.firms.add(5000, alive=True)
    assert firm.efficiency == before
    firm.efficiency = 2 * before
    assert model.world.firms["efficiency"][firm.row] == 2 * before


def test_births_and_deaths_are_followed():
    model = small_model(views=True, relocation={"frozen": True})
    first = {firm.row: firm for firm in model.agents_by_type[Firm]}
    for _ in range(6):
        model.step()
        assert sorted(firm.row for firm in model.agents_by_type[Firm]) == alive(model, "firms")
        assert sorted(agent.row for agent in model.agents_by_type[Talent]) == alive(
            model, "talents"
        )
    last = {firm.row: firm for firm in model.agents_by_type[Firm]}
    assert set(last) - set(first), "no firm was born"
    assert set(first) - set(last), "no firm died"
    assert all(last[row] is first[row] for row in set(first) & set(last))
    assert len(model.agents) == len(last) + len(alive(model, "talents")) + 6


def test_the_end_of_the_youngest_firm_is_noticed(viewed):
    """Rows beyond the highest agent are looked at again when that agent is gone."""
    model = small_model(views=True)
    firms = model.world.firms
    firms["alive"][firms.n - 1] = False
    model.views.sync()
    assert sorted(firm.row for firm in model.agents_by_type[Firm]) == alive(model, "firms")
    row = int(firms.add(1, alive=True)[0])
    model.views.sync()
    assert row in {firm.row for firm in model.agents_by_type[Firm]}
    assert viewed.world.clock.step == 3


def test_views_change_nothing():
    tables = []
    for views in (False, True):
        model = small_model(views=views)
        model.run(until="2012Q4")
        assert (len(model.agents) > 0) == views
        tables.append(model.frames())
    for name, table in tables[0].items():
        pd.testing.assert_frame_equal(table, tables[1][name], check_exact=True)
