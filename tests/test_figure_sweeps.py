"""Pictures of sweeps: levels and bins, cells, order of settings, names."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from sim.figures.responses import BINS, cell_means, heat_figure, places, plot_response, response
from sim.figures.sensitivity import MOST_NAMED, plot_plane, ranked, short_names
from sim.figures.style import Stroke

ONE = {"baseline": Stroke("baseline", "#333333")}


def test_names_are_as_short_as_they_can_be_told_apart():
    names = ["a.x.dose", "b.x.dose", "migration.cost", "q"]
    assert short_names(names) == {
        "a.x.dose": "a.x.dose", "b.x.dose": "b.x.dose", "migration.cost": "migration.cost", "q": "q"
    }  # fmt: skip
    assert short_names(["policies.sme_credit.dose"]) == {
        "policies.sme_credit.dose": "sme_credit.dose"
    }
    assert short_names(["x.dose", "a.x.dose"]) == {"x.dose": "x.dose", "a.x.dose": "a.x.dose"}


def test_few_values_are_levels_and_texts_keep_their_names():
    where = places(pd.Series([0.5, 2.0, 0.5]), np.array([0.0, 1.0, 0.0]))
    assert (where.at.tolist(), where.labels, where.binned) == ([0, 1, 0], ("0.5", "2"), False)
    assert where.centres.tolist() == [0.5, 2.0]
    texts = places(pd.Series(["zones", "all"]), np.array([0.75, 0.25]))
    assert (texts.at.tolist(), texts.labels) == ([1, 0], ("all", "zones"))
    many = pd.Series(["b", "a", "b", "c"])  # a choice has a whole interval of coordinates
    assert places(many, np.array([0.4, 0.1, 0.6, 0.9])).at.tolist() == [1, 0, 1, 2]
    switch = places(pd.Series([True, False]), np.array([0.75, 0.25]))
    assert (switch.labels, switch.centres.tolist()) == (("False", "True"), [0.0, 1.0])


def test_many_values_are_gathered_by_their_coordinate():
    coordinate = np.linspace(0, 1, 41)
    values = pd.Series(10.0 ** (4 * coordinate - 2))
    where = places(values, coordinate)
    assert where.binned
    assert where.at.min() == 0
    assert where.at.max() == BINS - 1
    assert where.labels[0] == "0.01"
    assert where.labels[BINS // 2] == "1"
    assert where.labels[-1] == "100"
    assert where.centres[0] == pytest.approx(values[coordinate < 1 / BINS].mean())


def test_a_response_is_the_mean_of_the_finished_runs_at_each_place():
    values = pd.DataFrame({"point": [0, 0, 1, 2], "value": [1.0, 3.0, 5.0, np.nan]})
    found = response(values, {0: 0, 1: 1, 2: 1})
    assert found["mean"].tolist() == [2, 5]
    assert found["low"].tolist() == pytest.approx([1.1, 5])
    assert found["high"].tolist() == pytest.approx([2.9, 5])


def test_cells_hold_the_mean_of_their_runs_across_then_up():
    across = places(pd.Series([1.0, 2.0, 3.0, 1.0]), np.array([0.0, 0.5, 1.0, 0.0]))
    up = places(pd.Series([5.0, 5.0, 6.0, 6.0]), np.array([0.0, 0.0, 1.0, 1.0]))
    values = pd.DataFrame({"point": [7, 7, 8, 9, 4, 4], "value": [1.0, 2.0, 3.0, 4.0, 5.0, np.nan]})
    found = cell_means(values, across, up, pd.Index([7, 8, 9, 4]))
    wanted = [[1.5, 3.0, np.nan], [5.0, np.nan, 4.0]]
    assert found == pytest.approx(np.array(wanted), nan_ok=True)


def test_a_heat_map_of_differences_parts_at_zero():
    design = pd.DataFrame({"a.b": [0.0, 1.0], "a.c": [0.0, 1.0]})
    values = pd.DataFrame({"scenario": "baseline", "point": [0, 1], "value": [-1.0, 3.0]})
    about = {"title": "t", "label": "difference", "unit": "-", "strokes": ONE, "units": {}}
    for difference, limits in ((True, (-3, 3)), (False, (-1, 3))):
        figure = heat_figure(values, design, design, **about, difference=difference)
        assert figure.axes[0].collections[0].get_clim() == limits
        assert figure.axes[0].get_xlabel() == "a.b"
        assert figure.axes[0].get_ylabel() == "a.c"


def test_wide_positive_ranges_get_a_logarithmic_axis():
    for high, scale in ((100.0, "log"), (10.0, "linear")):
        ax = Figure().subplots()
        setting = pd.Series([1.0, high])
        values = pd.DataFrame({"scenario": "baseline", "point": [0, 1], "value": [1.0, 2.0]})
        plot_response(values, setting, np.array([0.0, 1.0]), ax, strokes=ONE, xlabel="x")
        assert ax.get_xscale() == scale


def test_settings_are_ranked_by_size_whatever_the_sign():
    table = pd.DataFrame(
        [("SRC", "a", 0.1), ("SRC", "b", -0.9), ("SRC", "c", 0.5), ("SRRC", "a", 1.0)],
        columns=["index", "setting", "estimate"],
    )
    assert ranked(table) == ["b", "c", "a"]


def test_the_plane_puts_size_across_and_spread_up_and_names_the_farthest():
    count = MOST_NAMED + 3
    names = [f"m.s{at}" for at in range(count)]
    rows = [(i, n, at + d, at, at + 1) for i, d in (("mu_star", 0), ("sigma", 0.5))
            for at, n in enumerate(names)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["index", "setting", "estimate", "low", "high"])
    ax = plot_plane(table, Figure().subplots(), unit="-")
    dots = ax.lines[-1]
    assert dots.get_xdata() == pytest.approx(np.arange(count))
    assert dots.get_ydata() == pytest.approx(np.arange(count) + 0.5)
    assert {text.get_text() for text in ax.texts} == set(names[-MOST_NAMED:])
