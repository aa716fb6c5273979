"""A sweep read from its folder, and the table of its indices and variance."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from sim.analysis import report
from sim.analysis.listing import remarks
from sim.analysis.sweep import by_point_and_seed, open_sweep, parameters_of, run_values
from sim.analysis.table import COLUMNS, seed_means
from sim.runs.errors import ResultsError
from tests.invented_sweep import (
    OUTCOMES,
    SETTINGS,
    SLOPES,
    TWO,
    design_of,
    linear,
    write_sweep,
    write_sweeps,
)

THEIL, UNEMPLOYMENT = OUTCOMES


def analysed(folder, out, *outcomes, statistic="last", effect=False, **options):
    shown = report.prepare(open_sweep(folder), outcomes, statistic, effect=effect)
    return report.analyse(shown, out, **options)[0]


def pick(table, index, scenario="baseline", outcome=THEIL):
    rows = table[(table["index"] == index) & (table["scenario"] == scenario)]
    return rows[rows["outcome"] == outcome].set_index("setting").sort_index()


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return write_sweeps(tmp_path_factory.mktemp("sweeps"))


# numbers of runs


def test_numbers_are_those_of_the_last_quarter_or_the_mean_and_failed_runs_have_none(tmp_path):
    x = design_of("latin_hypercube", 6)
    sweep = open_sweep(write_sweep(tmp_path / "a", "table", x=x, noise=0, failed={(2, 1)}))
    last = by_point_and_seed(run_values(sweep, [THEIL], "last"), sweep.design.index)
    wanted = np.repeat(linear(x)[:, None], 3, axis=1)
    wanted[2, 0] = np.nan
    assert last.to_numpy() == pytest.approx(wanted, nan_ok=True)
    assert list(last.columns) == [1, 2, 3]
    values = run_values(sweep, [THEIL], "mean")
    mean = by_point_and_seed(values, sweep.design.index)
    assert mean.to_numpy() == pytest.approx(wanted - 0.1, nan_ok=True)
    assert set(values["quarters"]) == {"2012Q4-2013Q2"}


def test_what_a_run_left_before_it_failed_does_not_count(tmp_path):
    folder = write_sweep(tmp_path / "a", "table", x=design_of("latin_hypercube", 6))
    runs = pd.read_parquet(folder / "runs.parquet")
    runs.loc[runs["point"] == 2, "status"] = "timed out"
    runs.to_parquet(folder / "runs.parquet")
    values = run_values(open_sweep(folder), [THEIL], "last")
    assert set(values.loc[values["value"].isna(), "point"]) == {2}


def test_means_take_points_with_all_shared_seeds_or_with_their_own():
    shared = np.array([[1.0, 3.0], [5.0, np.nan], [np.nan, np.nan]])
    assert seed_means(shared) == pytest.approx([2, np.nan, np.nan], nan_ok=True)
    own = np.array([[1.0, 3.0, np.nan], [np.nan, np.nan, 5.0]])
    assert seed_means(own) == pytest.approx([2, 5])


def test_a_design_without_coordinates_is_read_by_its_values(tmp_path):
    folder = write_sweep(tmp_path / "a", "table", x=design_of("latin_hypercube", 6))
    design = pd.read_parquet(folder / "design.parquet")[["point", *SETTINGS]]
    design["policies.digital_subsidy.targets"] = ["zones", "all", "zones", "all", "all", "zones"]
    design.sample(frac=1, random_state=1).to_parquet(folder / "design.parquet")
    sweep = open_sweep(folder)
    values = design[SETTINGS[0]].to_numpy()
    assert sweep.x[:, 0] == pytest.approx((values - values.min()) / np.ptp(values))
    assert sweep.x[:, 3].tolist() == [1, 0, 1, 0, 0, 1]


# table


def test_morris_of_a_sweep_gives_the_slopes_in_spite_of_a_failure(folders, tmp_path):
    table = analysed(folders["morris"], tmp_path)
    assert tuple(table.columns) == COLUMNS
    order = np.argsort(SETTINGS)
    mu = pick(table, "mu")
    assert mu["estimate"].to_numpy() == pytest.approx(SLOPES[order])
    assert pick(table, "sigma")["estimate"].to_numpy() == pytest.approx(0, abs=1e-12)
    assert set(mu["used"]) == {7}
    assert set(mu["dropped"]) == {1}
    other = pick(table, "mu", "digital")["estimate"]
    assert other[SETTINGS[2]] == pytest.approx(SLOPES[2] - 0.15)
    written = pd.read_csv(tmp_path / "sensitivity.csv")
    assert written["estimate"].to_numpy() == pytest.approx(table["estimate"].to_numpy())


def test_effects_are_paired_with_the_baseline_of_the_same_point_and_seed(folders, tmp_path):
    table = analysed(folders["factorial"], tmp_path, THEIL, effect=True)
    assert set(table["scenario"]) == {"digital"}
    assert set(table["baseline"]) == {"baseline"}
    found = pick(table, "SRC", "digital")["estimate"]
    assert found[SETTINGS[2]] == pytest.approx(-1)  # noise and other settings cancel
    assert pick(table, "SRRC", "digital").loc[SETTINGS[2], "estimate"] == pytest.approx(-1)
    assert table.loc[table["index"] == "share of seeds", "estimate"].item() == pytest.approx(0)


def test_a_failed_run_takes_its_block_or_point_and_nothing_else(folders, tmp_path):
    """Equal to a sweep that never had the block of point 5 (size 8) or the point itself."""
    for name, dropped in (("sobol", range(8)), ("latin_hypercube", [5])):
        x = open_sweep(folders[name]).x
        rest = np.setdiff1d(np.arange(len(x)), dropped)
        whole = analysed(folders[name], tmp_path, THEIL)
        folder = shutil.copytree(folders[name], tmp_path / name)
        design = pd.read_parquet(folder / "design.parquet")
        design[design["point"].isin(rest)].to_parquet(folder / "design.parquet")
        part = analysed(folder, tmp_path, THEIL)
        columns = ["index", "setting", "estimate", "low", "high", "used"]
        one, other = (t[t["method"] != "variance"][columns] for t in (whole, part))
        pd.testing.assert_frame_equal(one, other)
        assert set(whole.loc[whole["method"] != "variance", "dropped"]) == {1}


def test_variance_is_told_apart_and_failed_runs_are_counted(tmp_path):
    x = design_of("latin_hypercube", 200)
    folder = write_sweep(tmp_path / "a", "table", x=x, noise=0.1, seeds=6, failed={(0, 1), (9, 3)})
    table = analysed(folder, tmp_path, THEIL)
    rows = table[table["method"] == "variance"].set_index("index")
    assert set(rows["used"]) == {1198}
    assert set(rows["dropped"]) == {2}
    exact = (SLOPES**2).sum() / 12
    parts = rows["estimate"]
    assert parts["variance of parameters"] == pytest.approx(exact, rel=0.1)
    assert parts["variance of seeds x points"] == pytest.approx(0.01, rel=4 * np.sqrt(2 / 995))
    share = rows.loc["noise share of means"]
    assert share["low"] <= (0.01 / 6) / (exact + 0.01 / 6) <= share["high"]


def test_the_noise_of_seeds_is_told_in_words(tmp_path):
    x = design_of("latin_hypercube", 30)
    folder = write_sweep(tmp_path / "a", "table", x=x, noise=0.1, seeds=4)
    table = analysed(folder, tmp_path, THEIL)
    share = table.loc[table["index"] == "share of seeds", "estimate"].item()
    (line,) = remarks(table)
    assert f"seed noise explains {round(100 * share)} % (" in line
    table.loc[table["index"] == "variance of parameters", "estimate"] = -0.01
    (line,) = remarks(table)
    assert "the parameters do not show above the noise of seeds" in line


def test_what_cannot_be_computed_says_why_and_the_rest_goes_on(tmp_path):
    x = design_of("latin_hypercube", 6)
    x[:, 0] = np.linspace(0, 1, 6).round() / 2  # then unemployment does not vary
    folder = write_sweep(tmp_path / "a", "table", x=x, seeds=1)
    table = analysed(folder, tmp_path)
    notes = table[table["outcome"] == UNEMPLOYMENT].set_index("method")["note"]
    assert notes["regression"] == "the outcome is the same at every point"
    assert "apart" in notes["variance"]
    assert np.isfinite(pick(table, "SRC")["estimate"]).all()
    assert any("no regression result: the outcome is the same" in each for each in remarks(table))


def test_regression_of_a_morris_design_is_there_when_asked_for(folders, tmp_path):
    table = analysed(folders["morris"], tmp_path, THEIL, method="regression")
    assert pick(table, "R2")["estimate"].item() == pytest.approx(1)


def test_folders_that_are_no_sweep_are_refused(folders, tmp_path):
    folder = shutil.copytree(folders["morris"], tmp_path / "copy")
    design = pd.read_parquet(folder / "design.parquet")
    design.iloc[:-1].to_parquet(folder / "design.parquet")
    with pytest.raises(ResultsError, match="called morris, but its points form no trajectories"):
        analysed(folder, tmp_path)
    design[["point"]].to_parquet(folder / "design.parquet")
    with pytest.raises(ResultsError, match="no settings that vary"):
        open_sweep(folder)
    (folder / "design.parquet").unlink()
    with pytest.raises(ResultsError, match="only an experiment with a design"):
        open_sweep(folder)


def test_a_design_too_small_says_how_much_is_left(tmp_path):
    folder = write_sweep(tmp_path / "a", "morris", x=design_of("morris", 2), failed={(0, 1)})
    with pytest.raises(ResultsError, match=r"1 of 2 trajectories .* at least 2 are needed"):
        analysed(folder, tmp_path)


def test_two_runs_of_one_point_and_seed_are_refused(folders, tmp_path):
    folder = shutil.copytree(folders["sobol"], tmp_path / "copy")
    runs = pd.read_parquet(folder / "runs.parquet")
    runs.loc[1, "point"] = runs.loc[0, "point"]
    runs.to_parquet(folder / "runs.parquet")
    with pytest.raises(ResultsError, match="same scenario, point and seed"):
        analysed(folder, tmp_path)


def test_a_design_repeated_for_two_branches_is_analysed_for_one(tmp_path):
    x = np.repeat(design_of("morris", 6), 2, axis=0)
    folder = write_sweep(tmp_path / "a", "morris", x=x, noise=0, scenarios=TWO)
    design = pd.read_parquet(folder / "design.parquet")
    design["branch"] = ["2012Q4", "2013Q1"] * (len(x) // 2)
    design.to_parquet(folder / "design.parquet")
    with pytest.raises(ResultsError, match="2012Q4, 2013Q1; choose one with --branch"):
        analysed(folder, tmp_path)
    with pytest.raises(ResultsError, match="did you mean 2013Q1"):
        open_sweep(folder, "2013Q2")
    sweep = open_sweep(folder, "2013Q1")
    assert list(sweep.design.index) == list(range(1, len(x), 2))
    shown = report.prepare(sweep, [THEIL], "last", effect=True)
    table, _ = report.analyse(shown, tmp_path)
    found = pick(table, "mu", "digital")["estimate"]
    assert found[SETTINGS[2]] == pytest.approx(-0.15)
    assert set(table.loc[table["method"] == "morris", "used"]) == {6}


def test_the_word_branch_becomes_the_quarter_after_it(tmp_path):
    folder = write_sweep(tmp_path / "a", "table", x=design_of("latin_hypercube", 6))
    runs = pd.read_parquet(folder / "runs.parquet")
    runs["parameters"] = json.dumps({"branch": "2013Q4", "a.start": "branch", "a.dose": 1.0})
    runs.to_parquet(folder / "runs.parquet")
    changes = parameters_of(open_sweep(folder), "baseline", 0)
    assert changes == {"a.start": "2014Q1", "a.dose": 1.0}
