"""The most even purchases at given prices: closed forms, and the condition of greatest entropy."""

import numpy as np
import pytest

from sim.mechanisms import compute_spread
from sim.mechanisms.compute_interior import Problem
from sim.mechanisms.compute_spread import peel, spread_evenly

pytestmark = pytest.mark.nojit


def spread(reach, quantity, capacity, binding, *, dear=()):
    """Purchases (buyers, nodes), idle capacity, whether they fit; `dear` edges cost more."""
    reach = np.array(reach, dtype=bool)
    for place in dear:
        reach[place] = True
    row, col = np.nonzero(reach)
    cheapest = np.array([place not in dear for place in zip(row, col, strict=True)])
    first = np.searchsorted(row, np.arange(len(reach)))
    capacity = np.array(capacity, dtype=float)
    problem = Problem(np.ones(len(reach)), capacity, np.ones(row.size), row, col, first)
    quantity = np.array(quantity, dtype=float)
    before = quantity.copy(), capacity.copy()
    flow, left, fits = spread_evenly(problem, quantity, cheapest, np.array(binding, dtype=bool))
    assert (quantity == before[0]).all()
    assert (capacity == before[1]).all()
    table = np.zeros(reach.shape)
    table[row, col] = flow
    return table, left, fits


# ---------------------------------------------------------------- what leaves no choice


def peeled(edges, wanted, left, binding, nothing=1e-12):
    """Flow by edge, None where it is undecided; what is still wanted and left."""
    row, col = np.array(edges).T
    wanted, left = np.array(wanted, dtype=float), np.array(left, dtype=float)
    flow, open_ = peel(row, col, wanted, left, np.array(binding), np.full(left.size, nothing))
    return (
        [None if undecided else x for x, undecided in zip(flow, open_, strict=True)],
        wanted,
        left,
    )


def test_choices_are_settled_one_by_one_along_a_chain():
    """Node 0 has one buyer, who takes 7 of 8 there; that leaves node 1 one buyer, and so on."""
    edges = [(0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (2, 3), (3, 3)]
    found = peeled(edges, [8, 4, 6, 2], [7, 3, 4, 6], [True] * 4)
    assert found[0] == [7, 1, 2, 2, 2, 4, 2]
    back = [(0, 3), (1, 2), (1, 3), (2, 1), (2, 2), (3, 0), (3, 1)]  # against the order of buyers
    found = peeled(back, [2, 6, 4, 8], [7, 3, 4, 6], [True] * 4)
    assert found[0] == [2, 2, 4, 2, 2, 7, 1]
    assert not found[1].any()
    assert not found[2].any()


def test_a_square_is_left_undecided_and_what_hangs_on_it_is_not():
    square = [(0, 0), (0, 1), (1, 0), (1, 1)]
    found = peeled([*square, (1, 2), (2, 1)], [5, 6, 2], [4, 7, 3], [True] * 3)
    assert found[0] == [None, None, None, None, 3, 2]
    assert found[1].tolist() == [5, 3, 0]
    assert found[2].tolist() == [4, 5, 0]


@pytest.mark.parametrize(
    ("left", "binding", "flow"),
    [
        (4.0, True, [4, 1]),  # the node must be sold out
        (9.0, True, [5, 0]),  # ... but a buyer takes no more than wanted
        (-1.0, True, [0, 5]),
        (4.0, False, [None, None]),  # capacity may stay idle
        (1e-12, False, [0, 5]),  # the node is full but for rounding
        (2e-12, False, [None, None]),
        (0.0, False, [0, 5]),
    ],
)
def test_the_last_edge_of_a_node(left, binding, flow):
    found, wanted, rest = peeled([(0, 0), (0, 1)], [5], [left, 8], [binding, False])
    assert found == flow
    bought = [x or 0 for x in flow]
    assert wanted == 5 - sum(bought)
    assert rest.tolist() == [left - bought[0], 8 - bought[1]]


# ---------------------------------------------------------------- closed forms


def test_nodes_that_must_be_sold_out_come_first_and_the_rest_is_shared_by_all():
    """Buyers of 2 and 6 in all nodes: 3 must be sold; 5 are left for capacities of 8 and 2."""
    table, left, fits = spread(np.ones((2, 3)), [2, 6], [3, 8, 2], [True, False, False])
    assert fits
    np.testing.assert_allclose(table, np.outer([2, 6], [3, 4, 1]) / 8, rtol=1e-13)
    np.testing.assert_allclose(left, [0, 4, 1], atol=1e-14)


def test_edges_that_are_not_the_cheapest_carry_nothing():
    reach = np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1]])
    table, left, fits = spread(
        reach, [2, 6, 4], [3, 5, 9, 7], [True, True, False, False], dear=[(0, 2), (2, 0)]
    )
    assert fits
    np.testing.assert_allclose(table[:2, :2], np.outer([2, 6], [3, 5]) / 8, rtol=1e-12)
    np.testing.assert_allclose(table[2], [0, 0, 4 * 9 / 16, 4 * 7 / 16], rtol=1e-12)
    np.testing.assert_allclose(left, [0, 0, 9 * 0.75, 7 * 0.75], atol=1e-11)
    assert table[0, 2:].tolist() == [0, 0]


