"""The model as other tools want it: Mesa's batch_run, SALib, and the EMA workbench.

For sweeps of any size `sim experiment` is the better runner, since it resumes, pairs and records;
these are for those whose own tool does the sampling. Settings go by their dotted names throughout.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from mesa.datacollection import DataCollector

from sim.config.document import Document, read
from sim.config.errors import NOWHERE, ConfigError, Problem
from sim.config.load import validate
from sim.config.values import plain
from sim.metrics import metrics_table
from sim.model.config import RegionConfig
from sim.model.region import RegionModel
from sim.runs.design import salib_problem
from sim.runs.engine import Engine
from sim.runs.errors import ResultsError, known_name
from sim.runs.region import REGION
from sim.runs.single import resolve
from sim.runs.uncertainty import UncertaintyConfig
from sim.start.sources import sources

Base = str | Path | Mapping[str, Any] | RegionConfig
"""A config: file, settings as a mapping, or finished."""
Settings = Mapping[str, Any]
"""Dotted name of a setting -> its value."""


class BatchModel(RegionModel):
    """The model with a DataCollector, for `mesa.batch_run`; a step is a quarter.

    Parameters of a batch are settings by their dotted names, and `config`, `seed`, `metrics`::

        mesa.batch_run(
            BatchModel,
            {
                "config": "configs/toy.yaml",
                "policies.compute_sharing.dose": [0.0, 1.0],
                "seed": [1, 2, 3],
            },
        )

    A batch ends each run at the config's `time.end`. Without a seed that of the file is used, so
    that `iterations` would repeat the same run: give seeds as a parameter, or (from Mesa 3.5) as
    `rng=[1, 2, 3]`.
    """

    def __init__(
        self,
        config: Base | None = None,
        rng: int | None = None,
        metrics: str | Sequence[str] = (),
        **settings: Any,
    ) -> None:
        """Build a world.

        config    as in `sim.run`; the defaults if left out
        rng       seed, which may also be given as `seed`
        metrics   metrics that are collected, one or several; all national ones if left out
        settings  dotted name -> value
        raises ConfigError  : a setting cannot be used
        raises ResultsError : a metric does not exist, or `rng` and `seed` are given
        """
        seed = settings.pop("seed", None)
        if seed is not None and rng is not None:
            raise ResultsError("give the seeds of a batch as `seed` or as `rng`, not as both")
        names = [metrics] if isinstance(metrics, str) else list(metrics or REGION.metrics)
        for name in names:
            known_name("metric", name, REGION.metrics)
        run = resolve(_document(config or {}), REGION, settings, seed=rng if seed is None else seed)
        super().__init__(run.config, run.seed, views=False)
        self.now: dict[str, float] = {}
        self.datacollector = DataCollector({name: partial(_collected, name=name) for name in names})

    def step(self) -> None:
        """One quarter; then the metrics are collected."""
        for _ in range(self.config.time.steps_per_quarter):
            super().step()
        frames = self.frames()
        table = metrics_table(frames, sources(self.config.geography).neighbours)
        last = table[table["quarter"] == frames["provinces"]["quarter"].max()]
        self.now = dict(zip(last["metric"], last["value"], strict=True))
        self.datacollector.collect(self)
        self.running = self.world.clock.step < self.steps_total


def _collected(model: BatchModel, name: str) -> float:
    """Metric of the last quarter, NaN where it is not defined."""
    return model.now.get(name, np.nan)


@dataclass(frozen=True)
class Evaluator:
    """Outcomes of a config as a function of some of its settings; travels to other processes.

    document  config as written
    outcomes  metrics, taken in the last quarter as means over the seeds
    seeds     seeds of the runs, the same whatever the settings
    """

    document: Document
    outcomes: tuple[str, ...]
    seeds: tuple[int, ...]
    engine: Engine

    def __call__(self, **settings: Any) -> dict[str, float]:
        """Outcomes under changed settings, by dotted name; NaN where one is not defined.

        raises ConfigError : a setting cannot be used
        """
        values = [self._run(settings, seed) for seed in self.seeds]
        return {name: float(np.mean([each[name] for each in values])) for name in self.outcomes}

    def _run(self, settings: Settings, seed: int) -> dict[str, float]:
        run = resolve(self.document, self.engine, settings, seed=seed)
        table = self.engine.simulate(run.config, run.seed, None)["metrics"]
        last = table[table["quarter"] == run.config.time.end]
        values = dict(zip(last["metric"], last["value"], strict=True))
        return {name: float(values.get(name, np.nan)) for name in self.outcomes}


def evaluator(
    config: Base, outcomes: Sequence[str], seeds: Sequence[int] = (1,), engine: Engine = REGION
) -> Evaluator:
    """Function from settings to outcomes.

    raises ResultsError : an outcome is no metric, or there is no seed
    """
    for name in outcomes:
        known_name("metric", name, engine.metrics)
    if not seeds or not outcomes:
        raise ResultsError("give at least one outcome and one seed")
    return Evaluator(_document(config), tuple(outcomes), tuple(seeds), engine)


def salib(
    config: Base,
    uncertainties: Mapping[str, Any],
    outcomes: Sequence[str],
    seeds: Sequence[int] = (1,),
    engine: Engine = REGION,
) -> tuple[dict[str, Any], Callable[[np.ndarray], np.ndarray]]:
    """Problem of SALib, and the function that it evaluates.

    uncertainties  dotted name -> range and distribution, as in an experiment file
    returns        problem in the unit cube; function from (n, uncertainties) probabilities to
                   (n, outcomes), or (n,) for one outcome, as SALib's analyses want it
    raises ConfigError  : a setting or a range cannot be used
    raises ResultsError : see `evaluator`
    """
    function = evaluator(config, outcomes, seeds, engine)
    ranges = _ranges(uncertainties, function)
    problem = {**salib_problem(ranges), "outputs": list(outcomes)}
    return problem, partial(_evaluate, function, ranges)


def _evaluate(
    function: Evaluator, ranges: Mapping[str, UncertaintyConfig], points: np.ndarray
) -> np.ndarray:
    """Outcomes at points of the unit cube, (n, uncertainties)."""
    points = np.atleast_2d(points)
    columns = [each.quantile(points[:, j]).tolist() for j, each in enumerate(ranges.values())]
    rows = [dict(zip(ranges, row, strict=True)) for row in zip(*columns, strict=True)]
    values = np.array([list(function(**row).values()) for row in rows])
    return values[:, 0] if values.shape[1] == 1 else values


def ema_model(
    config: Base,
    uncertainties: Mapping[str, Any],
    levers: Mapping[str, Any],
    outcomes: Sequence[str],
    seeds: Sequence[int] = (1,),
    engine: Engine = REGION,
) -> Any:
    """Model of the EMA workbench, to be given to its evaluators.

    Parameters have the dotted names of their settings with `_` for the dots. The workbench explores
    ranges: it takes an uncertainty as uniform between its ends, a choice as categories.

    uncertainties, levers  dotted name -> range, as in an experiment file; both ends must be given
    raises ConfigError  : a setting or a range cannot be used, or a range lacks an end
    raises ResultsError : see `evaluator`; the workbench is not installed
    """
    try:
        import ema_workbench  # type: ignore[import-untyped]  # noqa: PLC0415 - optional
    except ImportError:
        raise ResultsError(
            "the EMA workbench is not installed: pip install 'ema-workbench>=2.5.3'"
        ) from None
    function = evaluator(config, outcomes, seeds, engine)
    model = ema_workbench.Model("sim", function=function)
    for kind, given in (("uncertainties", uncertainties), ("levers", levers)):
        ranges = _ranges(given, function)
        setattr(model, kind, [_parameter(ema_workbench, *item) for item in ranges.items()])
    model.outcomes = [ema_workbench.ScalarOutcome(name) for name in outcomes]
    return model


def _parameter(workbench: Any, name: str, each: UncertaintyConfig) -> Any:
    """Parameter of the workbench for a range."""
    word = name.replace(".", "_")
    if each.distribution == "choice":
        parameter = workbench.CategoricalParameter(word, list(each.values))
    elif not each.bounded():
        problem = "the EMA workbench explores ranges: give low and high"
        raise ConfigError(Problem(problem, field=name))
    elif each.distribution == "integer":
        low, high = each.ends()
        parameter = workbench.IntegerParameter(word, int(low), int(high))
    else:
        parameter = workbench.RealParameter(word, *each.ends())
    parameter.variable_name = name
    return parameter


def _ranges(uncertainties: Mapping[str, Any], function: Evaluator) -> dict[str, UncertaintyConfig]:
    """Ranges, whose middle is known to be a value that the setting may have."""
    ranges = {
        name: validate(plain(each), UncertaintyConfig) for name, each in uncertainties.items()
    }
    middle = {name: each.quantile(np.array([0.5])).tolist()[0] for name, each in ranges.items()}
    resolve(function.document, function.engine, middle)
    return ranges


def _document(config: Base) -> Document:
    if isinstance(config, str | Path):
        return read(config)
    return Document(plain(config), {(): NOWHERE})
