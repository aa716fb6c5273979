"""Interior-point steps of the compute market against the equations they are to solve."""

import numpy as np
import pytest

from sim.mechanisms import compute_interior
from sim.mechanisms.compute_interior import Iterate, Problem, advance, start

SMALL = Problem(
    budget=np.array([7.5, 12.0]),
    capacity=np.array([1.0, 2.0, 3.0]),
    delivered=np.array([1.0, 5.0, 6.0, 3.0]),
    row=np.array([0, 0, 1, 1]),
    col=np.array([0, 1, 1, 2]),
    first=np.array([0, 2]),
)
"""Two buyers who meet at one of three nodes."""

REACHED = np.array([[1, 1, 0], [0, 1, 1], [1, 1, 1], [0, 0, 1]])
SIZES = 4, 3, 8, 8, 3


def drawn(seed, noise=0.4):
    """A market of four buyers and three nodes, and an iterate that is nowhere near its path."""
    draw = np.random.default_rng(seed)
    row, col = np.nonzero(REACHED)
    budget, capacity, delivered = (draw.uniform(1, 3, n) for n in (4, 3, 8))
    problem = Problem(budget, capacity, delivered, row, col, np.array([0, 2, 4, 7]))
    at = Iterate(*(np.exp(noise * draw.normal(size=n)) for n in SIZES))
    return problem, at, np.exp(draw.normal(size=3))


def copied(at):
    return Iterate(*(part.copy() for part in at))


def split(vector):
    return Iterate(*np.split(vector, np.cumsum(SIZES)[:-1]))


def linear(problem, at, move):
    """Left sides of the linearised market, for a move of all unknowns."""
    row, col = problem.row, problem.col
    bought = np.bincount(row, at.flow)
    return np.concatenate([
        np.bincount(row, move.flow) + bought / at.price * move.price,
        np.bincount(col, move.flow) + move.spare,
        move.gap - move.rent[col] + move.price[row],
        at.gap * move.flow + at.flow * move.gap,
        at.rent * move.spare + at.spare * move.rent,
    ])  # fmt: skip


def newton(problem, at, money, products, rent_products):
    """The direction from the whole system at once: nothing is eliminated."""
    columns = [linear(problem, at, split(unit)) for unit in np.eye(sum(SIZES))]
    idle = problem.capacity - np.bincount(problem.col, at.flow) - at.spare
    right = np.concatenate([money, idle, np.zeros(8), products, rent_products])
    return split(np.linalg.solve(np.array(columns).T, right))


def longest(at, move):
    """Longest step up to 1 that leaves nothing below zero."""
    parts = np.concatenate(at), np.concatenate(move)
    return min(
        [1.0, *(value / -change for value, change in zip(*parts, strict=True) if change < 0)]
    )


def predicted(problem, at, weight, *, plain):
    """The step as the paper has it; (iterate after it, whether second-order terms were kept)."""
    money = problem.budget[problem.row]
    excess = problem.budget / at.price - np.bincount(problem.row, at.flow)
    products, idle = at.flow * at.gap, at.rent * at.spare
    mean = np.concatenate([products / money, idle / weight]).mean()
    first = newton(problem, at, excess, -products, -idle)
    step = longest(at, first)
    ahead = Iterate(*(value + step * change for value, change in zip(at, first, strict=True)))
    left = np.concatenate([ahead.flow * ahead.gap / money, ahead.rent * ahead.spare / weight])
    target = mean * min(1.0, left.mean() / mean) ** 3
    move = newton(
        problem,
        at,
        excess - first.price * np.bincount(problem.row, first.flow) / at.price,
        target * money - products - first.flow * first.gap,
        target * weight - idle - first.rent * first.spare,
    )
    curved = not plain and longest(at, move) >= 0.5 * step
    if not curved:
        target = max(target, 0.8 * mean)
        move = newton(problem, at, excess, target * money - products, target * weight - idle)
    taken = min(1.0, longest(at, move) * min(max(0.9, 1 - mean), 1 - 1e-6))
    return [value + taken * change for value, change in zip(at, move, strict=True)], curved


def test_the_first_iterate_by_hand():
    """Reach 3 and 5, load 2.5, 2.5 + 2.4 and 2.4, least cost 1, 5 and 3: levels 2.5, 5 and 3."""
    at, weight = start(SMALL)
    assert weight == pytest.approx([2.5, 10, 9], rel=1e-15)  # capacity times level
    assert at.rent == pytest.approx([2.5 - 1 + 1.25, 2.5, 1.5], rel=1e-15)
    price = np.array([3.75, 4.5]) / 1.3  # cheapest delivered cost with rent: 1 + 2.75, 3 + 1.5
    assert at.price == pytest.approx(price, rel=1e-15)
    gap = np.array([3.75, 7.5, 8.5, 4.5]) - np.repeat(price, 2)
    assert at.gap == pytest.approx(gap, rel=1e-14)
    assert at.flow[0] * at.gap[0] == pytest.approx(at.flow[1] * at.gap[1], rel=1e-14)
    assert at.flow[2] * at.gap[2] == pytest.approx(at.flow[3] * at.gap[3], rel=1e-14)
    assert at.flow[:2].sum() * price[0] == pytest.approx(7.5, rel=1e-14)
    assert at.flow[2:].sum() * price[1] == pytest.approx(12, rel=1e-14)
    assert at.spare * at.rent == pytest.approx(0.3 * weight, rel=1e-14)


