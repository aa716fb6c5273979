import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.mechanisms import investment
from sim.mechanisms.investment import InvestmentConfig, credit_limit, planned, wanted_capital

CONFIG = InvestmentConfig(interest=0.04, depreciation=0.025, credit_large=1.0, credit_small=0.4)
RATE = st.floats(0.001, 0.1)


def test_wanted_capital_earns_its_user_cost():
    assert investment.user_cost(CONFIG) == pytest.approx(0.01 + 0.025, rel=1e-15)
    wanted = wanted_capital(0.25, 1.25, 70.0, 2.0, 0.035)
    # alpha_K X / m is what capital earns at a price of 2 and a cost of .035 a quarter.
    assert wanted * 2 * 0.035 == pytest.approx(0.25 * 70 / 1.25, rel=1e-14)


def test_investment_is_never_negative():
    assert planned(100.0, 100.0, 0.025, 0.08) == 2.5
    assert planned(100.0, 150.0, 0.025, 0.08) == pytest.approx(6.5, rel=1e-14)
    assert planned(100.0, 10.0, 0.025, 0.08) == 0


@given(depreciation=RATE, growth=RATE, speed=st.floats(0.02, 0.5))
def test_capital_over_investment_is_one_over_wear_and_growth(depreciation, growth, speed):
    """L22: on a path of steady growth K / I = 1 / (delta + g), whatever the speed."""
    capital, wanted = 1.0, 1.0
    for _ in range(2000):
        bought = planned(capital, wanted, depreciation, speed)
        ratio = capital / bought
        # scaled back by 1 + g each round so that nothing overflows
        capital = (capital * (1 - depreciation) + bought) / (1 + growth)
    # The gap to the path shrinks by (1 - speed) / (1 + growth) a round, below 1e-17 in the end.
    assert ratio == pytest.approx(1 / (depreciation + growth), rel=1e-9)


def test_capital_over_investment_of_the_limit_case():
    capital, wanted = 5.0, 5.0
    for _ in range(3000):
        bought = planned(capital, wanted, 0.05, 0.08)
        ratio = capital / bought
        capital = (capital * 0.95 + bought) / 1.03
    assert ratio == pytest.approx(12.5, rel=1e-12)


def test_small_firms_borrow_less_unless_guaranteed():
    large, guarantee = np.array([True, False, False, False]), np.array([0.0, 0.0, 0.5, 1.0])
    limit = credit_limit(np.full(4, 10.0), large, guarantee, CONFIG)
    assert limit == pytest.approx([10, 4, 7, 10], rel=1e-14)
    frozen = CONFIG.model_copy(update={"frozen": True})
    limit = credit_limit(np.full(4, 10.0), large, guarantee, frozen)
    assert limit.tolist() == [10, 4, 4, 4]


def test_guarantees_never_lower_credit():
    generous = InvestmentConfig(credit_small=2.0, credit_large=1.0)
    assert credit_limit(10.0, np.array([False]), 1.0, generous).tolist() == [20]


def test_funds_are_deposits_less_orders_plus_credit(world):
    firms, row = world.firms, 5
    firms["large"][row], firms["revenue"][row], firms["order"][row] = True, 10.0, 3.0
    world.ledger.balance[firms["account"][row]] = 8.0 * firms["weight"][row]
    world.clock.dt = 0.5
    assert investment.funds(world, CONFIG)[row] == pytest.approx(8 - 1.5 + 10, rel=1e-14)


def test_guarantees_reach_the_firms_of_their_place(world):
    before = investment.funds(world, CONFIG)
    place = world.firms["place"][0]
    world.places["guarantee"][place, 0] = 0.5
    rise = investment.funds(world, CONFIG) - before
    firms = world.firms
    small = (firms["place"] == place) & ~firms["large"]
    assert rise[small] == pytest.approx(0.5 * 0.6 * firms["revenue"][small], abs=1e-9)
    assert (rise[~small] == 0).all()


