import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.mechanisms.free_entry import FreeEntryConfig, entered, fixed_cost

CONFIG = FreeEntryConfig(fixed_labour=0.2, speed=2.0)


def test_firms_stay_where_profit_pays_for_fixed_labour():
    wage, number = np.array([1.0, 3.0]), np.array([10.0, 4.0])
    assert fixed_cost(wage, CONFIG) == pytest.approx([0.2, 0.6], rel=1e-15)
    profit = number * fixed_cost(wage, CONFIG)
    assert entered(number, profit, wage, CONFIG, 0.25) == pytest.approx(number, rel=1e-15)
    assert (entered(number, 1.1 * profit, wage, CONFIG, 0.25) > number).all()
    assert (entered(number, 0.9 * profit, wage, CONFIG, 0.25) < number).all()


@given(start=st.floats(0.01, 100), speed=st.floats(0.5, 10), parts=st.integers(1, 4))
def test_the_excess_of_profit_shrinks_at_the_speed_of_entry(start, speed, parts):
    """At a given price each firm's profit, each year the log excess falls by the part that came."""
    rules = FreeEntryConfig(fixed_labour=0.2, speed=speed)
    number, per_firm = np.array([start]), 0.5
    after = entered(number, number * per_firm, np.ones(1), rules, 1 / parts)
    came = np.log(after / number) / np.log(per_firm / 0.2)
    assert came == pytest.approx(1 - np.exp(-speed / parts), rel=1e-12)


def test_with_given_spending_the_number_settles_at_spending_over_sigma_and_fixed_cost():
    number = np.array([0.1, 50.0])
    for _ in range(200):
        number = entered(number, np.full(2, 4.0 / 5), np.ones(2), CONFIG, 0.25)
    assert number == pytest.approx(4.0 / (5 * 0.2), rel=1e-12)
