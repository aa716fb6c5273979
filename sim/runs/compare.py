"""Comparison of results folders: paired differences of their scenarios.

The folders may be the same one; runs are paired by point of the design and seed.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from sim.config.document import read
from sim.config.errors import ConfigError
from sim.config.load import validate
from sim.runs.effects import paired_effects
from sim.runs.engine import Engine
from sim.runs.errors import ResultsError, known_name
from sim.runs.experiment_config import ExperimentConfig
from sim.runs.folder import read_table
from sim.runs.pairing import Pairs, paired_statistics

KEYS = ["point", "seed"]


def finished_runs(folder: Path) -> pd.DataFrame:
    """Rows of runs.parquet that did not fail.

    raises ResultsError : there is none
    """
    runs = read_table(folder, "runs")
    runs = runs[runs["status"] == "done"]
    if runs.empty:
        raise ResultsError(f"{folder}: every run failed, so there is nothing to compare")
    return runs


def compare_folders(
    first: Path, second: Path, scenarios: tuple[str, str] | None, engine: Engine
) -> pd.DataFrame:
    """Effects of `second` relative to `first`, two results folders, which may be the same one.

    scenarios  one of the first and one of the second folder; None means all that both hold, or
               the single scenario of each
    returns    frame with the columns `sim.runs.effects.COLUMNS`, for every national metric
    raises ResultsError : a folder or a scenario is missing, or the two have no runs in common
    """
    frames = []
    for one, two in _scenario_pairs(first, second, scenarios):
        labels = one, two
        if one == two:
            names = _apart(first, second)
            labels = f"{names[0]}/{one}", f"{names[1]}/{two}"
        left, right = _metrics(first, one), _metrics(second, two)
        present = set(left["metric"]) & set(right["metric"])
        outcomes = [name for name in engine.metrics if name in present]
        per_draw = _points_per_draw(first, second, left)
        pairs = _pairs(labels, left, right, per_draw)
        frames.append(paired_effects(pairs, outcomes, engine.metric_unit))
    return pd.concat(frames, ignore_index=True)


def _pairs(
    labels: tuple[str, str], baseline: pd.DataFrame, other: pd.DataFrame, per_draw: int
) -> Pairs:
    """Pairs of two scenarios up to the last quarter that all their runs have.

    raises ResultsError : no run of the one has point and seed of a run of the other
    """
    shared = baseline[KEYS].drop_duplicates().merge(other[KEYS].drop_duplicates(), on=KEYS)
    if shared.empty:
        raise ResultsError(
            f"{labels[0]} and {labels[1]} have no seed in common (at the same point of a "
            "design), so their runs cannot be paired"
        )
    last = min(common_end(baseline), common_end(other))
    table = paired_statistics(baseline, other, last, KEYS)
    return Pairs(*labels, table, str(baseline["quarter"].min()), last, per_draw)


def common_end(metrics: pd.DataFrame) -> str:
    """Last quarter that all runs have in which any metric of theirs is known.

    metrics  frame with the columns run and quarter
    """
    return str(metrics.groupby("run")["quarter"].max().min())


def _metrics(folder: Path, scenario: str) -> pd.DataFrame:
    """Metrics of the finished runs of a scenario, with their point and seed."""
    runs = finished_runs(folder)
    runs = runs[runs["scenario"] == scenario]
    metrics = read_table(folder, "metrics", runs["run"])
    return metrics.merge(runs[["run", *KEYS]], on="run")


def _points_per_draw(first: Path, second: Path, metrics: pd.DataFrame) -> int:
    """Points that came with one random draw; 0 if one of the folders has chosen points."""
    if len(set(metrics["point"])) == 1:
        return 0
    found = {_spec(folder).points_per_draw() for folder in {first, second}}
    return max(found) if all(found) else 0


def _spec(folder: Path) -> ExperimentConfig:
    """Experiment that a folder holds.

    raises ResultsError : there is none, or it is none of this version
    """
    path = folder / "experiment.yaml"
    try:
        document = read(path)
        return validate(document.values, ExperimentConfig, document.where)
    except ConfigError as error:
        raise ResultsError(
            f"{path}: does not say which design its points are of: {error}"
        ) from None


def _scenario_pairs(
    first: Path, second: Path, scenarios: tuple[str, str] | None
) -> list[tuple[str, str]]:
    here, there = scenario_names(first), scenario_names(second)
    same = first.resolve() == second.resolve()
    if same and (scenarios is None or scenarios[0] == scenarios[1]):
        raise ResultsError(
            f"{first}: compared with itself; give a second folder, or two of its scenarios "
            f"({', '.join(here)}) with --scenarios"
        )
    if scenarios is not None:
        known_name(f"scenario of {first}", scenarios[0], here)
        known_name(f"scenario of {second}", scenarios[1], there)
        return [scenarios]
    if len(here) == len(there) == 1:
        return [(here[0], there[0])]
    shared = [(name, name) for name in here if name in there]
    if not shared:
        raise ResultsError(
            f"{first} holds {', '.join(here)} and {second} holds {', '.join(there)}: "
            "name one of each with --scenarios"
        )
    return shared


def scenario_names(folder: Path) -> list[str]:
    """Scenarios of a results folder that have a finished run, in the order of the runs."""
    return list(dict.fromkeys(finished_runs(folder)["scenario"]))


def comparison_name(first: Path, second: Path, scenarios: tuple[str, str] | None) -> str:
    """Folder name for a comparison, made of the names compared."""
    names = [first.resolve().name, second.resolve().name]
    words = names[: 1 if first.resolve() == second.resolve() else 2] + list(scenarios or ())
    return re.sub(r"[^\w.-]+", "_", "-".join(["compare", *words]))


def _apart(first: Path, second: Path) -> tuple[str, str]:
    """Short names of two folders, or their paths where the names are the same."""
    short = first.resolve().name, second.resolve().name
    return short if short[0] != short[1] else (str(first), str(second))
