"""Reading an experiment file: everything that can be wrong with it is told before any run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.config.document import Document, Where, read
from sim.config.errors import ConfigError, Place, Problem, nearest_name, shown
from sim.config.load import validate
from sim.config.overrides import apply_overrides
from sim.runs.design import count, points
from sim.runs.engine import Engine
from sim.runs.experiment import BRANCH, Experiment
from sim.runs.experiment_config import ExperimentConfig
from sim.runs.single import take_seed
from sim.runs.uncertainty import check_names

Path_ = tuple[str, ...]


def load_experiment(
    path: Path, engine: Engine, figures: Sequence[str], *, max_runs: int | None = None
) -> Experiment:
    """Experiment of a file, with every scenario's config checked.

    figures   names that the file may list under `figures`
    max_runs  runs above which it is refused, instead of the number in the file
    raises ConfigError : anything in the file, its base, a scenario or the design cannot be used
    """
    document = read(path)
    spec = validate(document.values, ExperimentConfig, document.where)
    spec = spec.model_copy(update={"name": spec.name or path.stem})
    problems = [*_problems(document, spec, engine, figures), *_too_many(document, spec, max_runs)]
    if problems:
        raise ConfigError(*problems)
    common = _common(document, spec, engine, path)
    check_names(spec.uncertainties, engine.schema, document)
    changes, places = {}, {}
    for name, values in spec.scenarios.items():
        changes[name], places[name] = _flat_changes(document, ("scenarios", name), values)
    experiment = Experiment(
        spec,
        engine,
        common,
        changes,
        places,
        _points(spec, path.parent),
        _place(document, ("design",)),
    )
    _check_configs(experiment, document)
    return experiment


def is_experiment(path: Path) -> bool:
    """Whether a file holds an experiment rather than a config: its scenarios tell.

    raises ConfigError : the file cannot be read
    """
    return "scenarios" in read(path).values


def runs_of(spec: ExperimentConfig) -> int:
    """Runs that an experiment asks for, at least: without making its design."""
    branches = max(1, len(spec.branches()))
    return count(spec.design, spec.uncertainties) * branches * spec.seeds.count * len(spec.scenarios)


def _points(spec: ExperimentConfig, folder: Path) -> list[dict[str, Any]]:
    """Points of the design, each at every branch quarter."""
    design = points(spec.design, spec.uncertainties, folder)
    branches = [{BRANCH: quarter} for quarter in spec.branches()] or [{}]
    return [{**point, **branch} for point in design for branch in branches]


def _check_configs(experiment: Experiment, document: Document) -> None:
    """Resolve every config once, and see that those that branch may.

    raises ConfigError : a scenario and a point do not go together
    """
    for point in range(len(experiment.points)):
        quarter = experiment.branch(point)
        for scenario in experiment.scenarios:
            experiment.config_hash(scenario, point)
            if not quarter:
                continue
            one, other = experiment.burn_in(point), experiment.config(scenario, point)
            problems = experiment.engine.branchable(one, other, quarter)
            if problems:
                at = ("scenarios", scenario)
                raise ConfigError(*(_problem(document, at, each) for each in problems))


def _problems(
    document: Document, spec: ExperimentConfig, engine: Engine, figures: Sequence[str]
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
        if name not in figures:
            yield _unknown(document, ("figures", str(position)), name, figures)
    if spec.branch is not None and engine.burn_in is None:
        yield _problem(document, ("branch",), "this model cannot branch")


def _too_many(
    document: Document, spec: ExperimentConfig, max_runs: int | None
) -> Iterator[Problem]:
    """A design larger than is allowed, told before it is made."""
    runs, most = runs_of(spec), spec.max_runs if max_runs is None else max_runs
    if runs > most:
        told = f"the design asks for {runs:,} runs"
        allowed = f"at most {most:,}; set max_runs to allow more, `--dry-run` tells what they take"
        yield _problem(document, ("max_runs",), told, allowed)


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
    places = {".".join(path[len(at) :]): _place(document, path) for path in flat}
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
    return Problem(problem, *_place(document, path), ".".join(path), allowed, nearest)


def _place(document: Document, path: Path_) -> Place:
    """Where the setting at `path`, or the nearest section around it, was written."""
    while path not in document.where:
        path = path[:-1]
    return document.where[path]
