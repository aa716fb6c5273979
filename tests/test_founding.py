import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri, pdtr
from scipy.stats import poisson

from sim.mechanisms import founding
from sim.state.ledger import ROW


@given(mean=st.floats(0.01, 30), more=st.floats(0, 5))
def test_numbers_of_entrants_are_poisson(mean, more):
    n = 500
    u = (np.arange(n) + 0.5) / n
    drawn = founding.numbers(np.full(n, mean), u)
    # Midpoints of the quantiles: each step of the staircase is off by at most half a part, and
    # the tail cut off at 1 - .5 / n holds less than one more.
    assert drawn.mean() == pytest.approx(mean, abs=(drawn.max() + 2) / n)
    assert (np.diff(drawn) >= 0).all()
    assert (founding.numbers(np.full(n, mean + more), u) >= drawn).all()


def test_nobody_enters_where_nobody_is_expected():
    assert not founding.numbers(np.zeros(3), np.array([0.0, 0.5, 1 - 1e-12])).any()


@pytest.mark.parametrize("mean", [0.02, 0.7, 3.0, 25.0])
def test_numbers_are_the_smallest_that_reach_the_uniform(mean):
    u = np.array([1e-9, 0.01, np.exp(-mean), 0.3, 0.9, 0.999999])
    assert founding.numbers(np.full(6, mean), u).tolist() == poisson.ppf(u, mean).tolist()


@pytest.mark.parametrize("mean", [0.3, 1.0, 4.7, 11.0])
def test_the_chance_of_up_to_k_leads_back_to_k(mean):
    """The bound itself still counts: SciPy's inverse lies a rounding error above or below it."""
    k = np.arange(9)
    for u in (pdtr(k, mean), np.nextafter(pdtr(k, mean), 0)):
        assert founding.numbers(np.full(9, mean), u).tolist() == k.tolist()


def test_entrants_of_2012_are_measured_by_the_firms_of_their_cell(start):
    capital, efficiency = founding.usual(start)
    for found, name in ((capital, "capital"), (efficiency, "efficiency")):
        assert found == pytest.approx(start.cell_means(name)[0], rel=1e-12)


def test_what_entrants_are_measured_by_grows_with_the_industry(start):
    before = founding.usual(start)
    start.firms["capital"] *= 3.0
    start.firms["efficiency"] *= 2.0
    capital, efficiency = founding.usual(start)
    assert capital == pytest.approx(3 * before[0], rel=1e-12)
    assert efficiency == pytest.approx(2 * before[1], rel=1e-12)


def test_places_of_entrants_repeat_their_numbers():
    number = np.array([[0, 2], [1, 0], [0, 3]])
    place, industry, slot = founding.places_of(number)
    assert place.tolist() == [0, 0, 1, 2, 2, 2]
    assert industry.tolist() == [1, 1, 0, 1, 1, 1]
    assert slot.tolist() == [0, 1, 0, 0, 1, 2]


def test_an_entrant_draws_the_same_however_many_enter_elsewhere():
    u = np.random.default_rng(1).random((3, 2, founding.SLOTS, 3))
    few = founding.places_of(np.array([[0, 0], [2, 0], [0, 1]]))
    many = founding.places_of(np.array([[5, 1], [2, 9], [0, 1]]))
    draws = founding.slot_draws(u, *few), founding.slot_draws(u, *many)
    for cell, slot in (((1, 0), 0), ((1, 0), 1), ((2, 1), 0)):
        found = []
        for (place, industry, number), drawn in zip((few, many), draws, strict=True):
            row = (place == cell[0]) & (industry == cell[1]) & (number == slot)
            found.append(drawn[:, row])
        assert (found[0] == found[1]).all()
    assert ((draws[1] >= 0) & (draws[1] < 1)).all()
    assert np.unique(draws[1][0]).size == draws[1].shape[1]


