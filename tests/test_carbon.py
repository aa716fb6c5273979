import math
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from sim.mechanisms.carbon import (
    CarbonConfig,
    Sinks,
    abatement,
    abatement_cost,
    clear,
    clearing_price,
    equal_cuts,
    saving,
)

SLOPE = np.array([1.0, 2.0, 4.0])
LARGE = np.full(3, 10.0)
EMITTERS = st.lists(st.tuples(st.floats(0.1, 10), st.floats(0.1, 10)), min_size=1, max_size=6)


def cap_for(required, emissions):
    return CarbonConfig(rule="cap", cap=1 - required / emissions.sum())


def test_the_price_of_a_cap_and_what_trade_saves():
    # A / sum(1 / k) = 7 / 1.75; cost 4^2 / 2 * 1.75 = 14 against 7 / 2 (7 / 3)^2 = 343 / 18.
    found = clear(cap_for(7, LARGE), SLOPE, LARGE)
    assert found.price == pytest.approx(4, rel=1e-14)
    assert found.abated == pytest.approx([4, 2, 1], rel=1e-14)
    assert found.cost.sum() == pytest.approx(14, rel=1e-14)
    assert equal_cuts(LARGE, 7.0) == pytest.approx([7 / 3] * 3, rel=1e-14)
    assert saving(SLOPE, LARGE, 7.0) == pytest.approx(1 - 14 * 18 / 343, rel=1e-13)


def test_who_has_nothing_left_abates_all_and_the_others_more():
    # The first ends at 2.5: the others share 4.5 at sum(1 / k) = .75, price 6 > 2.5.
    emissions = np.array([2.5, 4.0, 9.0])
    assert clearing_price(SLOPE, emissions, 7.0) == pytest.approx(6, rel=1e-14)
    assert abatement(SLOPE, emissions, 6.0).tolist() == [2.5, 3.0, 1.5]
    assert clearing_price(SLOPE, emissions, 15.5) == 36
    assert clearing_price(SLOPE, emissions, 0.0) == 0
    assert equal_cuts(emissions, 7.0) == pytest.approx([7 / 3] * 3, rel=1e-14)
    assert equal_cuts(emissions, 8.5) == pytest.approx([2.5, 3, 3], rel=1e-14)


