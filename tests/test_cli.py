"""The commands: what they print, what they write, and how they end."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import sim
from sim.cli import app, main
from sim.runs.engine import Engine
from sim.runs.folder import read_table
from sim.terminal import progress_bar
from tests.invented_results import write_results
from tests.tiny_model import engine

COMMANDS = ("check", "run", "experiment", "compare", "figures", "params", "columns")
CONFIG = "name: tiny\nprice: 4.0\n"
EXPERIMENT = """\
question: Does the lever work?
base: tiny.yaml
scenarios:
  baseline: {}
  lever: {policies.lever.dose: 1.0}
seeds: {count: 2}
"""


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sim.default_engine.engine", engine)
    Path("tiny.yaml").write_text(CONFIG)
    Path("levers.yaml").write_text(EXPERIMENT)


def _sim(*words: str):
    return CliRunner().invoke(app, list(words), prog_name="sim")


def _good(*words: str) -> str:
    result = _sim(*words)
    assert result.exit_code == 0, result.output
    return result.output


def _refused(*words: str) -> str:
    """What a command says that ends with exit code 2 and no traceback."""
    result = _sim(*words)
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    return result.output


def _tables(folder: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(folder).glob("*.parquet")}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command):
    assert f"sim {command}" in _good(command, "--help")
    assert command in _good("--help")


def test_check_tells_a_config_from_an_experiment():
    assert "seed 1" in _good("check", "tiny.yaml")
    assert "2 scenarios x 2 seeds" in _good("check", "levers.yaml")
    assert not Path("results").exists()


def test_run_writes_below_results_by_the_name_of_the_config():
    assert "results/tiny" in _good("run", "tiny.yaml")
    names = {path.name for path in Path("results/tiny").iterdir() if path.name != ".lock"}
    tables = ("runs", "provinces", "zones", "industries", "metrics", "firms", "talents")
    assert names == {"config.yaml", "manifest.json", *(f"{name}.parquet" for name in tables)}


def test_run_takes_settings_seed_last_quarter_and_folder():
    _good(
        "run", "tiny.yaml", "--set", "policies.lever.dose=0.5", "--set", "price=3",
        "--seed", "7", "--until", "2012Q2", "--out", "x/y", "--csv",
    )  # fmt: skip
    assert read_table(Path("x/y"), "runs")["seed"].tolist() == [7]
    assert pd.read_csv("x/y/zones.csv")["quarter"].tolist() == ["2012Q1", "2012Q2"]
    resolved = Path("x/y/config.yaml").read_text()
    assert "dose: 0.5" in resolved
    assert "price: 3.0" in resolved


def test_a_resolved_config_gives_identical_bytes_again():
    _good("run", "tiny.yaml", "--seed", "7", "--set", "policies.lever.dose=0.5", "--out", "a")
    _good("run", "a/config.yaml", "--out", "b")
    assert _tables("a") == _tables("b")


def test_a_failed_run_ends_with_exit_code_1_and_says_why():
    result = _sim("run", "tiny.yaml", "--set", "policies.lever.breaks_seed=1")
    assert result.exit_code == 1
    assert "run 0 failed (scenario tiny, seed 1): RuntimeError: market did not clear" in (
        result.output
    )
    assert read_table(Path("results/tiny"), "runs")["status"].tolist() == ["failed"]


def test_experiment_then_compare_within_it():
    _good("experiment", "levers.yaml", "--jobs", "1", "--csv")
    effects = pd.read_csv("results/levers/effects.csv")
    assert effects["difference"][0] == pytest.approx(0.115, rel=1e-12)
    assert Path("results/levers/metrics.csv").is_file()
    text = _good("compare", "results/levers", "--scenarios", "baseline", "lever")
    assert re.search(r"lever +sigma_gdp_per_head +last .* 0\.115 ", text)
    folder = Path("results/compare-levers-baseline-lever")
    table = pd.read_csv(folder / "compare.csv")
    pd.testing.assert_frame_equal(table, effects)
    assert (folder / "compare.png").read_bytes().startswith(b"\x89PNG")


def test_a_failed_run_of_an_experiment_is_named():
    text = EXPERIMENT.replace("policies.lever.dose: 1.0", "policies.lever.breaks_seed: 2")
    Path("levers.yaml").write_text(text)
    result = _sim("experiment", "levers.yaml", "--jobs", "1")
    assert result.exit_code == 1
    assert "run 3 failed (scenario lever, seed 2)" in result.output


def test_compare_two_runs():
    _good("run", "tiny.yaml", "--out", "a")
    _good("run", "tiny.yaml", "--set", "policies.lever.dose=1", "--out", "b")
    _good("compare", "a", "b", "--out", "c")
    table = pd.read_csv("c/compare.csv")
    assert table["difference"][0] == pytest.approx(0.11, rel=1e-12)
    assert table["n"].unique().tolist() == [1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("run", "nowhere.yaml"), "nowhere.yaml"),
        (("check", "nowhere.yaml"), "nowhere.yaml"),
        (("run", "tiny.yaml", "--set", "prise=3"), "did you mean price?"),
        (("run", "tiny.yaml", "--set", "price"), "--set"),
        (("run", "tiny.yaml", "--set", "price=-1"), "price"),
        (("run", "tiny.yaml", "--set", "name=../x"), "--out"),
        (("run", "tiny.yaml", "--until", "soon"), "--until"),
        (("run", "tiny.yaml", "--seed", "-1"), "--seed"),
        (("run", "tiny.yaml", "--out", "tiny.yaml"), "cannot write results there"),
        (("run", "levers.yaml"), "scenarios"),
        (("experiment", "tiny.yaml"), "question"),
        (("experiment", "levers.yaml", "--jobs", "0"), "--jobs"),
        (("compare", "nowhere", "tiny.yaml"), "no such results folder"),
        (("compare", "."), "not a results folder"),
        (("figures", "nowhere"), "no such results folder"),
        (("figures", ".", "--format", "gif"), "png"),
        (("columns", "province"), "did you mean provinces?"),
    ],
)
def test_a_users_error_is_a_message_and_exit_code_2(words, says):
    assert says in _refused(*words)


def test_experiment_draws_the_figures_that_its_file_lists_or_says_why_not():
    Path("levers.yaml").write_text(f"{EXPERIMENT}figures: [adoption, sigma]\n")
    said = _sim("experiment", "levers.yaml", "--jobs", "1")
    assert said.exit_code == 0
    assert "figure adoption left out" in said.output
    assert [path.name for path in Path("results/levers/figures").iterdir()] == ["sigma.png"]


def test_figures_draws_what_is_asked_for_in_the_format_asked_for():
    write_results(Path("r"), ["baseline", "lever"], seeds=2, quarters=8)
    said = _good("figures", "r", "--only", "sigma", "--only", "theil", "--format", "svg")
    assert said.split() == ["r/figures/sigma.svg", "r/figures/theil.svg"]
    assert Path("r/figures/sigma.svg").read_text().lstrip().startswith("<?xml")


def test_a_misspelt_figure_gives_the_nearest():
    _good("run", "tiny.yaml")
    assert "did you mean sigma?" in _refused("figures", "results/tiny", "--only", "sgma")


def test_an_error_in_the_program_keeps_its_traceback(monkeypatch):
    def broken() -> Engine:
        raise ZeroDivisionError

    monkeypatch.setattr("sim.default_engine.engine", broken)
    assert isinstance(_sim("params").exception, ZeroDivisionError)


def test_params_lists_settings_and_those_without_a_source():
    every, assumed = _good("params"), _good("params", "--assumed")
    assert re.search(r"price +2\.5 +CNY +above 0 +National Bureau .* Price of bread", every)
    assert "policies.lever.dose" in assumed
    assert "price" not in assumed


def test_columns_lists_units_of_one_table_or_all():
    assert "100m CNY (2012) / quarter" in _good("columns", "provinces")
    assert "industries" not in _good("columns", "provinces")
    assert {line.split()[0] for line in _good("columns").splitlines()[1:]} >= {"runs", "talents"}
    assert "sigma_gdp_per_head" in _good("columns", "metrics")


def test_the_bar_is_quiet_away_from_a_terminal(capsys):
    with progress_bar("run", quiet=False) as progress:
        progress(1, 2)
    assert capsys.readouterr().err == ""


def test_the_bar_shows_the_remaining_time_at_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    for quiet, shown in ((True, False), (False, True)):
        with progress_bar("run", quiet=quiet) as progress:
            progress(1, 2)
            progress(2, 2)
        assert ("2/2" in capsys.readouterr().err) == shown


def test_main_pins_threads_that_nobody_has_set(monkeypatch):
    monkeypatch.setenv("SIM_NATIVE", "1")  # else the tests would start anew
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    for name in ("OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
        monkeypatch.setenv(name, "5")  # known to monkeypatch, which then takes back what main sets
        monkeypatch.delenv(name)
    monkeypatch.setattr("sys.argv", ["sim", "--help"])
    with pytest.raises(SystemExit):
        main()
    assert (os.environ["OMP_NUM_THREADS"], os.environ["OPENBLAS_NUM_THREADS"]) == ("3", "1")


def test_help_does_not_wait_for_the_libraries():
    script = "import sys, sim, sim.cli; print([m for m in ('pandas', 'numba') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(sim.__file__).parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_the_package_has_what_it_names_and_nothing_else():
    with pytest.raises(AttributeError, match="rnu"):
        sim.rnu  # noqa: B018
