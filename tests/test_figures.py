"""Figures: numbers drawn equal numbers recorded, units on the axes, same bytes, clear refusals."""

from __future__ import annotations

import shutil
import warnings

import pandas as pd
import pytest
from matplotlib.figure import Figure

from sim.figures import FIGURES, NotRecordedError, Results, adoption, build, draw
from sim.metrics import metric_spec
from sim.model.outputs import PROVINCES
from tests.invented_results import write_results

SCENARIOS = ("baseline", "digital", "all_three")
COMPARING = {"effects", "effect_map"}


@pytest.fixture(scope="module")
def experiment(tmp_path_factory):
    return write_results(tmp_path_factory.mktemp("experiment"), SCENARIOS, seeds=3, quarters=9)


@pytest.fixture(scope="module")
def single(tmp_path_factory):
    return write_results(tmp_path_factory.mktemp("single"), ["toy"], seeds=1, quarters=8)


@pytest.fixture
def copy(experiment, tmp_path):
    return shutil.copytree(experiment, tmp_path / "copy", ignore=shutil.ignore_patterns("figures"))


# pictures


def test_every_figure_is_drawn_with_the_glyphs_it_needs(experiment):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        written = draw(experiment)
    assert [path.name for path in written] == [f"{name}.png" for name in FIGURES]
    assert all(path.parent == experiment / "figures" and path.stat().st_size for path in written)


def test_a_single_run_gives_all_figures_that_need_no_comparison(single):
    results = Results(single)
    for name in FIGURES.keys() - COMPARING:
        assert isinstance(build(name, results), Figure)
    for name in COMPARING:
        with pytest.raises(NotRecordedError, match="compares scenarios"):
            build(name, results)


@pytest.mark.parametrize("fmt", ["png", "svg", "pdf"])
def test_equal_tables_give_equal_bytes(copy, fmt):
    (first,) = draw(copy, ["regions"], fmt)
    before = first.read_bytes()
    first.unlink()
    (second,) = draw(copy, ["regions"], fmt)
    assert second == first
    assert second.read_bytes() == before


def test_the_lines_are_the_medians_of_the_table(experiment):
    results = Results(experiment)
    east = results.provinces.query("scenario == 'baseline' and region == 'east'")
    sums = east.groupby(["time", "seed"])[["gdp_real", "population"]].sum()
    median = (4 * sums["gdp_real"] / sums["population"]).groupby("time").median()
    line = build("regions", results).axes[0].lines[0]
    assert line.get_ydata() == pytest.approx(median.to_numpy())


def test_axes_carry_the_units_of_the_schema_and_of_the_metrics(experiment):
    results = Results(experiment)
    unit = PROVINCES["gdp_per_head_real"].unit.replace("quarter", "year")
    assert f"[{unit}]" in build("regions", results).axes[0].get_ylabel()
    sigma = metric_spec("sigma_gdp_per_head")
    level, difference = build("sigma", results).axes
    assert level.get_ylabel() == f"{sigma.label}\n[{sigma.unit}]"
    assert f"[{sigma.unit}]" in difference.get_ylabel()
    assert "[% / year]" in build("growth", results).axes[0].get_ylabel()


def test_stage_shares_add_up_to_one(experiment):
    shares = adoption.stage_shares(Results(experiment).provinces)
    assert shares[list(adoption.STAGE_COLUMNS)].sum(axis=1).to_numpy() == pytest.approx(1)


# refusals


def test_failed_runs_are_left_out(copy):
    runs = pd.read_parquet(copy / "runs.parquet")
    runs.loc[runs["seed"] == 3, "status"] = "failed"
    runs.to_parquet(copy / "runs.parquet")
    assert set(Results(copy).provinces["seed"]) == {1, 2}


def test_the_baseline_is_the_one_the_experiment_names(copy):
    (copy / "experiment.yaml").write_text("baseline: digital\n", "utf-8")
    assert Results(copy).scenarios == ("digital", "baseline", "all_three")


def test_a_missing_column_leaves_its_figure_out_and_is_named_when_asked_for(copy, monkeypatch):
    table = pd.read_parquet(copy / "provinces.parquet").drop(columns="digital_stage_3")
    table.to_parquet(copy / "provinces.parquet")
    with pytest.raises(NotRecordedError, match="no provinces column digital_stage_3"):
        draw(copy, ["adoption"])
    few = {name: FIGURES[name] for name in ("adoption", "sigma")}
    monkeypatch.setattr("sim.figures.FIGURES", few)
    assert [path.name for path in draw(copy)] == ["sigma.png"]


def test_a_missing_table_is_an_error_even_when_all_figures_are_wanted(copy):
    (copy / "metrics.parquet").unlink()
    with pytest.raises(ValueError, match="metrics"):
        draw(copy)


def test_an_unknown_metric_gives_the_nearest_name(experiment):
    with pytest.raises(NotRecordedError, match="did you mean 'theil_gdp_per_head'"):
        Results(experiment).metric("teil_gdp_per_head")


def test_unknown_names_are_refused_before_anything_is_read(tmp_path):
    with pytest.raises(ValueError, match="did you mean 'sigma'"):
        draw(tmp_path, ["sigmma"])
    with pytest.raises(ValueError, match="png, svg, pdf"):
        draw(tmp_path, ["sigma"], "bmp")
    with pytest.raises(ValueError, match="results"):
        draw(tmp_path, ["sigma"])
    assert not list(tmp_path.iterdir())