def test_draws_of_the_ninth_entrant_are_those_of_the_first_shifted():
    u, slot = np.random.default_rng(1).random((3, 2, 8, 3)), np.array([0, 3, 7, 8, 12, 19])
    place, industry = np.array([0, 1, 2, 2, 1, 0]), np.array([0, 1, 0, 1, 0, 1])
    found = founding.slot_draws(u, place, industry, slot)
    for n, turn in enumerate([0, 0, 0, 1, 1, 2]):
        mine = u[place[n], industry[n], slot[n] - 8 * turn]
        assert found[:, n] == pytest.approx((mine + 0.6180339887 * turn) % 1, abs=1e-12)


def test_owners_are_drawn_by_the_shares_of_their_industry(start):
    n, industry = 4000, 5
    u = (np.arange(n) + 0.5) / n
    owner = founding.draw_owner(np.tile(start.ownership[industry], (n, 1)), u)
    state, foreign = start.ownership[industry]
    expected = [1 - state - foreign, state, foreign]
    assert np.bincount(owner, minlength=3) / n == pytest.approx(expected, abs=1 / n)


def varied(world):
    """Firms that differ in all that entrants take from them; one industry thin, one died out."""
    firms, draw = world.firms, np.random.default_rng(1)
    firms["weight"] *= draw.uniform(0.5, 2.0, firms.n)
    firms["weight"][firms["industry"] == 2] *= 1e-9
    firms["alive"][firms["industry"] == 3] = False
    firms["alive"][(firms["industry"] == 5) & (firms["province"] == 2)] = False
    firms["capital"][::9] = 0.0
    for name in ("specificity", "rd_share", "foreign_input"):
        firms[name] = draw.random(firms.n)
    world.baseline.firm_weight = draw.uniform(1, 9, world.baseline.firm_weight.shape)
    return firms, draw


def test_what_entrants_are_measured_by_by_hand(world):
    """Means of 2012 grown with the industry; local ones of today as far as there are firms."""
    firms, base = varied(world)[0], world.baseline
    capital, efficiency = founding.usual(world)
    producing = firms["alive"] & (firms["capital"] > 0)
    for province, industry in np.ndindex(capital.shape):
        nation = producing & (firms["industry"] == industry)
        here = nation & (firms["province"] == province)
        expected, weight = [], firms["weight"]
        for name, local, whole in (
            ("capital", base.cell_capital, base.capital),
            ("efficiency", base.cell_efficiency, base.efficiency),
        ):
            usual = local[province, industry]
            if nation.any():
                usual *= np.average(firms[name][nation], weights=weight[nation]) / whole[industry]
            expected.append(usual)
        present = weight[here].sum()
        trust = present / (present + base.cell_firms[province, industry])
        if here.any():
            local = np.average(firms["efficiency"][here], weights=weight[here])
            expected[1] *= (local / expected[1]) ** trust
        found = [capital[province, industry], efficiency[province, industry]]
        assert found == pytest.approx(expected, rel=1e-11)


def resembled(world, province, industry, u):
    """Row of the firm that an entrant resembles, found by going along the firms by weight."""
    firms = world.firms
    nation = firms["alive"] & (firms["industry"] == industry)
    here = nation & (firms["province"] == province)
    rows = np.flatnonzero(here if here.any() else nation)
    ladder = np.cumsum(firms["weight"][rows])
    return rows[np.searchsorted(ladder, u * ladder[-1], side="right")]


def test_the_first_firm_of_the_table_is_a_model_to_its_cell(world):
    """It is drawn up to its part of the cell, which is more than its part of the nation."""
    firms = varied(world)[0]
    firms["alive"][0] = True
    province, industry = firms["province"][:1], firms["industry"][:1]
    nation = firms["alive"] & (firms["industry"] == industry)
    here = nation & (firms["province"] == province)
    u = 0.999 * firms["weight"][:1] / firms["weight"][here].sum()
    assert u > firms["weight"][0] / firms["weight"][nation].sum()
    assert founding.incumbent(world, province, industry, u).tolist() == [0]


