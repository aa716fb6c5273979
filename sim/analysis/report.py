"""A sweep from folder to table, text and pictures; what the command `sim sensitivity` does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import pandas as pd

from sim.analysis import pictures
from sim.analysis.best import best
from sim.analysis.listing import HEADER, best_lines, index_rows, remarks
from sim.analysis.pictures import Shown
from sim.analysis.sweep import Sweep, parameters_of
from sim.analysis.table import point_tables, sensitivity_table, sweep_values
from sim.config.load import validate
from sim.config.schema import parameters
from sim.config.values import dump
from sim.default_engine import engine
from sim.figures import style
from sim.runs.errors import ResultsError, known_name
from sim.runs.folder import write_text
from sim.terminal import aligned


def prepare(sweep: Sweep, outcomes: Sequence[str], statistic: str, *, effect: bool) -> Shown:
    """Numbers of the runs, with the units of outcomes and settings.

    outcomes   metrics; none means those that the experiment names
    statistic  "last" for the value in the last quarter, "mean" for the mean over all quarters
    effect     the paired difference to the baseline instead of the level
    raises ResultsError : no such metric or statistic, or nothing to compare with
    """
    chosen = tuple(dict.fromkeys(outcomes)) or sweep.outcomes
    if not chosen:
        raise ResultsError(
            f"{sweep.folder}: its experiment names no outcomes; name one with --outcome"
        )
    numbers = sweep_values(sweep, chosen, statistic, effect=effect)
    every = {each.name: each.unit for each in parameters(engine().schema)}
    units = {name: unit for name in sweep.settings if (unit := every.get(name))}
    return Shown(sweep, numbers, statistic, effect, units, engine().metric_unit)


def heat_axes(sweep: Sweep, across: str | None, up: str | None) -> tuple[str, str] | None:
    """Settings of the heat map; none if it is not asked for.

    raises ResultsError : one of two, twice the same, or no setting of the design
    """
    if across is None and up is None:
        return None
    if across is None or up is None or across == up:
        raise ResultsError("a heat map needs two settings, --x and --y")
    for name in (across, up):
        known_name("setting of the design", name, sweep.settings)
    return across, up


def analyse(
    shown: Shown, target: Path, *, method: str = "auto", pairs: bool = False
) -> tuple[pd.DataFrame, str]:
    """Sensitivity table, written to sensitivity.csv in `target`, and the text to print.

    raises ResultsError : no such method, nothing can be computed, or `target` is not writable
    """
    table = sensitivity_table(
        shown.sweep,
        shown.numbers,
        shown.unit_of,
        statistic=shown.statistic,
        effect=shown.effect,
        method=method,
        pairs=pairs,
    )
    path = target / "sensitivity.csv"
    write_text(path, table.to_csv(index=False, lineterminator="\n"))
    rows = aligned(HEADER, index_rows(table))
    return table, "\n".join([rows, "", *remarks(table), f"table in {path}"])


def draw(
    shown: Shown, table: pd.DataFrame, target: Path, axes: tuple[str, str] | None, fmt: str
) -> Iterator[Path]:
    """Draw the pictures into the subfolder figures; yields each file when it is written."""
    folder = target / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    with style.applied():
        drawn = chain(
            pictures.index_pictures(shown, table),
            pictures.response_pictures(shown),
            pictures.heat_pictures(shown, *axes) if axes else (),
        )
        for name, figure in drawn:
            path = folder / f"{name}.{fmt}"
            style.save(figure, path)
            yield path


def extreme(shown: Shown, target: Path, *, maximise: bool) -> str:
    """Per scenario the point with most (or least) of an outcome, and how to run it again.

    raises ResultsError : no point has all its runs, or the base config is not known
    """
    sweep, lines = shown.sweep, []
    base = base_config(sweep, target)
    for (scenario, outcome), table in point_tables(sweep, shown.numbers):
        try:
            found = best(table, maximise=maximise)
        except ValueError as reason:
            raise ResultsError(f"{sweep.folder}, {scenario}: {reason}") from None
        against = f" against {sweep.baseline}" if shown.effect else ""
        lines += best_lines(
            found,
            parameters_of(sweep, scenario, found.point),
            label=f"{scenario}: {'highest' if maximise else 'lowest'} {outcome}{against}",
            unit=shown.unit_of(outcome),
            base=base,
            seed=int(table.loc[found.point].dropna().index[0]),
        )
    return "\n".join(lines)


def base_config(sweep: Sweep, target: Path) -> Path:
    """File with the base config of a sweep; base.yaml in `target` if the experiment holds it whole.

    raises ResultsError : the experiment does not say its base
    raises ConfigError : the base is none of this version
    """
    base = sweep.document.get("base")
    if isinstance(base, str):
        return Path(base)
    if not isinstance(base, dict):
        raise ResultsError(f"{sweep.folder}: its experiment.yaml names no base config")
    write_text(target / "base.yaml", dump(validate(base, engine().schema)))
    return target / "base.yaml"
