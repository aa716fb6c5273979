"""Effects of a design from the runs to effects.csv: which runs are paired, and over what time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.runs.compare import compare_folders
from sim.runs.designs import (
    AnyDesign,
    FractionalFactorialDesign,
    LatinHypercubeDesign,
    MorrisDesign,
    SobolDesign,
)
from sim.runs.errors import ResultsError
from sim.runs.pairing import PairLedger
from tests.tiny_experiment import TEXT, load, produce, write
from tests.tiny_model import engine

SPREAD = "uncertainties: {price: {low: 1.0, high: 9.0, levels: 3}}\n"
FEW = TEXT.replace("count: 2", "count: 4").replace(
    "  both: {policies.lever: {dose: 0.5}, price: 3.0}\n", ""
)


def _made(top: Path, text: str) -> Path:
    produce(load(write(top, text)), top / "out")
    return top / "out"


def _effects(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "effects.csv").set_index("statistic")


@pytest.mark.parametrize(
    "design", ["{kind: latin_hypercube, samples: 5}", "{kind: full_factorial}"]
)
def test_an_effect_that_is_the_same_at_every_point_has_the_interval_of_its_seeds(tmp_path, design):
    folder = _made(tmp_path, f"{FEW}{SPREAD}design: {design}\n")
    row = _effects(folder).loc["last"]
    effects = 0.1 + 0.01 * np.arange(5, 9)
    half = stats.t.ppf(0.975, 3) * effects.std(ddof=1) / 2
    assert row["difference"] == pytest.approx(effects.mean(), rel=1e-12)
    assert (row["high"] - row["low"]) / 2 == pytest.approx(half, rel=1e-9)
    assert row["n"] == 4 * len(pd.read_parquet(folder / "design.parquet"))


@pytest.mark.parametrize("breaks", ["", ", breaks_seed: 6"])
@pytest.mark.parametrize(
    "design", ["{kind: latin_hypercube, samples: 5}", "{kind: sobol, samples: 2}"]
)
def test_two_scenarios_of_a_folder_compare_as_its_effects_say(tmp_path, design, breaks):
    lever = f"{{policies.lever: {{dose: 1.0{breaks}}}}}"
    text = FEW.replace("{policies.lever.dose: 1.0}", lever)
    folder = _made(tmp_path, f"{text}{SPREAD}design: {design}\n")
    told = compare_folders(folder, folder, ("none", "lever"), engine())
    told = told[told["outcome"] == "sigma_gdp_per_head"].set_index("statistic")
    for column in ("n", "baseline_mean", "difference", "low", "high", "variance_removed"):
        assert told[column].to_numpy() == pytest.approx(_effects(folder)[column].to_numpy())


def test_outcomes_end_with_the_shortest_run_of_any_point(tmp_path):
    design = "design: {kind: zipped, settings: {time.end: [2013Q4, 2012Q3, 2013Q1]}}\n"
    folder = _made(tmp_path, FEW.replace("set: {time.end: 2012Q4}\n", "") + design)
    effects = _effects(folder)
    assert effects["n"].tolist() == [12, 12]
    assert effects["quarters"].tolist() == ["2012Q3", "2012Q1-2012Q3"]
    told = compare_folders(folder, folder, ("none", "lever"), engine())
    assert told["quarters"].tolist()[:2] == ["2012Q3", "2012Q1-2012Q3"]


def test_points_of_a_design_that_is_not_known_are_not_compared(tmp_path):
    folder = _made(tmp_path, f"{FEW}{SPREAD}design: {{kind: full_factorial}}\n")
    (folder / "experiment.yaml").write_text("design: {kind: new}\n")
    with pytest.raises(ResultsError, match="does not say which design its points are of"):
        compare_folders(folder, folder, ("none", "lever"), engine())


@pytest.mark.parametrize(
    ("design", "expected"),
    [
        (LatinHypercubeDesign(kind="latin_hypercube", samples=4), 2),
        (SobolDesign(kind="sobol", samples=4), 6),
        (SobolDesign(kind="sobol", samples=4, second_order=True), 8),
        (MorrisDesign(kind="morris", trajectories=4), 0),
        (FractionalFactorialDesign(kind="fractional_factorial"), 0),
    ],
)
def test_points_that_come_with_one_draw_are_those_of_a_block_at_every_branch(
    tmp_path, design: AnyDesign, expected
):
    spec = load(
        write(tmp_path, FEW + SPREAD + "design: {kind: latin_hypercube, samples: 4}\n")
    ).spec
    update = {"design": design, "branch": ("2012Q1", "2012Q2")}
    assert spec.model_copy(update=update).points_per_draw() == expected


def test_a_ledger_pairs_the_runs_of_a_point_and_seed_in_whatever_order_scenarios_come():
    def run(quarters: str, value: float) -> pd.DataFrame:
        return pd.DataFrame({"quarter": quarters.split(), "metric": "a", "value": value})

    ledger = PairLedger("base", "2012Q2", ("a", "b"))
    ledger.enter("lever", 0, 1, run("2012Q1 2012Q2", 3.0))
    ledger.enter("base", 0, 1, run("2012Q1", 1.0))
    ledger.enter("lever", 0, 2, run("2012Q2", 5.0))  # its baseline failed
    ledger.enter("base", 1, 2, run("2012Q2 2012Q3", 1.0))
    ledger.enter("lever", 1, 2, run("2012Q2 2012Q3", 7.0))
    pairs = ledger.pairs("lever", "a").set_index(["statistic", "point", "seed"])
    assert pairs.loc["mean", "value_other"].to_dict() == {(0, 1): 3.0, (1, 2): 7.0}
    last = pairs.loc["last", "value_other"]
    assert np.isnan(last[0, 1])
    assert last[1, 2] == 7.0
    assert ledger.present == {"a"}
    assert ledger.pairs("lever", "b")["value_other"].isna().all()
    assert ledger.pairs("base", "a").empty
