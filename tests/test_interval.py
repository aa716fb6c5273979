"""Intervals over seeds and points: closed forms, missing runs, how often they hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.runs.interval import crossed_half_width, half_width

CHOSEN = np.zeros(100, dtype=int)


def _t(n: int) -> float:
    return float(stats.t.ppf(0.975, n - 1))


def _table(points: int, seeds: int, seed: int = 1) -> np.ndarray:
    draw = np.random.Generator(np.random.PCG64(seed))
    return (
        draw.normal(size=(points, 1))
        + draw.normal(size=(1, seeds))
        + draw.normal(size=(points, seeds))
    )


def test_one_value_has_no_interval_and_two_have_that_of_student():
    assert np.isnan(half_width(np.array([3.0])))
    assert half_width(np.array([1.0, 3.0])) == pytest.approx(np.tan(0.475 * np.pi), rel=1e-12)


def test_of_chosen_points_seeds_are_the_observations():
    table = _table(5, 4)
    found = crossed_half_width(table, CHOSEN[:5])
    assert found.whole == pytest.approx(half_width(table.mean(axis=0)), rel=1e-12)
    assert found.points == 0


def test_points_that_differ_by_constants_are_a_sample_of_their_own():
    table = np.repeat([[1.0], [2.0], [6.0]], 4, axis=1)
    found = crossed_half_width(table, np.arange(3))
    expected = _t(3) * np.sqrt(7 / 3)  # variance of 1, 2, 6 is 7
    assert found == pytest.approx((expected, expected), rel=1e-12)
    assert crossed_half_width(table, CHOSEN[:3]) == pytest.approx((0, 0), abs=1e-12)


def test_both_parts_are_those_of_the_analysis_of_variance():
    table = _table(6, 5, seed=4)
    rows, columns = table.mean(axis=1), table.mean(axis=0)
    rest = table - rows[:, None] - columns + table.mean()
    single = (rest**2).sum() / (5 * 4) / 30
    of_points, of_seeds = rows.var(ddof=1) / 6, columns.var(ddof=1) / 5
    whole = _t(6) ** 2 * (of_points - single) + _t(5) ** 2 * of_seeds
    found = crossed_half_width(table, np.arange(6))
    assert found.whole == pytest.approx(np.sqrt(whole), rel=1e-12)
    assert found.points == pytest.approx(_t(6) * np.sqrt(of_points - single), rel=1e-12)


def test_points_of_one_draw_are_one_observation():
    table = _table(12, 5)
    draws = table.reshape(4, 3, 5).mean(axis=1)
    one = crossed_half_width(table, np.arange(12) // 3)
    assert one == pytest.approx(crossed_half_width(draws, np.arange(4)), rel=1e-12)


def test_it_is_never_narrower_than_either_part_alone():
    # A table whose rows and columns are nearly balanced: single runs are all there is.
    table = np.array([[1.0, -1.0, 0.1], [-1.0, 1.0, 0.0], [0.0, 0.1, 0.0]])
    found = crossed_half_width(table, np.arange(3))
    parts = [half_width(table.mean(axis=axis)) for axis in (0, 1)]
    assert found.whole == pytest.approx(max(parts), rel=1e-12)
    assert found.points == 0


def test_one_seed_tells_nothing_about_others():
    assert np.isnan(crossed_half_width(np.ones((9, 1)), np.arange(9))).all()
    assert np.isnan(crossed_half_width(np.full((2, 3), np.nan), np.arange(2))).all()


@pytest.mark.parametrize("drawn", [True, False])
def test_a_run_that_is_missing_moves_it_little_and_an_empty_point_not_at_all(drawn):
    table = _table(40, 20)
    draw = np.arange(40) if drawn else CHOSEN[:40]
    whole = crossed_half_width(table, draw).whole
    holed = table.copy()
    holed[3, 7] = np.nan
    assert crossed_half_width(holed, draw).whole == pytest.approx(whole, rel=0.03)
    empty = np.insert(np.insert(table, 5, np.nan, axis=0), 2, np.nan, axis=1)
    labels = np.insert(draw, 5, 99)
    assert crossed_half_width(empty, labels).whole == pytest.approx(whole, rel=1e-12)


SAMPLES = 1000


def _coverage(points: int, seeds: int, sds: tuple[float, float, float], *, missing: bool) -> float:
    """Share of intervals that hold the mean over all points and seeds, which is zero.

    sds  standard deviations of points, of seeds, and of single runs
    """
    draw, held = np.random.Generator(np.random.PCG64(7)), 0
    for _ in range(SAMPLES):
        table = draw.normal(0, sds[0], (points, 1)) + draw.normal(0, sds[1], (1, seeds))
        table = table + draw.normal(0, sds[2], (points, seeds))
        if missing:
            table[:, 1:][draw.random((points, seeds - 1)) < 0.05] = np.nan
        mean = np.nanmean(np.nanmean(table, axis=1))
        held += abs(mean) <= crossed_half_width(table, np.arange(points)).whole
    return held / SAMPLES


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize(
    ("points", "seeds", "sds"),
    [
        (64, 8, (0.0, 1.0, 1.0)),
        (64, 8, (1.0, 0.3, 1.0)),
        (20, 10, (1.0, 1.0, 0.5)),
        (16, 3, (1.0, 0.5, 0.2)),
        (5, 40, (1.0, 1.0, 1.0)),
        (30, 30, (1.0, 0.0, 0.0)),
    ],
)
def test_ninety_five_intervals_of_a_hundred_hold_the_mean_of_the_population(
    points, seeds, sds, missing
):
    share = _coverage(points, seeds, sds, missing=missing)
    assert share >= 0.95 - 4 * np.sqrt(0.95 * 0.05 / SAMPLES)


def test_it_is_no_wider_than_it_has_to_be():
    """Of points alone or seeds alone it is exact; where only single runs vary, a sixth wider."""
    spread = 4 * np.sqrt(0.95 * 0.05 / SAMPLES)
    for sds in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)):
        assert _coverage(30, 8, sds, missing=False) <= 0.95 + spread
    exact = 1.96 / np.sqrt(60 * 30)
    draw = np.random.Generator(np.random.PCG64(3))
    widths = [
        crossed_half_width(draw.normal(size=(60, 30)), np.arange(60)).whole for _ in range(200)
    ]
    assert np.mean(widths) == pytest.approx(1.15 * exact, rel=0.1)
