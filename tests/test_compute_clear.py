"""Search for the clearing of the compute market: its start, its turns, its end, its complaints."""

import numpy as np
import pytest

from sim.mechanisms import compute_market
from sim.mechanisms.compute_interior import Iterate, Problem
from sim.mechanisms.compute_market import Clearing, ClearingError, clear

PROBLEM = Problem(
    budget=np.array([6.0, 12.0]),
    capacity=np.array([1.0, 2.0, 4.0]),
    delivered=np.array([1.0, 5.0, 6.0, 3.0]),
    row=np.array([0, 0, 1, 1]),
    col=np.array([0, 1, 1, 2]),
    first=np.array([0, 2]),
)
AT = Iterate(
    price=np.array([2.5, 4.0]),
    rent=np.array([2.0, 0.5, 1.0]),
    flow=np.array([1.5, 0.5, 1.0, 2.0]),
    gap=np.array([0.1, 0.2, 0.3, 0.4]),
    spare=np.array([0.25, 0.5, 1.5]),
)
WEIGHT = np.array([4.0, 8.0, 16.0])
NAMES = np.array([7, 9]), np.array([3, 5, 8])
ANSWER = np.ones(2), np.ones(3), np.ones(4)


def searched(monkeypatch, answers, settled=None):
    """Search with steps that report what they are told to; (what it gives, calls of both)."""
    steps, tries = [], []

    def advance(problem, at, weight, *, plain):
        assert problem is PROBLEM
        assert at is AT
        assert weight is WEIGHT
        steps.append(plain)
        answer = answers[len(steps) - 1] if len(steps) <= len(answers) else (1.0, 1.0)
        if answer is None:
            raise np.linalg.LinAlgError
        return answer

    def settle(problem, edges, nodes):
        assert problem is PROBLEM
        tries.append((edges, nodes))
        return settled if len(tries) == 2 else None

    monkeypatch.setattr(compute_market, "start", lambda _: (AT, WEIGHT))
    monkeypatch.setattr(compute_market, "advance", advance)
    monkeypatch.setattr(compute_market, "settle", settle)
    try:
        return compute_market._search(PROBLEM, *NAMES), steps, tries
    except ClearingError as error:
        return error, steps, tries


def test_an_exact_solution_is_tried_once_products_and_imbalance_are_small(monkeypatch):
    small = 0.9e-6
    answers = [(1, small), (small, 1), (small, small), (1e-6, 1e-9), (1e-9, 1e-6), (1e-9, small)]
    found, steps, tries = searched(monkeypatch, answers, ANSWER)
    assert found is ANSWER
    assert (len(steps), len(tries)) == (6, 2)
    assert not any(steps)


def test_strengths_are_products_relative_to_what_they_are_when_wholly_used(monkeypatch):
    """Purchase over gap, and idle capacity over rent: what one buys with all money at the price."""
    _, _, tries = searched(monkeypatch, [(0, 0)] * 2, ANSWER)
    edges, nodes = tries[0]
    money, price = np.array([6, 6, 12, 12]), np.array([2.5, 2.5, 4, 4])
    assert edges == pytest.approx((AT.flow * price / money) / (AT.gap / price), rel=1e-14)
    used = AT.spare / PROBLEM.capacity
    assert nodes == pytest.approx(used / (AT.rent * PROBLEM.capacity / WEIGHT), rel=1e-14)


def test_steps_are_plain_after_sixty_and_end_after_a_hundred_and_twenty(monkeypatch):
    found, steps, tries = searched(monkeypatch, [])
    assert isinstance(found, ClearingError)
    assert steps == [False] * 60 + [True] * 60
    assert not tries


