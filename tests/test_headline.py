"""The headline experiment at default scale: history, identities, doses and bytes."""

from __future__ import annotations

import hashlib
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.config import validate
from sim.data import provinces
from sim.figures import COMPARES
from sim.model.config import RegionConfig
from sim.model.region import RegionModel
from sim.policies import PoliciesConfig
from sim.runs.experiment_file import load_experiment
from sim.runs.region import REGION

pytestmark = pytest.mark.slow

FILE = Path(__file__).parents[1] / "experiments" / "headline_levers.yaml"
SCENARIOS = ("baseline", "digital", "compute", "coordination", "all")
LEVERS = tuple(PoliciesConfig.model_fields)


@cache
def experiment() -> Any:
    """The experiment that `make run` does."""
    return load_experiment(FILE, REGION, COMPARES)


def digest(model: RegionModel, before: str = "9999Q1") -> str:
    """Hash of all that was recorded before a quarter."""
    total = hashlib.sha256()
    for name, table in sorted(model.frames().items()):
        rows = table[table["quarter"] < before]
        total.update(name.encode())
        total.update(pd.util.hash_pandas_object(rows, index=False).to_numpy().tobytes())
    return total.hexdigest()


def run_digest(settings: dict[str, Any], until: str, before: str = "9999Q1") -> str:
    """Hash of a run at default scale."""
    model = RegionModel(validate(settings, RegionConfig), 1, views=False)
    model.run(until)
    return digest(model, before)


def largest_gap(scenario: str) -> float:
    """Largest relative gap of any identity in any quarter of a scenario, seed 1."""
    config = experiment().config(scenario)
    checked = config.model_copy(
        update={"accounts": config.accounts.model_copy(update={"check": True})}
    )
    model, worst = RegionModel(checked, 1, views=False), 0.0
    for _ in range(model.steps_total):
        model.step()
        worst = max(worst, *model.gaps.values())
    return worst


def history(seed: int) -> pd.DataFrame:
    """Provinces of the baseline to 2019."""
    model = RegionModel(experiment().config("baseline"), seed, views=False)
    model.run("2019Q4")
    return model.frames()["provinces"]


def in_processes(function: Any, arguments: Any) -> list[Any]:
    """Results of a function, in two processes."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        return list(pool.map(function, arguments))


def test_identities_hold_in_every_quarter_of_every_scenario() -> None:
    gaps = dict(zip(SCENARIOS, in_processes(largest_gap, SCENARIOS), strict=True))
    assert set(experiment().scenarios) == set(SCENARIOS)
    assert max(gaps.values()) < 1e-9, gaps
    assert min(gaps.values()) > 0, "no identity was looked at"


def test_history_is_within_its_bounds() -> None:
    """GDP of 2012 is the figure of the data; growth is neither a slump nor a boom."""
    mean_growth = []
    for table in in_processes(history, experiment().seeds()):
        first = table[table["quarter"] == "2012Q1"].set_index("province")["gdp_nominal"]
        np.testing.assert_allclose(4 * first, provinces()["gdp_2012"].loc[first.index], rtol=1e-6)
        nation = table.groupby("quarter")[["gdp_nominal", "gdp_real"]].sum()
        early = (nation / nation.shift(4) - 1).loc["2013Q1":"2017Q4"]
        assert (early > 0).all(axis=None)
        assert (early < 0.15).all(axis=None)
        year = nation["gdp_real"].groupby(nation.index.str[:4]).mean()
        mean_growth.append((year["2019"] / year["2012"]) ** (1 / 7) - 1)
    assert min(mean_growth) > 0.05
    assert max(mean_growth) < 0.09


def test_the_same_seed_gives_the_same_tables_in_two_processes() -> None:
    policies = {name: {"dose": 1.0, "start": "2013Q1"} for name in LEVERS}
    one, other = in_processes(run_all_levers, [policies] * 2)
    assert one == other


def run_all_levers(policies: dict[str, Any]) -> str:
    """Hash of a run with every lever, to the end of 2014."""
    return run_digest({"policies": policies}, "2014Q4")


@pytest.mark.parametrize("lever", LEVERS)
def test_a_lever_at_dose_zero_or_before_its_start_is_the_baseline(lever: str) -> None:
    off = {"policies": {lever: {"dose": 0.0, "start": "2013Q1", "targets": "all"}}}
    assert run_digest(off, "2014Q4") == baseline_digest()
    later = {"policies": {lever: {"dose": 1.0, "start": "2014Q1", "targets": "all"}}}
    assert run_digest(later, "2014Q4", before="2014Q1") == baseline_digest("2014Q1")
    assert run_digest(later, "2014Q4") != baseline_digest()


@cache
def baseline_digest(before: str = "9999Q1") -> str:
    """Hash of the baseline to the end of 2014."""
    return run_digest({}, "2014Q4", before)
