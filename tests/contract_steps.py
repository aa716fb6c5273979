"""Run the steps of a quarter one by one on copies of what they were given, and compare bit for bit.

A state is a mapping from names to values: "firms.age" for a column, "ledger balance" for money,
"world births" for the rest of the world, "returned" for what a step hands on.
"""

from __future__ import annotations

import copy
import functools
import importlib
from contextlib import ExitStack
from dataclasses import fields, is_dataclass
from typing import Any
from unittest import mock

import numpy as np

from sim.mechanisms.institutions import INDICES
from sim.policies import MODULES as LEVERS
from tests.worlds import small_config, small_model

STEPS = (
    "zones.apply",
    "compute_capacity.begin",
    "policies.refund",
    "institutions.apply",
    "wedges.begin",
    "policies.apply_all",
    "wedges.apply",
    "trade.compute",
    "investment.plan",
    "knowledge.plan",
    "budgets.plan",
    "matching.apply",
    "market.apply",
    "settlement.apply",
    "investment.install",
    "infrastructure.apply",
    "compute_capacity.build",
    "digital.apply",
    "knowledge.apply",
    "dependence.apply",
    "foreign_entry.apply",
    "firm_growth.apply",
    "entry_exit.apply",
    "relocation.apply",
    "migration.apply",
    "foreign_talent.apply",
    "training.apply",
    "planning.apply",
    "production.update_externality",
    "accounts.check",
)
"""What a quarter applies, in its order."""

LEVER_STEPS = tuple(f"{name}.apply" for name in LEVERS)
"""What `policies.apply_all` applies."""

TABLES = ("firms", "talents", "provinces", "places", "zones")
MONEY = ("ledger balance", "ledger received", "ledger spent")

BUSY: dict[str, Any] = {
    "knowledge": {"radical_share": 0.2, "productivity": 40.0},
    "firm_growth": {"drift": [0.1, 0.0, 0.2], "volatility": 0.3, "floor": 0.1},
    "relocation": {"reconsider": 1.0, "barrier": 0.0},
    "migration": {"reconsider": [0.5, 0.5, 0.5]},
    "foreign_talent": {"arrival": 0.1, "departure": 2.0},
    "training": {"engineers_trained": 0.05, "science_trained": 0.05},
    "compute": {"outage_hazard": 1.0},
    "entry_exit": {"zone_pull": 2.0},
    "digital": {"own_hazard": 0.5, "engineer_success": 0.5},
    "institutions": {
        "outside": dict.fromkeys(INDICES, 0.1) | {"protection": {"algorithm": 0.2}},
        "zones": dict.fromkeys(INDICES, 0.8)
        | {"services_opening": {"S1": 0.5, "S2": 0.7, "S3": 0.9}},
    },
    "wedges": {"charge_in_zones": 0.1, "supply": {"E1": 0.3}},
    "dependence": {"outlay": 100.0},
    "foreign_entry": {"spillover": 0.1},
}
"""Rates at which rare events happen in any quarter, and pulls that no draw can miss."""

_LEVER = {"dose": 0.5, "start": "2012Q3"}
_SOME = {"targets": ("Shanghai", "Henan", "Sichuan"), "payer": "local"}
_ZONES = {"targets": "zones"}
_ALL = {"targets": "all", "payer": "centre"}

WORLDS: dict[str, tuple[int, dict[str, Any]]] = {
    "no lever, a zone is founded": (13, {}),
    "levers in some places, a zone is founded": (13, dict.fromkeys(LEVERS, _LEVER | _SOME)),
    "levers where zones are, a zone is founded": (13, dict.fromkeys(LEVERS, _LEVER | _ZONES)),
    "levers everywhere, all zones plan": (24, dict.fromkeys(LEVERS, _LEVER | _ALL)),
}
"""Quarters before the one that is looked at, and levers."""

State = dict[str, Any]


def module_of(step: str) -> Any:
    """Module of a mechanism or a lever."""
    name = step.partition(".")[0]
    folder = "" if name == "policies" else "policies." if name in LEVERS else "mechanisms."
    return importlib.import_module(f"sim.{folder}{name}")


@functools.cache
def calls(world: str) -> dict[str, tuple[Any, tuple[Any, ...]]]:
    """Function and arguments of every step of a busy quarter, as they were at its turn."""
    quarters, levers = WORLDS[world]
    model, seen = small_model(policies=levers), {}
    for _ in range(quarters):
        model.step()
    model.config = small_config(policies=levers, **BUSY)
    _trouble(model.world)
    with ExitStack() as stack:
        for step in (*STEPS, *LEVER_STEPS):
            module, function = module_of(step), step.partition(".")[2]
            spy = functools.partial(_remember, seen, step, getattr(module, function))
            stack.enter_context(mock.patch.object(module, function, spy))
        model.step()
    return seen


