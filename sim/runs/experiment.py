"""Experiment files: a question, scenarios of one base config, and the seeds they all meet."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from sim.config.base import Config, param
from sim.config.document import Document, Where, read
from sim.config.errors import ConfigError, Place, Problem, nearest_name, shown
from sim.config.load import validate
from sim.config.overrides import apply_overrides
from sim.config.values import dump, plain
from sim.runs.engine import Engine
from sim.runs.execute import Task
from sim.runs.single import take_seed


class SeedsConfig(Config):
    """Seeds of the runs: every scenario meets the same ones, so that differences are paired."""

    first: int = param(1, unit="seed", source="choice of the design", ge=0, le=2**31)
    """First seed; the others follow it one by one."""
    count: int = param(8, unit="runs per scenario", source="choice of the design", ge=1, le=20_000)
    """Number of seeds."""


class ExperimentConfig(Config):
    """An experiment as its file says it, before the base config is read."""

    name: str = ""
    """Name of the results folder; the name of the file if left out."""
    question: str
    """What the experiment asks, in a sentence."""
    base: str | dict[str, Any]
    """Config file, relative to the experiment file, or the config itself."""
    set: dict[str, Any] = Field({})
    """Changes of the base config that hold in every scenario: dotted name -> value."""
    baseline: str = "baseline"
    """Scenario the others are compared with."""
    scenarios: dict[str, dict[str, Any]]
    """Scenarios by name, each with its changes of the base config: dotted name -> value."""
    seeds: SeedsConfig = SeedsConfig()
    outcomes: tuple[str, ...] = ()
    """Metrics whose effects are reported; all national ones if left out."""
    figures: tuple[str, ...] = ()
    """Figures drawn at the end; none if left out."""


@dataclass(frozen=True)
class Experiment:
    """An experiment whose every config is known to be valid.

    spec     what the file says
    base     base config with the changes that hold in every scenario
    configs  resolved config of each scenario, in the order of the file
    """

    spec: ExperimentConfig
    base: Any
    configs: Mapping[str, Any]

    def seeds(self) -> range:
        """Seeds that every scenario meets."""
        first = self.spec.seeds.first
        return range(first, first + self.spec.seeds.count)

    def tasks(self) -> list[Task]:
        """Runs to do, seed by seed, so that an experiment broken off is still balanced."""
        pairs = [(seed, scenario) for seed in self.seeds() for scenario in self.configs]
        return [
            Task(run, scenario, seed, self.configs[scenario])
            for run, (seed, scenario) in enumerate(pairs)
        ]

    def parameters(self) -> dict[str, dict[str, Any]]:
        """What each scenario changes in the base config: dotted name -> value.

        Taken from the resolved configs, so that it does not depend on how a file writes them.
        """
        base = plain(self.base)
        return {name: dict(_changes(base, plain(each))) for name, each in self.configs.items()}

    def resolved(self) -> str:
        """The experiment as a file that needs no other: base and changes spelt out."""
        return dump(
            self.spec.model_copy(
                update={"base": plain(self.base), "set": {}, "scenarios": self.parameters()}
            )
        )


def load_experiment(path: Path, engine: Engine, figures: Sequence[str]) -> Experiment:
    """Experiment of a file, with every scenario's config checked.

    figures  names that the file may list under `figures`
    raises ConfigError : anything in the file, its base or a scenario cannot be used
    """
    document = read(path)
    spec = validate(document.values, ExperimentConfig, document.where)
    spec = spec.model_copy(update={"name": spec.name or path.stem})
    problems = list(_problems(document, spec, engine, figures))
    if problems:
        raise ConfigError(*problems)
    common = _changed(_base(document, path), document, ("set",), spec.set, engine)
    base = validate(common.values, engine.schema, common.where)
    configs = {}
    for name, changes in spec.scenarios.items():
        scenario = _changed(common, document, ("scenarios", name), changes, engine)
        configs[name] = validate(scenario.values, engine.schema, scenario.where)
    return Experiment(spec, base, configs)


def is_experiment(path: Path) -> bool:
    """Whether a file holds an experiment rather than a config: its scenarios tell.

    raises ConfigError : the file cannot be read
    """
    return "scenarios" in read(path).values


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
    for position, name in enumerate(spec.figures):
        if name not in figures:
            yield _unknown(document, ("figures", str(position)), name, figures)


def _is_metric(name: str, engine: Engine) -> bool:
    try:
        engine.metric_unit(name)
    except ValueError:
        return False
    return True


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


def _changed(
    config: Document,
    document: Document,
    at: tuple[str, ...],
    changes: Mapping[str, Any],
    engine: Engine,
) -> Document:
    """Config with changes that stand at a place of the experiment document."""
    flat = dict(_flat(changes, at))
    settings = {".".join(path[len(at) :]): value for path, value in flat.items()}
    places = {".".join(path[len(at) :]): _place(document, path) for path in flat}
    return apply_overrides(config, settings, schema=engine.schema, places=places)


def _flat(
    values: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value that is no section, with its path."""
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, (*path, key))
        else:
            yield (*path, key), value


def _changes(base: Any, other: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted name and value of every setting of `other` that `base` has not, or has otherwise."""
    for key, value in other.items():
        old = base.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            yield from _changes(old, value, f"{prefix}{key}.")
        elif key not in base or old != value:
            yield f"{prefix}{key}", value


def _unknown(
    document: Document, path: tuple[str, ...], name: str, known: Collection[str]
) -> Problem:
    problem = f"no such name ({shown(name)})"
    return _problem(document, path, problem, ", ".join(known), nearest_name(name, known))


def _problem(
    document: Document,
    path: tuple[str, ...],
    problem: str,
    allowed: str | None = None,
    nearest: str | None = None,
) -> Problem:
    return Problem(problem, *_place(document, path), ".".join(path), allowed, nearest)


def _place(document: Document, path: tuple[str, ...]) -> Place:
    """Where the setting at `path`, or the nearest section around it, was written."""
    while path not in document.where:
        path = path[:-1]
    return document.where[path]
