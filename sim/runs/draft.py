"""An experiment before its design is made: what its file says, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.config.document import Document, Where, read
from sim.config.errors import ConfigError, Place, Problem, nearest_name, shown
from sim.config.load import validate
from sim.config.overrides import apply_overrides
from sim.runs.design import check_design, count
from sim.runs.engine import Engine
from sim.runs.experiment_config import ExperimentConfig
from sim.runs.single import take_seed

Steps = tuple[str, ...]
"""Path of keys and list positions in a document."""


@dataclass(frozen=True)
class Draft:
    """An experiment whose settings are known to be good, before its design is made.

    spec      what the file says
    document  the file
    engine    model that is run
    common    base config with the changes that hold in every run, as written
    folder    folder of the file
    runs      runs that it asks for, with its first seeds
    """

    spec: ExperimentConfig
    document: Document
    engine: Engine
    common: Document
    folder: Path
    runs: int

    def base(self) -> Any:
        """Base config with the changes that hold in every run."""
        return validate(self.common.values, self.engine.schema, self.common.where)


def load_draft(path: Path, engine: Engine, figures: Mapping[str, bool] | None = None) -> Draft:
    """Experiment of a file, with all checked that does not need its points.

    figures   names that the file may list under `figures` -> whether it takes two scenarios; None
              if they do not matter
    raises ConfigError : anything in the file, its base or the design cannot be used
    """
    document = read(path)
    spec = validate(document.values, ExperimentConfig, document.where)
    spec = spec.model_copy(update={"name": spec.name or path.stem})
    problems = list(_problems(document, spec, engine, figures))
    if problems:
        raise ConfigError(*problems)
    common, folder = _common(document, spec, engine, path), path.parent
    check_design(
        spec.design,
        spec.uncertainties,
        document=document,
        base=common,
        schema=engine.schema,
        folder=folder,
    )
    return Draft(spec, document, engine, common, folder, _runs_of(spec, folder))


def is_experiment(path: Path) -> bool:
    """Whether a file holds an experiment rather than a config: its scenarios tell.

    raises ConfigError : the file cannot be read
    """
    return "scenarios" in read(path).values


def _runs_of(spec: ExperimentConfig, folder: Path) -> int:
    """Runs that an experiment asks for, with its first seeds, without making its design."""
    branches = max(1, len(spec.branches()))
    here = count(spec.design, spec.uncertainties, folder)
    return here * branches * spec.seeds.count * len(spec.scenarios)


def _problems(
    document: Document,
    spec: ExperimentConfig,
    engine: Engine,
    figures: Mapping[str, bool] | None,
) -> Iterator[Problem]:
    """What is wrong with the design itself: names that do not exist, nothing to run."""
    if not spec.scenarios:
        yield problem_at(document, ("scenarios",), "the design is empty: name a scenario")
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
        elif figures is not None and figures[name] and len(spec.scenarios) == 1:
            problem = f"compares scenarios ({name}), and there is one"
            yield problem_at(document, ("figures", str(position)), problem)
    if spec.branch is not None and engine.burn_in is None:
        yield problem_at(document, ("branch",), "this model cannot branch")


def _is_metric(name: str, engine: Engine) -> bool:
    try:
        engine.metric_unit(name)
    except ValueError:
        return False
    return True


def _common(document: Document, spec: ExperimentConfig, engine: Engine, path: Path) -> Document:
    """Base config with the changes that hold in every run, known to be valid."""
    changes, places = flat_changes(document, ("set",), spec.set)
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
        raise ConfigError(problem_at(document, ("base",), f"no such file: {file}"))
    return take_seed(read(file))[0]


def flat_changes(
    document: Document, at: Steps, values: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Place]]:
    """Changes that stand at a place of the document, dotted, and where each was written."""
    flat = dict(_flat(values, at))
    changes = {".".join(path[len(at) :]): value for path, value in flat.items()}
    places = {".".join(path[len(at) :]): document.place(path) for path in flat}
    return changes, places


def _flat(values: Mapping[str, Any], path: Steps) -> Iterator[tuple[Steps, Any]]:
    """Every value that is no section, with its path."""
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, (*path, key))
        else:
            yield (*path, key), value


def _unknown(document: Document, path: Steps, name: str, known: Collection[str]) -> Problem:
    problem = f"no such name ({shown(name)})"
    return problem_at(document, path, problem, ", ".join(known), nearest_name(name, known))


def problem_at(
    document: Document,
    path: Steps,
    problem: str,
    allowed: str | None = None,
    nearest: str | None = None,
) -> Problem:
    """Something wrong with the setting at `path`, with its place in the file."""
    return Problem(problem, *document.place(path), ".".join(path), allowed, nearest)
