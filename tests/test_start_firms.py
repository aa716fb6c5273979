import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.start.firms import AGE_BANDS, Tail, ages, allocate, slices, stages

SIZES = st.lists(st.floats(0.01, 1e4), min_size=1, max_size=20)


@given(size=SIZES, total=st.integers(1, 3000), least=st.integers(1, 9))
def test_agents_are_allocated_to_cells(size, total, least):
    size = np.array(size)
    count = allocate(size, total, least)
    assert count.sum() == max(total, least * size.size)
    assert count.min() >= least
    # beyond the minimum in proportion to the square root, to less than one agent
    rest = max(total - least * size.size, 0)
    exact = least + rest * np.sqrt(size) / np.sqrt(size).sum()
    assert np.abs(count - exact).max() < 1


ENDLESS = 1e300


@pytest.mark.parametrize("exponent", [1.2, 1.3, 2.0, 3.0])
def test_the_lorenz_curve_of_an_endless_pareto_distribution(exponent):
    position = np.linspace(0, np.log(ENDLESS), 2_000_001)
    tail = Tail(np.full(position.size, ENDLESS), exponent)
    firms, sales = tail.firms_below(position), tail.sales_below(position)
    assert (sales[0], sales[-1]) == (0, 1)
    # Gini = 1 - 2 times the area below = 1 / (2 alpha - 1), less what is beyond the end
    gini = 1 - 2 * np.trapezoid(sales, firms)
    assert gini == pytest.approx(1 / (2 * exponent - 1), rel=1e-6)


def test_the_rule_of_80_and_20():
    tail = Tail(np.array([ENDLESS]), np.log(5) / np.log(4))
    assert tail.sales_below(np.array([np.log(5)])) == pytest.approx(0.2, rel=1e-12)


def test_the_tail_ends_with_one_firm():
    # sizes x of density x^(-alpha-1) between 1 and H = N^(1/alpha), integrated by hand
    alpha, number = 1.4, 500.0
    tail = Tail(np.array([number]), alpha)
    for x in (1.5, 4.0, 40.0):
        position = np.array([alpha * np.log(x)])
        firms = (1 - x**-alpha) / (1 - 1 / number)
        sales = (1 - x ** (1 - alpha)) / (1 - number ** ((1 - alpha) / alpha))
        assert tail.firms_below(position) == pytest.approx(firms, rel=1e-12)
        assert tail.sales_below(position) == pytest.approx(sales, rel=1e-12)


@given(measure=st.floats(0, 1), exponent=st.floats(1.01, 3), firms=st.floats(1.5, 1e9))
def test_positions_invert_the_mean_of_firms_and_sales(measure, exponent, firms):
    tail = Tail(np.array([firms]), exponent)
    found = tail.position(np.array([measure]))
    mean = (tail.firms_below(found) + tail.sales_below(found)) / 2
    assert mean == pytest.approx(measure, abs=1e-9)
    assert 0 <= found[0] <= np.log(firms)


@given(
    count=st.lists(st.integers(1, 12), min_size=1, max_size=8),
    exponent=st.floats(1.01, 3),
    size=st.floats(1.0, 1e6),
    seed=st.integers(0, 99),
)
def test_slices_part_the_firms_and_sales_of_a_cell(count, exponent, size, seed):
    count = np.array(count)
    jitter = np.random.default_rng(seed).random(count.sum())
    number, sales, quantile = slices(count, size + count, exponent, jitter)
    cell = np.repeat(np.arange(count.size), count)
    for shares in (number, sales):
        assert (shares > 0).all()
        assert np.bincount(cell, shares) == pytest.approx(np.ones(count.size), abs=1e-12)
    assert ((quantile > 0) & (quantile < 1)).all()
    same = cell[1:] == cell[:-1]
    # Larger firms come later in a cell: more sales per firm, higher quantile.
    assert (np.diff(quantile)[same] > 0).all()
    assert (np.diff(sales / number)[same] > 0).all()
    # No agent holds much more than its part of firms and sales together.
    assert ((number + sales) / 2 <= 1.5 / count[cell] + 1e-12).all()


def test_no_agent_is_larger_than_the_largest_firm():
    # a firm at the end of the tail sells N^(1/alpha) times what the smallest one does
    count, firms, exponent = np.array([400]), np.array([5000.0]), 1.3
    number, sales, _ = slices(count, firms, exponent, np.full(400, 0.5))
    mean = sales / number
    assert mean.max() / mean.min() < firms[0] ** (1 / exponent)
    # more agents show hardly more of the tail: means weighted by sales settle
    coarse_number, coarse_sales, _ = slices(count // 4, firms, exponent, np.full(100, 0.5))
    for power in (1 / 3, 1.0):
        fine = (sales * mean**power).sum()
        coarse = (coarse_sales * (coarse_sales / coarse_number) ** power).sum()
        assert coarse == pytest.approx(fine, rel=0.02)


def test_ages_follow_the_table():
    n = 400
    grid = (np.arange(n) + 0.5) / n
    quantile, u = (part.ravel() for part in np.meshgrid(grid, grid))
    found = ages(quantile, u)
    for start, end, share in AGE_BANDS:
        inside = ((found >= start) & (found < end)).mean()
        # The diagonal of an n by n grid decides to within 2/n.
        assert inside == pytest.approx(share, abs=2 / n)
    assert sum(share for *_, share in AGE_BANDS) == pytest.approx(1, abs=1e-12)
    large, small = found[quantile > 0.9].mean(), found[quantile < 0.1].mean()
    assert large > small + 2


def test_digital_stages_of_2012():
    n = 400
    grid = (np.arange(n) + 0.5) / n
    quantile, u = (part.ravel() for part in np.meshgrid(grid, grid))
    cap = np.full(n * n, 4)
    found = stages((0.22, 0.07, 0.01), quantile, u, cap)
    share = np.bincount(found, minlength=4) / found.size
    # odds of .5 + quantile have mean 1
    assert share == pytest.approx([0.70, 0.22, 0.07, 0.01], abs=2 / n)
    assert (stages((0.22, 0.07, 0.01), quantile, u, np.minimum(cap, 1)) <= 1).all()
    assert found[quantile > 0.5].mean() > 1.5 * found[quantile < 0.5].mean()