@pytest.mark.parametrize(
    ("last", "taken"),
    [((0.9e-8, 0.9e-8), True), ((1e-8, 0.0), False), ((0.0, 1e-8), False)],
)
def test_where_rounding_has_the_last_word_a_close_iterate_will_do(monkeypatch, last, taken):
    found, steps, _ = searched(monkeypatch, [(1, 1), last, None])
    assert len(steps) == 3
    assert isinstance(found, ClearingError) is not taken
    early, steps, _ = searched(monkeypatch, [None])
    assert isinstance(early, ClearingError)
    assert len(steps) == 1


def test_a_close_iterate_spends_the_budgets_at_the_cheapest_price():
    price, rent, flow = compute_market._near(PROBLEM, AT)
    assert price.tolist() == [3.0, 4.0]  # 1 + 2 and 3 + 1
    assert (rent == AT.rent).all()
    assert flow == pytest.approx([1.5, 0.5, 4 / 4, 2.0], rel=1e-15)  # 6 / 3 / 2 = 12 / 4 / 3 = 1
    more = PROBLEM._replace(budget=np.array([9.0, 6.0]))
    assert compute_market._near(more, AT)[2] == pytest.approx([2.25, 0.75, 0.5, 1.0], rel=1e-15)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        # Buyer 0: 2 * 2.5 of 6, and .15 + .1 in gaps; 1: 3 * 4 of 12, and .3 + .8.
        ({}, "buyer 7 (off by 2.08e-01 of its budget), worst node 3 (off by 6.67e-01 of"),
        ({"flow": [2.4, 0.0, 1.0, 2.0]}, "buyer 9 (off by 9.17e-02 of its budget), worst node 3"),
        ({"flow": [0.5, 1.9, 2.0, 1.0]}, "worst node 5 (off by 1.03e+00 of its capacity)"),
        ({"spare": [0.0, 0.0, 32.0], "flow": [1, 1.4, 0.5, 2.5]}, "worst node 8 (off by 4.00e+00"),
    ],
)
def test_a_complaint_names_the_worst_buyer_and_node(change, words):
    """Node 0: 1.5 of 1 sold, and rent 2 with a quarter idle, 2 * .25 / (1 * (2 + 1))."""
    at = AT._replace(**{name: np.array(value) for name, value in change.items()})
    assert words in compute_market._complaint(PROBLEM, at, *NAMES)


# ---------------------------------------------------------------- near ties


def test_near_ties_are_told_apart_by_wider_and_wider_hairs(monkeypatch):
    seen = []

    def search(problem, buyers, nodes):
        assert (buyers, nodes) == NAMES
        seen.append(problem.delivered / PROBLEM.delivered - 1)
        if len(seen) < 5:
            raise ClearingError(str(len(seen)))
        return ANSWER

    monkeypatch.setattr(compute_market, "_search", search)
    assert compute_market._search_apart(PROBLEM, *NAMES) is ANSWER
    pattern = np.array([0.0, 0.6180339887, 0.2360679774, 0.8541019661])
    for hair, found in zip((0.0, 1e-9, 1e-8, 1e-7, 1e-6), seen, strict=True):
        np.testing.assert_allclose(found, hair * pattern, rtol=1e-6, atol=1e-15)
    seen.clear()
    monkeypatch.setattr(compute_market, "HAIRS", (0.0, 1e-9))
    with pytest.raises(ClearingError, match="2"):
        compute_market._search_apart(PROBLEM, *NAMES)


# ---------------------------------------------------------------- from an earlier clearing


