"""One run of a results folder, as it was."""

from __future__ import annotations

from pathlib import Path

from sim.config.values import digest
from sim.runs.engine import Engine
from sim.runs.errors import ResultsError
from sim.runs.experiment import Experiment
from sim.runs.experiment_file import load_experiment
from sim.runs.folder import read_manifest, read_table
from sim.runs.single import Run, load_run

ANY_NUMBER = 10**9
"""Runs that a stored experiment may have: it was allowed once."""


def stored_experiment(folder: Path, engine: Engine) -> Experiment:
    """Experiment that a results folder holds.

    raises ConfigError : this version of sim does not understand it
    """
    return load_experiment(folder / "experiment.yaml", engine, max_runs=ANY_NUMBER)


def stored_run(folder: Path, run: int, engine: Engine) -> Run:
    """Config and seed of run number `run`.

    raises ResultsError : there is no such run, or this version reads its config otherwise
    """
    rows = read_table(folder, "runs").to_dict("records")
    if run >= len(rows):
        raise ResultsError(f"{folder}: holds runs 0 to {len(rows) - 1}, and no run {run}")
    if read_manifest(folder)["kind"] == "run":
        return load_run(folder / "config.yaml", engine)
    row = rows[run]
    config = stored_experiment(folder, engine).config(row["scenario"], row["point"])
    if digest(config) != row["config_hash"]:
        raise ResultsError(
            f"{folder}: the config of run {run} is not what it was; this version of sim has other "
            "settings than the one that ran it"
        )
    return Run(config, row["seed"])
