"""Returns on capital, by industry and by cell, against sums over firms."""

import numpy as np
import pytest

from sim.mechanisms import profitability


def by_hand(world, chosen):
    firms, tech = world.firms, world.tech
    mine = np.flatnonzero(firms["alive"] & chosen)
    surplus = tech.gross_surplus[firms["industry"][mine]] * firms["revenue"][mine]
    price = world.provinces["investment_price"][firms["province"][mine]]
    weight = firms["weight"][mine]
    return (weight * surplus).sum() / (weight * price * firms["capital"][mine]).sum()


def test_a_return_is_surplus_over_the_value_of_capital(world):
    firms = world.firms
    assert not firms["alive"].all()
    found = profitability.return_on_capital(world)
    for industry in range(found.size):
        assert found[industry] == pytest.approx(by_hand(world, firms["industry"] == industry))


def test_the_return_of_a_cell_counts_its_own_firms(world):
    firms = world.firms
    firms["alive"][(firms["province"] == 1) & (firms["industry"] == 4)] = False
    bare = (firms["province"] == 2) & (firms["industry"] == 1)
    assert firms["revenue"][bare & firms["alive"]].any()
    firms["capital"][bare] = 0.0  # sales without capital are no return on it
    found = profitability.cell_return(world)
    assert np.isnan(found[1, 4])
    assert np.isnan(found[2, 1])
    for province, industry in ((0, 0), (1, 5), (3, 2), (5, 4)):
        mine = (firms["province"] == province) & (firms["industry"] == industry)
        assert found[province, industry] == pytest.approx(by_hand(world, mine))


def test_returns_ignore_how_many_an_agent_stands_for(world):
    before = profitability.cell_return(world)
    world.firms["weight"][:] *= 1e-9
    np.testing.assert_allclose(profitability.cell_return(world), before, rtol=1e-12)


def test_profitability_is_relative_to_2012_and_the_nations_where_nobody_earns(world):
    firms, base = world.firms, world.baseline
    none = (firms["province"] == 1) & (firms["industry"] == 4)
    idle = (firms["province"] == 2) & (firms["industry"] == 3)
    firms["alive"][none], firms["revenue"][idle] = False, 0.0
    found = profitability.profitability(world)
    nation = profitability.return_on_capital(world) / base.return_on_capital
    cells = profitability.cell_return(world) / base.cell_return
    for province, industry in np.ndindex(found.shape):
        own = cells[province, industry]
        expected = own if own > 0 else nation[industry]  # NaN is not above zero either
        assert found[province, industry] == pytest.approx(expected, rel=1e-12)
    assert found[1, 4] == pytest.approx(nation[4])
    assert found[2, 3] == pytest.approx(nation[3])


def test_relatedness_falls_by_e_over_a_fifth_of_the_technology_line(world):
    output = world.provinces["output"]
    share, nation = output / output.sum(axis=1, keepdims=True), output.sum(axis=0) / output.sum()
    found = profitability.relatedness_density(world)
    for industry, place in enumerate(world.position):
        near = np.exp(-5.0 * np.abs(world.position - place))
        assert found[:, industry] == pytest.approx(share @ near / (nation @ near) - 1, abs=1e-12)