def test_a_buyer_of_one_node_starts_centred():
    """price * flow = budget, flow * gap = .3 budget: gap is .3 of the price."""
    one, none = np.array([0]), np.array([0])
    problem = Problem(np.array([7.0]), np.array([2.0]), np.array([5.0]), one, none, none)
    at, weight = start(problem)
    assert at.flow * at.gap == pytest.approx([0.3 * 7], rel=1e-14)
    assert at.rent * at.spare == pytest.approx(0.3 * weight, rel=1e-14)


@pytest.mark.parametrize("seed", range(4))
def test_a_direction_solves_the_linear_system(seed):
    problem, at, _ = drawn(seed)
    draw = np.random.default_rng(seed + 100)
    money, products, rents = (draw.normal(size=n) for n in (4, 8, 3))
    linearised = compute_interior._linearise(problem, at, np.bincount(problem.row, at.flow))
    found = compute_interior._direction(problem, at, linearised, money, products, rents)
    expected = newton(problem, at, money, products, rents)
    np.testing.assert_allclose(np.concatenate(found), np.concatenate(expected), rtol=1e-9)


def test_rounding_that_has_destroyed_the_system_is_told():
    problem, at, weight = drawn(0)
    at.spare[:] = -100.0
    with pytest.raises(np.linalg.LinAlgError, match="not positive definite at pivot 1"):
        advance(problem, at, weight)


def test_the_longest_step_ends_where_the_first_unknown_is_zero():
    at = Iterate(*(np.full(2, value) for value in (1.0, 2.0, 3.0, 4.0, 5.0)))
    still = Iterate(*np.zeros((5, 2)))
    assert compute_interior._longest_step(at, still) == 1.0
    for number in range(5):
        move = Iterate(*np.ones((5, 2)))
        move[number][1] = -4.0 * (number + 1)
        assert compute_interior._longest_step(at, move) == 0.25
        move[number][0] = -8.0 * (number + 1)
        assert compute_interior._longest_step(at, move) == 0.125
        move[number][:] = -0.5 * (number + 1)
        assert compute_interior._longest_step(at, move) == 1.0


@pytest.mark.filterwarnings("error")
def test_an_unknown_next_to_zero_stops_the_step_without_a_warning():
    at, move = (Iterate(*np.ones((5, 1))) for _ in range(2))
    at.gap[0], move.gap[0] = 1e-310, -1.0
    assert compute_interior._longest_step(at, move) == 0.0


def test_a_step_is_that_of_mehrotra_from_wherever_it_starts():
    kept = set()
    for seed in range(24):
        problem, at, weight = drawn(seed, noise=(0.1, 0.4, 1.0)[seed % 3])
        at.price[:] += 0.1 * seed
        for plain in (False, True):
            expected, curved = predicted(problem, at, weight, plain=plain)
            moved = copied(at)
            advance(problem, moved, weight, **({"plain": True} if plain else {}))
            np.testing.assert_allclose(np.concatenate(moved), np.concatenate(expected), rtol=1e-8)
            kept.add((plain, curved))
    assert kept == {(False, False), (False, True), (True, False)}


@pytest.mark.parametrize("seed", range(4))
def test_no_step_puts_an_unknown_at_zero(seed):
    """Next to the solution, where steps are longest, what ends a step keeps a millionth."""
    problem, at, weight = drawn(seed)
    at.gap[:] *= 1e-9
    at.spare[:] *= 1e-9
    before = np.concatenate(at)
    advance(problem, at, weight, plain=True)
    assert (np.concatenate(at) / before).min() == pytest.approx(1e-6, rel=1e-3)


@pytest.mark.parametrize(("plain", "steps"), [(False, 8), (True, 90)])
def test_steps_lead_to_the_equilibrium(plain, steps):
    """Mean product and missing purchases are those before the step; both fall to nothing."""
    problem, _, _ = drawn(1)
    at, weight = start(problem)
    mean = imbalance = 1.0
    for _ in range(steps):
        before, expected = copied(at), predicted(problem, at, weight, plain=plain)[0]
        mean, imbalance = advance(problem, at, weight, plain=plain)
        if mean > 1e-5:
            np.testing.assert_allclose(np.concatenate(at), np.concatenate(expected), rtol=1e-5)
        products = before.flow * before.gap / problem.budget[problem.row]
        idle = before.rent * before.spare / weight
        assert mean == pytest.approx(np.concatenate([products, idle]).mean(), rel=1e-12)
        missing = problem.budget / before.price - np.bincount(problem.row, before.flow)
        money = missing * at.price / problem.budget  # at the prices after the step
        used = (np.bincount(problem.col, before.flow) + before.spare) / problem.capacity
        worst = max(np.abs(money).max(), np.abs(used - 1).max())
        assert imbalance == pytest.approx(worst, rel=1e-6, abs=1e-13)
    assert max(mean, imbalance) < 1e-8
