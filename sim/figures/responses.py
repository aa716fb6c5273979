"""How an outcome answers to the settings of a sweep: curves for one, heat maps for two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter

from sim.figures import style
from sim.figures.sensitivity import sheet, short_names
from sim.figures.style import Stroke

MOST_LEVELS = 12
"""Up to so many different values each has its own place; more are gathered in bins."""
BINS = 8
WIDE = 50.0
"""Positive values whose largest is so many times the smallest get a logarithmic axis."""
BAND = 0.90
COLUMNS = 3


@dataclass(frozen=True)
class Places:
    """Where points stand along one setting.

    at      (points,) level or bin of each point
    labels  text of each level; of each edge where the points are in bins
    centres (places,) mean value, or 0, 1, ... for texts
    binned  whether points were gathered
    """

    at: np.ndarray
    labels: tuple[str, ...]
    centres: np.ndarray
    binned: bool


def places(values: pd.Series, coordinate: np.ndarray) -> Places:
    """Levels of a setting, or bins of equal width in its unit-cube coordinate.

    values      (points,) numbers or texts
    coordinate  (points,) in [0, 1], rising with the value
    """
    code, levels = pd.factorize(values)
    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    if numeric and len(levels) > MOST_LEVELS:
        at = np.minimum((coordinate * BINS).astype(int), BINS - 1)
        order = np.argsort(coordinate)
        edges = np.interp(
            np.linspace(0, 1, BINS + 1), coordinate[order], values.to_numpy(float)[order]
        )
        counts = np.bincount(at, minlength=BINS)
        sums = np.bincount(at, weights=values.to_numpy(float), minlength=BINS)
        centres = np.divide(sums, counts, out=np.full(BINS, np.nan), where=counts > 0)
        return Places(at, tuple(f"{edge:.3g}" for edge in edges), centres, binned=True)
    middle = np.bincount(code, weights=coordinate) / np.bincount(code)
    order = np.argsort(middle)  # a value may have many coordinates: whole numbers, choices
    shown = [levels[each] for each in order]
    centres = np.array(shown if numeric else range(len(shown)), dtype=float)
    labels = tuple(f"{each:.3g}" if numeric else str(each) for each in shown)
    return Places(np.argsort(order)[code], labels, centres, binned=False)


def response(values: pd.DataFrame, place: Mapping[int, int]) -> pd.DataFrame:
    """Mean outcome and the band with 90 % of the runs, at each place along a setting.

    values   point, value: a row per run, NaN where it failed
    place    point -> level or bin
    returns  index place; columns low, mean, high
    """
    groups = values.dropna().groupby(values["point"].map(place))["value"]
    edge = (1 - BAND) / 2
    return pd.DataFrame(
        {"low": groups.quantile(edge), "mean": groups.mean(), "high": groups.quantile(1 - edge)}
    )


def plot_response(
    values: pd.DataFrame, setting: pd.Series, coordinate: np.ndarray, ax: Axes,
    *, strokes: Mapping[str, Stroke], xlabel: str,
) -> Axes:  # fmt: skip
    """Outcome against one setting: line at the mean of all runs with that value, band of 90 %.

    values      scenario, point, value: a row per run
    setting     (points,) its values, index point
    coordinate  (points,) in the unit cube
    returns     the axis
    """
    where = places(setting, coordinate)
    place = dict(zip(setting.index, where.at, strict=True))
    for name, stroke in strokes.items():
        curve = response(values[values["scenario"] == name], place)
        x = where.centres[curve.index.to_numpy(int)]
        ax.fill_between(
            x, curve["low"], curve["high"], color=stroke.colour, alpha=style.BAND_ALPHA, lw=0
        )
        ax.plot(
            x, curve["mean"], color=stroke.colour, ls=stroke.dashes, marker="o", ms=3.5,
            label=stroke.label,
        )  # fmt: skip
    finite = where.centres[np.isfinite(where.centres)]
    if not pd.api.types.is_numeric_dtype(setting) or pd.api.types.is_bool_dtype(setting):
        ax.set_xticks(where.centres, where.labels)
    elif finite.min() > 0 and finite.max() > WIDE * finite.min():
        ax.set_xscale("log")
        ax.xaxis.set_minor_formatter(NullFormatter())
    else:
        ax.xaxis.set_major_locator(MaxNLocator(nbins=4))
    ax.set_xlabel(xlabel)
    ax.ticklabel_format(axis="y", scilimits=(-3, 6), useMathText=True)
    return ax


def response_figure(
    values: pd.DataFrame, design: pd.DataFrame, x: np.ndarray,
    *, title: str, label: str, unit: str, strokes: Mapping[str, Stroke],
    units: Mapping[str, str],
) -> Figure:  # fmt: skip
    """Outcome against each setting, a panel per setting, the other settings as they come.

    values   scenario, point, seed, value
    design   index point, a column per setting
    x        (points, settings) in the unit cube
    label    what the outcome is
    unit     of the outcome
    units    of the settings
    """
    count = design.shape[1]
    columns = min(COLUMNS, count)
    rows = -(-count // columns)
    seeds = values["seed"].nunique()
    note = (
        f"Line: mean of all runs with this value or, of more than {MOST_LEVELS} values, in one of"
        f" {BINS} bins; band: 90 % of them. {len(design)} points, {seeds} seeds; other settings"
        " vary too."
    )
    figure = sheet(max(7.0, 1.2 + 3.1 * columns), 1.3 + 2.5 * rows, title, note)
    axes = figure.subplots(rows, columns, squeeze=False, sharey=True)
    names = short_names([str(name) for name in design])
    for at, (ax, setting) in enumerate(zip(axes.flat, names, strict=False)):
        plot_response(
            values, design[setting], x[:, at], ax, strokes=strokes,
            xlabel=_with_unit(names[setting], units.get(setting, "")),
        )  # fmt: skip
    for ax in axes[:, 0]:
        ax.set_ylabel(f"{label}\n[{unit}]")
    for ax in axes.flat[count:]:
        ax.set_axis_off()
    if len(strokes) > 1:
        handles, labels = axes.flat[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside right upper")
    return figure


def cell_means(values: pd.DataFrame, across: Places, up: Places, points: pd.Index) -> np.ndarray:
    """Mean outcome of the runs in each cell; NaN where there is none.

    values   point, value: a row per run, NaN where it failed
    points   of the design, in the order of both places
    returns  (places up, places across)
    """
    shape = (_count(up), _count(across))
    cell = dict(zip(points, up.at * shape[1] + across.at, strict=True))
    finished = values.dropna()
    at = finished["point"].map(cell).to_numpy(int)
    counts = np.bincount(at, minlength=shape[0] * shape[1])
    sums = np.bincount(at, weights=finished["value"], minlength=shape[0] * shape[1])
    means = np.divide(sums, counts, out=np.full(len(counts), np.nan), where=counts > 0)
    return means.reshape(shape)


def heat_figure(
    values: pd.DataFrame, design: pd.DataFrame, x: pd.DataFrame,
    *, title: str, label: str, unit: str, strokes: Mapping[str, Stroke], units: Mapping[str, str],
    difference: bool = False,
) -> Figure:  # fmt: skip
    """Mean outcome over two settings, a panel per scenario on one scale of colours.

    values      scenario, point, seed, value
    design      index point, the two settings: across, up
    x           the same columns in the unit cube
    difference  colours part at zero
    """
    across, up = (places(design[name], x[name].to_numpy(float)) for name in design)
    cells = {
        name: cell_means(values[values["scenario"] == name], across, up, design.index)
        for name in strokes
    }
    norm, colours = _scale(np.array(list(cells.values())), difference=difference)
    count = len(cells)
    note = "Mean of all runs in a cell, over seeds and over the other settings. Grey: no run."
    figure = sheet(2.2 + 3.4 * count, 4.4, title, note)
    axes = figure.subplots(1, count, squeeze=False, sharey=True)[0]
    names = short_names([str(name) for name in design])
    texts = [_with_unit(names[name], units.get(name, "")) for name in names]
    for ax, (name, grid) in zip(axes, cells.items(), strict=True):
        ax.set_facecolor(style.RULE)
        ax.pcolormesh(grid, norm=norm, cmap=colours, edgecolors="white", linewidth=0.6)
        ax.set_xticks(*_ticks(across))
        ax.set_yticks(*_ticks(up))
        ax.set_xlabel(texts[0])
        ax.set_title(style.headline(strokes[name].label), fontsize=9.5)
        ax.grid(visible=False)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
    axes[0].set_ylabel(texts[1])
    bar = figure.colorbar(ScalarMappable(norm, colours), ax=list(axes), aspect=28, pad=0.02)
    bar.set_label(f"{label} [{unit}]")
    bar.outline.set_visible(False)
    return figure


def _scale(cells: np.ndarray, *, difference: bool) -> tuple[Normalize, mpl.colors.Colormap]:
    if difference:
        most = float(np.nanmax(np.abs(cells)))
        return Normalize(-most, most), mpl.colormaps["RdBu_r"]
    return Normalize(float(np.nanmin(cells)), float(np.nanmax(cells))), mpl.colormaps["viridis"]


def _ticks(where: Places) -> tuple[np.ndarray, list[str]]:
    """Levels are named in the middle of their cells, bins at every other edge."""
    if where.binned:
        return np.arange(0, BINS + 1, 2), list(where.labels[::2])
    return np.arange(len(where.labels)) + 0.5, list(where.labels)


def _count(where: Places) -> int:
    return len(where.labels) - int(where.binned)


def _with_unit(name: str, unit: str) -> str:
    return f"{name} [{unit}]" if unit else name
