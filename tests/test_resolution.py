"""Results do not depend on how many agents stand for the world, nor on the length of a step."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest

from sim.config import validate
from sim.metrics import metrics_table
from sim.model.config import RegionConfig
from sim.model.region import RegionModel
from tests.test_lever_effects import interval

SEEDS = range(1, 21)
LEVELS = ("gdp_real_national", "gdp_nominal_national", "sigma_gdp_per_head", "theil_gdp_per_head")

pytestmark = pytest.mark.slow

FINE = {"population": {"firms": 14000, "talents": 64000, "least_firms": 8, "least_talents": 6}}


def final_metrics(seed: int, settings: Mapping[str, Any], until: str) -> dict[str, float]:
    """National metrics in the last quarter."""
    model = RegionModel(validate(dict(settings), RegionConfig), seed, views=False)
    model.run(until)
    table = metrics_table(model.frames(), [])
    last = table[table["quarter"] == until].set_index("metric")["value"]
    return {name: float(last[name]) for name in LEVELS}


def over_seeds(settings: Mapping[str, Any], until: str) -> dict[str, np.ndarray]:
    """Final metrics over the seeds."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        n = len(SEEDS)
        rows = list(pool.map(final_metrics, SEEDS, [settings] * n, [until] * n))
    return {name: np.array([row[name] for row in rows]) for name in LEVELS}


def test_twice_the_agents_at_half_the_weight() -> None:
    coarse, fine = over_seeds({}, "2019Q4"), over_seeds(FINE, "2019Q4")
    for name in ("gdp_real_national", "gdp_nominal_national"):
        mean, low, high = interval(fine[name] / coarse[name] - 1)
        assert low <= 0 <= high, f"{name}: {mean:.4f} [{low:.4f}, {high:.4f}]"
        assert high - low < 0.02, name


TOY = {
    "geography": {"provinces": ["Shanghai", "Guangdong", "Henan", "Hubei", "Sichuan", "Shaanxi"]},
    "population": {"firms": 6000, "talents": 6000},
}


def test_shorter_steps_converge_at_first_order() -> None:
    runs = [over_seeds(TOY | {"time": {"steps_per_quarter": n}}, "2016Q4") for n in (1, 2, 4)]
    whole, half, quarter = (run["gdp_real_national"].mean() for run in runs)
    first, second = abs(half / whole - 1), abs(quarter / half - 1)
    assert first < 0.02
    assert 0.3 < second / first < 0.75
