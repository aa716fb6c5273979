"""Figures: numbers drawn equal numbers recorded, units on the axes, same bytes, clear refusals."""

from __future__ import annotations

import shutil
import warnings
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from sim.figures import (
    FIGURES,
    NotRecordedError,
    Results,
    adoption,
    build,
    draw,
    heatmap,
    maps,
    style,
    tidy,
)
from sim.figures import effects as forest
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


# numbers


def test_gdp_per_head_counts_provinces_by_population_and_is_annual():
    rows = pd.DataFrame(
        {"scenario": "a", "seed": 1, "time": 2012.0, "region": ["east", "east", "west"],
         "gdp_real": [1.0, 6.0, 3.0], "population": [1.0, 3.0, 4.0]}
    )  # fmt: skip
    value = tidy.gdp_per_head(rows).set_index("region")["value"]
    assert value["east"] == 4 * 7 / 4
    assert value["west"] == 4 * 3 / 4


@pytest.mark.parametrize(("kind", "expected"), [("absolute", [1.0, -2.0]), ("percent", [50, -50])])
def test_differences_are_taken_between_runs_of_one_seed(kind, expected):
    series = pd.DataFrame(
        {"scenario": ["base", "base", "other", "other"], "seed": [1, 2, 2, 1],
         "time": 2012.0, "value": [2.0, 4.0, 2.0, 3.0]}
    )  # fmt: skip
    gaps = tidy.paired_difference(series, "base", kind=kind).sort_values("seed")
    assert list(gaps["scenario"]) == ["other", "other"]
    assert list(gaps["value"]) == expected


def test_band_holds_the_central_share_of_the_runs():
    series = pd.DataFrame({"time": 2012.0, "value": np.arange(101.0)})
    assert tidy.band(series, 0.90).loc[2012.0].tolist() == pytest.approx([5, 50, 95])


def test_units_follow_the_arithmetic():
    assert tidy.annual_unit("100m CNY / quarter") == "100m CNY / year"
    assert tidy.percent_unit("share of GDP") == "% of GDP"
    with pytest.raises(ValueError, match="not a flow per quarter"):
        tidy.annual_unit("10k persons")
    with pytest.raises(ValueError, match="not a share"):
        tidy.percent_unit("log points")


def test_growth_on_the_map_is_the_rate_that_leads_from_start_to_end():
    rows = pd.DataFrame(
        {"scenario": "a", "seed": 1, "time": [2012.0, 2014.0], "province": 110000,
         "gdp_real": [1.0, 1.21], "population": 1.0}
    )  # fmt: skip
    last = tidy.last_value(rows, "province").loc[110000]
    assert last["growth"] == pytest.approx(10)
    assert last["level"] == pytest.approx(4.84)


def test_stage_shares_add_up_to_one(experiment):
    shares = adoption.stage_shares(Results(experiment).provinces)
    assert shares[list(adoption.STAGE_COLUMNS)].sum(axis=1).to_numpy() == pytest.approx(1)


# style


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_names_never_touch_and_keep_their_order(places):
    gap = 0.1
    moved = style.spread(places, gap)
    order = sorted(range(len(places)), key=lambda at: places[at])
    ranked = [moved[at] for at in order]
    assert all(high - low >= gap - 1e-9 for low, high in pairwise(ranked))
    assert min(moved) >= -1e-9
    assert max(moved) <= 1 + 1e-9


def test_names_with_room_stay_where_they_are():
    assert style.spread([0.9, 0.1, 0.5], 0.2) == [0.9, 0.1, 0.5]


def test_scenarios_are_told_apart_and_the_baseline_is_always_dark():
    names = [f"s{number}" for number in range(12)]
    strokes = style.strokes(["base", *names], "base")
    assert strokes["base"].colour == "#333333"
    assert len({(each.colour, each.dashes) for each in strokes.values()}) == 13


def test_contrast_is_that_of_black_on_white():
    assert maps.contrast((0, 0, 0), (1, 1, 1)) == pytest.approx(21)
    assert maps.readable_ink((0, 0, 0.4, 1)) == "white"


@pytest.mark.parametrize("quotient", [1.5, 2.0, 4.0])
def test_quotients_above_and_below_one_are_mirrored_on_the_scale(quotient):
    assert heatmap.NORM(quotient) + heatmap.NORM(1 / quotient) == pytest.approx(1)


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


def test_a_dot_is_filled_where_the_interval_leaves_out_zero():
    table = pd.DataFrame(
        {"scenario": ["sure", "unsure", "alone"], "difference": [2.0, 1.0, 3.0],
         "low": [1.0, -1.0, np.nan], "high": [3.0, 3.0, np.nan], "relative": np.nan}
    )  # fmt: skip
    strokes = style.strokes(list(table["scenario"]), "sure")
    ax = forest.plot_forest(table, Figure().subplots(), strokes=strokes, xlabel="x")
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [dot.get_markerfacecolor() != "white" for dot in dots] == [True, False, False]
    assert len(ax.lines) == 1 + 3 + 2  # zero, dots, and the two bars that exist


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
