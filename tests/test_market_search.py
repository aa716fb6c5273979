"""The search for prices of goods and compute together, with hubs that answer as they are told."""

from __future__ import annotations

from types import SimpleNamespace
from unittest.mock import Mock

import numpy as np
import pytest

from sim.mechanisms import market
from sim.mechanisms.market import MarketConfig
from sim.mechanisms.market_parts import MarketError
from tests import market_worlds

TOLERANCE = 1e-6
PRICE, SPENT = 2.0, 0.01
WORLD = SimpleNamespace(spending_shares={}, clock=SimpleNamespace(quarters=3.0))


class Told:
    """Hubs whose prices and spending differ from PRICE and SPENT in one answer."""

    def __init__(self, number=None, price=1.0, spent=None):
        self.number, self.price, self.spent = number, price, spent
        self.asked = 0

    def clear(self, bill):
        self.asked += 1
        price = np.full(bill.shape, PRICE)
        if self.asked == self.number:
            price[1, 2] *= self.price
        return SimpleNamespace(price=price, number=self.asked)

    def accounts(self, cleared):
        spent = np.full(cleared.price.shape, SPENT)
        if cleared.number == self.number and self.spent is not None:
            spent = spent + self.spent
        return Mock(spending=Mock(return_value=spent))


@pytest.fixture(scope="module")
def goods():
    """A market of goods, and where it clears at the price and spending of hubs."""
    made = market_worlds.world(market_worlds.technology())
    return made, market_worlds.cleared(made, compute=PRICE, hubs=SPENT)


def solve(goods, hubs, start=None, **changes):
    cfg = MarketConfig(tolerance=TOLERANCE, **changes)
    return market.solve(WORLD, cfg, hubs, goods[0], goods[1] if start is None else start)


def test_goods_clear_to_the_tolerance_at_prices_that_stand_still(goods):
    start, hubs = market_worlds.begin(goods[0], noise=0.3), Told()
    found, cleared, _ = solve(goods, hubs, start)
    assert found.gap < TOLERANCE
    assert cleared.number == hubs.asked
    np.testing.assert_allclose(found.wage, goods[1].wage, rtol=1e-4)
    np.testing.assert_allclose(found.sales, goods[1].sales, rtol=1e-4)


@pytest.mark.parametrize(("change", "asked"), [(0.9, 2), (-0.9, 2), (1.1, 4), (-1.1, 4)])
def test_compute_prices_have_settled_if_none_moves_by_the_tolerance(goods, change, asked):
    hubs = Told(2, price=np.exp(change * TOLERANCE))
    solve(goods, hubs)
    assert hubs.asked == asked


@pytest.mark.parametrize(("change", "asked"), [(0.9, 2), (-0.9, 2), (1.1, 4), (-1.1, 4)])
def test_what_hubs_buy_has_settled_relative_to_what_the_province_spends(goods, change, asked):
    spending = goods[1].spending
    extra = np.zeros(spending.shape)
    place, industry = np.unravel_index(
        (spending.sum(axis=1)[:, None] / spending.sum(axis=0)).argmax(), spending.shape
    )
    total = spending[place].sum()
    assert total > 1.3
    assert total > 1.3 * spending[:, industry].sum()
    extra[place, industry] = change * TOLERANCE * total
    hubs = Told(2, spent=extra)
    solve(goods, hubs)
    assert hubs.asked == asked


def test_a_search_that_loses_its_numbers_ends_at_once(goods):
    with pytest.raises(MarketError, match="not cleared after 2 iterations in quarter 3"):
        solve(goods, Told(2, price=np.nan))


def test_a_search_ends_after_its_iterations(goods):
    start = market_worlds.begin(goods[0], noise=0.3)
    with pytest.raises(MarketError, match="after 10 iterations"):
        solve(goods, Told(), start, max_iterations=10, damping=0.01)
