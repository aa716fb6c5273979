"""Exact prices of the compute market from a guess of who buys where, and how guesses are mended."""

import numpy as np
import pytest

from sim.mechanisms import compute_exact
from sim.mechanisms.compute_exact import level, offsets, settle
from sim.mechanisms.compute_interior import Problem

pytestmark = pytest.mark.nojit
TIGHT = 1e-13


def market(budget, capacity, delivered):
    """A problem from a table of delivered costs (buyers, nodes), inf where out of reach."""
    delivered = np.array(delivered, dtype=float)
    row, col = np.nonzero(np.isfinite(delivered))
    first = np.searchsorted(row, np.arange(len(delivered)))
    money, room = np.array(budget, dtype=float), np.array(capacity, dtype=float)
    return Problem(money, room, delivered[row, col], row, col, first)


def on_edges(problem, strength):
    """Strengths by (buyer, node), 0 where there is none, as a vector over edges."""
    table = np.zeros((problem.budget.size, problem.capacity.size))
    for place, value in strength.items():
        table[place] = value
    return table[problem.row, problem.col]


# ---------------------------------------------------------------- groups and their levels


def test_linked_vertices_differ_by_the_costs_of_their_links():
    """Links join both ways round, groups of any size, and one that closes a circle is ignored."""
    value = np.array([5.0, 1.0, -2.0, 7.0, 0.5, 3.0, 9.0, 4.0])
    tail = np.array([1, 3, 5, 2, 0, 7, 1])
    head = np.array([2, 0, 4, 3, 1, 5, 0])
    cost = value[tail] - value[head]
    cost[[4, 6]] = 100.0, -50.0  # 0-1 after 1-2, 3-0, 2-3: they close a circle
    group, offset = offsets(tail, head, cost, 8)
    parts = [[0, 1, 2, 3], [4, 5, 7], [6]]
    assert len({group[part[0]] for part in parts}) == 3
    for part in parts:
        assert (group[part] == group[part[0]]).all()
        np.testing.assert_allclose(offset[part] - offset[part[0]], value[part] - value[part[0]])
    assert group.max() < 8


@pytest.mark.parametrize("unit", [1e-13, 1.0, 1e13])
def test_the_level_clears_the_group_in_any_unit_of_money(unit):
    """4 / 2 + 10 / 5 = 4; the same with a level of -2; one buyer; and 1000 of very unequal ones."""
    budget, offset = np.array([4.0, 10.0]), np.array([0.0, 3.0])
    assert level(unit * budget, unit * offset, 4.0) == pytest.approx(2 * unit, rel=1e-15)
    assert level(unit * budget, unit * (offset + 4), 4.0) == pytest.approx(-2 * unit, rel=1e-15)
    assert level(unit * budget[1:], unit * offset[1:], 4.0) == pytest.approx(-unit / 2, rel=1e-15)
    draw = np.random.default_rng(1)
    budget, offset = draw.lognormal(0, 3, 1000), draw.lognormal(0, 3, 1000)
    capacity = (budget / (0.01 + offset)).sum()
    found = level(unit * budget, unit * offset, capacity)
    assert found == pytest.approx(0.01 * unit, rel=1e-11)


# ---------------------------------------------------------------- prices of a guess


GROUPS = market(
    budget=[12, 4, 6, 5],
    capacity=[2, 5, 9, 4, 3],
    delivered=[
        [1.0, 2.0, np.inf, 1.1, np.inf],
        [2.0, 1.0, np.inf, np.inf, np.inf],
        [np.inf, np.inf, 3.0, np.inf, 1.4],
        [np.inf, np.inf, 3.5, np.inf, 9.0],
    ],
)
"""Nodes 0 and 1 are tied by a buyer who splits, 2 is idle and ties 4 to itself, 3 sells nothing."""
CHOSEN = {
    (0, 0): 9,
    (0, 1): 8,
    (1, 1): 5,
    (2, 2): 3,
    (2, 4): 2,
    (3, 2): 0.5,
    (3, 4): 0.4,
    (1, 0): 1.5,
}
"""The last one closes a circle; of those below 1 the strongest of the buyer is taken."""


def test_a_guess_implies_prices_and_rents():
    """12 / (p + 1) + 4 / p = 7, so that 7 p^2 - 9 p - 4 = 0; the other group is on the ground."""
    idle = np.array([0.0, 0.0, 1.5, 0.0, 0.0])
    price, rent = compute_exact._rents(GROUPS, on_edges(GROUPS, CHOSEN), idle)
    p = (9 + np.sqrt(81 + 112)) / 14
    assert price == pytest.approx([p + 1, p, 3.0, 3.5], rel=TIGHT)
    assert rent == pytest.approx([p, p - 1, 0.0, 0.0, 1.6], rel=TIGHT)


def test_a_strength_of_one_does_not_make_a_link_sure():
    """Neither of a purchase nor of idle capacity: 6 / p + 5 / (p + .5) = 9, and 4 stands alone."""
    chosen = on_edges(GROUPS, {**CHOSEN, (2, 4): 1.0, (3, 2): 0.9})
    price, rent = compute_exact._rents(GROUPS, chosen, np.array([0, 0, 1.0, 0, 0]))
    p = (6.5 + np.sqrt(6.5**2 + 108)) / 18
    assert price[2:] == pytest.approx([p, p + 0.5], rel=TIGHT)
    assert rent[2:] == pytest.approx([p - 3, 0, 0], rel=TIGHT)