def test_purchases_that_must_vanish_do():
    """Buyers of 3 and 5 fill nodes 1 and 2: who could also buy at node 0 buys all of it there."""
    table, left, fits = spread([[1, 1, 1], [0, 1, 1], [0, 1, 1]], [2, 3, 5], [2, 6, 2], [True] * 3)
    assert fits
    assert table[0] == pytest.approx([2, 0, 0], abs=1e-11)
    np.testing.assert_allclose(table[1:, 1:], np.outer([3, 5], [6, 2]) / 8, rtol=1e-11)
    assert np.abs(left).max() < 1e-11


@pytest.mark.parametrize(
    ("quantity", "capacity", "binding", "fits"),
    [
        ([4, 5], [3, 6], [1, 1], True),
        ([4, 5], [3, 6.1], [1, 0], True),
        ([4, 5], [3, 6.1], [1, 1], False),
        ([4, 5], [3, 5.9], [1, 0], False),
        ([4, 5], [3, 5.9], [0, 0], False),
        ([4, 5], [3, 6 * (1 + 1e-14)], [1, 1], True),
        ([4, 5], [3, 6 * (1 - 1e-14)], [0, 0], True),
        ([4, 5], [3, 6 * (1 + 1e-10)], [1, 1], False),
        ([4e-9, 5e-9], [3e-9, 6e-9 * (1 - 1e-10)], [1, 1], False),
        ([4e9, 5e9], [3e9, 6e9 * (1 + 1e-14)], [1, 1], True),
    ],
)
def test_capacities_are_met_to_rounding_or_it_is_told(quantity, capacity, binding, fits):
    table, left, found = spread(np.ones((2, 2)), quantity, capacity, binding)
    assert found is fits
    np.testing.assert_allclose(table.sum(axis=1), quantity, rtol=1e-13)
    np.testing.assert_allclose(left, capacity - table.sum(axis=0), atol=1e-13 * max(capacity))


# ---------------------------------------------------------------- greatest entropy


def attractions(flow, reach):
    """Largest deviation from x = u v over the edges, relative."""
    row, col = np.nonzero(reach)
    system = np.zeros((row.size, sum(reach.shape)))
    system[np.arange(row.size), row] = system[np.arange(row.size), reach.shape[0] + col] = 1
    logs = np.log(flow[row, col])
    return np.abs(system @ np.linalg.lstsq(system, logs)[0] - logs).max()


HOLES = np.array([[1, 1, 0, 1], [0, 1, 1, 0], [1, 0, 1, 1], [1, 1, 1, 1]], dtype=bool)


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_holes_and_idle_capacity_leave_products_of_attractions(unit):
    quantity, capacity = unit * np.array([3.0, 5, 2, 4]), unit * np.array([4.0, 3, 6, 5])
    table, left, fits = spread(HOLES, quantity, capacity, [True, True, False, False])
    assert fits
    np.testing.assert_allclose(table.sum(axis=1), quantity, rtol=1e-13)
    np.testing.assert_allclose(left, capacity - table.sum(axis=0), atol=1e-12 * unit)
    assert left[2:].sum() == pytest.approx(4 * unit)
    everyone = np.vstack([table, left])
    reach = np.vstack([HOLES, [False, False, True, True]])
    assert attractions(everyone, reach) < 1e-10
    assert (table[~HOLES] == 0).all()


def balanced(rounds, monkeypatch, amount, room, reach=HOLES):
    monkeypatch.setattr(compute_spread, "SPREAD_ITERATIONS", rounds)
    room = np.array(room, dtype=float)
    tolerance = 1e-12 * room
    return compute_spread._entropy_flows(reach, np.array(amount, dtype=float), room, tolerance)


def test_balancing_of_rows_and_columns_needs_few_steps(monkeypatch):
    amount, room = [3, 5, 2, 4], [4, 3, 5, 2]
    flow = balanced(8, monkeypatch, amount, room)
    np.testing.assert_allclose(flow.sum(axis=1), amount, rtol=1e-14)
    np.testing.assert_allclose(flow.sum(axis=0), room, rtol=1e-13)
    assert attractions(flow, HOLES) < 1e-13
    one = balanced(1, monkeypatch, amount, room)
    np.testing.assert_allclose(one[0], [3 * 4 / 9, 3 * 3 / 9, 0, 3 * 2 / 9], rtol=1e-14)


def test_a_system_that_rounding_has_destroyed_ends_the_balancing(monkeypatch):
    calls = []

    def dposv(_, excess, **__):
        calls.append(excess)
        return None, np.full_like(excess, np.nan), 1

    monkeypatch.setattr(compute_spread, "dposv", dposv)
    flow = balanced(80, monkeypatch, [3, 5, 2, 4], [4, 3, 5, 2])
    assert len(calls) == 1
    np.testing.assert_allclose(flow.sum(axis=1), [3, 5, 2, 4], rtol=1e-14)
    np.testing.assert_allclose(flow.sum(axis=0), [4, 3, 5, 2], rtol=0.05)  # as balanced so far
