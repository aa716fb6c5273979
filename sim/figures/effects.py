"""Forest plots: the paired effect of every scenario on every outcome, with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.figures import style
from sim.figures.style import Stroke

COLUMNS = 3


def plot_forest(
    effects: pd.DataFrame, ax: Axes, *, strokes: Mapping[str, Stroke], xlabel: str
) -> Axes:
    """One row per scenario: a dot at the mean difference, a bar over its 95 % interval.

    A filled dot means that the interval leaves out zero. A bar is missing where a single pair of
    runs gives no interval. On the right stands the difference in per cent of the baseline.

    effects  scenario, difference, low, high, relative: one outcome, one row per scenario
    returns  the axis
    """
    ax.axvline(0, color=style.FAINT, lw=1.0)
    rows = effects.set_index("scenario")
    decimals = style.decimals_for(100 * float(np.abs(np.nan_to_num(rows["relative"])).max()))
    for place, (name, stroke) in enumerate(strokes.items()):
        if name not in rows.index:
            continue
        numbers = rows.loc[[name], ["low", "difference", "high", "relative"]].to_numpy(float)
        low, middle, high, relative = numbers[0]
        if np.isfinite(low):
            ax.plot([low, high], [place, place], color=stroke.colour, lw=2.2, solid_capstyle="butt")
        face = stroke.colour if low > 0 or high < 0 else "white"
        ax.plot(middle, place, "o", ms=5, mfc=face, mec=stroke.colour, mew=1.5)
        if np.isfinite(relative):
            share = f"{style.signed(100 * relative, decimals)} %"
            ax.annotate(share, (1, place), (4, 0), xycoords=("axes fraction", "data"),
                        textcoords="offset points", va="center", color=style.FAINT,
                        fontsize=8.5)  # fmt: skip
    ax.set_yticks(range(len(strokes)), [stroke.label for stroke in strokes.values()])
    ax.set_ylim(len(strokes) - 0.5, -0.5)
    ax.margins(x=0.1)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=4))
    ax.ticklabel_format(axis="x", scilimits=(-3, 6), useMathText=True)
    ax.set_xlabel(xlabel)
    ax.grid(visible=False, axis="y")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    return ax


def forest_figure(
    effects: pd.DataFrame,
    *,
    labels: Mapping[str, str],
    strokes: Mapping[str, Stroke],
    statistic: str = "last",
) -> Figure:
    """One panel per outcome, each in its own unit.

    effects    table of paired effects: scenario, outcome, statistic, quarters, unit, n,
               difference, low, high, relative
    labels     what is written above the panel of each outcome
    strokes    strokes of the scenarios compared, without the baseline
    statistic  "last" for the last quarter, "mean" for the mean over all quarters
    """
    chosen = effects[effects["statistic"] == statistic]
    outcomes: Sequence[str] = list(dict.fromkeys(chosen["outcome"]))
    columns = min(COLUMNS, len(outcomes))
    rows = -(-len(outcomes) // columns)
    pairs = chosen["n"].max()
    when = chosen["quarters"].iloc[0]
    known = bool(chosen["low"].notna().any())
    note = f"{_pairs_note(pairs, known=known)} Numbers: % of the baseline mean."
    figure = style.new_figure(
        1.6 + 3.1 * columns, 1.1 + rows * (0.85 + 0.3 * len(strokes)),
        f"Effects against the baseline, {when}", note,
    )  # fmt: skip
    axes = figure.subplots(rows, columns, squeeze=False, sharey=True)
    for ax, outcome in zip(axes.flat, outcomes, strict=False):
        one = chosen[chosen["outcome"] == outcome]
        unit = one["unit"].iloc[0]
        if unit.startswith("share"):
            one, unit = _in_points(one), "% points"
        plot_forest(one, ax, strokes=strokes, xlabel=f"difference [{unit}]")
        ax.set_title(style.headline(labels[outcome]), fontsize=9.5)
    for ax in axes.flat[len(outcomes) :]:
        ax.set_axis_off()
    return figure


def _pairs_note(pairs: int, *, known: bool) -> str:
    """Sentences that say what dots and bars are; `known` if there are bars."""
    if pairs == 1:
        return "Difference of one pair of runs (same seed), so there is no interval."
    if not known:
        return f"Mean of {pairs} paired differences under one seed, so there is no interval."
    return (
        f"Mean of {pairs} paired differences (same seed), bar: 95 % interval by Student's t."
        " Filled: the interval leaves out zero."
    )


def _in_points(effects: pd.DataFrame) -> pd.DataFrame:
    """Effects on a share, in percentage points."""
    columns = ["difference", "low", "high"]
    return effects.assign(**{column: 100 * effects[column] for column in columns})
