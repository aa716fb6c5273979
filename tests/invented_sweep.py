"""An invented sweep: two outcomes that are known functions of three settings, and of the seed."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from SALib.sample import latin
from SALib.sample import morris as morris_sample
from SALib.sample import sobol as sobol_sample

from sim.runs.folder import FORMAT

SETTINGS = ("migration.distance_cost", "knowledge.imitation", "policies.digital_subsidy.dose")
LOW, HIGH = np.array([0.5, 0.001, 0.0]), np.array([3.5, 0.1, 1.0])
SLOPES = np.array([0.30, -0.20, 0.05])
OUTCOMES = ("theil_gdp_per_head", "unemployment_national")
QUARTERS = ("2012Q4", "2013Q1", "2013Q2")
ONE = {"baseline": 0.0}
TWO = {"baseline": 0.0, "digital": -0.15}


def unit_problem(settings: int = 3) -> dict[str, Any]:
    """Problem of SALib: settings a, b, c, ... between 0 and 1."""
    names = list("abcdefg"[:settings])
    return {"num_vars": settings, "names": names, "bounds": [[0, 1]] * settings}


def design_of(kind: str, size: int = 8) -> np.ndarray:
    """(points, settings) coordinates in the unit cube."""
    if kind == "morris":
        return morris_sample.sample(unit_problem(), size, num_levels=4, seed=3)
    if kind == "sobol":
        return sobol_sample.sample(unit_problem(), size, calc_second_order=True, seed=3)
    if kind == "factorial":
        axes = np.meshgrid(*[np.linspace(0, 1, 4)] * 3, indexing="ij")
        return np.stack(axes, axis=-1).reshape(-1, 3)
    return latin.sample(unit_problem(), size, seed=3)


def values_of(x: np.ndarray) -> np.ndarray:
    """Settings at coordinates: uniform, log-uniform, uniform."""
    values = LOW + (HIGH - LOW) * x
    values[:, 1] = LOW[1] * (HIGH[1] / LOW[1]) ** x[:, 1]
    return values


def linear(x: np.ndarray) -> np.ndarray:
    """Inequality: linear in the coordinates."""
    return 1 + x @ SLOPES


def write_sweep(
    folder: Path,
    kind: str,
    *,
    x: np.ndarray | None = None,
    scenarios: Mapping[str, float] | None = None,
    seeds: int = 3,
    noise: float = 0.02,
    failed: Collection[tuple[int, int]] = (),
    model: Callable[[np.ndarray], np.ndarray] = linear,
    document: Mapping[str, Any] | None = None,
) -> Path:
    """Fill `folder` as the sweep of an experiment would; returns it.

    scenarios  name -> what it adds to the third slope; `baseline` alone if left out
    noise      standard deviation of a seed at a point; the seed shifts all points by as much
    failed     (point, seed) that failed, in every scenario
    """
    folder.mkdir(parents=True, exist_ok=True)
    x = design_of(kind) if x is None else x
    values, base, runs, metrics = values_of(x), model(x), [], []
    for seed in range(1, seeds + 1):
        draw = np.random.Generator(np.random.PCG64(seed))
        noisy = base + draw.normal(0, noise) + draw.normal(0, noise, len(x))
        for point, (name, more) in product(range(len(x)), (scenarios or ONE).items()):
            run, bad = len(runs), (point, seed) in failed
            named = dict(zip(SETTINGS, values[point].tolist(), strict=True))
            extra = {"policies.digital_subsidy.start": "2013Q1"} if more else {}
            runs.append((run, name, point, seed, json.dumps(named | extra), bad))
            if not bad:
                metrics += _metrics(run, noisy[point] + more * x[point, 2], x[point])
    _write(folder, runs, metrics)
    design = {"point": np.arange(len(x), dtype=np.int32)}
    for at, name in enumerate(SETTINGS):
        design |= {f"unit:{name}": x[:, at], name: values[:, at]}
    pd.DataFrame(design).to_parquet(folder / "design.parquet")
    spec = {"baseline": "baseline", "design": {"kind": kind}, "outcomes": list(OUTCOMES)}
    (folder / "experiment.yaml").write_text(json.dumps({**spec, **(document or {})}), "utf-8")
    return folder


def write_sweeps(root: Path) -> dict[str, Path]:
    """A sweep of each kind that is analysed, a run lost in three of them; kind -> folder."""
    lost = {(5, 2)}
    return {
        "morris": write_sweep(root / "m", "morris", scenarios=TWO, noise=0, failed=lost),
        "sobol": write_sweep(root / "s", "sobol", x=design_of("sobol", 32), failed=lost),
        "factorial": write_sweep(root / "f", "factorial", scenarios=TWO, seeds=4),
        "latin_hypercube": write_sweep(
            root / "l", "latin_hypercube", x=design_of("latin_hypercube", 40), failed=lost
        ),
    }


def _metrics(run: int, level: float, x: np.ndarray) -> list[tuple]:
    """Inequality ends at `level`; unemployment is a wave along the first setting."""
    share = 0.05 + 0.03 * np.sin(2 * np.pi * x[0]) * x[1]
    rows = [(run, quarter, OUTCOMES[1], share) for quarter in QUARTERS]
    path = (level - 0.2, level - 0.1, level)
    return rows + [
        (run, quarter, OUTCOMES[0], value) for quarter, value in zip(QUARTERS, path, strict=True)
    ]


def _write(folder: Path, runs: list[tuple], metrics: list[tuple]) -> None:
    columns = ["run", "scenario", "point", "seed", "parameters", "failed"]
    table = pd.DataFrame(runs, columns=columns)
    table["status"] = np.where(table.pop("failed"), "failed", "done")
    table.astype({"run": np.int32, "point": np.int32}).to_parquet(folder / "runs.parquet")
    frame = pd.DataFrame(metrics, columns=["run", "quarter", "metric", "value"])
    frame.to_parquet(folder / "metrics.parquet")
    (folder / "manifest.json").write_text(
        json.dumps({"package": "sim", "format": FORMAT, "complete": True}), "utf-8"
    )
