"""Every mechanism reads and writes the columns that it declares, and no others.

READS and WRITES of a module hold for all its functions that a quarter applies. A column is read if
what it holds shows anywhere else, or if a number is added to it; it is written if the step sets any
entry. "firms.*" in WRITES stands for new rows, with all their columns; old rows keep theirs but for
columns that are named too. "ledger" in WRITES stands for payments and new accounts, in READS for
balances or receipts that are looked at. `sim.policies` lists what its levers read and write.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterable
from pathlib import Path

import pytest

import sim
from sim.model import region
from tests.contract_steps import (
    LEVER_STEPS,
    LEVERS,
    STEPS,
    TABLES,
    WORLDS,
    calls,
    changed,
    columns,
    differences,
    module_of,
    run,
    usual_run,
)

OTHER_STATE = {
    "market.apply": {"world imports_by_industry"},
    "digital.apply": {"world growth_sources"},
    "knowledge.apply": {"world growth_sources", "world baseline"},
    "dependence.apply": {"world algorithms"},
    "foreign_entry.apply": {"world growth_sources"},
    "foreign_talent.apply": {"world arrivals"},
    "training.apply": {"world births"},
    "planning.apply": {"world planned_output"},
}
"""What steps change of the world beside tables and ledger; `knowledge` moves the frontier on."""

UNREAD: dict[tuple[str, str], str] = {
    ("wedges", "firms.place"): "shortages differ by place only where a lever or a shock says so",
}
"""(module, column) declared as read that nothing here shows to be read -> why it is declared."""

SWITCHES: dict[tuple[str, str], str] = {}
"""(module, column) declared as written that nothing here shows to be written -> why."""

CASES = [(step, world) for world in WORLDS for step in STEPS]
LEVER_CASES = [(step, world) for world in list(WORLDS)[1:] for step in LEVER_STEPS]
ALL_CASES = [*CASES, *LEVER_CASES]
MODULES = dict.fromkeys(step.partition(".")[0] for step in (*STEPS, *LEVER_STEPS))


def declared(step: str) -> tuple[set[str], set[str]]:
    """Columns that the module of a step says it reads and writes."""
    module = module_of(step)
    return set(module.READS), set(module.WRITES)


def steps_of(module: str) -> list[tuple[str, str]]:
    """Steps of a module, with the worlds in which they run."""
    return [(step, world) for step, world in ALL_CASES if step.partition(".")[0] == module]


def calls_in(function: object) -> list[str]:
    """Functions of `sim` modules, such as trade.compute, that a function calls, in its order."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    found = [
        node.func
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and inspect.ismodule(vars(region).get(node.func.value.id))
    ]
    found.sort(key=lambda node: node.lineno)
    return [f"{node.value.id}.{node.attr}" for node in found]


def test_the_table_holds_every_step_of_a_quarter_in_its_order():
    applied = calls_in(region.RegionModel.step)
    assert [name for name in applied if name != "accounts.Audit"] == list(STEPS)


def test_every_mechanism_that_the_model_imports_is_a_step():
    """None is called on the side, under a second name, or imported for nothing."""
    tree = ast.parse(inspect.getsource(region))
    names = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        and (node.module == "sim.mechanisms" or (node.module == "sim" and node.level == 0))
        for alias in node.names
    }
    assert names == {step.partition(".")[0] for step in STEPS}


def test_only_modules_whose_steps_are_checked_declare_columns():
    """A declaration that nothing checks would only look true."""
    root = Path(sim.__file__).parent
    declaring = {
        path.stem if path.stem != "__init__" else "policies"
        for folder in ("mechanisms", "policies")
        for path in (root / folder).glob("*.py")
        if "\nREADS" in (text := path.read_text()) or "\nWRITES" in text
    }
    assert {name for name in declaring if not name.endswith("_columns")} == set(MODULES)
    assert {name.removesuffix("_columns") for name in declaring} == set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_declared_columns_exist_and_stand_once(module):
    known = {*columns(next(iter(WORLDS))), *(f"{table}.*" for table in TABLES)}
    for names in (module_of(module).READS, module_of(module).WRITES):
        assert set(names) <= known
        assert len(set(names)) == len(names)
    assert not [name for name in module_of(module).READS if name.endswith("*")]


@pytest.mark.parametrize(("step", "world"), ALL_CASES)
def test_only_declared_columns_change(step, world):
    names = changed(*usual_run(step, world))
    assert names - OTHER_STATE.get(step, set()) <= declared(step)[1]


@pytest.mark.parametrize(("step", "world"), ALL_CASES)
def test_columns_that_are_not_declared_as_read_do_not_matter(step, world):
    """All of them at once: NaN, wrong rows and inverted booleans leave the outcome as it is."""
    hidden = tuple(name for name in columns(world) if name not in declared(step)[0])
    assert differences(step, world, hidden) == set()


@pytest.mark.parametrize("module", MODULES)
def test_every_column_declared_as_read_matters(module):
    unread = {name for name in declared(module)[0] if not matters(steps_of(module), name)}
    assert unread == excused(UNREAD, module)


@pytest.mark.parametrize("module", MODULES)
def test_every_column_declared_as_written_is_written(module):
    unwritten = {name for name in declared(module)[1] if not written(steps_of(module), name)}
    assert unwritten == excused(SWITCHES, module)


def excused(reasons: dict[tuple[str, str], str], module: str) -> set[str]:
    """Columns of a module that are excused, each with a reason."""
    assert all(reasons.values())
    return {column for name, column in reasons if name == module}


def matters(cases: Iterable[tuple[str, str]], column: str) -> bool:
    """Whether nonsense in one column changes an outcome or stops a step."""
    for step, world in cases:
        try:
            if differences(step, world, (column,)):
                return True
        except (ArithmeticError, LookupError, RuntimeError, ValueError):
            return True
    return False


def written(cases: Iterable[tuple[str, str]], column: str) -> bool:
    """Whether a step changes a column, or replaces nonsense in it."""
    for step, world in cases:
        if column in changed(*usual_run(step, world)):
            return True
        overwritten = column not in declared(step)[0] and not column.endswith("*")
        if overwritten and column in changed(*run(step, world, (column,))):
            return True
    return False


def test_the_quarter_looked_at_is_a_busy_one():
    """Firms enter and leave, talents come, go, retire and move, a zone and a hub open."""
    for world in WORLDS:
        assert set(STEPS) <= set(calls(world))
        assert {"firms.*", "firms.alive"} <= changed(*usual_run("entry_exit.apply", world))
        assert {"talents.*", "talents.alive"} <= changed(*usual_run("training.apply", world))
    assert "zones.active" in changed(*usual_run("zones.apply", next(iter(WORLDS))))
    assert set(LEVERS) == {step.partition(".")[0] for step in LEVER_STEPS}
