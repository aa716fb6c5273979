"""Reader of a sweep: its design, and one number per run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from ruamel.yaml import YAML

from sim.runs.compare import common_end
from sim.runs.design_table import UNIT
from sim.runs.errors import ResultsError, known_name
from sim.runs.experiment import BRANCH, after
from sim.runs.folder import read_manifest, read_table
from sim.runs.pairing import STATISTICS, VALUES, paired_statistics, statistics

KEYS = ["scenario", "point", "seed"]


@dataclass(frozen=True)
class Sweep:
    """A results folder with a design.

    folder    where it stands
    runs      table `runs`: every run, failed ones too
    design    index point, in order; one column per setting with its value
    x         (points, settings) coordinates in the unit cube
    document  experiment.yaml
    """

    folder: Path
    runs: pd.DataFrame
    design: pd.DataFrame
    x: np.ndarray
    document: dict[str, Any]

    @property
    def settings(self) -> tuple[str, ...]:
        """Dotted names of the uncertain settings."""
        return tuple(self.design.columns)

    @property
    def kind(self) -> str:
        """Kind of the design, as the experiment names it."""
        return str((self.document.get("design") or {}).get("kind", "table"))

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Scenarios in the order of the runs, the baseline first."""
        names = [str(name) for name in pd.unique(self.runs["scenario"])]
        return (self.baseline, *(name for name in names if name != self.baseline))

    @property
    def baseline(self) -> str:
        """Scenario the others are compared with: that of the experiment, else the first."""
        names = [str(name) for name in pd.unique(self.runs["scenario"])]
        named = self.document.get("baseline", "baseline")
        return named if named in names else names[0]

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Metrics that the experiment asks for."""
        return tuple(self.document.get("outcomes") or ())


def open_sweep(folder: Path, branch: str | None = None) -> Sweep:
    """Sweep of a results folder.

    branch  quarter after which the runs branch, where the design is crossed with several; then
            only its points are read
    raises ResultsError : no results there, none with a design of at least one setting that varies,
        or no such branch
    """
    runs = read_table(folder, "runs")
    if not (folder / "design.parquet").is_file():
        raise ResultsError(
            f"{folder}: has no design.parquet; only an experiment with a design is a sweep"
        )
    table = read_table(folder, "design").sort_values("point").set_index("point")
    if branch is not None:
        quarters = [str(each) for each in pd.unique(table[BRANCH])] if BRANCH in table else []
        table = table[table[BRANCH] == known_name("branch of the design", branch, quarters)]
        runs = runs[runs["point"].isin(table.index)]
    settings = [str(name) for name in table if _varies(table, str(name))]
    if not settings:
        raise ResultsError(f"{folder}: its design has no settings that vary")
    x = np.column_stack([_coordinate(table, name) for name in settings])
    return Sweep(folder, runs, table[settings], x, _document(folder))


def _varies(table: pd.DataFrame, name: str) -> bool:
    """Whether a column is a setting with more than one value, or one that was sampled."""
    sampled = f"{UNIT}{name}" in table
    return not name.startswith(UNIT) and (sampled or len(table[name].unique()) > 1)


def run_values(
    sweep: Sweep, outcomes: Sequence[str], statistic: str, *, effect: bool = False
) -> pd.DataFrame:
    """One number per run and outcome, over the quarters that all finished runs have.

    statistic  "last" for the value in the last quarter, "mean" for the mean over all quarters
    effect     the difference to the baseline at the same point and seed, over the quarters in
               which both are defined, instead of the level; then without rows of the baseline
    returns    columns scenario, point, seed, outcome, value, and quarters, which says when; NaN
               where a run failed, or the outcome is not defined
    raises ResultsError : no such statistic or metric, or every run failed
    """
    known_name("statistic", statistic, STATISTICS)
    runs = sweep.runs[["run", *KEYS]]
    done = runs[sweep.runs["status"] == "done"]
    if done.empty:
        raise ResultsError(f"{sweep.folder}: every run failed, so there is nothing to analyse")
    metrics = _metrics(sweep.folder, outcomes).merge(done, on="run")
    first, last = str(metrics["quarter"].min()), _common_end(sweep.folder, done["run"])
    if effect:
        runs = runs[runs["scenario"] != sweep.baseline]
        numbers = _differences(metrics, sweep.baseline, last)
    else:
        numbers = statistics(metrics, last, KEYS)
    numbers = numbers[numbers["statistic"] == statistic].rename(columns={"metric": "outcome"})
    wanted = [runs[KEYS].assign(outcome=name) for name in outcomes]
    values = pd.concat(wanted).merge(numbers, on=[*KEYS, "outcome"], how="left")
    values = values.drop(columns="statistic")
    return values.assign(quarters=last if statistic == "last" else f"{first}-{last}")


def _differences(metrics: pd.DataFrame, baseline: str, last: str) -> pd.DataFrame:
    """Statistics of each scenario less those of the baseline at the same point and seed."""
    base = metrics[metrics["scenario"] == baseline]
    parts = [
        paired_statistics(base, rows, last, KEYS[1:]).assign(scenario=scenario)
        for scenario, rows in metrics.groupby("scenario")
    ]
    pairs = pd.concat(parts, ignore_index=True)
    return pairs.assign(value=pairs[VALUES[1]] - pairs[VALUES[0]]).drop(columns=list(VALUES))


def by_point_and_seed(values: pd.DataFrame, points: pd.Index) -> pd.DataFrame:
    """Values of one scenario and one outcome, as a table.

    points   of the design, in order
    returns  points x seeds, NaN where there is no finished run; seeds without one are left out
    raises ResultsError : two runs have the same point and seed
    """
    if values.duplicated(["point", "seed"]).any():
        raise ResultsError("two runs have the same scenario, point and seed")
    table = values.set_index(["point", "seed"])["value"].unstack()  # noqa: PD010 - keeps NaN
    return table.reindex(points).dropna(axis=1, how="all")


def _metrics(folder: Path, outcomes: Sequence[str]) -> pd.DataFrame:
    """Rows of the metrics wanted; the rest of a table that may be large is not read."""
    read_manifest(folder)
    path = folder / "metrics.parquet"
    if not path.is_file():
        raise ResultsError(f"{folder}: has no table metrics (metrics.parquet)")
    table = pq.read_table(path, filters=[("metric", "in", list(outcomes))]).to_pandas()
    missing = [name for name in outcomes if name not in set(table["metric"])]
    if missing:
        known = pq.read_table(path, columns=["metric"])["metric"].unique().to_pylist()
        known_name(f"metric in {folder}", missing[0], sorted(known))
    return table


def _common_end(folder: Path, runs: pd.Series) -> str:
    """Last quarter that all of some runs have, whichever metrics are defined in it."""
    table = pq.read_table(folder / "metrics.parquet", columns=["run", "quarter"]).to_pandas()
    return common_end(table[table["run"].isin(runs)])


def _coordinate(table: pd.DataFrame, name: str) -> np.ndarray:
    """Coordinate of a setting in [0, 1]: as designed, else by its values.

    A table made by hand may have no coordinates: then numbers are scaled to [0, 1], and texts
    take equal steps in the order of the alphabet.
    """
    unit = table.get(f"{UNIT}{name}")
    if unit is not None and unit.notna().all():
        return unit.to_numpy(float)
    values = table[name]
    numbers = (
        values.to_numpy(float)
        if pd.api.types.is_numeric_dtype(values)
        else np.unique(values.astype(str), return_inverse=True)[1].astype(float)
    )
    width = np.ptp(numbers)
    return (numbers - numbers.min()) / width if width > 0 else np.zeros(len(numbers))


def _document(folder: Path) -> dict[str, Any]:
    path = folder / "experiment.yaml"
    if not path.is_file():
        return {}
    return dict(YAML(typ="safe", pure=True).load(path.read_text("utf-8")) or {})


def parameters_of(sweep: Sweep, scenario: str, point: int) -> dict[str, Any]:
    """Dotted setting -> value that a run of this scenario and point has unlike the base config.

    The quarter of a branch, which is no setting, is put where a scenario speaks of it: a run that
    branched is the run done straight through.
    """
    rows = sweep.runs[(sweep.runs["scenario"] == scenario) & (sweep.runs["point"] == point)]
    changes = dict(json.loads(rows["parameters"].iloc[0]))
    quarter = changes.pop(BRANCH, None)
    return {
        name: after(quarter) if value == BRANCH and quarter else value
        for name, value in changes.items()
    }