def test_firms_invest_within_their_means(world):
    firms = world.firms
    poor = np.flatnonzero(firms["alive"] & (firms["founding_capital"] == 0))[:20]
    world.ledger.balance[firms["account"][poor[:10]]] = -1e9  # no credit left
    investment.plan(world, CONFIG)
    assert (firms["investment"][poor[:10]] == 0).all()
    settled = firms["alive"] & (firms["founding_capital"] == 0)
    limit = np.maximum(0, investment.funds(world, CONFIG)) / world.clock.dt
    assert (firms["investment"][settled] <= limit[settled] * (1 + 1e-14)).all()
    assert (firms["investment"][~firms["alive"]] == 0).all()
    assert firms["investment"][poor[10:]].sum() > 0


def test_founders_buy_all_their_capital_at_once(world):
    firms = world.firms
    row = int(np.flatnonzero(firms["alive"])[3])
    firms["capital"][row], firms["founding_capital"][row] = 0.0, 7.0
    investment.plan(world, CONFIG)
    price = world.provinces["investment_price"][firms["province"][row]]
    assert firms["investment"][row] == pytest.approx(7 * price / world.clock.dt, rel=1e-14)
    investment.install(world, CONFIG)
    assert firms["capital"][row] == pytest.approx(7, rel=1e-14)
    assert firms["founding_capital"][row] == 0


def test_capital_wears_out_at_one_rate_however_a_quarter_is_divided(world):
    one, four = world, copy.deepcopy(world)
    for made, parts in ((one, 1), (four, 4)):
        made.clock.dt = 1 / parts
        made.firms["investment"] = 0.0
        before = made.firms["capital"].copy()
        for _ in range(parts):
            investment.install(made, CONFIG)
        alive = made.firms["alive"]
        assert made.firms["capital"][alive] == pytest.approx(0.975 * before[alive], rel=1e-13)
        assert (made.firms["capital"][~alive] == 0).all()


def test_capital_is_what_is_left_and_what_was_bought():
    stock, bought = np.array([100.0, 0.0]), np.array([3.0, 7.0])
    assert investment.accumulated(stock, bought, 0.19, 0.5) == pytest.approx([93, 7], rel=1e-14)


def test_totals_of_provinces(world):
    investment.install(world, CONFIG)
    firms, provinces = world.firms, world.provinces
    for place in range(provinces.n):
        mine = firms["alive"] & (firms["province"] == place)
        for total, name in (
            ("firm_capital", "capital"),
            ("firm_investment", "investment"),
            ("firm_research", "rd_spending"),
        ):
            expected = (firms["weight"] * firms[name])[mine].sum()
            assert provinces[total][place] == pytest.approx(expected, rel=1e-12)


def test_half_a_quarter_spends_money_in_hand_twice_as_fast(world):
    """A founder, a firm that can pay for its plans, one that cannot, one in debt, a dead one."""
    firms, ledger, tech, rows = world.firms, world.ledger, world.tech, np.arange(5)
    world.clock.dt = 0.5
    firms["alive"][rows] = [True, True, True, True, False]
    firms["province"][rows], firms["industry"][rows] = 2, 1
    world.provinces["investment_price"][2] = 4.0
    for name, value in (("weight", 10.0), ("capital", 5.0), ("order", 1.0), ("large", True)):
        firms[name][rows] = value
    firms["founding_capital"][rows] = [3.0, 0.0, 0.0, 0.0, 3.0]
    firms["revenue"][rows] = revenue = 20.0
    # in hand: what is here for each of the firms, less half an order, and credit of its revenue
    ledger.balance[firms["account"][rows]] = 10 * np.array([7.0, 30.0, -19.45, -29.0, 7.0])
    wanted = tech.capital[1] * revenue / (tech.markup[1] * 0.035 * 4)
    real = 0.025 * 5 + 0.08 * (wanted - 5)
    assert real * 4 > 2 * 0.05
    investment.plan(world, CONFIG)
    expected = [2 * 3 * 4, real * 4, 2 * 0.05, 0, 0]
    assert firms["investment"][rows] == pytest.approx(expected, rel=1e-12)
    investment.install(world, CONFIG)
    kept = 5 * np.sqrt(0.975)
    expected = [kept + 3, kept + real / 2, kept + 0.05 / 4, kept, 0]
    assert firms["capital"][rows] == pytest.approx(expected, rel=1e-12)
    assert not firms["founding_capital"].any()
