"""A small world for tests: six real provinces with their zones, few agents, accounts audited."""

from __future__ import annotations

import copy
from typing import Any
from unittest import mock

import sim.config
from sim.model import region
from sim.model.config import RegionConfig
from sim.model.region import RegionModel
from sim.start.build import build
from sim.state.rng import Streams

PROVINCES = ("Shanghai", "Henan", "Hubei", "Guangdong", "Sichuan", "Shaanxi")
"""Two on the coast, two inland, two in the west; every one hosts a zone."""

QUARTERS = 24
"""Length of the run that tests share: to the end of 2017, when all its zones act."""

SMALL: dict[str, Any] = {
    "geography": {"provinces": PROVINCES},
    "population": {"firms": 400, "talents": 200},
    "accounts": {"check": True},
}

LATER = {"policies": True, "record": True, "accounts": True, "time": {"end"}}
"""What the world of 2012 does not depend on."""

_built: dict[tuple[int, str], Any] = {}


def small_config(**sections: Any) -> RegionConfig:
    """Configuration of a small world; `sections` change single entries of it."""
    merged = dict(SMALL)
    for name, entries in sections.items():
        merged[name] = {**SMALL.get(name, {}), **entries}
    return sim.config.validate(merged, RegionConfig)


def remembered(config: RegionConfig, streams: Streams, start: int) -> Any:
    """The world of 2012, inverted once per seed and configuration and copied from then on."""
    key = streams.seed, config.model_dump_json(exclude=LATER)
    if key not in _built:
        _built[key] = build(config, streams, start)
    return copy.deepcopy(_built[key])


def small_model(seed: int = 1, *, views: bool = False, **sections: Any) -> RegionModel:
    """Model of a small world, not stepped yet."""
    with mock.patch.object(region, "build", remembered):
        return RegionModel(small_config(**sections), seed, views=views)
