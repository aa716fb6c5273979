"""Worlds that many tests share: built once, copied for each test that changes them."""

from __future__ import annotations

import copy
import os

import pytest

from sim import portable
from sim.model.config import RegionConfig
from sim.model.region import RegionModel
from sim.state.calendar import quarter_label
from sim.state.rng import Streams
from sim.state.world import World
from tests.worlds import QUARTERS, small_config, small_model

if portable.floating_point() == "native":  # plain pytest: its workers must compute alike
    os.environ[portable.NATIVE] = "1"


@pytest.fixture(scope="session")
def config() -> RegionConfig:
    """Configuration of the small world."""
    return small_config()


@pytest.fixture(scope="session")
def started() -> RegionModel:
    """The small world before its first quarter; not to be changed."""
    return small_model()


@pytest.fixture(scope="session")
def grown() -> RegionModel:
    """The small world after `QUARTERS` quarters; not to be changed."""
    model = small_model()
    model.run(until=quarter_label(model.world.clock.start + QUARTERS - 1))
    return model


@pytest.fixture
def start(started: RegionModel) -> World:
    """A world of one's own before the first quarter."""
    return copy.deepcopy(started.world)


@pytest.fixture
def world(grown: RegionModel) -> World:
    """A world of one's own after some years, with zones founded and firms born and closed."""
    return copy.deepcopy(grown.world)


@pytest.fixture
def streams() -> Streams:
    """Random streams of a fixed seed."""
    return Streams(7)
