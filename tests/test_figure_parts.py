"""Parts of figures: sums, differences, bands, labels, colours and marks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Text

from sim.figures import effects as forest
from sim.figures import heatmap, maps, style, tidy

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


def test_real_wage_is_annual_and_at_consumer_prices():
    rows = pd.DataFrame(
        {"scenario": "a", "seed": 1, "time": 2012.0, "region": "east", "population": [1.0, 3.0],
         "wage_g": [2.0, 4.0], "consumer_price": [1.0, 2.0]}
    )  # fmt: skip
    assert tidy.real_wage(rows)["value"].tolist() == [4 * (2 + 3 * 2) / 4]


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


def test_numbers_in_tiles_show_two_digits_of_the_largest_and_no_signed_zero():
    assert [style.decimals_for(value) for value in (0, 32, 3.2, 0.32, -0.032)] == [1, 1, 1, 2, 3]
    assert [style.signed(value, 1) for value in (2.04, -2.04, -0.04)] == [
        "+2.0",
        "\u22122.0",
        "0.0",
    ]


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


@pytest.mark.parametrize(("low", "said"), [(np.nan, "so there is no interval"), (0.5, "Student")])
def test_points_under_one_seed_are_not_said_to_have_bars(low, said):
    table = pd.DataFrame(
        {"scenario": ["lever"], "outcome": "a", "statistic": "last", "quarters": "2012Q4",
         "unit": "-", "n": 9, "difference": 1.0, "low": low, "high": 2 - low, "relative": 0.1}
    )  # fmt: skip
    strokes = style.strokes(["base", "lever"], "base")
    with style.applied():
        figure = forest.forest_figure(table, labels={"a": "A"}, strokes={"lever": strokes["lever"]})
    assert any(said in text.get_text() for text in figure.findobj(Text))
