"""Digital adoption: how many firms stand at each stage."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from sim.figures import style, tidy
from sim.figures.style import Stroke

STAGE_NAMES = ("0 none", "1 digitised", "2 networked", "3 intelligent", "4 chain-wide")
STAGE_COLUMNS = tuple(f"digital_stage_{stage}" for stage in range(len(STAGE_NAMES)))


def stage_shares(provinces: pd.DataFrame) -> pd.DataFrame:
    """Share of firms at each stage by scenario, macro-region and time, mean over seeds.

    Provinces count by their number of firm agents.

    returns  scenario, region, time and one column per stage; a row adds up to 1
    """
    keys = ["scenario", "region", "time"]
    columns = []
    for column in STAGE_COLUMNS:
        means = tidy.weighted_mean(provinces, column, "firms", by=("region",))
        columns.append(means.groupby(keys)["value"].mean().rename(column))
    return pd.concat(columns, axis=1).reset_index()


def plot_stages(shares: pd.DataFrame, ax: Axes) -> Axes:
    """Stacked shares over time, stage 0 at the bottom.

    shares   time and one column per stage, rows in the order of time
    returns  the axis
    """
    ax.stackplot(
        shares["time"],
        [shares[column] for column in STAGE_COLUMNS],
        colors=style.STAGES,
        edgecolor="white",
        linewidth=0.4,
    )
    ax.set_ylim(0, 1)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=""))
    style.year_axis(ax, shares["time"].min(), shares["time"].max(), ticks=3)
    ax.grid(visible=False)
    return ax


def adoption_figure(provinces: pd.DataFrame, *, strokes: Mapping[str, Stroke]) -> Figure:
    """One panel per macro-region and scenario; a single scenario gets one row of three."""
    shares = stage_shares(provinces)
    present = set(shares["region"])
    regions = [name for name in style.REGIONS if name in present]
    single = len(strokes) == 1
    panels = [(region, name) for region in regions for name in strokes]
    rows, columns = (1, len(regions)) if single else (len(regions), len(strokes))
    seeds = provinces["seed"].nunique()
    over = "One seed" if seeds == 1 else "Mean over seeds"
    figure = style.new_figure(
        1.9 + 2.1 * columns, 1.3 + 1.75 * rows, "Firms by stage of digital transformation",
        f"{over}; provinces count by their number of firm agents.",
    )  # fmt: skip
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for at, (ax, (region, name)) in enumerate(zip(axes.flat, panels, strict=True)):
        chosen = (shares["region"] == region) & (shares["scenario"] == name)
        plot_stages(shares[chosen].sort_values("time"), ax)
        if single:
            ax.set_title(region.capitalize())
        elif at < columns:
            ax.set_title(strokes[name].label)
    for row in range(rows):
        who = "" if single else f"{regions[row].capitalize()}\n"
        axes[row, 0].set_ylabel(f"{who}firms [%]")
    keys = [Patch(color=style.STAGES[stage], label=STAGE_NAMES[stage]) for stage in (4, 3, 2, 1, 0)]
    figure.legend(handles=keys, loc="outside right center", title="Stage", alignment="left")
    return figure
