"""What the experiments engine costs beside the model: time, speed-up of two workers, memory.

    make bench-engine

Runs are of a stand-in that takes one second of processor time and gives tables of the size of the
toy world, so that all else is the engine: start of the workers, sending, writing, effects. Times
compare with processor time within one call, so that they hold on any machine that is idle.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.runs.engine import Engine, Progress
from sim.runs.executors import LocalProcesses
from sim.runs.experiment_file import load_experiment
from sim.runs.produce import produce_experiment
from sim.runs.region import REGION

ROWS = {"provinces": 120, "zones": 120, "industries": 1680, "firms": 618, "talents": 949}
QUARTERS = [f"{year}Q{quarter}" for year in range(2012, 2017) for quarter in range(1, 5)]
TEXT = """\
question: What does the engine cost?
base: {{name: bench, time: {{end: 2016Q4}}}}
scenarios:
  baseline: {{}}
  levers: {{policies.compute_sharing: {{dose: 1.0, start: 2014Q1}}}}
seeds: {{first: 1, count: {seeds}}}
"""
RUNS, PAIRED, REPEATS = 120, 24, 5
BOUNDS = {"overhead": 0.10, "speed-up": 1.7, "memory": 1.05}


def tables(seed: int) -> dict[str, pd.DataFrame]:
    """Tables of the size of a toy run."""
    draw, frames = np.random.default_rng(seed), {}
    for name, rows in ROWS.items():
        columns = {c: spec for c, spec in REGION.tables[name].items() if c != "run"}
        values: dict[str, Any] = {}
        for column, spec in columns.items():
            number = draw.normal(size=rows) if spec.dtype is float else draw.integers(2, size=rows)
            values[column] = "text" if spec.dtype is str else number
        frames[name] = pd.DataFrame(values).assign(quarter=np.resize(QUARTERS, rows))
    names = np.repeat(REGION.metrics, len(QUARTERS))
    frames["metrics"] = pd.DataFrame(
        {
            "quarter": np.tile(QUARTERS, len(REGION.metrics)),
            "metric": names,
            "value": draw.normal(size=len(names)),
        }
    )
    return frames


def one_second(_config: Any, seed: int, _progress: Progress | None) -> dict[str, pd.DataFrame]:
    """A run that takes a second of processor time."""
    end = time.process_time() + 1.0
    frames = tables(seed)
    while time.process_time() < end:
        pass
    return frames


def at_once(_config: Any, seed: int, _progress: Progress | None) -> dict[str, pd.DataFrame]:
    """A run that takes no time."""
    return tables(seed)


def engine(simulate: Any) -> Engine:
    """The model of the package with a stand-in for its simulation."""
    return Engine(REGION.schema, simulate, REGION.tables, REGION.metrics, REGION.metric_unit)


def seconds(simulate: Any, runs: int, workers: int) -> float:
    """Wall time of an experiment."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "bench.yaml")
        file.write_text(TEXT.format(seeds=runs // 2))
        experiment = load_experiment(file, engine(simulate))
        start, executor = time.perf_counter(), LocalProcesses(workers)
        try:
            report = produce_experiment(experiment, Path(folder, "out"), executor)
        finally:
            executor.shutdown()
        if report.failures:
            raise RuntimeError(report.failures[0].error)
        return time.perf_counter() - start


def peak(runs: int) -> float:
    """Largest memory of this process and of a worker over an experiment [MB]."""
    seconds(at_once, runs, 2)
    own, workers = (
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return (own + workers) / 1e3


def peak_of_another(runs: int) -> float:
    """The same of a process of its own."""
    words = [sys.executable, __file__, "--peak", str(runs)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout))


def main() -> int:
    """Measure, print, and fail if a bound does not hold."""
    if "--peak" in sys.argv:
        print(json.dumps(peak(int(sys.argv[2]))))
        return 0
    overhead = seconds(one_second, RUNS, 2) * 2 / RUNS - 1
    pairs = [
        seconds(one_second, PAIRED, 1) / seconds(one_second, PAIRED, 2) for _ in range(REPEATS)
    ]
    small, large = peak_of_another(100), peak_of_another(1000)
    found = {"overhead": overhead, "speed-up": statistics.median(pairs), "memory": large / small}
    print(f"overhead at 1 s a run      {100 * overhead:6.1f} %   (below 10)")
    print(f"two workers against one    {found['speed-up']:6.2f}     (at least 1.7)")
    print(f"memory, 1,000 against 100  {found['memory']:6.3f}     (at most 1.05; {large:.0f} MB)")
    good = (
        overhead < BOUNDS["overhead"],
        found["speed-up"] >= BOUNDS["speed-up"],
        found["memory"] <= BOUNDS["memory"],
    )
    return 0 if all(good) else 1


if __name__ == "__main__":
    raise SystemExit(main())
