"""The model meets theory: every limit case, at its own and at other parameters."""

from __future__ import annotations

import json
import math

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.limits.base import Row, exact, sampled
from sim.limits.catalogue import LIMITS
from sim.limits.run import folder, run
from tests.limit_parameters import ELSEWHERE


def rows_of(name, *overrides):
    found = [row for _, row in run([name], [f"{name}.{text}" for text in overrides])]
    assert found
    return found


def assert_agree(rows):
    failed = [f"{row.id} {row.name}: {row.model!r} {row.exact!r}" for row in rows if not row.ok]
    assert not failed, "\n".join(failed)


@pytest.mark.parametrize("name", LIMITS)
def test_the_model_meets_theory(name):
    rows = rows_of(name)
    assert_agree(rows)
    assert {row.id.rstrip("abcdefgh") for row in rows} == set(LIMITS[name].ids)


@pytest.mark.parametrize(("name", "overrides"), ELSEWHERE, ids=str)
def test_the_model_meets_theory_at_other_parameters(name, overrides):
    usual = {(row.id, row.name): row.exact for row in rows_of(name)}
    rows = rows_of(name, *overrides)
    assert_agree(rows)
    assert any(usual.get((row.id, row.name)) != row.exact for row in rows), "nothing was changed"


def test_every_limit_has_a_config_and_other_parameters():
    assert {path.stem for path in folder().glob("*.yaml")} == set(LIMITS)
    assert {name for name, _ in ELSEWHERE} == set(LIMITS)


def test_no_case_belongs_to_two_limits():
    cases = [case for limit in LIMITS.values() for case in limit.ids]
    assert len(cases) == len(set(cases))


def test_errors_are_relative_to_the_exact_value_and_nan_fails():
    assert exact("L0", "", 1.0 + 5e-10, 1.0).ok
    assert not exact("L0", "", 2.0, 1.0).ok
    assert exact("L0", "", 3e6, 1e6).error == pytest.approx(2.0)
    assert not exact("L0", "", math.nan, 1.0).ok
    assert sampled("L0", "", 1.3, 1.0, 0.1).ok
    assert not sampled("L0", "", 1.5, 1.0, 0.1).ok


def test_json_lists_rows_and_a_failure_exits_with_one(monkeypatch):
    asked = CliRunner().invoke(app, ["limits", "--json", "matching"])
    assert asked.exit_code == 0
    for row in json.loads(asked.stdout):
        assert {"id", "model", "exact", "error", "tolerance", "ok"} <= set(row)
        assert row["ok"] is True
    wrong = Row("L16", "wrong", 1.0, 2.0, 1e-9, "rounding")
    monkeypatch.setattr("sim.limits.run.run", lambda *_: [("matching", wrong)])
    told = CliRunner().invoke(app, ["limits"])
    assert told.exit_code == 1
    assert "FAIL" in told.stdout
    assert "0 of 1 agree" in told.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("L99",), "no limit is called 'L99'"),
        (("matchin",), "did you mean matching?"),
        (("--set", "matchin.step=1"), "did you mean matching?"),
        (("--set", "matching.stepp=1"), "did you mean step?"),
        (("--set", "matching.matching.separation=2"), "must be <= 0.5"),
        (("--set", "core_periphery.sigma=1.5", "core_periphery"), "no break point"),
    ],
)
def test_what_is_asked_for_wrongly_is_refused(words, message):
    result = CliRunner().invoke(app, ["limits", *words])
    assert result.exit_code == 2
    assert message in result.stderr
