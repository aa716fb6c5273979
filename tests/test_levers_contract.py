"""What every lever promises: nothing at dose 0 or out of its time, and no trace of last quarter."""

from __future__ import annotations

import copy
import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import policies
from sim.policies import PoliciesConfig
from sim.policies.base import POLICY_COLUMNS
from sim.state.calendar import parse_quarter, quarter_label
from sim.state.columns import LEVERS
from tests.worlds import small_config

START, END, PHASE_IN = parse_quarter("2018Q1"), parse_quarter("2020Q1"), 4
"""Quarters of the levers here; the world of the tests has come to the end of 2017."""

EPSILON = np.finfo(float).eps

DT = 0.25
"""Step of the worlds here [quarters], so that a lever can be looked at within a quarter."""

COSTS = {"provinces": ("cost",), "zones": ("cost",)}
"""Columns in which levers book what they cost in the quarter."""

DOSELESS = {"provinces.compute_build_local"}
"""Effective columns that say who pays, whatever the dose."""


@functools.cache
def config(levers: tuple[str, ...], **settings: Any) -> Any:
    """Policies with some levers at a common setting, all others off."""
    common = {"start": quarter_label(START), "end": quarter_label(END), "targets": "all"}
    chosen = dict.fromkeys(levers, common | {"payer": "local", "dose": 1.0} | settings)
    return small_config(policies=chosen).policies


def at(world: Any, quarter: float, *levers: str, **settings: Any) -> Any:
    """Copy of a world, moved to a quarter (fractions allowed), with the policy of then."""
    world = copy.deepcopy(world)
    world.clock.dt = DT
    world.clock.step = round((quarter - world.clock.start) / DT)
    policies.apply_all(world, config(levers, **settings))
    return world


def unlike(one: Any, other: Any) -> set[str]:
    """Columns, of any table, that are not the same bit for bit in two worlds."""
    return {
        f"{table}.{column}"
        for table in ("firms", "talents", "provinces", "places", "zones")
        for column in getattr(one, table)
        if getattr(one, table)[column].tobytes() != getattr(other, table)[column].tobytes()
    }


def effective() -> set[str]:
    """Names of the effective policy columns."""
    return {f"{table}.{name}" for table, names in POLICY_COLUMNS.items() for name in names}


def policy(world: Any) -> dict[str, np.ndarray]:
    """Effective policy columns and columns of costs."""
    parts = [*POLICY_COLUMNS.items(), *COSTS.items()]
    return {f"{table}.{name}": getattr(world, table)[name] for table, ns in parts for name in ns}


def assert_off(world: Any, base: Any) -> None:
    """No policy column differs bit for bit from that of a world without levers."""
    for name, values in policy(world).items():
        assert values.tobytes() == policy(base)[name].tobytes(), name


@pytest.fixture
def base(world):
    """A world without levers at the start of theirs."""
    return at(world, START)


def test_the_list_of_levers_is_complete():
    folder = Path(policies.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__", "base"}
    assert modules == set(LEVERS) == set(policies.MODULES) == set(PoliciesConfig.model_fields)
    assert all(policies.MODULES[name].__name__ == f"sim.policies.{name}" for name in LEVERS)


def test_a_base_world_has_no_policy(base):
    assert not any(values.any() for values in policy(base).values())


@pytest.mark.parametrize("lever", LEVERS)
def test_dose_0_changes_nothing_bit_for_bit(world, base, lever):
    assert unlike(at(world, START + 1, lever, dose=0.0, phase_in=PHASE_IN), base) == set()


@pytest.mark.parametrize("lever", LEVERS)
def test_the_full_dose_changes_an_effective_column(world, base, lever):
    changed = unlike(at(world, START, lever), base)
    assert changed & effective()
    assert changed <= effective() | set(policy(base))


def test_every_effective_column_belongs_to_a_lever(world, base):
    changed = [unlike(at(world, START, lever), base) & effective() for lever in LEVERS]
    assert set().union(*changed) == effective()
    assert sum(map(len, changed)) == len(effective()), "two levers write the same column"


@pytest.mark.parametrize("lever", LEVERS)
def test_policy_is_rebuilt_not_added_up(world, lever):
    """Applied twice is applied once, also by another dose in between."""
    once = at(world, START, lever)
    for dose in (1.0, 0.3):
        twice = at(at(world, START, lever, dose=dose), START, lever)
        assert_off(twice, once)
        assert unlike(twice, once) == set()


@pytest.mark.parametrize("lever", LEVERS)
@pytest.mark.parametrize("phase_in", [0, PHASE_IN])
def test_nothing_is_left_out_of_its_time(world, base, lever, phase_in):
    for quarter in (START - 8, START - DT, END, END + 8):
        assert_off(at(world, quarter, lever, phase_in=phase_in), base)
    on = [at(world, quarter, lever, phase_in=phase_in) for quarter in (START, END - DT)]
    assert all(unlike(each, base) & effective() for each in on)
    for quarter in (START - DT, END):  # nor if it stood in the columns before
        assert_off(at(on[1], quarter, lever, phase_in=phase_in), base)


@pytest.mark.parametrize("lever", LEVERS)
@pytest.mark.parametrize("dose", [1.0, 0.4])
def test_phase_in_grows_linearly(world, lever, dose):
    full = policy(at(world, START, lever))
    for quarter in np.arange(0, PHASE_IN + 2, DT):
        share = min(1.0, (quarter + 1) / PHASE_IN)
        found = policy(at(world, START + quarter, lever, dose=dose, phase_in=PHASE_IN))
        for name, values in found.items():
            part = 1.0 if name in DOSELESS else dose * share
            # three roundings: share of the phase-in, times dose, times size
            assert values == pytest.approx(part * full[name], rel=4 * EPSILON, abs=0), name


@pytest.mark.parametrize("lever", LEVERS)
def test_a_lever_does_the_same_beside_others(world, base, lever):
    alone, together = at(world, START, lever), at(world, START, *LEVERS)
    for name in unlike(alone, base) & effective():
        assert policy(alone)[name].tobytes() == policy(together)[name].tobytes()
