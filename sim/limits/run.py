"""Run limit cases from their config files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import sim
from sim.config.document import read
from sim.config.errors import ConfigError, Problem, nearest_name
from sim.config.load import validate
from sim.config.overrides import COMMAND_LINE, apply_overrides
from sim.limits.base import Row
from sim.limits.catalogue import LIMITS
from sim.runs.errors import ResultsError, known_name

FOLDER = Path("configs/limits")


def folder() -> Path:
    """Where the configs of the limits are: here, or in the checkout of this package."""
    here = FOLDER
    return here if here.is_dir() else Path(sim.__file__).resolve().parents[1] / FOLDER


def chosen(names: Sequence[str]) -> list[str]:
    """Limits that are asked for, by name or by case (L3); all if none is.

    raises ResultsError : no limit or case of that name
    """
    if not names:
        return list(LIMITS)
    cases = {case: name for name, limit in LIMITS.items() for case in limit.ids}
    known = dict.fromkeys([*LIMITS, *cases])
    for name in names:
        known_name("limit", name, known)
    asked = {cases.get(name, name) for name in names}
    return [name for name in LIMITS if name in asked]


def is_limit(path: Path) -> bool:
    """Whether a file holds a limit case: it lies in a folder of that name."""
    return path.resolve().parent.name == FOLDER.name


def load_limit(path: Path, overrides: Sequence[str] = ()) -> Any:
    """Settings of a limit case in the file of its name.

    raises ConfigError : the file or an override cannot be used
    raises ResultsError : no limit has the name of the file
    """
    schema = LIMITS[known_name("limit", path.stem, LIMITS)].schema
    document = apply_overrides(read(path), overrides, schema=schema)
    return validate(document.values, schema, document.where)


def settings(name: str, overrides: Sequence[str] = ()) -> Any:
    """Settings of a limit in its own file, changed by the overrides that begin with its name."""
    own = [text.removeprefix(f"{name}.") for text in overrides if text.startswith(f"{name}.")]
    return load_limit(folder() / f"{name}.yaml", own)


def check_overrides(overrides: Sequence[str]) -> None:
    """Refuse an override that belongs to no limit.

    raises ConfigError : it does not begin with the name of one
    """
    for text in overrides:
        name = text.partition("=")[0].split(".")[0].strip()
        if name not in LIMITS:
            problem = f"no limit is called {name!r}"
            allowed = ", ".join(f"{each}.<setting>=<value>" for each in LIMITS)
            nearest = nearest_name(name, LIMITS)
            raise ConfigError(Problem(problem, *COMMAND_LINE, "", allowed, nearest))


def run(names: Sequence[str], overrides: Sequence[str] = ()) -> Iterator[tuple[str, Row]]:
    """Rows of the chosen limits, with the name of the limit; all settings are read first.

    raises ResultsError : a case has no answer at its settings, such as a break point there is not
    """
    check_overrides(overrides)
    ready = {name: settings(name, overrides) for name in chosen(names)}
    for name, cfg in ready.items():
        try:
            for row in LIMITS[name].measure(cfg):
                yield name, row
        except (ArithmeticError, RuntimeError, ValueError, TypeError) as problem:
            message = f"limit {name} cannot be measured at these settings: {problem}"
            raise ResultsError(message) from problem
