"""Variance components: constructed tables, expectation by Monte Carlo, unbalanced and negative."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.analysis.variance import Components, components, shares_seeds, shares_with_interval


def own_seeds(groups):
    """Table in which no seed serves two points."""
    table = np.full((len(groups), sum(map(len, groups))), np.nan)
    at = 0
    for point, values in enumerate(groups):
        table[point, at : at + len(values)] = values
        at += len(values)
    return table


def draw_table(draw, shape, parameters, common, interaction):
    table = draw.normal(0, np.sqrt(parameters), (shape[0], 1))
    table = table + draw.normal(0, np.sqrt(common), (1, shape[1]))
    return 100 + table + draw.normal(0, np.sqrt(interaction), shape)


def test_a_balanced_table_with_own_seeds_by_hand():
    """Groups 1 3 | 5 7 | 9 11: MSW = 2, MSB = 2 x 16 = 32, so the parameters have (32 - 2)/2."""
    found = components(own_seeds([[1, 3], [5, 7], [9, 11]]))
    assert (found.parameters, found.common, found.interaction) == pytest.approx((15, 0, 2))
    assert found.seed_share == pytest.approx(2 / 17)
    assert found.noise_share(2) == pytest.approx(1 / 16)


def test_an_unbalanced_table_with_own_seeds_by_hand():
    """Groups 1 3 | 8: N=3, SSW=2 on 1 df; means 2, 8 about 4: SSB=24 on 1 df; n0 = 3 - 5/3."""
    found = components(own_seeds([[1, 3], [8]]))
    assert (found.parameters, found.interaction) == pytest.approx(((24 - 2) / (4 / 3), 2))


def test_a_balanced_table_with_shared_seeds_by_hand():
    """Points +-6, seeds +-1, residual +-0.5 in a pattern orthogonal to both.

    MS points 2 x 72 = 144, MS seeds 2 x 2 = 4, MS residual 4 x 0.25 = 1.
    """
    point, seed = np.array([[-6.0], [6.0]]), np.array([[-1.0, 1.0]])
    found = components(point + seed + 0.5 * np.array([[1, -1], [-1, 1]]))
    assert found.interaction == pytest.approx(1)
    assert found.parameters == pytest.approx((144 - 1) / 2)
    assert found.common == pytest.approx((4 - 1) / 2)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**31), st.integers(2, 9), st.integers(2, 6))
def test_a_full_table_gives_the_analysis_of_variance(seed, points, seeds):
    draw = np.random.Generator(np.random.PCG64(seed))
    table = draw.normal(size=(points, seeds))
    rows, columns = table.mean(axis=1), table.mean(axis=0)
    rest = table - rows[:, None] - columns + table.mean()
    error = (rest**2).sum() / ((points - 1) * (seeds - 1))
    found = components(table)
    assert found.interaction == pytest.approx(error)
    assert found.parameters == pytest.approx(rows.var(ddof=1) - error / seeds)
    assert found.common == pytest.approx(columns.var(ddof=1) - error / points)


@pytest.mark.parametrize("missing", [0.0, 0.25])
def test_components_are_unbiased_whatever_is_missing(missing):
    draw = np.random.Generator(np.random.PCG64(5))
    gaps = draw.random((12, 5)) < missing
    found = []
    for _ in range(600):
        table = draw_table(draw, gaps.shape, parameters=2.0, common=1.0, interaction=0.5)
        table[gaps] = np.nan
        each = components(table)
        found.append((each.parameters, each.common, each.interaction))
    error = np.std(found, axis=0, ddof=1) / np.sqrt(len(found))
    assert np.all(np.abs(np.mean(found, axis=0) - [2.0, 1.0, 0.5]) < 4 * error)


def test_own_seeds_of_unequal_number_are_unbiased():
    draw = np.random.Generator(np.random.PCG64(6))
    sizes, found = [1, 2, 3, 5, 8, 2], []
    for _ in range(600):
        groups = [draw.normal(draw.normal(0, np.sqrt(2.0)), 1, size) for size in sizes]
        each = components(own_seeds(groups))
        found.append((each.parameters, each.interaction))
    error = np.std(found, axis=0, ddof=1) / np.sqrt(len(found))
    assert np.all(np.abs(np.mean(found, axis=0) - [2.0, 1.0]) < 4 * error)


def test_shared_seeds_treated_as_own_would_take_from_the_parameters():
    """Why the two-way analysis is needed: the one-way is off by common / seeds = -1."""
    draw = np.random.Generator(np.random.PCG64(7))
    found = []
    for _ in range(600):
        table = draw_table(draw, (10, 2), parameters=2.0, common=2.0, interaction=0.5)
        found.append((components(own_seeds(list(table))).parameters, components(table).parameters))
    error = np.std(found, axis=0, ddof=1) / np.sqrt(len(found))
    assert np.all(np.abs(np.mean(found, axis=0) - [1.0, 2.0]) < 4 * error)


def test_a_negative_component_is_reported_as_such():
    found = components(np.array([[1.0, -1.0], [-1.0, 1.0], [0.0, 0.0]]))
    assert found.parameters < 0
    assert found.seed_share > 1
    assert np.isnan(Components(-2.0, 0.5, 1.0).seed_share)
    assert np.isnan(Components(-2.0, 0.5, 1.0).noise_share(1))


def test_runs_that_tell_nothing_apart_are_refused():
    for table in (np.ones((5, 1)), np.ones((1, 5)), own_seeds([[1], [2], [3]])):
        with pytest.raises(ValueError, match="do not tell parameters and seeds apart"):
            components(table)
    with pytest.raises(ValueError, match="no run is finished"):
        components(np.full((2, 2), np.nan))


def test_seeds_are_shared_if_one_serves_two_points():
    assert shares_seeds(np.ones((2, 1)))
    assert not shares_seeds(own_seeds([[1, 2], [3]]))


def test_intervals_cover_about_as_often_as_they_say():
    """Few seeds allow some 90 %; of 100 tables 78 is 4 s.e. below that."""
    draw = np.random.Generator(np.random.PCG64(8))
    exact = {"seeds": 1.5 / 3.5, "noise of means": (0.5 / 8) / (2 + 0.5 / 8)}
    covered = dict.fromkeys(exact, 0)
    for _ in range(100):
        table = draw_table(draw, (30, 8), parameters=2.0, common=1.0, interaction=0.5)
        for name, (_, low, high) in shares_with_interval(table, 8).items():
            covered[name] += low <= exact[name] <= high
    assert min(covered.values()) >= 78, covered


def test_no_interval_comes_from_two_seeds():
    draw = np.random.Generator(np.random.PCG64(9))
    for table in (draw.normal(size=(9, 2)), draw.normal(size=(2, 9))):
        for _, low, high in shares_with_interval(table, 2).values():
            assert np.isnan(low)
            assert np.isnan(high)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**31), st.floats(0, 0.3))
def test_what_adds_up_leaves_no_interaction_whatever_is_missing(seed, missing):
    """Points plus seeds: no remainder, and the parts do not leak into each other."""
    draw = np.random.Generator(np.random.PCG64(seed))
    point = draw.normal(size=(8, 1))
    gaps = draw.random((8, 5)) < missing
    gaps[0], gaps[:, 0] = False, False
    table = np.where(gaps, np.nan, np.repeat(point, 5, axis=1))
    found = components(table)
    assert found.interaction == found.common == 0
    assert found.parameters > 0
