"""Critical inputs from abroad: how dependence falls, and what public research costs and brings."""

from __future__ import annotations

import numpy as np
import pytest

from sim.mechanisms import dependence
from sim.mechanisms.dependence import DependenceConfig, algorithm_gain, left
from tests.worlds import small_model

CONFIG = DependenceConfig(
    decay=0.15, most=0.2, half=500.0, breakthrough=0.02, radical=0.3, spread=0.5
)
NOBODY = (np.zeros(0, dtype=int), np.zeros(0, dtype=int))


def test_research_raises_innovation_up_to_a_bound():
    assert algorithm_gain(0.0, CONFIG) == 0
    assert algorithm_gain(500.0, CONFIG) == pytest.approx(0.1, rel=1e-14)
    assert algorithm_gain(1e12, CONFIG) == pytest.approx(0.2, rel=1e-8)


def test_what_is_left_of_dependence():
    assert left(0.0, 2.0, CONFIG) == 1
    assert left(0.1, 2.0, CONFIG) == pytest.approx(np.exp(-0.5 * 0.1 * 2.0), rel=1e-14)


def test_firms_depend_as_their_industry_did_in_2012(start):
    expected = start.exposure.foreign_input[start.firms["industry"]]
    assert (start.firms["foreign_input"] == expected).all()
    assert expected.max() > 0.4


def test_only_who_innovates_depends_less(start):
    before = np.linspace(0.1, 0.9, start.firms.n)
    start.firms["foreign_input"] = before.copy()
    dependence.apply(start, CONFIG, (np.array([3, 8]), np.array([8])))
    ratio = start.firms["foreign_input"] / before
    assert ratio[[3, 8]] == pytest.approx([0.98, 0.98 * 0.7], rel=1e-14)
    assert (np.delete(ratio, [3, 8]) == 1).all()


def test_public_research_frees_everyone(start):
    before, start.algorithms = start.firms["foreign_input"].copy(), 500.0
    dependence.apply(start, CONFIG, NOBODY)
    expected = before * np.exp(-0.5 * 0.1 / 4)
    assert start.firms["foreign_input"] == pytest.approx(expected, rel=1e-13)


def test_the_stock_of_research_grows_by_the_outlay_and_ages(start):
    cfg = CONFIG.model_copy(update={"outlay": 80.0})
    stock = 0.0
    for _ in range(3):
        dependence.apply(start, cfg, NOBODY)
        stock = stock * np.exp(-0.15 / 4) + 20.0
    assert start.algorithms == pytest.approx(stock, rel=1e-13)
    dependence.apply(start, CONFIG, NOBODY)
    assert start.algorithms == pytest.approx(stock * np.exp(-0.15 / 4), rel=1e-13)


@pytest.mark.parametrize("outlay", [1.0, 50.0])
def test_research_is_ordered_where_science_is(start, outlay):
    dependence.apply(start, CONFIG.model_copy(update={"outlay": outlay}), NOBODY)
    science, provinces = start.baseline.science, start.provinces
    quarter = outlay / 4 * science / science.sum()
    assert provinces["central_next"] == pytest.approx(quarter, rel=1e-13)
    basket = start.spending_shares["research"]
    assert provinces["orders_next"] == pytest.approx(
        provinces["central_next"][:, None] * basket, rel=1e-13
    )


def test_the_centre_pays_for_research_a_quarter_later():
    """What it pays for central orders rises by the outlay of a quarter, every quarter."""
    model = small_model(dependence={"outlay": 80.0})
    paid = []
    for _ in range(4):
        model.step()
        paid.append(model.world.ledger.moved("central_orders", "centre", "goods"))
    assert paid[0] == 0
    assert paid[1:] == pytest.approx([20.0] * 3, rel=1e-12)


def test_a_shortage_hits_those_who_depend_and_innovation_relieves_it():
    usual, short = (small_model(wedges={"supply": each}) for each in ({}, {"E1": 0.0}))
    for model in (usual, short):
        model.run(until="2013Q4")
    codes = usual.world.tech.codes
    output = [model.world.provinces["output"].sum(axis=0) for model in (usual, short)]
    ratio = output[1] / output[0]
    assert ratio[codes.index("E1")] < 0.99
    assert ratio.argmin() == codes.index("E1")
    firms = short.world.firms
    mine = firms["alive"] & (firms["industry"] == codes.index("E1"))
    chi = short.world.exposure.foreign_input[codes.index("E1")]
    assert np.unique(firms["foreign_input"][mine]).size > 1
    assert firms["foreign_input"][mine].max() <= chi
