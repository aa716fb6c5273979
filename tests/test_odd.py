"""The ODD document and the model agree: elements, entities, schedule, streams, parameters."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap

import pytest

from sim.config.schema import parameters
from sim.export import schedule, tables
from sim.export.odd import WITH, WITHOUT, odd, template
from sim.export.project import ROOT
from sim.export.submodels import SUBMODELS
from sim.model.config import RegionConfig
from sim.model.outputs import TABLES
from sim.model.region import RegionModel
from sim.policies import MODULES
from sim.start.build import build
from sim.state.calendar import parse_quarter
from sim.state.columns import LEVERS
from sim.state.rng import Streams
from sim.state.world import empty_tables
from tests.worlds import small_config, small_model

ELEMENTS = (
    "1. Purpose and patterns",
    "2. Entities, state variables, and scales",
    "3. Process overview and scheduling",
    "4. Design concepts",
    "5. Initialization",
    "6. Input data",
    "7. Submodels",
)
"""Elements of ODD, Grimm et al. (2020)."""

CONCEPTS = (
    *("Basic principles", "Emergence", "Adaptation", "Objectives", "Learning", "Prediction"),
    *("Sensing", "Interaction", "Stochasticity", "Collectives", "Observation"),
)
"""Design concepts, in the order of the protocol."""


@pytest.fixture(scope="module")
def text():
    return odd()


def test_the_committed_document_is_the_one_the_model_gives(text):
    committed = (ROOT / "docs" / "odd.md").read_text("utf-8")
    assert committed == text, "the model has changed: run `sim odd --out docs/odd.md`"


def test_all_elements_and_design_concepts_stand_in_the_order_of_the_protocol(text):
    assert tuple(re.findall(r"^## (\d\. .*)$", text, re.MULTILINE)) == ELEMENTS
    concepts = text.partition("## 4.")[2].partition("## 5.")[0]
    assert tuple(re.findall(r"^\*\*([^*.]+)\.\*\*", concepts, re.MULTILINE)) == CONCEPTS


def test_every_place_is_filled_and_every_table_used(text):
    assert not re.search(r"\{\{|\}\}|\[\[|\]\]", text)
    used = {found.split()[0] for found in re.findall(r"^\{\{(.+)\}\}$", template(), re.MULTILINE)}
    assert used == {*WITH, *WITHOUT}


def rows(table: str) -> list[list[str]]:
    """Cells of a table in Markdown, header and rule left out."""
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in table.splitlines()]
    assert len({len(line) for line in cells}) == 1, "a row with more or fewer cells"
    return [[cell.strip() for cell in line] for line in cells[2:]]


def test_every_state_variable_is_described(text):
    for name, table in empty_tables(1, 1, 1).items():
        described = rows(tables.state(name))
        assert [row[0] for row in described] == list(table.schema)
        assert tables.state(name) in text
        for row, column in zip(described, table.schema.values(), strict=True):
            assert row[3] == column.unit
            assert (row[5] == "") == (column.default is None)


def test_the_schedule_names_every_call_of_a_step_in_its_order():
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(RegionModel.step))).body
    calls = [ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)]
    found = [event.call for event in schedule.schedule()]
    assert sorted(found) == sorted([each for each in calls if each != "at"] + ["clock"])
    order = ["zones.apply", "policies.apply_all", "market.apply", "settlement.apply"]
    assert sorted(order, key=found.index) == order
    assert all(event.about for event in schedule.schedule())
    audit = {event.call: event.condition for event in schedule.schedule()}["accounts.check"]
    assert audit == "cfg.accounts.check"


@pytest.mark.parametrize(
    "line", ["for x in y: x.apply(world)", "world.n = 3", "if a: f()\nelse: g()"]
)
def test_a_step_the_reader_does_not_understand_is_an_error(line):
    with pytest.raises(ValueError, match="not understood"):
        list(schedule._events(ast.parse(line).body, ""))


def test_every_mechanism_of_the_schedule_is_a_submodel(text):
    mechanisms = {event.module for event in schedule.schedule()}
    others = {"", "world", "policies", "self.recorder", "self.views"}
    assert mechanisms - others <= set(SUBMODELS)
    described = set(re.findall(r"^\{\{module (\w+)\}\}$", template(), re.MULTILINE))
    assert described == set(SUBMODELS)
    assert "Rows of the paper" not in text


def test_the_streams_listed_are_those_a_run_draws_from(monkeypatch):
    drawn: dict[str, set[str]] = {"start": set(), "step": set()}
    stage, at = ["start"], Streams.at

    def noted(self, name, step):
        drawn[stage[0]].add(name)
        return at(self, name, step)

    monkeypatch.setattr(Streams, "at", noted)
    config = small_config()
    build(config, Streams(1), parse_quarter(config.time.start))
    model = small_model()
    stage[0] = "step"
    model.step()
    assert set(schedule.start_streams()) == drawn["start"]
    assert {event.stream for event in schedule.schedule()} - {""} == drawn["step"]


def test_every_parameter_stands_there_with_unit_and_source(text):
    listed = [row for part in tables.settings().split("\n\n")[1::2] for row in rows(part)]
    known = list(parameters(RegionConfig))
    assert sorted(row[0].strip("`") for row in listed) == sorted(each.name for each in known)
    units = {each.name: (each.unit or "", each.source or "") for each in known}
    for row in listed:
        assert (row[2], row[4]) == units[row[0].strip("`")]
    assert tables.settings() in text


def test_every_lever_says_its_full_dose_and_its_harm():
    listed = rows(tables.levers())
    assert [row[0].strip("`") for row in listed] == list(LEVERS) == list(MODULES)
    for row in listed:
        assert "Full dose" in row[2]
        assert "Adverse channel" in row[2]


def test_every_output_column_stands_there(text):
    parts = tables.outputs().split("\n\n")
    assert [part.strip("*") for part in parts[::2]] == list(TABLES)
    for name, part in zip(TABLES, parts[1::2], strict=True):
        assert [row[0] for row in rows(part)] == list(TABLES[name])
    assert tables.outputs() in text


def test_bars_and_line_breaks_do_not_break_a_table():
    table = tables.markdown(("a", "b"), [("x | y", "two\nlines")])
    assert rows(table) == [["x \\| y", "two lines"]]


def test_numbers_in_sentences_are_those_of_the_configuration(text):
    words = " ".join(text.split())
    config = RegionConfig()
    assert f"starts with {config.population.firms:,} firm agents" in words
    assert f"from 2012Q1 to {config.time.end} by default" in words
    assert f"Every {config.planning.interval} quarters" in words


def test_a_narrative_that_names_what_is_not_there_is_an_error(monkeypatch):
    for place in ("[[no.such.parameter]]", "{{module no_such_mechanism}}", "{{no_such_table}}"):
        monkeypatch.setattr("sim.export.odd.template", lambda place=place: place)
        with pytest.raises(KeyError):
            odd()
