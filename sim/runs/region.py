"""The model of this package, as the runner sees it."""

from __future__ import annotations

from sim.metrics import metric_names, metric_spec, metrics_table
from sim.model.branching import branchable
from sim.model.config import RegionConfig
from sim.model.outputs import TABLES
from sim.model.region import RegionModel
from sim.runs.engine import Engine, Frames, Progress
from sim.start.sources import sources
from sim.state.flat import Arrays


def simulate(config: RegionConfig, seed: int, progress: Progress | None) -> Frames:
    """All tables of one run, to the end that the config gives.

    progress  called after each step; None for nothing
    """
    model = RegionModel(config, seed=seed, views=False)
    return _finish(model, progress)


def burn_in(
    config: RegionConfig, seed: int, until: str, progress: Progress | None = None
) -> Arrays:
    """Checkpoint of a run at the end of quarter `until`, inclusive.

    progress  called after each step; None for nothing
    raises ValueError : `until` is no label of a quarter
    """
    model = RegionModel(config, seed=seed, views=False)
    model.run(until=until, progress=progress)
    return model.checkpoint()


def branch(config: RegionConfig, seed: int, arrays: Arrays, progress: Progress | None) -> Frames:
    """All tables of a run that goes on from a checkpoint, the same bytes as from `simulate`.

    arrays    checkpoint of a run with the same past, see `sim.model.branching.branchable`
    progress  called after each step from the checkpoint on; None for nothing
    raises StateError : the checkpoint is not one of this config and seed
    """
    return _finish(RegionModel.resume(config, seed, arrays), progress)


def _finish(model: RegionModel, progress: Progress | None) -> Frames:
    """Run to the end that the config gives; all tables of the run."""
    config = model.config
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
    burn_in=burn_in,
    branch=branch,
    branchable=branchable,
)
