"""Malformed designs: one clear message with file, line, field and what would be right."""

from __future__ import annotations

import pytest

from sim.config import ConfigError, Document
from sim.runs.design import count, points, unit_points
from sim.runs.designs import listed
from sim.runs.uncertainty import UncertaintyConfig
from tests.design_file import checked, load
from tests.design_malformed import DESIGNS, SETTINGS, TABLES, UNCERTAINTIES

TABLE = "design: {kind: table, file: runs.csv}\n"


@pytest.mark.parametrize("case", [*UNCERTAINTIES, *DESIGNS, *SETTINGS])
def test_a_malformed_design_gives_one_clear_message(case, tmp_path):
    text, line, field, said = (UNCERTAINTIES | DESIGNS | SETTINGS)[case]
    with pytest.raises(ConfigError) as caught:
        checked(tmp_path, text)
    (error,) = caught.value.errors
    file = tmp_path / "experiment.yaml"
    assert (error.file, error.line, error.field) == (file, line, field)
    assert said in str(error)
    assert str(caught.value).startswith(f"{file}:{line}: ")


@pytest.mark.parametrize("case", TABLES)
def test_a_malformed_table_gives_one_clear_message(case, tmp_path):
    text, line, field, said = TABLES[case]
    file = tmp_path / "runs.csv"
    file.write_text(text, encoding="utf-8", newline="")
    with pytest.raises(ConfigError) as caught:
        checked(tmp_path, TABLE)
    (error,) = caught.value.errors
    assert (error.file, error.line, error.field) == (file, line, field)
    assert said in str(error)


def test_a_table_that_is_not_there_is_told_where_it_is_named(tmp_path):
    (tmp_path / "run.csv").write_text("market.sigma\n2\n")
    with pytest.raises(ConfigError) as caught:
        checked(tmp_path, TABLE)
    assert str(caught.value) == (
        f"{tmp_path}/experiment.yaml:4: design.file: cannot use {tmp_path}/runs.csv: no such file; "
        f"did you mean {tmp_path}/run.csv?"
    )


def test_a_table_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(listed, "MAX_BYTES", 100)
    (tmp_path / "runs.csv").write_text("market.sigma\n" + 50 * "2\n")
    with pytest.raises(ConfigError, match="too large; allowed: at most 100 bytes"):
        checked(tmp_path, TABLE)


def test_every_bad_cell_is_told_at_once(tmp_path):
    (tmp_path / "runs.csv").write_text("market.sigma,market.rounds\n,.nan\n2,3,4\n")
    with pytest.raises(ConfigError) as caught:
        checked(tmp_path, TABLE)
    assert [(each.line, each.field) for each in caught.value.errors] == [
        (2, "market.sigma"),
        (2, "market.rounds"),
        (3, ""),
    ]


def test_a_cell_of_two_lines_is_refused_and_the_next_rows_keep_their_lines(tmp_path):
    (tmp_path / "runs.csv").write_text('market.rule\n"fr\nee"\n.nan\n')
    with pytest.raises(ConfigError) as caught:
        checked(tmp_path, TABLE)
    assert [each.line for each in caught.value.errors] == [2, 4]


def test_every_uncertainty_that_does_not_fit_is_told_at_once(tmp_path):
    text = (
        "uncertainties:\n  market.sigmma: {low: 2, high: 3}\n  market.sigma: {low: 0, high: 30}\n"
    )
    with pytest.raises(ConfigError) as caught:
        checked(tmp_path, text + "design: {kind: sobol, samples: 8}\n")
    found = [(each.line, each.field, each.problem) for each in caught.value.errors]
    assert found == [
        (5, "market.sigmma", "unknown key"),
        (6, "market.sigma", "must be > 1 (got 0.0)"),
        (6, "market.sigma", "must be <= 20 (got 30.0)"),
    ]


@pytest.mark.parametrize("function", [count, points, lambda *given: unit_points(*given[:2])])
def test_points_of_a_design_with_faults_are_never_made(function, tmp_path):
    design, _, _ = load(tmp_path, "design: {kind: full_factorial}\n")
    with pytest.raises(ConfigError, match=r"uncertainties: the design samples"):
        function(design, {}, tmp_path)
    with pytest.raises(ConfigError, match=r"uncertainties\.a\.levels: must be given"):
        function(design, {"a": UncertaintyConfig(low=0.0, high=1.0)}, tmp_path)


def test_a_good_design_passes(tmp_path):
    text = "uncertainties:\n  market.sigma: {low: 2, high: 20}\n  towns.ham.people: "
    text += "{distribution: integer, low: 0, high: 9}\ndesign: {kind: morris, trajectories: 2}\n"
    design, uncertainties, document = checked(tmp_path, text)
    assert count(design, uncertainties) == 6
    assert document.place(("uncertainties", "market.sigma", "sd")).line == 5
    assert Document({}, {}).place(("a",)) == (None, None)