@pytest.mark.parametrize("frontier", [0.0, 0.8])
def test_entrants_by_hand(world, frontier):
    firms, draw = varied(world)
    before, accounts = firms.n, world.ledger.n
    place, industry = np.array([0, 7, 2, 7, 4, 9]), np.array([1, 5, 5, 0, 2, 13])
    u = draw.random((3, 6))
    u[1, 0], u[2] = 0.0, [0.05, 0.5, 0.9, 0.3, 0.15, 0.25]
    owners = np.tile([0.4, 0.2], (*world.baseline.firm_weight.shape, 1))
    owners[7, 0] = 0.1, 0.15  # state and foreign, of which the fourth entrant is neither
    kind = founding.Entrant(size=0.4, level=0.9, spread=0.2, owners=owners, frontier=frontier)
    capital, efficiency = founding.usual(world)
    models = [
        resembled(world, *each) for each in zip(world.host[place], industry, u[0], strict=True)
    ]
    rows = founding.create(world, place, industry, u, kind)
    firms = world.firms
    assert rows.tolist() == list(range(before, before + 6))
    assert firms["owner"][rows].tolist() == [2, 1, 0, 0, 2, 1]
    assert firms["alive"][rows].all()
    assert not firms["age"][rows].any()
    assert firms["account"][rows].tolist() == list(range(accounts, accounts + 6))
    for n, row in enumerate(rows):
        home = world.host[place[n]]
        level = 0.9 * efficiency[home, industry[n]]
        if frontier and firms["owner"][row] == 2:
            level = 0.8 * world.baseline.frontier[industry[n]]
        level *= np.exp(0.2 * ndtri(max(u[1, n], 1e-12)))
        assert firms["efficiency"][row] == pytest.approx(level, rel=1e-12)
        assert firms["founding_capital"][row] == pytest.approx(0.4 * capital[home, industry[n]])
        assert firms["position"][row] == world.position[industry[n]]
        assert firms["weight"][row] == world.baseline.firm_weight[place[n], industry[n]]
        assert (firms["province"][row], firms["place"][row]) == (home, place[n])
        for name in ("specificity", "rd_share", "foreign_input"):
            assert firms[name][row] == firms[name][models[n]]


def test_founders_pay_for_capital_and_setup_of_half_a_quarter(world):
    firms, ledger, provinces = world.firms, world.ledger, world.provinces
    world.clock.dt = 0.5
    rows, weight = np.array([3, 8, 21, 34, 55, 89]), np.array([2.0, 3.0, 5.0, 7.0, 11.0, 13.0])
    province = firms["province"][rows] = np.array([0, 1, 1, 3, 3, 4])
    firms["weight"][rows], firms["owner"][rows] = weight, [0, 1, 2, 2, 2, 0]
    firms["founding_capital"][rows] = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2]
    provinces["investment_price"] = np.linspace(0.8, 1.3, 6)
    provinces["fdi"], provinces["orders_next"] = 7.0, 0.5
    ledger.start_quarter()
    founding.endow(world, rows, 0.3)
    price = provinces["investment_price"][province]
    setup = 0.3 * world.baseline.revenue[firms["industry"][rows]] * price
    money = weight * (firms["founding_capital"][rows] * price + setup)
    assert firms["order"][rows] == pytest.approx(2 * setup, rel=1e-13)
    ordered = np.bincount(province, 2 * setup * weight, minlength=6)[:, None]
    expected = 0.5 + ordered * world.spending_shares["entry"]
    assert provinces["orders_next"] == pytest.approx(expected, rel=1e-12)
    assert ledger.received[firms["account"][rows]] == pytest.approx(money, rel=1e-13)
    accounts = world.accounts
    assert ledger.spent[accounts.household[[0, 4]]] == pytest.approx(money[[0, 5]], rel=1e-13)
    assert ledger.spent[accounts.province[1]] == pytest.approx(money[1], rel=1e-13)
    assert ledger.spent[ROW] == pytest.approx(money[2:5].sum(), rel=1e-13)
    abroad = 2 * np.bincount(province[2:5], money[2:5], minlength=6)
    assert provinces["fdi"] == pytest.approx(7.0 + abroad, rel=1e-13)
