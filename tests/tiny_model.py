"""A model of a few lines, whose effects are known exactly, for tests of everything around a model.

Its metric `sigma_gdp_per_head` is noise(seed, quarter) + dose * (0.1 + 0.01 * seed), so that the
paired difference of a lever at dose 1 under seeds 1..n is 0.1 + 0.01 * seed whatever the noise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from sim.config.base import Config, Quarter, param
from sim.runs.engine import Engine
from sim.state.calendar import parse_quarter, quarter_label
from sim.state.table import Column

RUN = Column(np.int32, "-", "ordinal of the run in its folder")
QUARTER = Column(str, "quarter", "calendar quarter")
TABLES = {
    "provinces": {
        "run": RUN,
        "quarter": QUARTER,
        "province": Column(np.int32, "adm code", "province"),
        "gdp_real": Column(float, "100m CNY (2012) / quarter", "value added at 2012 prices"),
        "fdi": Column(float, "100m CNY / quarter", "of a mechanism that this model has not"),
    },
    "zones": {"run": RUN, "quarter": QUARTER, "active": Column(bool, "-", "founded")},
    "industries": {"run": RUN, "quarter": QUARTER, "industry": Column(str, "-", "code")},
    "metrics": {
        "run": RUN,
        "quarter": QUARTER,
        "metric": Column(str, "-", "name"),
        "value": Column(float, "see metric", "value"),
    },
    "firms": {"run": RUN, "quarter": QUARTER, "capital": Column(float, "100m CNY", "capital")},
    "talents": {"run": RUN, "quarter": QUARTER, "skill": Column(float, "-", "human capital")},
}
UNITS = {"sigma_gdp_per_head": "log points", "theil_gdp_per_head": "nats"}


class TimeConfig(Config):
    """When the run starts and ends."""

    start: Quarter = "2012Q1"
    end: Quarter = "2013Q4"


class LeverConfig(Config):
    """The one lever."""

    dose: float = param(0.0, unit="-", source="assumed", ge=0, le=1)
    """Strength of the lever."""
    breaks_seed: int = param(-1, unit="seed", source="assumed", ge=-1)
    """Seed under which the model breaks down, to test what follows."""


class PoliciesConfig(Config):
    """All levers."""

    lever: LeverConfig = LeverConfig()


class TinyConfig(Config):
    """Everything that can be set."""

    name: str = "tiny"
    time: TimeConfig = TimeConfig()
    policies: PoliciesConfig = PoliciesConfig()
    price: float = param(2.5, unit="CNY", source="National Bureau of Statistics", gt=0)
    """Price of bread."""


def simulate(
    config: TinyConfig, seed: int, progress: Callable[[int, int], None] | None
) -> dict[str, pd.DataFrame]:
    lever = config.policies.lever
    if lever.breaks_seed == seed:
        raise RuntimeError(f"market did not clear\nunder seed {seed}")
    first, last = parse_quarter(config.time.start), parse_quarter(config.time.end)
    quarters = [quarter_label(number) for number in range(first, last + 1)]
    noise = np.random.default_rng(seed).normal(size=len(quarters))
    effect = lever.dose * (0.1 + 0.01 * seed)
    if progress is not None:
        for done in range(len(quarters)):
            progress(done + 1, len(quarters))
    at = pd.DataFrame({"quarter": quarters})
    sigma = at.assign(metric="sigma_gdp_per_head", value=noise + effect)
    theil = at.assign(metric="theil_gdp_per_head", value=np.full(len(quarters), 0.25))
    return {
        "provinces": at.assign(province=110000, gdp_real=np.exp(noise) * config.price),
        "zones": at.assign(active=at["quarter"] >= "2013Q3"),
        "industries": at.assign(industry="A0"),
        "metrics": pd.concat([sigma, theil]),
        "firms": at.iloc[-1:].assign(capital=np.nan),
        "talents": at.iloc[:0].assign(skill=0.0),
    }


def metric_unit(name: str) -> str:
    if name not in UNITS:
        raise ValueError(f"no metric is called {name!r}")
    return UNITS[name]


def engine(**changes: Any) -> Engine:
    parts = {
        "schema": TinyConfig,
        "simulate": simulate,
        "tables": TABLES,
        "metrics": tuple(UNITS),
        "metric_unit": metric_unit,
    }
    return Engine(**{**parts, **changes})