def test_the_strongest_links_come_first():
    """Idle nodes 0 and 1 and a buyer of both: the weakest of the three links is the one ignored."""
    problem = market([1.0], [5.0, 5.0], [[1.0, 4.0]])
    for strength, idle, price, rents in (
        ([3, 2], [5, 4], 1.0, [0, 0]),
        ([2, 3], [5, 4], 4.0, [0, 0]),
        ([9, 8], [5, 4], 1.0, [0, -3]),
        ([8, 9], [5, 4], 1.0, [0, -3]),
        ([8, 9], [4, 5], 4.0, [3, 0]),
    ):
        found = compute_exact._rents(problem, np.array(strength), np.array(idle))
        assert found[0] == pytest.approx([price], rel=TIGHT)
        assert found[1] == pytest.approx(rents, rel=TIGHT)


# ---------------------------------------------------------------- mending a guess

SLACK = [2.0, 10.0], [2.0, 1.0], [1.0, 0.0], [2.0, 4.0, 0.0, 4.0]
P = (9 + np.sqrt(81 + 112)) / 14
BOUND = [2.0, 5.0], [P + 1, P], [P, P - 1], [2.0, 5 - 4 / P, 0.0, 4 / P]
"""Capacities of two hubs at cost 1, 2 to the other buyer; prices, rents and purchases by hand."""


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize(
    ("case", "edges", "idle", "rounds"),
    [
        (SLACK, [2, 2, 0, 2], [0, 2], 1),
        (BOUND, [2, 2, 0, 2], [0, 0], 1),
        (SLACK, [2, 2, 0, 2], [0, 0], 2),  # a rent below zero: the node is idle
        (SLACK, [2, 0, 0, 2], [0, 2], 2),  # a buyer finds a cheaper node and goes there too
        (SLACK, [0.5, 0, 0, 2], [0, 2], 3),  # ... but forgets the first one for a round
        (BOUND, [2, 2, 0, 2], [0, 2], 2),  # more is sold than there is: the node is not idle
        (BOUND, [2, 0, 0, 2], [0, 2], 3),
    ],
)
def test_a_wrong_guess_is_mended_in_few_rounds(monkeypatch, unit, case, edges, idle, rounds):
    capacity, price, rent, flow = case
    problem = market([12 * unit, 4 * unit], capacity, unit * np.array([[1.0, 2.0], [2.0, 1.0]]))
    edges, idle = np.array(edges, dtype=float), np.array(idle, dtype=float)
    before = edges.copy(), idle.copy()
    monkeypatch.setattr(compute_exact, "REPAIRS", rounds - 1)
    assert settle(problem, edges, idle) is None
    monkeypatch.setattr(compute_exact, "REPAIRS", rounds)
    found = settle(problem, edges, idle)
    assert (edges == before[0]).all()
    assert (idle == before[1]).all()
    assert found[0] == pytest.approx(unit * np.array(price), rel=TIGHT)
    assert found[1] == pytest.approx(unit * np.array(rent), rel=1e-12)
    assert found[2] == pytest.approx(flow, rel=1e-12)


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_groups_tied_by_a_purchase_of_nothing_are_parted(monkeypatch, unit):
    """At p = 1.618 buyer 1 wants more of hub 1 than it has; what ties it to hub 0 vanishes."""
    problem = market([4 * unit, 4 * unit], [2.0, 2.0], unit * np.array([[1.0, 2.0], [2.0, 1.0]]))
    monkeypatch.setattr(compute_exact, "REPAIRS", 2)
    price, rent, flow = settle(problem, np.array([2.0, 2.0, 0.0, 2.0]), np.zeros(2))
    assert price == pytest.approx([2 * unit, 2 * unit], rel=TIGHT)
    assert rent == pytest.approx([unit, unit], rel=TIGHT)
    assert flow == pytest.approx([2, 0, 0, 2], rel=TIGHT)


@pytest.mark.parametrize("unit", [2.0**-40, 1.0, 2.0**40])
@pytest.mark.parametrize("budget", [0.3, 0.1 * 3])
def test_a_rent_of_rounding_is_none(monkeypatch, budget, unit):
    """Capacity that is just sold at cost: .3 / 3 - .1 is not quite zero, either way."""
    monkeypatch.setattr(compute_exact, "REPAIRS", 1)
    problem = market(
        [budget * unit, 9 * unit], [3, 9], [[0.1 * unit, np.inf], [np.inf, 0.5 * unit]]
    )
    price, rent, flow = settle(problem, np.ones(2), np.zeros(2))
    assert rent[0] == 0.0
    assert price == pytest.approx([0.1 * unit, unit], rel=1e-15)
    assert flow == pytest.approx([3.0, 9.0], rel=1e-14)


@pytest.mark.parametrize(("apart", "tie"), [(2e-16, True), (1e-13, True), (3e-12, False)])
def test_nodes_that_cost_the_same_to_rounding_share_a_buyer(apart, tie):
    problem = market([30.0], [10.0, 20.0], [[5.0 * (1 + apart), 5.0]])
    _, _, flow = settle(problem, np.array([0.0, 2.0]), np.array([2.0, 2.0]))
    assert flow == pytest.approx([2.0, 4.0] if tie else [0.0, 6.0], rel=1e-11)
