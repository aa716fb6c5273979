"""Reading an experiment file: everything that can be wrong with it is told before any run."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.config.document import Document, Where, read
from sim.config.errors import ConfigError, Place, Problem, nearest_name, shown
from sim.config.load import validate
from sim.config.overrides import apply_overrides
from sim.runs.design import check_design, count, places, points
from sim.runs.engine import Engine
from sim.runs.estimate import trial
from sim.runs.experiment import BRANCH, Experiment
from sim.runs.experiment_config import ExperimentConfig
from sim.runs.single import take_seed

Path_ = tuple[str, ...]


def load_experiment(
    path: Path,
    engine: Engine,
    figures: Sequence[str] | None = None,
    *,
    max_runs: int | None = None,
) -> Experiment:
    """Experiment of a file, with the config of every scenario at every point checked.

    figures   names that the file may list under `figures`; None if they do not matter
    max_runs  runs above which it is refused, instead of the number in the file
    raises ConfigError : anything in the file, its base, a scenario or the design cannot be used
    """
    document = read(path)
    spec = validate(document.values, ExperimentConfig, document.where)
    spec = spec.model_copy(update={"name": spec.name or path.stem})
    problems = list(_problems(document, spec, engine, figures))
    if problems:
        raise ConfigError(*problems)
    common, folder = _common(document, spec, engine, path), path.parent
    design = spec.design, spec.uncertainties
    check_design(*design, document=document, base=common, schema=engine.schema, folder=folder)
    most = spec.max_runs if max_runs is None else max_runs
    if (runs := runs_of(spec, folder)) > most:
        raise ConfigError(_too_many(document, runs, most, engine, common))
    changes, written = {}, {}
    for name, values in spec.scenarios.items():
        changes[name], written[name] = _flat_changes(document, ("scenarios", name), values)
    every = [{BRANCH: quarter} for quarter in spec.branches()] or [{}]
    experiment = Experiment(
        spec,
        engine,
        common,
        changes,
        written,
        [{**point, **branch} for point in points(*design, folder) for branch in every],
        places(*design, document, folder),
    )
    _check_configs(experiment, document)
    return experiment


def is_experiment(path: Path) -> bool:
    """Whether a file holds an experiment rather than a config: its scenarios tell.

    raises ConfigError : the file cannot be read
    """
    return "scenarios" in read(path).values


def runs_of(spec: ExperimentConfig, folder: Path) -> int:
    """Runs that an experiment asks for, with its first seeds, without making its design."""
    branches = max(1, len(spec.branches()))
    here = count(spec.design, spec.uncertainties, folder)
    return here * branches * spec.seeds.count * len(spec.scenarios)


def _check_configs(experiment: Experiment, document: Document) -> None:
    """Resolve every config once, and see that those that branch may.

    raises ConfigError : a scenario and a point do not go together
    """
    for point in range(len(experiment.points)):
        quarter = experiment.branch(point)
        for scenario in experiment.scenarios:
            experiment.config_hash(scenario, point)
            if not quarter or experiment.engine.branchable is None:
                continue
            one, other = experiment.burn_in(point), experiment.config(scenario, point)
            problems = experiment.engine.branchable(one, other, quarter)
            if problems:
                at = ("scenarios", scenario)
                raise ConfigError(*(_problem(document, at, each) for each in problems))


def _problems(
    document: Document,
    spec: ExperimentConfig,
    engine: Engine,
    figures: Sequence[str] | None,
) -> Iterator[Problem]:
    """What is wrong with the design itself: names that do not exist, nothing to run."""
    if not spec.scenarios:
        yield _problem(document, ("scenarios",), "the design is empty: name a scenario")
    elif spec.baseline not in spec.scenarios:
        yield _unknown(document, ("baseline",), spec.baseline, spec.scenarios)
    for position, name in enumerate(spec.outcomes):
        if not _is_metric(name, engine):
            yield _unknown(document, ("outcomes", str(position)), name, engine.metrics)
    if spec.precision is not None and not _is_metric(spec.precision.outcome, engine):
        at = ("precision", "outcome")
        yield _unknown(document, at, spec.precision.outcome, engine.metrics)
    for position, name in enumerate(spec.figures):
        if figures is not None and name not in figures:
            yield _unknown(document, ("figures", str(position)), name, figures)
    if spec.branch is not None and engine.burn_in is None:
        yield _problem(document, ("branch",), "this model cannot branch")


def _too_many(
    document: Document, runs: int, most: int, engine: Engine, common: Document
) -> Problem:
    """A design larger than is allowed, told before it is made, with what it would take."""
    takes = trial(engine, validate(common.values, engine.schema, common.where))
    problem = f"the design asks for {runs:,} runs: {takes.told(runs, os.cpu_count() or 1)}"
    return _problem(document, ("max_runs",), problem, f"at most {most:,}; or set max_runs higher")


def _is_metric(name: str, engine: Engine) -> bool:
    try:
        engine.metric_unit(name)
    except ValueError:
        return False
    return True


def _common(document: Document, spec: ExperimentConfig, engine: Engine, path: Path) -> Document:
    """Base config with the changes that hold in every run, known to be valid."""
    changes, places = _flat_changes(document, ("set",), spec.set)
    common = apply_overrides(_base(document, path), changes, schema=engine.schema, places=places)
    validate(common.values, engine.schema, common.where)
    return common


def _base(document: Document, path: Path) -> Document:
    """Base config as written, its own seed left out: the experiment says the seeds."""
    base = document.values["base"]
    if isinstance(base, dict):
        where: Where = {
            at[1:]: place for at, place in document.where.items() if at[:1] == ("base",)
        }
        return take_seed(Document(base, where))[0]
    file = path.parent / base
    if not file.is_file():
        raise ConfigError(_problem(document, ("base",), f"no such file: {file}"))
    return take_seed(read(file))[0]


def _flat_changes(
    document: Document, at: Path_, values: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Place]]:
    """Changes that stand at a place of the document, dotted, and where each was written."""
    flat = dict(_flat(values, at))
    changes = {".".join(path[len(at) :]): value for path, value in flat.items()}
    places = {".".join(path[len(at) :]): document.place(path) for path in flat}
    return changes, places


def _flat(values: Mapping[str, Any], path: Path_) -> Iterator[tuple[Path_, Any]]:
    """Every value that is no section, with its path."""
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, (*path, key))
        else:
            yield (*path, key), value


def _unknown(document: Document, path: Path_, name: str, known: Collection[str]) -> Problem:
    problem = f"no such name ({shown(name)})"
    return _problem(document, path, problem, ", ".join(known), nearest_name(name, known))


def _problem(
    document: Document,
    path: Path_,
    problem: str,
    allowed: str | None = None,
    nearest: str | None = None,
) -> Problem:
    return Problem(problem, *document.place(path), ".".join(path), allowed, nearest)