def _trouble(world: Any) -> None:
    """A hub is due; some firms, open or closed, are in debt, others have worn-out capital."""
    world.hub_opening[0] = world.clock.quarter
    firms, poor, worn = world.firms, slice(0, None, 10), slice(5, None, 10)
    worth = firms["weight"] * (firms["capital"] + 1.0)
    world.ledger.endow(firms["account"][poor], -2.0 * worth[poor])
    firms["capital"][worn] *= 20.0
    firms["loss_quarters"][worn] = 7.5


def _remember(seen: dict[str, Any], step: str, function: Any, *given: Any) -> Any:
    assert step not in seen, f"{step} runs twice in a quarter"
    seen[step] = function, copy.deepcopy(given)
    return function(*given)


def plain(value: Any) -> Any:
    """Anything as nested tuples, equal only if it is the same bit for bit."""
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.str, value.tobytes()
    if isinstance(value, dict):
        return tuple((key, plain(item)) for key, item in value.items())
    if isinstance(value, list | tuple):
        return tuple(plain(item) for item in value)
    if is_dataclass(value):
        return tuple(plain(getattr(value, field.name)) for field in fields(value))
    return plain(vars(value)) if hasattr(value, "__dict__") else repr(value)


def state_of(world: Any) -> State:
    """Copy of all that a world holds."""
    ledger = world.ledger
    state: State = {
        f"{table}.{column}": getattr(world, table)[column].copy()
        for table in TABLES
        for column in getattr(world, table)
    }
    state |= {name: getattr(ledger, name.split()[1]).copy() for name in MONEY}
    state["ledger flows"] = plain(ledger.flows), plain(ledger._sector[: ledger.n])
    rest = [each.name for each in fields(world) if each.name not in (*TABLES, "ledger")]
    return state | {f"world {name}": plain(getattr(world, name)) for name in rest}


def columns(world: str) -> list[str]:
    """Every column of every table, and the ledger."""
    given = calls(world)["zones.apply"][1][0]
    return [*(name for name in state_of(given) if "." in name), "ledger"]


def blank(world: Any, name: str) -> None:
    """Put nonsense into a column: NaN, or the complement of whole numbers and booleans.

    The complement of a row number is another row, counted from the end: it misleads compiled code
    without sending it out of bounds.
    """
    if name == "ledger":
        held = [getattr(world.ledger, each.split()[1]) for each in MONEY]
    else:
        table, column = name.split(".")
        held = [getattr(world, table)[column]]
    for values in held:
        values[:] = np.nan if values.dtype.kind == "f" else ~values


@functools.cache
def usual_run(step: str, world: str) -> tuple[State, State]:
    """State before and after a step alone, with its usual content; not to be changed."""
    return run(step, world)


def run(step: str, world: str, blanked: tuple[str, ...] = ()) -> tuple[State, State]:
    """State before and after a step alone; columns in `blanked` are filled with nonsense first."""
    function, given = copy.deepcopy(calls(world)[step])
    for name in blanked:
        blank(given[0], name)
    before = state_of(given[0])
    with np.errstate(all="ignore"):
        returned = function(*given)
    return before, state_of(given[0]) | {"returned": plain(returned)}


def unlike(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Entries that are not the same bit for bit, among the rows that both have."""
    rows = min(len(one), len(other))
    kind = np.int64 if one.dtype == float else one.dtype
    return one[:rows].view(kind) != other[:rows].view(kind)


def changed(before: State, after: State) -> set[str]:
    """Names of all that a step changed; "firms.*" and "talents.*" for new rows."""
    names = set()
    for name, old in before.items():
        if not isinstance(old, np.ndarray):
            same = old == after[name]
        else:
            same = not unlike(old, after[name]).any()
            if len(after[name]) > len(old) and "." in name:
                names.add(f"{name.partition('.')[0]}.*")
        if not same:
            names.add("ledger" if name.startswith("ledger") else name)
    return names


def differences(step: str, world: str, blanked: tuple[str, ...]) -> set[str]:
    """What comes out otherwise if columns are blank.

    Of the blank columns themselves, only the entries that the step changes count.
    """
    (before, usual), (_, other) = usual_run(step, world), run(step, world, blanked)
    names = set()
    for name, value in usual.items():
        if not isinstance(value, np.ndarray):
            same = value == other[name]
        elif len(value) != len(other[name]):
            same = False
        elif name in MONEY and "ledger" in blanked:
            same = True  # payments add to balances; what is paid shows in the flows
        else:
            wrong = unlike(value, other[name])
            if name in blanked:
                wrong[: len(before[name])] &= unlike(before[name], value)
            same = not wrong.any()
        if not same:
            names.add(name)
    return names
