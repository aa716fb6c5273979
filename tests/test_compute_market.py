"""The compute market against closed forms, its own optimality conditions and its symmetries."""

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sim.mechanisms import compute_market
from sim.mechanisms.compute_market import ClearingError, clear, local_price

TIGHT = 1e-11  # accuracy the market promises


def assert_equilibrium(budget, unit_cost, capacity, delivery, found):
    """Every condition that defines the equilibrium; together they are sufficient (convexity)."""
    price, rent, quantity = found
    cost = np.where(capacity > 0, unit_cost, 0) + delivery + rent
    cost[:, capacity == 0] = np.inf
    buys = budget > 0
    sold = quantity.sum(axis=0)
    assert (quantity >= 0).all()
    assert (rent >= 0).all()
    assert price == pytest.approx(cost.min(axis=1), rel=TIGHT)
    assert (quantity[~buys] == 0).all()
    assert quantity.sum(axis=1)[buys] * price[buys] == pytest.approx(budget[buys], rel=TIGHT)
    assert (sold <= capacity * (1 + TIGHT)).all()
    assert sold[rent > 0] == pytest.approx(capacity[rent > 0], rel=TIGHT)
    buyer, node = np.nonzero(quantity)
    assert cost[buyer, node] == pytest.approx(price[buyer], rel=TIGHT)
    # Money spent is money received: cost, delivery and rent of all that is bought.
    assert (quantity[buyer, node] * cost[buyer, node]).sum() == pytest.approx(
        budget.sum(), rel=TIGHT
    )


# ---------------------------------------------------------------- closed forms


def test_one_binding_pool_is_proportional_fairness():
    weight = np.array([1.0, 1.0, 2.0, 3.0, 5.0])
    found = clear(weight, np.array([0.01]), np.array([12.0]), np.zeros((5, 1)))
    assert found.quantity[:, 0] == pytest.approx(weight * 12 / 12, rel=1e-13)
    assert found.price == pytest.approx(np.ones(5), rel=1e-13)
    assert found.rent == pytest.approx([0.99], rel=1e-13)


def test_pool_of_equal_nodes_is_proportional_fairness_over_their_sum():
    budget, capacity = np.array([3.0, 5.0]), np.array([1.0, 4.0, 3.0])
    found = clear(budget, np.full(3, 0.1), capacity, np.zeros((2, 3)))
    assert found.price == pytest.approx(np.ones(2), rel=1e-13)
    # The even split: each node sells to each buyer in proportion to budget and capacity.
    assert found.quantity == pytest.approx(np.outer(budget, capacity) / 8, rel=1e-12)


def test_slack_market_sells_at_cost():
    found = clear(
        np.array([1.0, 2.0]), np.array([2.0, 3.0]), np.array([9.0, 9.0]), np.zeros((2, 2))
    )
    assert found.price.tolist() == [2.0, 2.0]
    assert found.rent.tolist() == [0.0, 0.0]
    assert found.quantity[:, 0] == pytest.approx([0.5, 1.0], rel=1e-14)
    assert found.quantity[:, 1].tolist() == [0.0, 0.0]


def test_tied_slack_nodes_are_used_in_proportion_to_capacity():
    found = clear(np.array([6.0]), np.ones(2), np.array([10.0, 20.0]), np.zeros((1, 2)))
    assert found.quantity[0] == pytest.approx([2.0, 4.0], rel=1e-13)


def test_two_hubs_two_buyers_solved_by_hand():
    # Both hubs cost 1, delivery to the other hub costs 1; capacities 2 and 10; budgets 12 and 4.
    # Buyer 0 splits: hub 1 is slack, so pi_0 = 1 + 1 = 2 and lambda_0 = 1; 12 / 2 = 6 units, of
    # which 2 from hub 0 and 4 from hub 1. Buyer 1 pays pi_1 = 1 at hub 1 for 4 units; 8 of 10 sold.
    delivery = np.array([[0.0, 1.0], [1.0, 0.0]])
    found = clear(np.array([12.0, 4.0]), np.ones(2), np.array([2.0, 10.0]), delivery)
    assert found.price == pytest.approx([2.0, 1.0], rel=1e-14)
    assert found.rent == pytest.approx([1.0, 0.0], rel=1e-14)
    assert found.quantity == pytest.approx(np.array([[2.0, 4.0], [0.0, 4.0]]), rel=1e-13)


