"""Location quotients: which province is specialised in which industry."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from sim.figures import style

RANGE = 4.0
"""Colours end at 1/4 and 4: beyond, a province hardly has, or nearly owns, an industry."""

NO_ACTIVITY = "#B4B4B4"
NORM = LogNorm(1 / RANGE, RANGE)
COLOURS = mpl.colormaps["RdBu_r"]


def plot_quotients(quotients: pd.DataFrame, ax: Axes, *, names: Mapping[int, str]) -> Axes:
    """Grid of coloured cells on a logarithmic scale centred at 1; empty cells are grey.

    quotients  provinces x industries, in the order in which they are to be drawn
    names      what is written for each province
    returns    the axis
    """
    ax.set_facecolor(NO_ACTIVITY)
    cells = quotients.to_numpy(dtype=float)
    shown = np.ma.masked_where(~(cells > 0), cells)
    ax.pcolormesh(shown, norm=NORM, cmap=COLOURS, edgecolors="white", linewidth=0.6)
    ax.set_xticks(np.arange(quotients.shape[1]) + 0.5, list(quotients.columns))
    ax.set_yticks(np.arange(quotients.shape[0]) + 0.5, [names[code] for code in quotients.index])
    ax.invert_yaxis()
    ax.grid(visible=False)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


LEAST_ROWS = 8
"""Rows that the picture has room for at least, so that titles and legend fit."""


def quotient_figure(
    quotients: pd.DataFrame,
    regions: Mapping[int, str],
    *,
    provinces: Mapping[int, str],
    industries: Mapping[str, str],
    quarter: str,
) -> Figure:
    """Location quotients of one scenario in one quarter, provinces grouped by macro-region.

    quotients   provinces (by code) x industries (by code)
    regions     macro-region of each province
    provinces   what is written for each province
    industries  name of each industry
    """
    note = (
        "Share of an industry in the employment of the province over its share in national"
        " employment; employment is the mean over seeds. Grey: none."
    )
    title = f"Location quotients by province and industry, {quarter}"
    groups = {
        name: rows
        for name in style.REGIONS
        if (rows := [code for code in quotients.index if regions[code] == name])
    }
    figure = style.new_figure(9.2, 2.9 + 0.235 * max(len(quotients), LEAST_ROWS), title, note)
    axes = figure.subplots(
        len(groups), 1, squeeze=False, height_ratios=[len(rows) for rows in groups.values()]
    )[:, 0]
    for ax, (region, rows) in zip(axes, groups.items(), strict=True):
        plot_quotients(quotients.loc[rows], ax, names=provinces)
        ax.set_title(region.capitalize(), color=style.REGIONS[region])
        ax.tick_params(labelbottom=False)
    names = [f"{code}  {short_name(industries.get(str(code), ''))}" for code in quotients]
    axes[-1].tick_params(labelbottom=True)
    axes[-1].set_xticklabels(names, rotation=40, ha="right", rotation_mode="anchor")
    _add_scale(figure, axes)
    return figure


def short_name(name: str) -> str:
    """Name without the list after a colon, cut between words at 36 letters."""
    first = name.partition(":")[0]
    return textwrap.shorten(first, 36, placeholder=" \u2026", break_on_hyphens=False)


def _add_scale(figure: Figure, axes: np.ndarray) -> None:
    bar = figure.colorbar(
        ScalarMappable(NORM, COLOURS),
        ax=axes,
        location="top",
        extend="both",
        shrink=0.5,
        aspect=34,
        pad=0.015,
    )
    bar.set_ticks([1 / 4, 1 / 2, 1, 2, 4], labels=["1/4", "1/2", "1", "2", "4"])
    bar.minorticks_off()
    bar.set_label("location quotient [1 = national mean], log scale")
    bar.outline.set_visible(False)
