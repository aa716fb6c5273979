"""Regional development under China's pilot free trade zones, as an agent-based model.

In a notebook::

    import sim

    result = sim.run("configs/baseline.yaml", seed=1, set={"time.end": "2019Q4"})
    result.provinces.head()

    results = sim.experiment("experiments/toy.yaml")
    results = sim.open("results/headline_levers")  # of `sim experiment` or `make run`
    results.metrics(metric="theil_gdp_per_head", quarter="2019Q4")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.api import Result, experiment, open, run  # noqa: A004 - `sim.open`

__version__ = "0.1.0"

__all__ = ["Result", "__version__", "experiment", "open", "run"]


def __getattr__(name: str) -> Any:
    """What `__all__` names, imported when first used so that `sim --help` answers at once."""
    if name in {"Result", "experiment", "open", "run"}:
        return getattr(import_module("sim.api"), name)
    raise AttributeError(f"module 'sim' has no attribute {name!r}")