def test_two_binding_hubs_linked_by_a_split_buyer():
    # As before but hub 1 has 5 units: pi_0 = pi_1 + 1 and 12 / (p + 1) + 4 / p = 7, so that
    # 7 p^2 - 9 p - 4 = 0.
    delivery = np.array([[0.0, 1.0], [1.0, 0.0]])
    found = clear(np.array([12.0, 4.0]), np.ones(2), np.array([2.0, 5.0]), delivery)
    price = (9 + np.sqrt(81 + 112)) / 14
    assert found.price == pytest.approx([price + 1, price], rel=1e-14)
    assert found.rent == pytest.approx([price, price - 1], rel=1e-13)
    assert found.quantity[:, 1] == pytest.approx([5 - 4 / price, 4 / price], rel=1e-13)


@given(st.integers(0, 10**6))
def test_single_nodes_follow_the_local_formula(seed):
    draw = np.random.default_rng(seed)
    cost, capacity = draw.lognormal(size=5), draw.lognormal(size=5)
    spending = draw.lognormal(size=5) * draw.integers(0, 2, 5)
    delivery = np.where(np.eye(5, dtype=bool), 0.0, np.inf)
    found = clear(spending, cost, capacity, delivery)
    assert found.price == pytest.approx(local_price(cost, spending, capacity), rel=TIGHT)


def test_local_price():
    price = local_price(np.array([2.0, 2.0]), np.array([3.0, 9.0]), np.array([3.0, 3.0]))
    assert price.tolist() == [2.0, 3.0]


def test_absent_nodes_and_poor_buyers():
    budget = np.array([0.0, 4.0, 0.0])
    delivery = np.array([[0.0, 0.0], [0.0, 0.0], [0.0, np.inf]])
    found = clear(budget, np.array([np.nan, 1.0]), np.array([0.0, 2.0]), delivery)
    assert found.price.tolist() == [2.0, 2.0, np.inf]
    assert found.rent.tolist() == [0.0, 1.0]
    assert found.quantity == pytest.approx(np.array([[0, 0], [0, 2.0], [0, 0]]))


def test_nobody_has_money():
    found = clear(np.zeros(2), np.array([3.0]), np.ones(1), np.zeros((2, 1)))
    assert found.price.tolist() == [3.0, 3.0]
    assert not found.quantity.any()


def test_capacity_that_is_exactly_sold_at_cost_has_no_rent():
    # The degenerate border between slack and binding, four times, all nodes in reach of all.
    found = clear(np.full(4, 2.0), np.full(4, 2.0), np.ones(4), np.zeros((4, 4)))
    assert found.price == pytest.approx(np.full(4, 2.0), rel=1e-12)
    assert found.quantity == pytest.approx(np.full((4, 4), 0.25), rel=1e-11)


# ---------------------------------------------------------------- optimality, generally


@st.composite
def markets(draw):
    """Random markets; half of them of small whole numbers, where ties abound."""
    seed = draw(st.integers(0, 10**9))
    buyers, nodes = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    whole, holes = draw(st.booleans()), draw(st.booleans())
    source = np.random.default_rng(seed)
    if whole:
        cost = source.integers(1, 3, nodes).astype(float)
        delivery = source.integers(0, 3, (buyers, nodes)) / 2
        capacity = source.integers(0, 4, nodes).astype(float)
        budget = source.integers(0, 4, buyers).astype(float)
    else:
        cost = source.lognormal(0, 1, nodes)
        delivery = source.lognormal(-1, 1, (buyers, nodes))
        capacity = source.lognormal(0, 1, nodes)
        budget = source.lognormal(0, 1, buyers) * source.integers(0, 4, buyers).clip(max=1)
    if holes:
        delivery = np.where(source.random((buyers, nodes)) < 0.5, delivery, np.inf)
    budget[~(np.isfinite(delivery) & (capacity > 0)).any(axis=1)] = 0.0
    return budget, cost, capacity, delivery


many = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
some = settings(max_examples=60, deadline=None)


ROUND_IN_CIRCLES = (
    np.array([0.0, 1.23059561, 1.34887768, 0.0, 0.31940394]),
    np.array([2.95540553, 0.22566205, 1.77569751, 1.62517178, 1.91783319]),
    np.array([0.80455567, 0.16435453, 0.46361602, 1.09691632, 0.97401633]),
    np.array(
        [
            [1.19561095, 0.2269266, 0.25356978, 0.10435907, 0.99891516],
            [0.04855968, 0.18869795, 0.31581943, 0.17906303, 0.94792844],
            [0.22569275, 0.2556034, 0.12392509, 0.52981756, 1.55509967],
            [0.12355854, 0.17626547, 0.27963906, 0.26174306, 0.51537493],
            [0.07157516, 0.16952887, 0.51904463, 1.25295613, 0.13032375],
        ]
    ),
)
"""A market on which steps with second-order terms repeat themselves every four iterations."""


@many
@example(ROUND_IN_CIRCLES)
@given(markets())
def test_conditions_of_the_equilibrium_hold(market):
    assert_equilibrium(*market, clear(*market))


@pytest.mark.parametrize("seed", range(12))
def test_conditions_hold_at_national_size(seed):
    market = national(seed)
    assert_equilibrium(*market, clear(*market))


def national(seed):
    """31 provinces, interactive and batch; own nodes and pooled nodes at the same cost."""
    draw = np.random.default_rng(seed)
    spending, cost = draw.lognormal(size=31), np.exp(draw.normal(0, 0.3, 31))
    own = spending / cost * np.where(np.arange(31) % 4 == 0, 5.0, 1.0)
    distance = np.abs(draw.uniform(0, 3000, 31)[:, None] - draw.uniform(0, 3000, 31))
    local = np.where(np.eye(31, dtype=bool), 0.0, np.inf)
    fee = 0.02 + 5e-5 * distance
    delivery = np.block([[local, np.where(distance < 1200, fee, np.inf)], [local, fee]])
    share = [0.1, 0.5, 0.9][seed % 3]
    budget = np.concatenate((0.4 * spending, 0.6 * spending)) * [0.5, 1.0, 3.0, 10.0][seed % 4]
    return budget, np.tile(cost, 2), np.concatenate((own * (1 - share), own * share)), delivery


@some
@given(markets(), st.floats(-9, 9))
def test_units_of_money_and_quantity_do_not_matter(market, power):
    budget, cost, capacity, delivery = market
    plain, scale = clear(*market), 10.0**power
    dear = clear(budget * scale, cost * scale, capacity, delivery * scale)
    assert dear.price == pytest.approx(plain.price * scale, rel=TIGHT)
    assert dear.rent == pytest.approx(plain.rent * scale, rel=TIGHT, abs=TIGHT * scale)
    small = clear(budget, cost * scale, capacity / scale, delivery * scale)
    assert small.price == pytest.approx(plain.price * scale, rel=TIGHT)
    assert small.quantity.sum(axis=1) == pytest.approx(
        plain.quantity.sum(axis=1) / scale, rel=TIGHT
    )


@some
@given(markets(), st.randoms(use_true_random=False))
def test_order_does_not_matter(market, random):
    budget, cost, capacity, delivery = market
    buyers, nodes = list(range(budget.size)), list(range(cost.size))
    random.shuffle(buyers)
    random.shuffle(nodes)
    plain = clear(*market)
    mixed = clear(budget[buyers], cost[nodes], capacity[nodes], delivery[np.ix_(buyers, nodes)])
    assert mixed.price == pytest.approx(plain.price[buyers], rel=TIGHT)
    # Purchases too: ties are split evenly, not by position. Forced zeros converge to 1e-12 only.
    assert mixed.quantity == pytest.approx(
        plain.quantity[np.ix_(buyers, nodes)], abs=1e-9 * (1 + capacity.max())
    )


