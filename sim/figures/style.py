"""The look of the figures: palette, type sizes, labels at line ends, files with stable bytes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

INK = "#262626"
FAINT = "#6E6E6E"
RULE = "#E4E4E4"
EMPTY = "#EFEFEF"
BAND_ALPHA = 0.16

REGIONS: Mapping[str, str] = {"east": "#004488", "central": "#B8860B", "west": "#BB5566"}
"""Macro-regions in their usual order and their colours (after Tol, yellow darkened)."""

STAGES: tuple[str, ...] = ("#E3E6EA", "#B5CDE1", "#6FA8CF", "#2C74B3", "#0B2F63")
"""Digital stages 0 to 4, light to dark, so that the order survives a grey print."""

_SCENARIO_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe-Ito
_DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1.5, 1.2)))

_RC: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # ships with matplotlib: the same glyphs on every machine
    "font.size": 9.5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "axes.linewidth": 0.7,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.formatter.useoffset": False,
    "grid.color": RULE,
    "grid.linewidth": 0.7,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "lines.linewidth": 1.7,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "figure.titlesize": 12,
    "figure.titleweight": "bold",
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.w_pad": 0.06,
    "figure.constrained_layout.h_pad": 0.06,
    "figure.dpi": 200,
    "svg.hashsalt": "sim",  # identifiers inside an SVG are drawn from this, not from the clock
    "pdf.fonttype": 42,
}

_NO_DATE: Mapping[str, Mapping[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
}
FORMATS: tuple[str, ...] = tuple(_NO_DATE)


@dataclass(frozen=True)
class Stroke:
    """How a scenario is drawn: colour, line style, and the name a reader sees."""

    label: str
    colour: str
    dashes: Any = "-"


def applied() -> AbstractContextManager[None]:
    """Context in which every figure is built and written."""
    return mpl.rc_context(_RC)


def readable(name: str) -> str:
    """Scenario or metric name as a reader wants it: `all_three` becomes "all three"."""
    return name.replace("_", " ")


def signed(value: float, decimals: int) -> str:
    """Number with a sign, a true minus, and no sign on what rounds to zero."""
    rounded = round(value, decimals)
    return f"{rounded:+.{decimals}f}".replace("-", "\u2212") if rounded else f"{0:.{decimals}f}"


def decimals_for(largest: float) -> int:
    """Decimals, from one to four, that show two digits of the largest number of a panel."""
    if largest == 0:
        return 1
    return min(4, max(1, 1 - math.floor(math.log10(abs(largest)))))


def headline(label: str) -> str:
    """Label with its first letter in upper case, the rest as it is."""
    return label[:1].upper() + label[1:]


def strokes(scenarios: Sequence[str], baseline: str) -> dict[str, Stroke]:
    """Stroke of every scenario: dark grey for the baseline, then colours in the given order.

    A scenario keeps its stroke in all figures of a folder. After six scenarios the colours repeat
    with another dash pattern.
    """
    others = [name for name in scenarios if name != baseline]
    drawn = {baseline: Stroke(readable(baseline), "#333333")}
    for at, name in enumerate(others):
        turn, colour = divmod(at, len(_SCENARIO_COLOURS))
        drawn[name] = Stroke(
            readable(name), _SCENARIO_COLOURS[colour], _DASHES[min(turn, len(_DASHES) - 1)]
        )
    return {name: drawn[name] for name in scenarios}


def region_strokes() -> dict[str, Stroke]:
    """Stroke of every macro-region."""
    return {name: Stroke(name.capitalize(), colour) for name, colour in REGIONS.items()}


def new_figure(width: float, height: float, title: str, note: str = "") -> Figure:
    """Empty figure with a title at the top left and a note in small type at the bottom left.

    width, height  size of the figure [inch]
    """
    figure = Figure(figsize=(width, height))
    figure.suptitle(title, x=0.008, ha="left")
    if note:
        figure.supxlabel(note, x=0.008, ha="left", fontsize=8, color=FAINT)
    return figure


def year_axis(ax: Axes, start: float, end: float, ticks: int = 6) -> None:
    """Let the horizontal axis run from `start` to `end` with up to `ticks` whole years marked."""
    ax.set_xlim(start, end if end > start else start + 0.25)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=ticks, integer=True, min_n_ticks=2))
    ax.grid(visible=False, axis="x")


def label_ends(ax: Axes, ends: Sequence[tuple[float, Stroke]], *, height: float) -> None:
    """Write the name of each line at its right end, pushed apart so that no two names touch.

    ends    value at the right end and stroke of each line
    height  height of the axis [inch]; a name takes 0.17 inch
    """
    low, high = ax.get_ylim()
    ax.set_ylim(low, high)
    places = spread([(value - low) / (high - low) for value, _ in ends], 0.17 / height)
    for (_, stroke), place in zip(ends, places, strict=True):
        ax.annotate(
            stroke.label,
            (1.0, place),
            xycoords="axes fraction",
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            color=stroke.colour,
            fontsize=9,
            annotation_clip=False,
        )


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Places moved as little as needed so that neighbours are at least `gap` apart.

    Runs of names that touch are centred on the mean of the places they wanted, so the order
    stays; they remain between 0 and 1 where there is room. Equal places keep the order in which
    they are given.
    """
    order = sorted(range(len(places)), key=lambda at: places[at])
    blocks: list[list[int]] = []

    def first(block: list[int]) -> float:
        length = gap * (len(block) - 1)
        wanted = sum(places[at] for at in block) / len(block) - length / 2
        return max(0.0, min(wanted, 1.0 - length))

    for at in order:
        blocks.append([at])
        while len(blocks) > 1 and first(blocks[-1]) < first(blocks[-2]) + gap * len(blocks[-2]):
            last = blocks.pop()
            blocks[-1] += last
    moved = [0.0] * len(places)
    for block in blocks:
        for rank, at in enumerate(block):
            moved[at] = first(block) + gap * rank
    return moved


def save(figure: Figure, path: Path) -> None:
    """Write `figure` to `path`; the suffix names the format, and no date enters the file.

    The layout is settled once and then kept, which saves matplotlib a second search for it.
    """
    with applied():
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
        figure.savefig(path, metadata=dict(_NO_DATE[path.suffix.removeprefix(".")]))
