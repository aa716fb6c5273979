"""`sim growth` prints the accounts of a results folder, or says why it cannot."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from sim.cli import app
from tests.invented_results import write_results


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("results")
    write_results(path)
    return path


def test_years_outside_the_run_are_a_user_error(folder):
    result = CliRunner().invoke(app, ["growth", str(folder), "--last", "2090"])
    assert result.exit_code == 2
    assert "two years of the run" in result.output
    assert "Traceback" not in result.output