@some
@given(markets(), st.integers(0, 8), st.floats(1.0, 5.0))
def test_more_capacity_never_raises_a_price(market, node, factor):
    budget, cost, capacity, delivery = market
    more = capacity.copy()
    more[node % cost.size] *= factor
    before, after = clear(*market).price, clear(budget, cost, more, delivery).price
    assert (after <= before * (1 + TIGHT)).all()


@some
@given(markets(), st.integers(0, 8))
def test_dividing_a_buyer_changes_nothing(market, which):
    budget, cost, capacity, delivery = market
    which %= budget.size
    twice = np.append(budget, 0.3 * budget[which])
    twice[which] *= 0.7
    plain = clear(*market)
    divided = clear(twice, cost, capacity, np.vstack((delivery, delivery[which])))
    assert divided.price[:-1] == pytest.approx(plain.price, rel=TIGHT)
    together = divided.quantity[:-1].copy()
    together[which] += divided.quantity[-1]
    assert together == pytest.approx(plain.quantity, abs=1e-9 * (1 + capacity.max()))


# ---------------------------------------------------------------- from an earlier clearing


@some
@given(markets(), st.floats(0, 1))
def test_an_earlier_clearing_does_not_change_the_result(market, change):
    budget, cost, capacity, delivery = market
    earlier = clear(*market)
    wave = 1 + 0.5 * change * np.cos(np.arange(budget.size))
    fresh = clear(budget * wave, cost, capacity, delivery)
    again = clear(budget * wave, cost, capacity, delivery, earlier)
    assert again.price == pytest.approx(fresh.price, rel=TIGHT)
    assert again.quantity == pytest.approx(fresh.quantity, abs=1e-9 * (1 + capacity.max()))


def test_an_earlier_clearing_saves_the_search(monkeypatch):
    budget, cost, capacity, delivery = national(0)
    earlier = clear(budget, cost, capacity, delivery)
    monkeypatch.setattr(compute_market, "MAX_ITERATIONS", 0)
    wave = 1 + 1e-4 * np.cos(np.arange(budget.size))
    found = clear(budget * wave, cost, capacity, delivery, earlier)
    assert_equilibrium(budget * wave, cost, capacity, delivery, found)


def test_a_newcomer_meets_an_earlier_clearing():
    cost, capacity, delivery = np.array([1.0, 2.0]), np.array([3.0, 3.0]), np.zeros((2, 2))
    earlier = clear(np.array([2.0, 0.0]), cost, capacity, delivery)
    budget = np.array([2.0, 12.0])
    found = clear(budget, cost, capacity, delivery, earlier)
    assert_equilibrium(budget, cost, capacity, delivery, found)


# ---------------------------------------------------------------- refusals


def test_a_budget_without_reachable_capacity_is_refused():
    with pytest.raises(ValueError, match=r"buyers \[1\] have a budget but no reachable"):
        clear(np.ones(2), np.ones(2), np.array([1.0, 0.0]), np.array([[0, 0], [np.inf, 0]]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"budget": np.array([-1.0, 1.0])}, r"budget must be .* at \[0\]"),
        ({"capacity": np.array([1.0, np.inf])}, r"capacity must be .* at \[1\]"),
        ({"unit_cost": np.array([1.0, 0.0])}, r"unit_cost must be .* nodes \[1\]"),
        ({"delivery": np.full((2, 2), np.nan)}, "delivery must be >= 0"),
        ({"delivery": np.zeros((3, 2))}, r"delivery \(3, 2\) must be buyers x nodes"),
    ],
)
def test_unusable_numbers_are_refused(change, message):
    market = {
        "budget": np.ones(2),
        "unit_cost": np.ones(2),
        "capacity": np.ones(2),
        "delivery": np.zeros((2, 2)),
    }
    with pytest.raises(ValueError, match=message):
        clear(**(market | change))


def test_a_market_that_does_not_clear_names_buyer_and_node(monkeypatch):
    monkeypatch.setattr(compute_market, "MAX_ITERATIONS", 1)
    with pytest.raises(ClearingError, match=r"worst buyer \d+ .* worst node \d+"):
        clear(*national(1))