@given(EMITTERS, st.floats(0.02, 0.98))
def test_the_market_abates_at_least_cost(emitters, part):
    """Against a solver for quadratic programmes, and by equal marginal costs."""
    slope, emissions = np.array(emitters).T
    required = part * emissions.sum()
    found = clear(cap_for(required, emissions), slope, emissions)
    assert found.abated.sum() == pytest.approx(required, rel=1e-11)
    marginal, inside = slope * found.abated, found.abated < emissions
    assert marginal[inside] == pytest.approx(found.price, rel=1e-12)
    assert (marginal[~inside] <= found.price * (1 + 1e-12)).all()
    solved = optimize.minimize(
        lambda a: (slope * a**2 / 2).sum(),
        required * emissions / emissions.sum(),
        jac=lambda a: slope * a,
        bounds=[(0, e) for e in emissions],
        constraints={"type": "eq", "fun": lambda a: a.sum() - required},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    # The solver keeps its constraint to about 1e-8 and stops near the bottom of a parabola.
    assert found.cost.sum() == pytest.approx(solved.fun, rel=1e-6)
    assert -1e-12 <= saving(slope, emissions, required) < 1


@given(
    EMITTERS,
    st.floats(0, 1.5),
    st.floats(0, 5),
    st.floats(0, 20),
    st.sampled_from(["cap", "price"]),
)
def test_allowances_and_offsets_cover_emissions_and_the_bank(emitters, cap, bank, price, rule):
    slope, emissions = np.array(emitters).T
    total = emissions.sum()
    found = clear(
        CarbonConfig(rule=rule, cap=cap, price=price), slope, emissions, Sinks(2, 3), bank
    )
    gap = found.allowances + found.offsets - found.emissions.sum() - found.banked
    assert gap == pytest.approx(0, abs=1e-11 * (total + 5))
    assert found.banked >= -bank
    assert 0 <= found.offsets <= 3
    assert (found.emissions >= 0).all()
    if rule == "price":
        assert found.price == price
    elif found.price > 0:
        assert found.banked == pytest.approx(-bank, abs=1e-11)


def test_allowances_that_nobody_needs_are_banked():
    found = clear(CarbonConfig(rule="cap", cap=1.5), SLOPE, LARGE)
    assert (found.price, found.offsets, found.banked) == (0, 0, 15)
    assert found.emissions.tolist() == LARGE.tolist()
    later = clear(cap_for(7, LARGE), SLOPE, LARGE, bank=15.0)
    assert later.price == 0
    assert later.banked == pytest.approx(-7, rel=1e-14)


def test_sinks_sell_like_one_more_emitter():
    # 7 / (1.75 + 1/4) = 3.5; the sink sells .875.
    found = clear(cap_for(7, LARGE), SLOPE, LARGE, Sinks(4.0, 2.0))
    assert found.price == pytest.approx(3.5, rel=1e-14)
    assert found.offsets == pytest.approx(0.875, rel=1e-14)
    assert found.abated.shape == found.cost.shape == (3,)
    # A sink that runs out at .2 leaves 6.8 to the emitters.
    short = clear(cap_for(7, LARGE), SLOPE, LARGE, Sinks(4.0, 0.2))
    assert short.price == pytest.approx(6.8 / 1.75, rel=1e-14)
    for outcome in (found, Sinks(4.0, 2.0)):  # nobody changes them afterwards
        with pytest.raises(FrozenInstanceError):
            outcome.limit = 0.0


def test_a_set_price_asks_for_what_it_pays():
    found = clear(CarbonConfig(price=12.0), SLOPE, LARGE)
    assert found.abated.tolist() == [10, 6, 3]
    assert found.allowances == found.emissions.sum() == 11
    assert abatement_cost(SLOPE, found.abated).tolist() == [50, 36, 18]
    # Sinks may offer more than is emitted: the rest is banked.
    rich = clear(CarbonConfig(price=40.0), SLOPE, LARGE, Sinks(1.0, 7.0))
    assert (rich.allowances, rich.offsets, rich.banked) == (0, 7, 7)


@pytest.mark.parametrize(
    ("slope", "emissions", "bank", "message"),
    [
        ([1.0, 0.0], [1.0, 1.0], 0.0, "slope must be finite and > 0"),
        ([1.0, -1.0], [1.0, 1.0], 0.0, "slope must be finite and > 0"),
        ([1.0, math.inf], [1.0, 1.0], 0.0, "slope must be finite and > 0"),
        ([1.0, 1.0], [1.0, -1.0], 0.0, "emissions must be finite and >= 0"),
        ([1.0, 1.0], [1.0, math.inf], 0.0, "emissions"),
        ([1.0, 1.0], [1.0], 0.0, "as long"),
        ([1.0], [1.0, 1.0], 0.0, "as long"),
        ([1.0], [1.0], -1.0, "bank must be >= 0: -1.0"),
        ([1.0], [1.0], math.nan, "bank"),
    ],
)
def test_what_is_no_market_is_refused(slope, emissions, bank, message):
    with pytest.raises(ValueError, match=message):
        clear(CarbonConfig(), np.array(slope), np.array(emissions), bank=bank)


def test_nobody_abates_more_than_is_emitted():
    with pytest.raises(ValueError, match="total"):
        clearing_price(SLOPE, LARGE, 31.0)


def test_who_emits_nothing_takes_no_part():
    found = clear(CarbonConfig(price=3.0), np.ones(2), np.array([0.0, 10.0]))
    assert found.abated.tolist() == [0, 3]


def test_the_price_and_the_cap_have_bounds():
    assert (CarbonConfig().price, CarbonConfig().cap) == (96.0, 0.9)
    for name, largest in (("price", 2000.0), ("cap", 2.0)):
        for allowed in (0.0, largest):
            assert getattr(CarbonConfig(**{name: allowed}), name) == allowed
        for refused in (-0.5, largest + 0.5):
            with pytest.raises(ValueError, match=name):
                CarbonConfig(**{name: refused})
