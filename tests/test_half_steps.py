"""Half steps: flows are rates, so that a year in eight steps moves stocks as one in four does.

A step's length taken the wrong way round is off by a factor of four (divided by it in place of
times it), one forgotten by two; the error of the steps themselves is of first order in growth over
a quarter, some per cent. A fifth lies between.
"""

import numpy as np
import pytest

from tests.worlds import small_model

FROZEN = {name: {"frozen": True} for name in ("entry_exit", "relocation", "digital", "zones")}
LEVERS = {
    name: {"dose": 1.0, "start": "2012Q1", "targets": "all"}
    for name in ("digital_infrastructure", "compute_investment")
}

NAMES = (
    *("capital", "efficiency", "frontier"),
    *("infrastructure", "compute", "people", "talents"),
)


def stocks(world):
    """What a quarter adds to."""
    firms, provinces = world.firms, world.provinces
    alive = firms["alive"]
    return {
        "capital": (firms["capital"] * firms["weight"])[alive].sum(),
        "efficiency": np.log(firms["efficiency"][alive]).mean(),
        "frontier": np.log(world.baseline.frontier).mean(),
        "infrastructure": provinces["infrastructure"].sum(),
        "compute": provinces["compute_capacity"].sum(),
        "people": provinces["population"].sum(),
        "talents": world.talents["weight"][world.talents["alive"]].sum(),
    }


@pytest.fixture(scope="module")
def changes():
    """Change of every stock over a year, by number of steps in a quarter."""
    found = {}
    for parts in (1, 2):
        model = small_model(
            policies=LEVERS,
            time={"steps_per_quarter": parts},
            compute={"outage_hazard": 0.0},
            **FROZEN,
        )
        before = stocks(model.world)
        for _ in range(4 * parts):
            model.step()  # the accounts are checked in every step
        after = stocks(model.world)
        found[parts] = {name: after[name] - before[name] for name in before}
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_year_in_half_steps_moves_stocks_as_far(changes, name):
    assert changes[1][name] != 0
    assert changes[2][name] == pytest.approx(changes[1][name], rel=0.2)
