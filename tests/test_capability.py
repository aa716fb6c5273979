"""What firms can do: their staff, their R&D, their standing, each counted by hand."""

import numpy as np
import pytest

from sim.mechanisms import capability


def test_relative_efficiency_is_that_over_the_mean_of_the_industry(world):
    firms, found = world.firms, capability.relative(world)
    for industry in range(len(world.tech.codes)):
        mine = firms["alive"] & (firms["industry"] == industry)
        mean = np.average(firms["efficiency"][mine], weights=firms["weight"][mine])
        assert found[mine] == pytest.approx(firms["efficiency"][mine] / mean, rel=1e-12)
    firms["alive"][firms["industry"] == 3] = False
    assert not capability.relative(world)[firms["industry"] == 3].any()


def test_use_of_talent_is_what_firms_pay_for_it(world):
    firms, tech = world.firms, world.tech
    engineers, science = capability.type_use(world)
    for row in np.flatnonzero(firms["alive"])[:60]:
        k, stage = firms["industry"][row], firms["stage"][row]
        sales = firms["revenue"][row] * firms["weight"][row]
        labour = sales * tech.labour[k, stage] / tech.markup[k]
        assert engineers[row] == pytest.approx(labour * tech.skill[k, 1], rel=1e-13)
        assert science[row] == pytest.approx(labour * tech.skill[k, 2], rel=1e-13)
    dead = ~firms["alive"]
    assert dead.any()
    assert not engineers[dead].any()


def test_expected_staff_shares_out_the_people_of_a_province_by_use(world):
    firms, talents = world.firms, world.talents
    use, found = capability.type_use(world), capability.expected_staff(world)
    expected = np.zeros(firms.n)
    for province in range(world.provinces.n):
        local = firms["province"] == province
        for column, kinds in ((0, (1,)), (1, (2, 3))):
            mine = (
                talents["alive"]
                & (talents["employer"] >= 0)
                & (talents["province"] == province)
                & np.isin(talents["type"], kinds)
            )
            people = talents["weight"][mine].sum()
            assert people > 0
            expected[local] += people * use[column][local] / use[column][local].sum()
    assert found == pytest.approx(expected, rel=1e-12)


def test_skilled_share_is_talents_among_all_staff(world):
    firms, talents, tech = world.firms, world.talents, world.tech
    found = capability.skilled_share(world)
    assert (found > 0).sum() > 20
    for row in np.flatnonzero(firms["alive"])[:80]:
        skilled = talents["weight"][talents["alive"] & (talents["employer"] == row)].sum()
        k, stage = firms["industry"][row], firms["stage"][row]
        paid = firms["revenue"][row] * firms["weight"][row] * tech.labour[k, stage]
        paid *= tech.skill[k, 0] / tech.markup[k]
        general = paid / world.provinces["wage"][firms["province"][row], 0]
        assert found[row] == pytest.approx(skilled / (skilled + general), rel=1e-12)


def test_charges_on_inputs_leave_less_for_labour(world):
    """1 / (1 + kappa_tax) of what a firm of that place paid."""
    before, firms = capability.type_use(world), world.firms
    world.places["wedge_tax"][3] = 0.6
    ratio = np.where(firms["place"] == 3, 1 / 1.6, 1.0)
    assert capability.type_use(world) == pytest.approx(before * ratio, rel=1e-13)
    mine = (firms["place"] == 3) & (capability.skilled_share(world) > 0)
    assert mine.any()
    share = capability.skilled_share(world)[mine]
    world.places["wedge_tax"][3] = 0.0
    usual = capability.skilled_share(world)[mine]
    # odds of skilled against general staff rise as less general labour is paid
    assert share / (1 - share) == pytest.approx(1.6 * usual / (1 - usual), rel=1e-9)


def test_research_share_is_spending_over_revenue(world):
    firms = world.firms
    firms["revenue"][0], firms["rd_spending"][0] = 0.0, 1.0
    found = capability.research_share(world)
    sells = firms["revenue"] > 0
    assert found[sells] == pytest.approx(firms["rd_spending"][sells] / firms["revenue"][sells])
    assert found[0] == 0


def test_absorption_adds_its_parts():
    assert capability.absorptive_capacity(0.02, 0.3, (0.3, 5.0, 1.0)) == pytest.approx(0.7)


def test_shares_ignore_how_many_an_agent_stands_for(world):
    before = capability.relative(world), capability.skilled_share(world)
    world.firms["weight"][:] *= 1e-9
    world.talents["weight"][:] *= 1e-9
    assert capability.relative(world) == pytest.approx(before[0], rel=1e-12)
    assert capability.skilled_share(world) == pytest.approx(before[1], rel=1e-12)


def test_who_works_for_the_first_firm_counts(world):
    firms, talents = world.firms, world.talents
    talents["employer"][:] = -1
    talents["employer"][np.flatnonzero(talents["alive"])[0]] = 0
    assert np.flatnonzero(capability.skilled_share(world)).tolist() == [0]
    firms["alive"][0], firms["revenue"][0] = True, 1.0
    talents["province"][:] = firms["province"][0]
    assert capability.expected_staff(world).sum() == pytest.approx(
        talents["weight"][talents["employer"] == 0].sum()
    )


def test_people_where_no_firm_is_left_are_nobodys_staff(world):
    firms = world.firms
    firms["revenue"][:] *= 1e-9
    firms["alive"][firms["province"] == 0] = False
    found = capability.expected_staff(world)
    assert not found[firms["province"] == 0].any()
    employed = world.talents["alive"] & (world.talents["employer"] >= 0)
    elsewhere = employed & (world.talents["province"] != 0)
    assert found.sum() == pytest.approx(world.talents["weight"][elsewhere].sum())
