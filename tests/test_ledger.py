import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.state.ledger import BANK, CENTRE, GOODS, LABOUR, ROW, SCHEDULER, SECTORS, Ledger

ACCOUNTS = 12


def ledger():
    made = Ledger()
    made.open("household", 3)
    made.open("firm", 3)
    return made


@st.composite
def payments(draw):
    count = draw(st.integers(1, 8))
    row = st.lists(st.integers(0, ACCOUNTS - 1), min_size=count, max_size=count)
    amount = st.lists(st.integers(-1000, 1000), min_size=count, max_size=count)
    kind = draw(st.sampled_from(["wages", "tax"]))
    return np.array(draw(row)), np.array(draw(row)), np.array(draw(amount)) / 8, kind


def test_single_holders_come_first():
    made = Ledger()
    assert made.n == 6
    assert [SECTORS[row] for row in (CENTRE, BANK, ROW, GOODS, LABOUR, SCHEDULER)] == list(
        SECTORS[:6]
    )
    assert made.open("firm", 2).tolist() == [6, 7]


def test_paying_moves_money_and_books_it():
    made = ledger()
    made.pay(np.array([6, 6, 7]), np.array([9, 10, 9]), np.array([2.0, 3.0, 5.0]), "wages")
    assert made.balance[6:11].tolist() == [-5, -5, 0, 7, 3]
    assert made.spent[6:11].tolist() == [5, 5, 0, 0, 0]
    assert made.received[6:11].tolist() == [0, 0, 0, 7, 3]
    assert made.moved("wages", "household", "firm") == 10
    assert made.moved("wages", "firm", "household") == 0
    assert made.moved("tax", "household", "firm") == 0
    assert (made.net("household"), made.net("firm"), made.net("bank")) == (-10, 10, 0)
    assert (made.held("household"), made.held("firm")) == (-10, 10)


def test_payments_broadcast():
    made = ledger()
    made.pay(CENTRE, np.arange(6, 9), 2.0, "transfer")
    assert made.balance[CENTRE] == -6
    assert made.balance[6:9].tolist() == [2, 2, 2]


# Amounts are multiples of 1/8, so that sums are exact whatever their order.
@given(orders=st.lists(payments(), max_size=6))
def test_money_is_conserved_and_every_change_is_explained(orders):
    made = ledger()
    made.endow(np.arange(6, 12), np.arange(6.0))
    before = made.balance.copy()
    for source, target, amount, kind in orders:
        made.pay(source, target, amount, kind)
    assert made.balance.sum() == before.sum()
    assert (made.balance - before == made.received - made.spent).all()
    nets = sum(made.net(sector) for sector in SECTORS)
    assert nets == 0
    for sector in SECTORS:
        mine = made._sector[: made.n] == SECTORS.index(sector)
        assert made.net(sector) == (made.balance - before)[mine].sum()


def test_endowments_of_one_account_add_up():
    made = ledger()
    made.endow(np.array([6, 6]), np.array([1.0, 2.0]))
    assert made.balance[6] == 3
    assert made.received[6] == 0


@pytest.mark.parametrize("amount", [np.nan, np.inf])
def test_an_amount_that_is_no_number_moves_nothing(amount):
    made = ledger()
    with pytest.raises(ValueError, match="wages"):
        made.pay(6, np.array([9, 10]), np.array([1.0, amount]), "wages")
    assert not made.balance.any()
    assert made.flows == {}


def test_a_new_quarter_forgets_flows_and_keeps_balances():
    made = ledger()
    made.pay(6, 9, 4.0, "wages")
    made.start_quarter()
    assert made.balance[9] == 4
    assert not made.received.any()
    assert not made.spent.any()
    assert made.moved("wages", "household", "firm") == 0


def test_opening_accounts_keeps_what_is_there():
    made = ledger()
    made.pay(6, 9, 4.0, "wages")
    rows = made.open("talent", 1000)
    assert rows.tolist() == list(range(12, 1012))
    assert made.balance[9] == 4
    assert made.spent[6] == 4
    assert not made.balance[rows].any()
    made.pay(9, rows, 1.0, "wages")
    assert made.held("talent") == 1000
    assert made.held("firm") == -996
