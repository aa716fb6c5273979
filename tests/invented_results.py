"""An invented results folder: 31 provinces that grow and converge, policies that help a little."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from sim import data
from sim.metrics import METRICS, metrics_table
from sim.runs.folder import FORMAT
from sim.state.calendar import quarter_label
from sim.state.industries import default_industries

START = 4 * 2012
OUTCOMES = ("sigma_gdp_per_head", "theil_gdp_per_head", "growth_real_yoy", "unemployment_national")


def write_results(
    folder: Path, scenarios: Sequence[str], seeds: int = 4, quarters: int = 32
) -> Path:
    """Fill `folder` as a run (one scenario) or an experiment would; returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    frames: dict[str, list[pd.DataFrame]] = {}
    runs = []
    for strength, scenario in enumerate(scenarios):
        for seed in range(1, seeds + 1):
            run = len(runs)
            runs.append({"run": run, "scenario": scenario, "seed": seed, "status": "done"})
            for name, frame in invented_run(strength, seed, quarters).items():
                frames.setdefault(name, []).append(frame.assign(run=run))
    tables = {name: pd.concat(parts, ignore_index=True) for name, parts in frames.items()}
    tables["runs"] = pd.DataFrame(runs)
    for name, table in tables.items():
        table.to_parquet(folder / f"{name}.parquet")
    if len(scenarios) > 1:
        (folder / "experiment.yaml").write_text(f"baseline: {scenarios[0]}\n", "utf-8")
        _effects(tables, scenarios).to_csv(folder / "effects.csv", index=False)
    manifest = {"package": "sim", "format": FORMAT, "complete": True}
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder


def invented_run(strength: int, seed: int, quarters: int) -> dict[str, pd.DataFrame]:
    """Tables of one run; scenario `strength` lifts the growth of the poorer provinces."""
    provinces = _provinces(strength, np.random.default_rng(seed), quarters)
    industries = _industries(np.random.default_rng(seed), quarters)
    tables = {"provinces": provinces, "industries": industries}
    pairs = data.adjacency().itertuples(index=False)
    tables["metrics"] = metrics_table(tables, [(pair[0], pair[1]) for pair in pairs])
    tables["zones"] = _zones(strength, np.random.default_rng(seed), quarters)
    return tables


def _provinces(strength: int, draw: np.random.Generator, quarters: int) -> pd.DataFrame:
    facts = data.provinces()
    t = np.arange(quarters)[:, None] / 4
    people = facts["population_2012"].to_numpy() * np.exp(0.004 * t)
    start = facts["gdp_2012"].to_numpy() / 4
    gap = np.log(start / people[0]).max() - np.log(start / people[0])
    noise = draw.normal(0, 0.004, (quarters, len(facts))).cumsum(axis=0)
    rise = 0.005 + 0.001 * draw.random(len(facts))
    real = start * np.exp((0.058 + rise * gap) * t + noise + 0.0012 * strength * gap * t)
    own = np.random.default_rng([draw.integers(2**31), strength])
    real *= np.exp(min(strength, 1) * own.normal(0, 0.002, (quarters, 1)).cumsum(axis=0))
    stage = np.clip(0.25 + (0.22 + 0.04 * strength) * t - 0.15 * gap, 0.05, 3.8)
    shares = np.exp(-((np.arange(5) - stage[..., None]) ** 2) / 1.2)
    shares /= shares.sum(axis=-1, keepdims=True)
    columns = {
        "gdp_nominal": real * np.exp(0.025 * t),
        "gdp_real": real,
        "population": people,
        "gdp_per_head_real": real / people,
        "wage_g": 0.42 * real / people * np.exp(0.025 * t),
        "consumer_price": np.broadcast_to(np.exp(0.025 * t), real.shape),
        "unemployment": 0.074 + 0.002 * strength * t / 8 + draw.normal(0, 0.001, real.shape),
        "firms": np.broadcast_to(np.maximum(20, start / 60).astype(int), real.shape),
        "digital_stage_mean": stage,
        **{f"digital_stage_{at}": shares[..., at] for at in range(5)},
    }
    keys = _keys(quarters, province=facts.index.to_numpy())
    region = np.tile(facts["region"].to_numpy(), quarters)
    return pd.DataFrame({**keys, "region": region} | {k: v.ravel() for k, v in columns.items()})


def _industries(draw: np.random.Generator, quarters: int) -> pd.DataFrame:
    codes = np.array(list(default_industries()))
    base = data.province_industry()[codes].to_numpy() * draw.lognormal(0, 0.1, (31, len(codes)))
    base[25, 9] = 0.0  # no future industries in one province
    keys = _keys(quarters, province=data.provinces().index.to_numpy(), industry=codes)
    jobs = np.tile(base.ravel(), quarters)
    return pd.DataFrame({**keys, "output": 3 * jobs, "employment": jobs})


def _zones(strength: int, draw: np.random.Generator, quarters: int) -> pd.DataFrame:
    facts = data.zones()
    launch = pd.PeriodIndex(facts["launch_date"], freq="Q")
    number = np.arange(START, START + quarters)[:, None]
    founded = np.array([4 * each.year + each.quarter - 1 for each in launch])
    age = np.maximum(number - founded, 0) / 4
    yearly = draw.normal(2 - strength, 1.5, len(facts))
    keys = _keys(quarters, zone=facts.index.to_numpy())
    host = np.tile(facts["adm_code"].to_numpy(), quarters)
    balance = (yearly * age).ravel()
    active = (number >= founded).ravel()
    return pd.DataFrame({**keys, "province": host, "active": active, "budget_balance": balance})


def _keys(quarters: int, **levels: np.ndarray) -> dict[str, np.ndarray]:
    """Key columns of a table with one row per quarter and combination of the levels."""
    labels = np.array([quarter_label(START + at) for at in range(quarters)])
    grids = np.meshgrid(labels, *levels.values(), indexing="ij")
    return {name: grid.ravel() for name, grid in zip(("quarter", *levels), grids, strict=True)}


def _effects(tables: dict[str, pd.DataFrame], scenarios: Sequence[str]) -> pd.DataFrame:
    """Paired effects in the last quarter, laid out as in `effects.csv`."""
    metrics = tables["metrics"].merge(tables["runs"], on="run")
    last = metrics["quarter"].max()
    rows = metrics[metrics["quarter"] == last].set_index(["scenario", "metric", "seed"])
    final = rows["value"].sort_index()
    effects = []
    for scenario in scenarios[1:]:
        for outcome in OUTCOMES:
            gaps = (final[scenario, outcome] - final[scenarios[0], outcome]).to_numpy()
            half = np.nan if len(gaps) == 1 else 2 * gaps.std(ddof=1) / np.sqrt(len(gaps))
            mean = gaps.mean()
            about = {"scenario": scenario, "outcome": outcome, "statistic": "last"}
            about |= {"quarters": last, "unit": METRICS[outcome].unit}
            about |= {"n": len(gaps), "difference": mean, "low": mean - half, "high": mean + half}
            about["relative"] = mean / final[scenarios[0], outcome].mean()
            effects.append(about)
    return pd.DataFrame(effects)
