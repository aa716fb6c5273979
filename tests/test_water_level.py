import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from sim.mechanisms.water_level import water_level

THINGS = st.lists(st.tuples(st.floats(0.01, 100), st.floats(0, 100)), min_size=1, max_size=8)


def test_the_level_between_two_that_fill_up():
    # Level 2 fills the first (2) and the second to 3 of 9: 2 + 3 * 2 = 8 at rates 2 and 3.
    assert water_level(np.array([2.0, 3.0]), np.array([2.0, 9.0]), 8.0) == pytest.approx(
        2, rel=1e-15
    )
    assert water_level(np.array([1.0, 1.0]), np.array([np.inf, 1.0]), 5.0) == 4.0
    assert water_level(np.array([2.0, 3.0]), np.array([0.0, 0.0]), 0.0) == 0.0
    assert water_level(np.array([2.0, 4.0]), np.array([1.0, 1.0]), 2.0) == 0.5


@given(THINGS, st.floats(0, 1))
def test_the_level_holds_the_total_and_is_what_a_root_finder_finds(things, part):
    rate, limit = np.array(things).T
    total = part * limit.sum()
    level = water_level(rate, limit, total)
    held = np.minimum(rate * level, limit).sum()
    assert held == pytest.approx(total, rel=1e-12, abs=1e-12)
    if 0.01 < part < 0.99 and limit.sum() > 1e-3:
        top = (limit / rate).max() + 1
        root = optimize.brentq(lambda x: np.minimum(rate * x, limit).sum() - total, 0, top)
        assert np.minimum(rate * root, limit).sum() == pytest.approx(held, rel=1e-9)


@given(THINGS)
def test_the_whole_fills_everything(things):
    rate, limit = np.array(things).T
    level = water_level(rate, limit, limit.sum())
    assert np.minimum(rate * level, limit) == pytest.approx(limit, rel=1e-9, abs=1e-12)


def test_a_total_above_the_limits_by_rounding_is_held():
    level = water_level(np.array([2.0, 1.0]), np.array([2.0, 1.0]), 3 * (1 + 5e-13))
    assert level == pytest.approx(1, rel=1e-11)


@pytest.mark.parametrize(
    ("rate", "limit", "total", "message"),
    [
        ([1.0], [1.0], 1.1, "total must be between 0 and the sum of limits 1.0: 1.1"),
        ([1.0], [1.0], -0.1, "total"),
        ([1.0], [np.inf], np.inf, "total"),
        ([0.0], [1.0], 0.5, "rate must be finite and > 0"),
        ([np.nan], [1.0], 0.5, "rate"),
        ([np.inf], [1.0], 0.5, "rate"),
        ([1.0], [-1.0], 0.5, "limit must be >= 0"),
        ([1.0], [1.0, 2.0], 0.5, "must be as long"),
        ([1.0, 2.0], [1.0], 0.5, "must be as long"),
        ([1.0], [3.0], 3 + 1e-11, "total"),
        ([], [], 0.0, "not empty"),
    ],
)
def test_what_has_no_level_is_refused(rate, limit, total, message):
    with pytest.raises(ValueError, match=message):
        water_level(np.array(rate), np.array(limit), total)
