import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.mechanisms.reform import ReformConfig, reformed

UNIT = st.floats(0, 1)


def test_the_index_follows_its_differential_equation():
    """Slope over a short time against kappa effort (cap - q) - decay q."""
    rules = ReformConfig(speed=0.15, decay=0.05)
    index, effort = np.array([0.1, 0.5, 0.9]), np.array([0.0, 1.0, 3.0])
    short = 1e-6
    slope = (reformed(index, effort, 0.7, rules, short) - index) / short
    expected = 0.15 * effort * (0.7 - index) - 0.05 * index
    # The second derivative is at most rate^2 = .25; rounding of the index adds 1e-16 / short.
    assert slope == pytest.approx(expected, abs=0.25 * short / 2 + 2e-10)


@given(index=UNIT, cap=UNIT, effort=st.floats(0, 5), decay=UNIT, parts=st.integers(1, 8))
def test_parts_of_a_year_come_to_the_year(index, cap, effort, decay, parts):
    rules, made = ReformConfig(decay=decay), index
    for _ in range(parts):
        made = reformed(made, effort, cap, rules, 1 / parts)
    assert made == pytest.approx(reformed(index, effort, cap, rules, 1.0), abs=1e-14)
    assert -1e-15 <= made <= 1 + 1e-15


def test_the_index_comes_to_rest_between_effort_and_decay():
    rules = ReformConfig(speed=0.15, decay=0.05)
    for index in (0.0, 1.0):
        found = reformed(index, 2.0, 0.8, rules, 1000.0)
        assert found == pytest.approx(0.3 * 0.8 / 0.35, rel=1e-14)


def test_without_effort_and_decay_nothing_moves():
    rules, index = ReformConfig(decay=0.0), np.array([0.0, 0.3, 1.0])
    assert (reformed(index, np.zeros(3), 1.0, rules, 5.0) == index).all()
