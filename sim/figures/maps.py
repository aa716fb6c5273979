"""Tile maps of China: one square per province, near where it lies, all of one size."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import CenteredNorm, Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.figures import style, tidy
from sim.figures.style import Stroke

LEVELS = "YlGnBu"
DIFFERENCES = "PuOr"
LINEAR_BELOW = 0.04045  # where the sRGB curve bends
ZONE_MARK = "A dot marks a province with an active pilot free trade zone."


def plot_tiles(
    values: pd.Series,
    tiles: pd.DataFrame,
    ax: Axes,
    *,
    norm: Normalize,
    cmap: Colormap,
    write: Callable[[float], str],
    marked: Collection[int] = (),
) -> Axes:
    """Coloured square with ISO code and value per province.

    values  index province (adm code)
    tiles   index province; iso, tile_row (from the north), tile_col (from the west)
    write   text of a value
    marked  provinces that get a dot in the upper right corner
    returns the axis, without scales or frame
    """
    rows, columns = tiles["tile_row"], tiles["tile_col"]
    for code, iso, row, column in zip(tiles.index, tiles["iso"], rows, columns, strict=True):
        value = float(values.get(code, np.nan))
        known = bool(np.isfinite(value))
        text = write(value) if known else ""
        face = cmap(norm(value)) if known else mpl.colors.to_rgba(style.EMPTY)
        ink = readable_ink(face)
        corner = (column - 0.47, row - 0.47)
        ax.add_patch(Rectangle(corner, 0.94, 0.94, facecolor=face, edgecolor="#C8C8C8", lw=0.5))
        ax.annotate(iso[-2:], (column, row), (0, 4.5), textcoords="offset points", ha="center",
                    va="center", color=ink, fontsize=8.5, weight="bold")  # fmt: skip
        ax.annotate(text, (column, row), (0, -6), textcoords="offset points", ha="center",
                    va="center", color=ink, fontsize=7.5)  # fmt: skip
        if code in marked:
            ax.plot(column + 0.34, row - 0.34, "o", ms=3, color=ink, mew=0)
    ax.set_xlim(columns.min() - 0.55, columns.max() + 0.55)
    ax.set_ylim(rows.max() + 0.55, rows.min() - 0.55)
    ax.set_aspect("equal")
    ax.set_axis_off()
    return ax


def readable_ink(face: tuple[float, float, float, float]) -> str:
    """Dark or white, whichever stands out more from the colour."""
    return max((style.INK, "white"), key=lambda ink: contrast(mpl.colors.to_rgb(ink), face[:3]))


def contrast(first: Sequence[float], second: Sequence[float]) -> float:
    """Contrast ratio of two sRGB colours, from 1 (alike) to 21 (black and white).

    Source: W3C (2018), Web Content Accessibility Guidelines 2.1, "contrast ratio".
    """
    dark, light = sorted(_luminance(colour) for colour in (first, second))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Sequence[float]) -> float:
    channels = np.asarray(colour)
    linear = np.where(
        channels <= LINEAR_BELOW, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
    )
    return float(linear @ (0.2126, 0.7152, 0.0722))


def add_colour_bar(figure: Figure, ax: Axes, norm: Normalize, cmap: Colormap, label: str) -> None:
    """Slim horizontal bar below the map, with the unit of what it shows."""
    bar = figure.colorbar(
        ScalarMappable(norm, cmap), ax=ax, location="bottom", shrink=0.6, aspect=32, pad=0.02
    )
    bar.set_label(label)
    bar.outline.set_visible(False)


def province_map(
    provinces: pd.DataFrame, tiles: pd.DataFrame, *, marked: Collection[int], unit: str
) -> Figure:
    """Level of real GDP per head at the end, and mean growth until then, per province.

    provinces  rows of one scenario; medians over seeds are shown
    unit       unit of the annual level
    """
    figures = tidy.last_value(provinces, "province")
    start, end = provinces["quarter"].min(), provinces["quarter"].max()
    note = "Tiles carry ISO 3166-2 codes."
    if marked:
        note += " " + ZONE_MARK
    figure = style.new_figure(9.8, 5.9, "Real GDP per head by province", note)
    left, right = figure.subplots(1, 2)
    panels = (
        (left, figures["level"], f"Level in {end}, annual rate", f"GDP per head [{unit}]", LEVELS),
        (right, figures["growth"], f"Mean growth {start} to {end}", "growth [% / year]", "YlOrBr"),
    )
    for ax, values, title, label, colours in panels:
        norm, cmap = Normalize(values.min(), values.max()), mpl.colormaps[colours]
        plot_tiles(values, tiles, ax, norm=norm, cmap=cmap, write="{:.1f}".format, marked=marked)
        ax.set_title(title)
        add_colour_bar(figure, ax, norm, cmap, label)
    return figure


def effect_map(
    provinces: pd.DataFrame,
    tiles: pd.DataFrame,
    *,
    strokes: Mapping[str, Stroke],
    baseline: str,
) -> Figure:
    """Median paired effect of each scenario on real GDP per head in the last quarter.

    provinces  rows of all scenarios
    """
    end = provinces["quarter"].max()
    path = tidy.gdp_per_head(provinces[provinces["quarter"] == end], by=("province",))
    gaps = tidy.paired_difference(path, baseline, kind="percent", by=("province",))
    effects = gaps.groupby(["scenario", "province"])["value"].median()
    largest = float(effects.abs().max())
    norm, cmap = CenteredNorm(0, largest or 1.0), mpl.colormaps[DIFFERENCES]
    write = partial(style.signed, decimals=style.decimals_for(largest))
    others = [name for name in strokes if name != baseline]
    columns = min(2, len(others))
    rows = -(-len(others) // columns)
    note = "Median of paired differences over seeds, on one scale. Tiles carry ISO 3166-2 codes."
    title = f"Effect on real GDP per head in {end}"
    figure = style.new_figure(4.5 * columns + 0.4, 4.45 * rows + 1.1, title, note)
    axes = figure.subplots(rows, columns, squeeze=False)
    for ax, name in zip(axes.flat, others, strict=False):
        plot_tiles(effects.loc[name], tiles, ax, norm=norm, cmap=cmap, write=write)
        ax.set_title(strokes[name].label)
    for ax in axes.flat[len(others) :]:
        ax.set_axis_off()
    bar = figure.colorbar(
        ScalarMappable(norm, cmap), ax=axes, location="bottom", shrink=0.45, aspect=36, pad=0.02
    )
    bar.set_label("difference to baseline [%]")
    bar.outline.set_visible(False)
    return figure
