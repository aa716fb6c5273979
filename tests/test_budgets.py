import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.mechanisms import budgets
from sim.mechanisms.budgets import BudgetsConfig, next_debt, planned_purchases, pro_rata
from sim.state.ledger import CENTRE

CONFIG = BudgetsConfig(balance_spent=0.1, least_spending=0.5, programme_cap=0.08, debt_limit=4.0)


def test_purchases_are_receipts_and_a_part_of_the_balance():
    receipts, balance = np.array([10.0, 10.0, 10.0, 0.0]), np.array([0.0, 20.0, -30.0, 5.0])
    assert planned_purchases(receipts, balance, CONFIG).tolist() == [10, 12, 7, 0.5]


def test_purchases_are_not_cut_below_their_floor():
    found = planned_purchases(np.array([10.0, -4.0]), np.array([-1e6, -1e6]), CONFIG)
    assert found.tolist() == [5, 0]


@given(spent=st.floats(0.02, 0.5), start=st.floats(0.1, 5), growth=st.floats(0, 0.05))
def test_a_balance_dies_out_as_purchases_follow_it(spent, start, growth):
    """Balance B' = B + R - (R + s B) = (1 - s) B: a debt decays at the rate s."""
    config = BudgetsConfig(balance_spent=spent, least_spending=0.5)
    balance, receipts = -start, 100.0
    for _ in range(40):
        balance += receipts - float(planned_purchases(receipts, balance, config))
        receipts *= 1 + growth
    assert balance == pytest.approx(-start * (1 - spent) ** 40, abs=40 * 1e-11)


@given(
    start=st.floats(0, 3),
    deficit=st.floats(-0.1, 0.1),
    rate=st.floats(0, 0.2),
    rise=st.floats(0, 0.2),
)
def test_debt_over_income_is_debt_over_income(start, deficit, rate, rise):
    """The ratio follows debt and income in money: interest on old debt, deficit of this period."""
    debt, income, ratio = 100 * start, 100.0, start
    for _ in range(5):
        income *= 1 + rise
        debt = debt * (1 + rate) + deficit * income
        ratio = next_debt(ratio, deficit, rate, rise)
    assert ratio == pytest.approx(debt / income, rel=1e-12, abs=1e-13)


def test_claims_above_the_room_are_cut_pro_rata():
    share = pro_rata(np.array([0.0, 5.0, 10.0, 40.0, 3.0]), np.array([1.0, 10.0, 10.0, 10.0, 0.0]))
    assert share.tolist() == [1, 1, 1, 0.25, 0]
    assert pro_rata(np.array([0.5, 0.8]), np.array([0.25, 0.8])).tolist() == [0.5, 1]


@given(
    claims=st.lists(st.just(0.0) | st.floats(1e-3, 1e6), min_size=1, max_size=8),
    room=st.just(0.0) | st.floats(1e-3, 1e6),
)
def test_what_is_paid_fits_the_room(claims, room):
    claims = np.array(claims)
    share = pro_rata(claims, np.full(claims.size, room))
    assert ((share >= 0) & (share <= 1)).all()
    assert (share * claims <= room * (1 + 1e-15)).all()
    assert (share[claims <= room] == 1).all()


def test_programmes_stop_at_the_debt_limit(world):
    receipts = np.concatenate([world.provinces["receipts"], world.zones["receipts"]])
    account = world.place_account
    world.ledger.balance[account] = 0.0
    world.ledger.balance[account[0]] = -3.9 * receipts[0]
    world.ledger.balance[account[1]] = -4.1 * receipts[1]
    room = budgets.programme_room(world, CONFIG)
    assert room[0] == pytest.approx(0.08 * receipts[0], rel=1e-14)
    assert room[1] == 0
    assert room[2:] == pytest.approx(0.08 * receipts[2:], rel=1e-14)


def test_a_debt_at_the_limit_or_receipts_below_zero_leave_no_room(world):
    world.provinces["receipts"][:3] = [100.0, -50.0, 0.0]
    world.ledger.balance[world.place_account] = 0.0
    world.ledger.balance[world.place_account[:3]] = [-400.0, 1e4, 1e4]
    assert budgets.programme_room(world, CONFIG)[:3].tolist() == [0, 0, 0]


def test_a_zone_buys_only_while_it_acts(world):
    world.zones["active"][2] = False
    budgets.plan(world, CONFIG)
    assert world.zones["government"][2] == 0
    assert world.zones["receipts"][0] > 0
    assert world.zones["government"][0] >= 0.5 * world.zones["receipts"][0]
    provinces = world.provinces
    balance = world.ledger.balance[world.accounts.province]
    wanted = provinces["receipts"] + CONFIG.balance_spent * balance
    floor = CONFIG.least_spending * provinces["receipts"]
    assert provinces["government"] == pytest.approx(np.maximum(wanted, floor), rel=1e-14)


def test_the_centre_passes_its_receipts_on(world):
    world.ledger.start_quarter()
    world.clock.dt = 0.5
    budgets.pay_transfers(world, 100.0)
    shares = world.provinces["transfer_share"]
    got = world.ledger.received[world.accounts.province]
    assert got == pytest.approx(50 * shares, rel=1e-14)
    assert world.ledger.spent[CENTRE] == pytest.approx(50 * shares.sum(), rel=1e-14)


def test_transfers_exhaust_what_the_centre_receives(start):
    """At the start all governments together spend what they receive."""
    assert start.provinces["transfer_share"].sum() == pytest.approx(1, rel=1e-9)
