"""Numbers of the runs of a sweep whose runs end, or are defined, in different quarters."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sim.analysis.sweep import open_sweep, run_values
from sim.analysis.table import sweep_values
from sim.runs.errors import ResultsError
from tests.invented_sweep import OUTCOMES, design_of, linear, write_sweep

THEIL, UNEMPLOYMENT = OUTCOMES
X = design_of("latin_hypercube", 6)


@pytest.fixture
def folder(tmp_path) -> Path:
    """Sweep in which both scenarios are the same, without noise."""
    scenarios = {"baseline": 0.0, "longer": 0.0}
    return write_sweep(tmp_path, "latin_hypercube", x=X, seeds=2, noise=0, scenarios=scenarios)


def change_metrics(folder: Path, keep) -> None:
    """Leave only rows of the metrics that `keep` (rows with scenario and point -> mask) wants."""
    runs = pd.read_parquet(folder / "runs.parquet")[["run", "scenario", "point"]]
    metrics = pd.read_parquet(folder / "metrics.parquet").merge(runs, on="run")
    metrics[keep(metrics)][["run", "quarter", "metric", "value"]].to_parquet(
        folder / "metrics.parquet"
    )


def last_of_baseline(rows: pd.DataFrame) -> pd.Series:
    return (rows["scenario"] == "baseline") & (rows["quarter"] == "2013Q2")


def test_scenarios_are_compared_up_to_the_quarter_that_all_of_them_reach(folder):
    change_metrics(folder, lambda rows: ~last_of_baseline(rows))
    sweep = open_sweep(folder)
    last = run_values(sweep, [THEIL], "last")
    assert set(last["quarters"]) == {"2013Q1"}
    assert last["value"].to_numpy() == pytest.approx(linear(X)[last["point"]] - 0.1)
    for statistic in ("last", "mean"):
        effects = sweep_values(sweep, [THEIL], statistic, effect=True)
        assert set(effects["scenario"]) == {"longer"}
        assert effects["value"].to_numpy() == pytest.approx(0, abs=1e-12)
    assert set(effects["quarters"]) == {"2012Q4-2013Q1"}


def test_the_shortest_run_may_be_of_any_point(folder):
    change_metrics(folder, lambda rows: (rows["point"] != 3) | (rows["quarter"] == "2012Q4"))
    last = run_values(open_sweep(folder), [THEIL], "last")
    assert set(last["quarters"]) == {"2012Q4"}
    assert last["value"].notna().all()


@pytest.mark.parametrize("outcomes", [[THEIL], [UNEMPLOYMENT, THEIL]])
def test_an_outcome_that_is_not_defined_at_the_end_takes_no_earlier_quarter(folder, outcomes):
    change_metrics(folder, lambda rows: (rows["metric"] != THEIL) | (rows["quarter"] != "2013Q2"))
    values = run_values(open_sweep(folder), outcomes, "last").set_index("outcome")["value"]
    assert values[THEIL].isna().all()
    if UNEMPLOYMENT in outcomes:
        assert values[UNEMPLOYMENT].notna().all()


def test_an_effect_is_taken_over_the_quarters_in_which_both_are_defined(folder):
    change_metrics(folder, lambda rows: (rows["metric"] != THEIL) | ~last_of_baseline(rows))
    sweep = open_sweep(folder)
    mean = sweep_values(sweep, [THEIL], "mean", effect=True)
    assert mean["value"].to_numpy() == pytest.approx(0, abs=1e-12)
    assert sweep_values(sweep, [THEIL], "last", effect=True)["value"].isna().all()


@pytest.mark.parametrize("scenario", ["baseline", "longer"])
def test_a_scenario_all_of_whose_runs_failed_has_no_effects(folder, scenario):
    runs = pd.read_parquet(folder / "runs.parquet")
    runs.loc[runs["scenario"] == scenario, "status"] = "failed"
    runs.to_parquet(folder / "runs.parquet")
    effects = sweep_values(open_sweep(folder), [THEIL], "mean", effect=True)
    assert len(effects) == 12
    assert effects["value"].isna().all()
    runs.assign(status="failed").to_parquet(folder / "runs.parquet")
    with pytest.raises(ResultsError, match="every run failed"):
        sweep_values(open_sweep(folder), [THEIL], "mean", effect=True)
