"""The commands on the model itself, in a world of six provinces."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import sim
from sim import portable
from sim.cli import app
from sim.figures import FIGURES
from sim.runs.folder import read_table

ROOT = Path(sim.__file__).resolve().parent.parent
TABLES = ("runs", "provinces", "zones", "industries", "metrics", "firms", "talents")


def _sim(*words: object) -> str:
    """Output of the command."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.output


def _sim_in_a_process_of_its_own(*words: object) -> None:
    """The command, in a process that computes as this one does."""
    native = "1" if portable.floating_point() == "native" else ""
    done = subprocess.run(
        [sys.executable, "-m", "sim", *(str(word) for word in words)],
        cwd=ROOT,
        env={**os.environ, portable.NATIVE: native},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _tables(folder: Path) -> dict[str, bytes]:
    return {name: (folder / f"{name}.parquet").read_bytes() for name in TABLES}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Results of the toy config."""
    folder = tmp_path_factory.mktemp("run") / "toy"
    _sim("run", ROOT / "configs/toy.yaml", "--out", folder)
    return folder


@pytest.fixture(scope="module")
def experiment(tmp_path_factory):
    """Results of the toy experiment, made by two processes."""
    folder = tmp_path_factory.mktemp("experiment") / "toy_levers"
    _sim("experiment", ROOT / "experiments/toy.yaml", "--jobs", 2, "--out", folder)
    return folder


def test_a_run_writes_every_table_to_its_last_quarter(run):
    assert read_table(run, "runs")["status"].tolist() == ["done"]
    provinces = read_table(run, "provinces")
    assert provinces["quarter"].iloc[[0, -1]].tolist() == ["2012Q1", "2016Q4"]
    assert len(provinces) == 20 * 6
    for name in TABLES:
        assert not read_table(run, name).empty


def test_the_resolved_config_gives_the_same_bytes_in_another_process(run, tmp_path):
    _sim_in_a_process_of_its_own("run", run / "config.yaml", "--out", tmp_path)
    assert _tables(tmp_path) == _tables(run)
    manifests = [json.loads((each / "manifest.json").read_text()) for each in (run, tmp_path)]
    assert manifests[0]["sha256"] == manifests[1]["sha256"]
    assert manifests[0]["config_hash"] == manifests[1]["config_hash"]


def test_until_is_inclusive_and_does_not_change_what_came_before(run, tmp_path):
    _sim("run", ROOT / "configs/toy.yaml", "--until", "2013Q2", "--csv", "--out", tmp_path)
    short, long = read_table(tmp_path, "provinces"), read_table(run, "provinces")
    assert short["quarter"].iloc[-1] == "2013Q2"
    pd.testing.assert_frame_equal(short, long[long["quarter"] <= "2013Q2"])
    assert len(pd.read_csv(tmp_path / "provinces.csv")) == len(short)


def test_figures_of_a_run_are_all_drawn_and_leave_with_their_results(run, tmp_path):
    _sim("run", run / "config.yaml", "--until", "2013Q4", "--out", tmp_path)
    drawn = {Path(line).stem for line in _sim("figures", tmp_path).split()}
    assert drawn == {name for name, spec in FIGURES.items() if not spec.compares}
    own = tmp_path / "figures" / "mine.png"
    own.touch()
    _sim("run", run / "config.yaml", "--until", "2012Q2", "--out", tmp_path)
    assert list((tmp_path / "figures").iterdir()) == [own]


def test_an_experiment_reports_every_outcome_and_draws_what_its_file_lists(experiment):
    assert set(read_table(experiment, "runs")["status"]) == {"done"}
    effects = pd.read_csv(experiment / "effects.csv")
    assert (effects["n"] == 2).all()
    assert len(effects) == 2 * effects["outcome"].nunique() == 8
    assert {each.name for each in (experiment / "figures").iterdir()} == {
        "regions.png",
        "sigma.png",
        "effects.png",
    }


def test_scenarios_are_the_same_until_the_levers_start_and_differ_after(experiment):
    runs = read_table(experiment, "runs").set_index("run")
    rows = read_table(experiment, "provinces").join(runs[["scenario", "seed"]], on="run")
    early = rows["quarter"] < "2014Q1"
    for part, same in ((rows[early], True), (rows[~early], False)):
        split = {
            name: each.drop(columns=["run", "scenario"]).reset_index(drop=True)
            for name, each in part.groupby("scenario")
        }
        assert split["baseline"].equals(split["levers"]) == same


def test_an_experiment_is_the_same_whatever_the_number_of_processes(experiment, tmp_path):
    _sim("experiment", experiment / "experiment.yaml", "--jobs", 1, "--out", tmp_path)
    assert _tables(tmp_path) == _tables(experiment)
    assert (tmp_path / "effects.csv").read_text() == (experiment / "effects.csv").read_text()


def test_compare_within_the_experiment_repeats_its_effects(experiment, tmp_path):
    _sim("compare", experiment, "--scenarios", "baseline", "levers", "--out", tmp_path)
    compared = pd.read_csv(tmp_path / "compare.csv")
    effects = pd.read_csv(experiment / "effects.csv")
    keys = ["outcome", "statistic"]
    both = effects.merge(compared, on=keys, suffixes=("", "_again"))
    assert len(both) == len(effects)
    assert both["difference"].tolist() == pytest.approx(both["difference_again"].tolist())
    assert (tmp_path / "compare.png").is_file()


def test_lists_name_settings_and_columns():
    assert "policies.compute_sharing.dose" in _sim("params")
    assumed = _sim("params", "--assumed").splitlines()
    assert len(assumed) > 1
    assert all("assumed" in line for line in assumed[1:])
    assert "gdp_per_head_real" in _sim("columns", "provinces")


def test_a_notebook_gets_the_tables_of_the_command_and_a_bar_if_it_asks(run, capsys):
    result = sim.run(ROOT / "configs/toy.yaml", until="2012Q4", progress=True)
    assert "4/4" in capsys.readouterr().err
    early = read_table(run, "provinces")
    early = early[early["quarter"] <= "2012Q4"].drop(columns="run")
    pd.testing.assert_frame_equal(result.provinces, early, check_dtype=False)
    sim.run(result.config, seed=2, set={"time.end": "2012Q1"})
    assert capsys.readouterr().err == ""


def test_growth_accounts_add_up_and_refuse_years_outside_the_run(experiment):
    lines = _sim("growth", experiment, "--last", 2015).splitlines()
    rows = {line[:25].strip(): float(line[25:].split()[0]) for line in lines[3:]}
    assert sum(rows.values()) - rows["real GDP"] == pytest.approx(rows["real GDP"], abs=0.05)
    refused = CliRunner().invoke(app, ["growth", str(experiment), "--last", "2090"])
    assert refused.exit_code == 2
    assert "two years of the run" in refused.output
