"""An experiment with the tiny model: three scenarios, two seeds, one base config."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.runs.executors import InProcess
from sim.runs.experiment import Experiment
from sim.runs.experiment_file import load_experiment
from sim.runs.produce import Report, produce_experiment
from tests.tiny_model import engine

BASE = "name: tiny\nseed: 9\nprice: 4.0\n"
TEXT = """\
question: Does the lever work?
base: configs/base.yaml
set: {time.end: 2012Q4}
baseline: none
scenarios:
  none: {}
  lever: {policies.lever.dose: 1.0}
  both: {policies.lever: {dose: 0.5}, price: 3.0}
seeds: {first: 5, count: 2}
outcomes: [sigma_gdp_per_head]
figures: [sigma]
"""
FIGURES = {"sigma": False, "regions": False, "effects": True}


def write(folder: Path, text: str = TEXT, base: str = BASE) -> Path:
    (folder / "configs").mkdir(parents=True, exist_ok=True)
    (folder / "configs" / "base.yaml").write_text(base)
    path = folder / "tiny_levers.yaml"
    path.write_text(text)
    return path


def load(path: Path) -> Experiment:
    return load_experiment(path, engine(), FIGURES)


def produce(experiment: Experiment, folder: Path, **options: Any) -> Report:
    """Do an experiment in this process."""
    return produce_experiment(experiment, folder, InProcess(), **options)


def tables(folder: Path) -> dict[str, bytes]:
    names = [*folder.glob("*.parquet"), *folder.glob("*.csv"), *folder.glob("*.yaml")]
    return {path.name: path.read_bytes() for path in names}
