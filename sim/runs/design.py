"""The design of an experiment: how many points it has, which they are, and what is wrong with it.

Points are the same on every machine: they follow from the design and its seed alone.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sim.config.document import Document
from sim.config.errors import ConfigError, Place, Problem, dotted
from sim.runs.designs import (
    AnyDesign,
    DesignConfig,
    SampledDesign,
    SingleDesign,
    TableDesign,
    ZippedDesign,
)
from sim.runs.designs.base import Point, Uncertainties
from sim.runs.designs.check import check_design
from sim.runs.designs.listed import read_table
from sim.runs.designs.sampling import salib_problem

__all__ = [
    "AnyDesign",
    "DesignConfig",
    "Point",
    "SingleDesign",
    "Uncertainties",
    "check_design",
    "count",
    "places",
    "points",
    "salib_problem",
    "unit_points",
]


def count(design: AnyDesign, uncertainties: Uncertainties, folder: Path = Path()) -> int:
    """Number of points of a design, without making them.

    folder  folder of the experiment file, from which the path of a table starts
    raises ConfigError : the design cannot be used with these uncertainties, or its table not read
    """
    _refuse(design, uncertainties)
    return design.count(uncertainties, folder)


def points(design: AnyDesign, uncertainties: Uncertainties, folder: Path = Path()) -> list[Point]:
    """Points of a design: dotted name of a setting -> plain Python value.

    They come in the order of the design, which is that in which SALib's analyses read results.

    folder  folder of the experiment file, from which the path of a table starts
    raises ConfigError : see `count`; a cell of the table without value
    """
    _refuse(design, uncertainties)
    return design.points(uncertainties, folder)


def unit_points(design: AnyDesign, uncertainties: Uncertainties) -> np.ndarray | None:
    """Points of a sampled design in the unit cube; None of a design that is written down.

    returns  (points, uncertainties), 0 to 1: probabilities whose quantiles are the values
    raises ConfigError : see `count`
    """
    _refuse(design, uncertainties)
    return design.unit(uncertainties) if isinstance(design, SampledDesign) else None


def places(
    design: AnyDesign, uncertainties: Uncertainties, document: Document, folder: Path = Path()
) -> list[dict[str, Place]]:
    """Where the values of each point were written, for errors about them.

    document  the experiment as written
    returns   per point: dotted name -> line of a table or list, or of the uncertainty
    raises ConfigError : see `points`
    """
    if isinstance(design, TableDesign):
        file = folder / design.file
        table = read_table(file)
        return [dict.fromkeys(table.names, Place(file, line)) for line in table.lines]
    if isinstance(design, ZippedDesign):
        paths = {name: ("design", "settings", name) for name in design.settings}
        return [
            {name: document.place((*path, str(row))) for name, path in paths.items()}
            for row in range(count(design, uncertainties))
        ]
    sampled = {name: document.place(("uncertainties", name)) for name in uncertainties}
    return [sampled] * count(design, uncertainties, folder)


def _refuse(design: AnyDesign, uncertainties: Uncertainties) -> None:
    problems = [
        Problem(each.problem, field=dotted(each.path), allowed=each.allowed)
        for each in design.faults(uncertainties)
    ]
    if problems:
        raise ConfigError(*problems)
