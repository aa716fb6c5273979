"""How the command ends when neither the user nor a run is at fault."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from sim import __main__ as entry
from sim.cli import app


def test_an_error_in_the_program_is_told_apart_from_runs_that_failed(monkeypatch, capsys):
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setenv("SIM_NATIVE", "1")  # else the tests would start anew
    monkeypatch.setattr("sim.cli.main", broken)
    with pytest.raises(SystemExit) as ended:
        entry.main()
    assert ended.value.code == entry.CRASHED == 70
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_ends_in_a_message_and_the_code_of_shells(monkeypatch):
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.default_engine.engine", interrupted)
    ended = CliRunner().invoke(app, ["params"])
    assert (ended.exit_code, ended.output) == (130, "stopped by SIGINT\n")
