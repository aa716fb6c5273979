"""Pictures of a sweep: which are drawn, under which names, in which units."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sim.analysis.sweep import Sweep
from sim.figures import responses, sensitivity, style, tidy
from sim.metrics import metric_spec
from sim.runs.errors import known_name

STEMS = ("ranking", "morris", "response", "heatmap")
"""First words of the names of the pictures: `<stem>-<outcome>...`."""
FILES = ("sensitivity.csv", "base.yaml")
"""What an analysis writes besides them: its table, and the config that `--best` starts from."""


@dataclass(frozen=True)
class Shown:
    """What the pictures of one analysis have in common.

    sweep      the results folder
    numbers    scenario, point, seed, outcome, value, quarters: a row per run and outcome
    statistic  "last" or "mean", as the values were taken
    effect     whether the values are differences to the baseline
    units      unit of each setting that has one
    unit_of    unit of a metric
    """

    sweep: Sweep
    numbers: pd.DataFrame
    statistic: str
    effect: bool
    units: Mapping[str, str]
    unit_of: Callable[[str], str]

    @property
    def strokes(self) -> dict[str, style.Stroke]:
        """Stroke of every scenario that has values; the same as in other figures of the folder."""
        every = style.strokes(self.sweep.scenarios, self.sweep.baseline)
        present = set(self.numbers["scenario"])
        return {name: stroke for name, stroke in every.items() if name in present}

    def unit(self, outcome: str) -> tuple[float, str]:
        """Factor and unit in which an outcome is drawn: shares in per cent."""
        unit = self.unit_of(outcome)
        if not unit.startswith("share"):
            return 1.0, unit
        return 100.0, "% points" if self.effect else tidy.percent_unit(unit)

    def title(self, outcome: str) -> str:
        """What the outcome is, and when."""
        label = style.headline(metric_spec(outcome).label)
        against = f" against {style.readable(self.sweep.baseline)}" if self.effect else ""
        return f"{label}{against}, {self.numbers['quarters'].iloc[0]}"

    def of(self, outcome: str) -> pd.DataFrame:
        """Rows of one outcome in the unit in which it is drawn."""
        rows = self.numbers[self.numbers["outcome"] == outcome]
        return rows.assign(value=self.unit(outcome)[0] * rows["value"])


def index_pictures(shown: Shown, table: pd.DataFrame) -> Iterator[tuple[str, Figure]]:
    """Name and figure of the ranking of every outcome that has indices, and of Morris's plane.

    table  sensitivity table
    """
    for outcome, rows in table[table["method"] != "variance"].groupby("outcome", sort=False):
        known = rows[rows["index"] != ""]
        if known.empty:
            continue
        factor, unit = shown.unit(str(outcome))
        morris = set(known["method"]) == {"morris"}
        if morris:
            numbers = ["estimate", "low", "high"]
            known = known.assign(**{name: factor * known[name] for name in numbers})
        note = picture_note(table[table["outcome"] == outcome])
        title = shown.title(str(outcome))
        for stem, figure in {
            "ranking": sensitivity.ranking_figure,
            **({"morris": sensitivity.plane_figure} if morris else {}),
        }.items():
            drawn = figure(known, title=title, unit=unit, strokes=shown.strokes, note=note)
            yield f"{stem}-{outcome}", drawn


def picture_note(table: pd.DataFrame) -> str:
    """Sentence on intervals, on what they rest on, and on the noise of seeds.

    table  rows of one outcome
    """
    known = table[(table["method"] != "variance") & (table["index"] != "")]
    used, dropped, counted = known.iloc[0][["used", "dropped", "counted"]]
    left_out = f", {dropped} left out for failed runs" if dropped else ""
    noise = table.loc[table["index"] == "noise share of means", "estimate"].max()
    seeds = f" Seed noise: {round(100 * noise)} % of the variance." if np.isfinite(noise) else ""
    if noise > 1:
        seeds = " The parameters do not show above the noise of seeds."
    bars = f"Bars: 95 % intervals by bootstrap; {used} {counted}{left_out}.{seeds}"
    morris = set(known["method"]) == {"morris"}
    return f"\u03bc*: mean size of the effect of the whole range. {bars}" if morris else bars


def response_pictures(shown: Shown) -> Iterator[tuple[str, Figure]]:
    """Name and figure of the response curves of every outcome."""
    for outcome in pd.unique(shown.numbers["outcome"]):
        figure = responses.response_figure(
            shown.of(outcome),
            shown.sweep.design,
            shown.sweep.x,
            title=shown.title(outcome),
            label="difference" if shown.effect else metric_spec(outcome).label,
            unit=shown.unit(outcome)[1],
            strokes=shown.strokes,
            units=shown.units,
        )
        yield f"response-{outcome}", figure


def heat_pictures(shown: Shown, across: str, up: str) -> Iterator[tuple[str, Figure]]:
    """Name and figure of the heat map over two settings of every outcome.

    raises ResultsError : no such setting in the design
    """
    sweep = shown.sweep
    axes = [known_name("setting of the design", name, sweep.settings) for name in (across, up)]
    x = pd.DataFrame(sweep.x, columns=list(sweep.settings), index=sweep.design.index)
    for outcome in pd.unique(shown.numbers["outcome"]):
        figure = responses.heat_figure(
            shown.of(outcome),
            sweep.design[axes],
            x[axes],
            title=shown.title(outcome),
            label="difference" if shown.effect else metric_spec(outcome).label,
            unit=shown.unit(outcome)[1],
            strokes=shown.strokes,
            units=shown.units,
            difference=shown.effect,
        )
        yield f"heatmap-{outcome}-{across}-{up}", figure


def discard(folder: Path) -> None:
    """Remove what an earlier analysis of a results folder may have written, and nothing else."""
    for name in FILES:
        (folder / name).unlink(missing_ok=True)
    for stem in STEMS:
        for fmt in style.FORMATS:
            for path in (folder / "figures").glob(f"{stem}-*.{fmt}"):
                path.unlink()
