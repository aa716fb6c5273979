"""A sweep of the tiny model as a command, for tests that end it: FILE OUT [slowness]."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import typer

from sim.experiments import _stopping
from sim.runs.executors import InProcess
from sim.runs.experiment_file import load_experiment
from sim.runs.produce import produce_experiment
from tests import tiny_model


def slow(config, seed, progress):
    time.sleep(0.05)
    return tiny_model.simulate(config, seed, progress)


def main() -> int:
    file, out = Path(sys.argv[1]), Path(sys.argv[2])
    experiment = load_experiment(file, tiny_model.engine(simulate=slow))
    try:
        with _stopping(out):
            produce_experiment(experiment, out, InProcess())
    except typer.Exit as ended:
        return ended.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
