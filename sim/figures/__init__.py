"""Figures of a results folder, drawn from its tables alone."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from sim.figures import style
from sim.figures.catalogue import COMPARES, FIGURES, FigureSpec
from sim.figures.results import NotRecordedError, Results, nearest

__all__ = [
    "COMPARES",
    "FIGURES",
    "FigureSpec",
    "NotRecordedError",
    "Results",
    "build",
    "discard",
    "draw",
]

_log = logging.getLogger(__name__)


def discard(folder: Path) -> None:
    """Remove every figure that `draw` may have written for a results folder, and nothing else."""
    for name in FIGURES:
        for fmt in style.FORMATS:
            (folder / "figures" / f"{name}.{fmt}").unlink(missing_ok=True)


def build(name: str, results: Results) -> Figure:
    """Figure `name` of the results, in the house style; nothing is written.

    raises ValueError : no figure has this name; the nearest one is given
    raises NotRecordedError : the runs lack what the figure shows
    """
    if name not in FIGURES:
        raise ValueError(f"no figure is called {name!r}{nearest(name, list(FIGURES))}")
    if FIGURES[name].compares and len(results.scenarios) == 1:
        raise NotRecordedError(
            f"{results.folder}: figure {name!r} compares scenarios, and there is one"
        )
    with style.applied():
        return FIGURES[name].build(results)


def draw(folder: Path, only: Sequence[str] = (), fmt: str = "png") -> list[Path]:
    """Draw figures of a results folder into its subfolder `figures`.

    folder   folder of a run or an experiment
    only     names of the figures wanted; none means all, less comparisons if there is a single
             scenario, and less those of mechanisms not recorded, which a log message names
    fmt      png, svg or pdf; equal tables give equal bytes
    returns  the files written
    raises ValueError : no such figure or format, no results in the folder, a table is missing,
        or the runs lack what a figure asked for by name shows
    """
    unknown = [name for name in only if name not in FIGURES]
    if unknown:
        raise ValueError(f"no figure is called {unknown[0]!r}{nearest(unknown[0], list(FIGURES))}")
    if fmt not in style.FORMATS:
        raise ValueError(f"{fmt!r} is not a format of figures; use {', '.join(style.FORMATS)}")
    results = Results(folder)
    target = results.folder / "figures"
    target.mkdir(exist_ok=True)
    written = []
    single = len(results.scenarios) == 1
    for name in only or [key for key, spec in FIGURES.items() if not (spec.compares and single)]:
        try:
            figure = build(name, results)
        except NotRecordedError as reason:
            if only:
                raise
            _log.warning("figure %s left out: %s", name, reason)
            continue
        path = target / f"{name}.{fmt}"
        style.save(figure, path)
        written.append(path)
    return written
