"""The picture of a comparison: what `sim compare` prints, as dots with intervals."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sim.figures import style
from sim.figures.effects import forest_figure
from sim.metrics import metric_spec


def draw_comparison(effects: pd.DataFrame, path: Path) -> None:
    """Forest plot of paired effects, one panel per outcome, in the last quarter.

    effects  table with the columns of `sim.runs.compare.COLUMNS`
    path     file to write; its ending gives the format
    """
    ends = effects[(effects["statistic"] == "last") & (effects["n"] > 0)]
    baseline = str(ends["baseline"].iloc[0])
    strokes = style.strokes([baseline, *dict.fromkeys(ends["scenario"])], baseline)
    compared = {name: stroke for name, stroke in strokes.items() if name != baseline}
    labels = {name: metric_spec(name).label for name in ends["outcome"].unique()}
    with style.applied():
        style.save(forest_figure(ends, labels=labels, strokes=compared), path)
