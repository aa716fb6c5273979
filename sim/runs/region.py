"""The model of this package, as the runner sees it."""

from __future__ import annotations

from sim.metrics import metric_names, metric_spec, metrics_table
from sim.model.config import RegionConfig
from sim.model.outputs import TABLES
from sim.model.region import RegionModel
from sim.runs.engine import Engine, Frames, Progress
from sim.start.sources import sources


def simulate(config: RegionConfig, seed: int, progress: Progress | None) -> Frames:
    """All tables of one run, to the end that the config gives.

    progress  called after each step; None for nothing
    """
    model = RegionModel(config, seed=seed, views=False)
    model.run(until=config.time.end, progress=progress)
    frames = dict(model.frames())
    frames["metrics"] = metrics_table(frames, sources(config.geography).neighbours)
    return frames


def metric_unit(name: str) -> str:
    """Unit of a metric.

    raises ValueError : there is none of that name
    """
    return metric_spec(name).unit


REGION = Engine(
    schema=RegionConfig,
    simulate=simulate,
    tables=TABLES,
    metrics=metric_names(),
    metric_unit=metric_unit,
)
