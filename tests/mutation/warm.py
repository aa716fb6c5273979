"""What a fork finds done: libraries loaded, kernels read from their cache. No state is kept."""

from __future__ import annotations

import importlib

from sim.model.region import RegionModel
from tests.worlds import small_config

LIBRARIES = ("matplotlib.figure", "pandas", "pyarrow.parquet", "scipy.optimize", "scipy.stats")


def warm() -> None:
    """Load libraries, and run some quarters of a small world."""
    for name in LIBRARIES:
        importlib.import_module(name)
    model = RegionModel(small_config(), 1)
    for _ in range(3):
        model.step()