def test_an_earlier_clearing_says_how_surely_an_edge_carries_a_purchase(monkeypatch):
    """Shares of purchases; a newcomer starts where it was cheapest; idle nodes stay idle."""
    seen = []
    monkeypatch.setattr(compute_market, "settle", lambda *given: seen.append(given) or ANSWER)
    quantity, rent = np.zeros((10, 9)), np.zeros(9)
    quantity[7, [3, 5]] = 0.6, 0.2
    quantity[7, 8] = quantity[9, 3] = 50.0  # out of reach now
    rent[[3, 8]] = 0.5, 3.5
    earlier = Clearing(np.ones(10), rent, quantity)
    assert compute_market._again(PROBLEM, earlier, *NAMES) is ANSWER
    problem, edges, nodes = seen[0]
    assert problem is PROBLEM
    assert edges == pytest.approx([0.75e6, 0.25e6, 1e6, 0.0])  # 6 at node 5, 3 + 3.5 at node 8
    assert nodes.tolist() == [0.0, 1e6, 0.0]
    rent[8] = 2.5
    compute_market._again(PROBLEM, earlier, *NAMES)
    assert seen[1][1] == pytest.approx([0.75e6, 0.25e6, 0.0, 1e6])


def market():
    """Buyer 1 has no money, node 2 no capacity, node 1 is out of the reach of buyer 0."""
    return {
        "budget": np.array([12.0, 0.0, 4.0, 0.0]),
        "unit_cost": np.array([1.0, 2.0, -5.0]),
        "capacity": np.array([2.0, 1.0, 0.0]),
        "delivery": np.array([
            [0.5, np.inf, 0.0], [3.0, 1.0, 0.0], [np.inf, 0.25, 0.0], [np.inf, np.inf, 1.0],
        ]),
    }  # fmt: skip


def test_prices_hold_for_those_without_money_too():
    found = clear(**market())
    assert found.price == pytest.approx([6.0, 4.75, 4.0, np.inf], rel=1e-14)
    assert found.rent == pytest.approx([4.5, 1.75, 0.0], rel=1e-14)
    expected = np.zeros((4, 3))
    expected[0, 0], expected[2, 1] = 2.0, 1.0
    assert found.quantity == pytest.approx(expected, rel=1e-14)


def test_an_earlier_clearing_is_asked_first(monkeypatch):
    earlier = clear(**market())
    monkeypatch.setattr(compute_market, "_search_apart", None)
    again = clear(**market(), earlier=earlier)
    for name in ("price", "rent", "quantity"):
        assert getattr(again, name) == pytest.approx(getattr(earlier, name), rel=1e-14)
    monkeypatch.undo()
    monkeypatch.setattr(compute_market, "_again", lambda *_: None)
    assert clear(**market(), earlier=earlier).price == pytest.approx(earlier.price, rel=1e-14)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("budget", [12.0, 0.0, np.nan, -1.0], r"budget must be finite and >= 0; .* at \[2, 3\]"),
        ("budget", [12.0, np.inf, 4.0, 0.0], r"budget .* at \[1\]"),
        ("capacity", [2.0, -1e-9, 0.0], r"capacity must be finite and >= 0; .* at \[1\]"),
        ("unit_cost", [1.0, np.nan, 9.0], r"unit_cost must be finite and > 0; .* nodes \[1\]"),
        ("unit_cost", [np.inf, -1.0, 9.0], r"unit_cost .* nodes \[0, 1\]"),
        ("unit_cost", [1.0, 0.0, 9.0], r"unit_cost .* nodes \[1\]"),
        (
            "unit_cost",
            [1.0, 2.0],
            r"delivery \(4, 3\) must be .* unit_cost \(2,\), capacity \(3,\)",
        ),
        ("unit_cost", [1.0, 2.0, 3.0, 4.0], r"delivery \(4, 3\) must be buyers x nodes"),
        ("delivery", np.zeros((3, 4)), r"delivery \(3, 4\) must be"),
        ("delivery", np.zeros((5, 3)), r"delivery \(5, 3\) must be .*: budget \(4,\)"),
        ("delivery", np.full((4, 3), -1e-9), "delivery must be >= 0, inf where not reachable"),
        ("budget", [12.0, 0.0, 4.0, 1.0], r"buyers \[3\] have a budget but no reachable capacity"),
    ],
)
def test_what_cannot_be_a_market_is_refused(name, value, words):
    with pytest.raises(ValueError, match=words):
        clear(**{**market(), name: np.array(value)})
