"""Sensitivity indices: settings ranked with their intervals, and the plane of Morris."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.figures import style
from sim.figures.style import Stroke

COLUMNS = 3
MOST_NAMED = 8
"""Points of Morris's plane that are named; near the origin names would lie on each other."""

INDICES: Mapping[str, Stroke] = {
    "mu_star": Stroke("\u03bc*", "#0072B2"),
    "ST": Stroke("ST, with\ninteractions", "#0072B2"),
    "S1": Stroke("S1, alone", "#D55E00"),
    "SRC": Stroke("SRC, values", "#0072B2"),
    "SRRC": Stroke("SRRC, ranks", "#D55E00"),
}
"""Indices that are ranked: what the legend says and the colour; the first of a method sorts."""


def short_names(names: Sequence[str]) -> dict[str, str]:
    """Each dotted name by its last two parts, or as many as make it differ from the others."""
    found = {}
    for name in names:
        parts = name.split(".")
        for count in range(2, len(parts) + 1):
            ending = ".".join(parts[-count:])
            if sum(f".{other}".endswith(f".{ending}") for other in names) == 1:
                break
        else:
            ending = name
        found[name] = ending
    return found


def sheet(width: float, height: float, title: str, note: str) -> Figure:
    """Empty figure [inch] with title and note in as many lines as they take beside a legend."""
    title = textwrap.fill(title, int(8.5 * (width - 1.4)))
    return style.new_figure(width, height, title, textwrap.fill(note, int(15 * width)))


def plot_ranking(table: pd.DataFrame, ax: Axes, *, order: Sequence[str], xlabel: str) -> Axes:
    """One row per setting: a dot at each index, a bar over its 95 % interval.

    table   index, setting, estimate, low, high: one scenario and outcome
    order   settings from top to bottom
    returns the axis
    """
    ax.axvline(0, color=style.FAINT, lw=1.0)
    present = [name for name in INDICES if name in set(table["index"])]
    for line, index in enumerate(present):
        stroke = INDICES[index]
        rows = table[table["index"] == index].set_index("setting").reindex(list(order))
        shift = 0.22 * (line - (len(present) - 1) / 2)
        places = [place + shift for place in range(len(order))]
        ax.hlines(places, rows["low"], rows["high"], color=stroke.colour, lw=2.2)
        face = stroke.colour if line == 0 else "white"
        ax.plot(
            rows["estimate"], places, "o", ms=5, mfc=face, mec=stroke.colour, mew=1.5,
            label=stroke.label,
        )  # fmt: skip
    names = short_names(order)
    ax.set_yticks(range(len(order)), [names[name] for name in order])
    ax.set_ylim(len(order) - 0.5, -0.5)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=4))
    ax.ticklabel_format(axis="x", scilimits=(-3, 6), useMathText=True)
    ax.set_xlabel(xlabel)
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    return ax


def ranked(table: pd.DataFrame) -> list[str]:
    """Settings by the size of the first index, largest first; equal ones by name.

    table  index, setting, estimate, of one scenario
    """
    main = next(name for name in INDICES if name in set(table["index"]))
    rows = table[table["index"] == main]
    sizes = dict(zip(rows["setting"], rows["estimate"].abs(), strict=True))
    return sorted(sizes, key=lambda name: (-sizes[name], name))


def ranking_figure(
    table: pd.DataFrame, *, title: str, unit: str, strokes: Mapping[str, Stroke], note: str
) -> Figure:
    """Indices of one outcome, a panel per scenario; the first scenario sorts the settings.

    table    scenario, index, setting, estimate, low, high
    unit     of the outcome: Morris's indices carry it, the others are pure numbers
    strokes  name of each scenario, in order
    note     what stands in small type
    """
    shown = [name for name in strokes if name in set(table["scenario"])]
    order = ranked(table[table["scenario"] == shown[0]])
    morris = "mu_star" in set(table["index"])
    xlabel = f"\u03bc* [{unit}]" if morris else "index [-]"
    figure, axes = _panels(len(shown), 0.85 + 0.34 * len(order), title, note)
    for ax, name in zip(axes, shown, strict=False):
        plot_ranking(table[table["scenario"] == name], ax, order=order, xlabel=xlabel)
        ax.set_title(style.headline(strokes[name].label), fontsize=9.5)
    handles, labels = axes[0].get_legend_handles_labels()
    if len(labels) > 1:
        figure.legend(handles, labels, loc="outside right upper")
    return figure


def plot_plane(table: pd.DataFrame, ax: Axes, *, unit: str) -> Axes:
    """Mean size of the elementary effects of each setting against their spread.

    Near or above the dashed line (equal) the effect of a setting hangs on the other settings or
    on where in its range it stands.

    table   index, setting, estimate, low, high: mu_star and sigma of one scenario
    returns the axis
    """
    star, spread = (
        table[table["index"] == index].set_index("setting") for index in ("mu_star", "sigma")
    )
    edge = 1.12 * max(star["high"].max(), spread["high"].max())
    ax.plot([0, edge], [0, edge], color=style.FAINT, lw=1.0, ls=(0, (4, 2)))
    colour = INDICES["mu_star"].colour
    ax.hlines(spread["estimate"], star["low"], star["high"], color=colour, lw=1, alpha=0.5)
    ax.vlines(star["estimate"], spread["low"], spread["high"], color=colour, lw=1, alpha=0.5)
    ax.plot(star["estimate"], spread["estimate"], "o", ms=5, color=colour)
    across, up = star["estimate"], spread["estimate"].reindex(star.index)
    far = pd.Series(np.hypot(across, up), star.index).nlargest(MOST_NAMED).index
    for name, text in short_names([str(each) for each in star.index]).items():
        if name in far:
            at = across[name], up[name]
            ax.annotate(text, at, (5, 5), textcoords="offset points", fontsize=8.5)
    ax.set_xlim(0, 1.3 * edge)  # room for the last name
    ax.set_ylim(-0.03 * edge, edge)
    ax.ticklabel_format(scilimits=(-3, 6), useMathText=True)
    ax.set_xlabel(f"\u03bc*: mean size of the effect [{unit}]")
    return ax


def plane_figure(
    table: pd.DataFrame, *, title: str, unit: str, strokes: Mapping[str, Stroke], note: str
) -> Figure:
    """Morris's plane of one outcome, a panel per scenario; arguments as in `ranking_figure`."""
    shown = [name for name in strokes if name in set(table["scenario"])]
    if len(set(table["setting"])) > MOST_NAMED:
        note = f"{note} Named: the {MOST_NAMED} farthest from 0."
    figure, axes = _panels(len(shown), 3.4, title, note)
    axes[0].set_ylabel(f"\u03c3: its spread [{unit}]")
    for ax, name in zip(axes, shown, strict=False):
        plot_plane(table[table["scenario"] == name], ax, unit=unit)
        ax.set_title(style.headline(strokes[name].label), fontsize=9.5)
    return figure


def _panels(count: int, height: float, title: str, note: str) -> tuple[Figure, list[Axes]]:
    """Figure with so many panels of a height [inch]; those left over are blank."""
    columns = min(COLUMNS, count)
    rows = -(-count // columns)
    width = max(7.4, 1.6 + 3.3 * columns)
    figure = sheet(width, 1.2 + rows * height, title, note)
    axes = list(figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).flat)
    for ax in axes[count:]:
        ax.set_axis_off()
    return figure, axes
