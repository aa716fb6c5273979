"""Money of the zone governments, one small panel per zone."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sim.figures import style, tidy
from sim.figures.style import Stroke

COLUMNS = 6


def plot_zone(zone: pd.DataFrame, ax: Axes, *, strokes: Mapping[str, Stroke]) -> Axes:
    """Median over seeds of one zone's balance since its founding, one line per scenario.

    zone     scenario, time, value of one zone
    returns  the axis
    """
    ax.axhline(0, color=style.FAINT, lw=0.8)
    for name, stroke in strokes.items():
        path = zone[zone["scenario"] == name].groupby("time")["value"].median()
        ax.plot(path.index, path, color=stroke.colour, ls=stroke.dashes, lw=1.3)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=3))
    return ax


def zone_figure(
    zones: pd.DataFrame, *, title: str, label: str, unit: str, strokes: Mapping[str, Stroke]
) -> Figure:
    """Small multiples of all zones that were ever active, in the order of their founding.

    zones  rows of the zones table with `value` in `unit`; rows of inactive zones are left out
    """
    active = zones[zones["active"]]
    names = active.groupby("zone")["time"].min().sort_values(kind="stable").index
    columns = min(COLUMNS, len(names))
    rows = -(-len(names) // columns)
    figure = style.new_figure(
        1.0 + 1.95 * columns, 1.5 + 1.35 * rows, title,
        tidy.seeds_note(zones["seed"].nunique()) + " Each panel has its own vertical scale.",
    )  # fmt: skip
    axes = figure.subplots(rows, columns, squeeze=False, sharex=True)
    for ax, name in zip(axes.flat, names, strict=False):
        plot_zone(active[active["zone"] == name], ax, strokes=strokes)
        ax.set_title(name, fontsize=9)
        style.year_axis(ax, zones["time"].min(), zones["time"].max(), ticks=3)
    for ax in axes.flat[len(names) :]:
        ax.set_axis_off()
    figure.supylabel(f"{label} [{unit}]", fontsize=9.5)
    lines = [Line2D([], [], color=each.colour, ls=each.dashes) for each in strokes.values()]
    if len(lines) > 1:
        labels = [each.label for each in strokes.values()]
        figure.legend(lines, labels, loc="outside right center", title="Scenario", alignment="left")
    return figure
