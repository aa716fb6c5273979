"""The table `design`: the points of an experiment, and where they lie in the unit cube."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sim.runs.design import unit_points
from sim.runs.experiment import Experiment
from sim.state.table import Column

POINT = Column(np.int32, "-", "point of the design")
UNIT = "unit:"
"""Beginning of the names of columns that hold coordinates in the unit cube."""


def design_table(experiment: Experiment) -> tuple[pd.DataFrame, dict[str, Column]]:
    """Points of a design and the columns of their table.

    One row per point: the value of every setting, under its dotted name; of sampled designs also
    its coordinate in the unit cube, the probability of a smaller value, under `unit:<name>`.
    """
    frame = pd.DataFrame(list(experiment.points))
    columns = {"point": POINT}
    columns |= {str(name): _column(frame[name], "value of the setting") for name in frame}
    frame.insert(0, "point", np.arange(len(frame)))
    unit = unit_points(experiment.spec.design, experiment.spec.uncertainties)
    if unit is not None:
        repeat = len(frame) // len(unit)
        for position, name in enumerate(experiment.spec.uncertainties):
            frame[UNIT + name] = np.repeat(unit[:, position], repeat)
            columns[UNIT + name] = Column(float, "-", f"probability of a smaller {name}")
    return frame, columns


def _column(values: Any, meaning: str) -> Column:
    """Declaration of a column of whatever the values are."""
    kinds = {type(value) for value in values}
    if kinds <= {bool}:
        return Column(bool, "unit of the setting", meaning)
    if kinds <= {int}:
        return Column(np.int64, "unit of the setting", meaning)
    if kinds <= {int, float}:
        return Column(float, "unit of the setting", meaning)
    return Column(str, "unit of the setting", meaning)
