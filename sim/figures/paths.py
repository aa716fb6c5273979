"""Series over time: levels, paired differences to the baseline, and panels made of both."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec

from sim.figures import style, tidy
from sim.figures.style import Stroke

MOST_BANDS = 2
"""Bands that can overlap and still be told apart."""


def plot_paths(
    series: pd.DataFrame,
    ax: Axes,
    *,
    by: str,
    strokes: Mapping[str, Stroke],
    ylabel: str,
    banded: Collection[str] | None = None,
) -> Axes:
    """Median and central 90 % band over seeds, one line per group.

    series   columns time, value and `by`; several rows per time are the seeds
    by       column that tells the lines apart
    strokes  stroke of each group; groups not named are not drawn
    ylabel   label of the vertical axis, with its unit
    banded   groups that get a band; None means all
    returns  the axis
    """
    for group, stroke in strokes.items():
        rows = series[series[by] == group]
        if rows.empty:
            continue
        path = tidy.band(rows)
        if banded is None or group in banded:
            edges = path["low"], path["high"]
            ax.fill_between(path.index, *edges, color=stroke.colour, alpha=style.BAND_ALPHA, lw=0)
        ax.plot(path.index, path["middle"], color=stroke.colour, ls=stroke.dashes)
    ax.set_ylabel(ylabel)
    ax.margins(x=0)
    style.year_axis(ax, series["time"].min(), series["time"].max())
    return ax


def name_paths(
    series: pd.DataFrame, ax: Axes, *, by: str, strokes: Mapping[str, Stroke], height: float
) -> Axes:
    """Write the name of each group at the end of its median line; `height` of the axis [inch]."""
    last = series[series["time"] == series["time"].max()]
    middle = last.groupby(by)["value"].median()
    ends = [(middle[group], stroke) for group, stroke in strokes.items() if group in middle.index]
    style.label_ends(ax, ends, height=height)
    return ax


def plot_difference(
    series: pd.DataFrame, ax: Axes, *, strokes: Mapping[str, Stroke], baseline: str, ylabel: str
) -> Axes:
    """Paired difference to the baseline, which is the line at zero.

    series   scenario, time, value: differences of runs with the same seed
    returns  the axis
    """
    ax.axhline(0, color=strokes[baseline].colour, lw=1.2)
    return plot_paths(series, ax, by="scenario", strokes=strokes, ylabel=ylabel)


def band_note(seeds: int) -> str:
    """Sentence that says what lines and bands are."""
    if seeds == 1:
        return "One seed, so no band is drawn."
    return f"{tidy.seeds_note(seeds)} Bands: central 90 % of the seeds."


def scenario_figure(
    series: pd.DataFrame,
    *,
    title: str,
    label: str,
    unit: str,
    difference_unit: str,
    strokes: Mapping[str, Stroke],
    baseline: str,
) -> Figure:
    """Levels of every scenario and, beside them, the paired differences to the baseline.

    Effects of a policy are small against levels and against noise between seeds; the difference
    between runs with the same seed shows them. With a single scenario only levels are drawn;
    with more than two, levels have a band for the baseline alone, as five bands hide one another.

    series  scenario, seed, time, value in `unit`
    """
    several = len(strokes) > 1
    note = band_note(series["seed"].nunique())
    if several:
        note += " Right: each run less the baseline run with the same seed."
        if len(strokes) > MOST_BANDS:
            note += " Left: band of the baseline only."
    figure = style.new_figure(10.4 if several else 6.4, 4.0, title, note)
    axes = figure.subplots(1, 2 if several else 1, squeeze=False)[0]
    banded = (baseline,) if len(strokes) > MOST_BANDS else tuple(strokes)
    ylabel = f"{label}\n[{unit}]"
    plot_paths(series, axes[0], by="scenario", strokes=strokes, ylabel=ylabel, banded=banded)
    if several:
        axes[0].set_title("Level")
        gaps = tidy.paired_difference(series, baseline, kind="absolute")
        axes[1].set_title("Difference to baseline")
        plot_difference(
            gaps, axes[1], strokes=strokes, baseline=baseline,
            ylabel=f"difference\n[{difference_unit}]",
        )  # fmt: skip
        name_differences(gaps, axes[1], strokes=strokes, baseline=baseline, height=2.9)
    return figure


def name_differences(
    gaps: pd.DataFrame, ax: Axes, *, strokes: Mapping[str, Stroke], baseline: str, height: float
) -> Axes:
    """Names at the ends of the difference lines, the baseline at zero among them."""
    zero = gaps.drop_duplicates("time").assign(scenario=baseline, value=0.0)
    return name_paths(pd.concat([zero, gaps]), ax, by="scenario", strokes=strokes, height=height)


def region_figure(
    series: pd.DataFrame,
    *,
    title: str,
    label: str,
    unit: str,
    strokes: Mapping[str, Stroke],
    baseline: str,
    kind: tidy.Kind = "percent",
    from_zero: bool = True,
) -> Figure:
    """Baseline path of each macro-region and, beside it, every scenario's paired difference.

    series     scenario, seed, time, region, value in `unit`
    kind       how differences are measured: "percent" of the baseline, or "absolute" (of a
               value in %, so in % points)
    from_zero  let the axis of levels begin at zero
    """
    several = len(strokes) > 1
    note = band_note(series["seed"].nunique())
    if several:
        note += " Right: each run against the baseline run with the same seed."
    figure = style.new_figure(10.4 if several else 6.4, 5.6 if several else 4.2, title, note)
    present = set(series["region"])
    regions = {name: each for name, each in style.region_strokes().items() if name in present}
    grid = figure.add_gridspec(len(regions), 2, width_ratios=[1.15, 1]) if several else None
    left = figure.add_subplot(grid[:, 0]) if grid else figure.add_subplot()
    levels = series[series["scenario"] == baseline]
    plot_paths(levels, left, by="region", strokes=regions, ylabel=f"{label}\n[{unit}]")
    if from_zero:
        left.set_ylim(bottom=0)
    name_paths(levels, left, by="region", strokes=regions, height=4.4 if several else 3.2)
    if grid:
        left.set_title(strokes[baseline].label.capitalize())
        axes = _difference_column(figure, grid, list(regions))
        gaps = tidy.paired_difference(series, baseline, kind=kind, by=("region",))
        ylabel = "[%]" if kind == "percent" else "[% points]"
        _draw_differences(axes, gaps, strokes, baseline, ylabel)
    return figure


def _difference_column(
    figure: Figure, grid: GridSpec, regions: Sequence[str]
) -> Mapping[str, Axes]:
    """Empty panels on the right, one per macro-region, all on one scale."""
    axes: dict[str, Axes] = {}
    for row, region in enumerate(regions):
        first = axes[regions[0]] if axes else None
        ax = figure.add_subplot(grid[row, 1], sharex=first, sharey=first)
        ax.set_title(f"{region.capitalize()}: difference to baseline")
        ax.tick_params(labelbottom=row == len(regions) - 1)
        axes[region] = ax
    return axes


def _draw_differences(
    axes: Mapping[str, Axes],
    gaps: pd.DataFrame,
    strokes: Mapping[str, Stroke],
    baseline: str,
    ylabel: str,
) -> None:
    """Fill the panels of the macro-regions, and name the lines once the shared scale is final."""
    parts = {region: gaps[gaps["region"] == region] for region in axes}
    for region, ax in axes.items():
        plot_difference(parts[region], ax, strokes=strokes, baseline=baseline, ylabel=ylabel)
    for region, ax in axes.items():
        name_differences(parts[region], ax, strokes=strokes, baseline=baseline, height=1.1)
