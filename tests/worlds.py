"""A small world for tests: six real provinces with their zones, few agents, accounts audited."""

from __future__ import annotations

from typing import Any

import sim.config
from sim.model.config import RegionConfig
from sim.model.region import RegionModel

PROVINCES = ("Shanghai", "Henan", "Hubei", "Guangdong", "Sichuan", "Shaanxi")
"""One coast, two inland and two western neighbours; every one hosts a zone."""

QUARTERS = 24
"""Length of the run that tests share: to the end of 2017, when all its zones act."""

SMALL: dict[str, Any] = {
    "geography": {"provinces": PROVINCES},
    "population": {"firms": 400, "talents": 200},
    "accounts": {"check": True},
}


def small_config(**sections: Any) -> RegionConfig:
    """Configuration of a small world; `sections` change single entries of it."""
    merged = dict(SMALL)
    for name, entries in sections.items():
        merged[name] = {**SMALL.get(name, {}), **entries}
    return sim.config.validate(merged, RegionConfig)


def small_model(seed: int = 1, *, views: bool = False, **sections: Any) -> RegionModel:
    """Model of a small world, not stepped yet."""
    return RegionModel(small_config(**sections), seed, views=views)
