"""Parts of the market: what is left out means, that nobody changes them, wedges in closed form."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from sim.mechanisms.market_parts import Closure, Demand, Reference, Solution, Trade, Wedges

ONE = np.ones((1, 1))
PARTS = {
    "home": Trade(ONE, ONE, ONE, ONE[0]),
    "nominal": Closure(ONE[0] > 0, ONE, 5.0),
    "other": Demand(ONE, ONE[0], 0.5, ONE[0], ONE),
    "compute": Reference(ONE[0], ONE[0], 1.0),
    "tax": Wedges(ONE, ONE),
}


@pytest.mark.parametrize("name", PARTS)
def test_what_a_market_takes_as_given_stays(name):
    with pytest.raises(FrozenInstanceError):
        setattr(PARTS[name], name, None)


def test_by_default_trade_alone_closes_a_market():
    closure = PARTS["other"].closure
    assert (closure.fixed_wage, closure.profit_to, closure.nominal) == (None, None, 0.0)


def test_a_solution_that_nobody_iterated_is_none():
    found = Solution(ONE, ONE, ONE, ONE, ONE, ONE, ONE, ONE)
    assert (found.gap, found.iterations) == (np.inf, 0)


def test_wedges_multiply_cost_and_sellers_get_it_less_the_charge():
    wedges = Wedges(np.array([[0.5, 0.0, -0.2]]), np.array([[0.6, 0.25, 0.0]]))
    assert np.exp(wedges.log_cost[0]) == pytest.approx([1.5 * 1.6, 1.25, 0.8], rel=1e-14)
    assert wedges.kept[0] == pytest.approx([0.625, 0.8, 1.0], rel=1e-14)
