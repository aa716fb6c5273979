"""A single run: its file, and the seed that stands in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.config.document import Document, read
from sim.config.errors import ConfigError, Place, Problem, shown
from sim.config.load import validate
from sim.config.overrides import apply_overrides
from sim.config.values import dump
from sim.runs.engine import Engine

DEFAULT_SEED = 1


@dataclass(frozen=True)
class Run:
    """A resolved config (an instance of the schema of an engine) and the seed to run it with."""

    config: Any
    seed: int

    def resolved(self) -> str:
        """The run as a file that gives the same run again: every setting, and the seed."""
        return f"{dump(self.config)}seed: {self.seed}\n"


def load_run(
    path: Path,
    engine: Engine,
    overrides: Sequence[str] | Mapping[str, Any] = (),
    *,
    seed: int | None = None,
    until: str | None = None,
) -> Run:
    """Run that a config file asks for.

    overrides  "a.b=c", or dotted name -> value
    seed       seed; None takes that of the file (`seed: 7`), or else 1
    until      last quarter, such as 2019Q4; short for the override of time.end
    raises ConfigError : the file or an override cannot be used
    """
    return resolve(read(path), engine, overrides, seed=seed, until=until)


def resolve(
    document: Document,
    engine: Engine,
    overrides: Sequence[str] | Mapping[str, Any] = (),
    *,
    seed: int | None = None,
    until: str | None = None,
) -> Run:
    """Run that a config document asks for; the arguments are those of `load_run`."""
    changed = apply_overrides(document, overrides, schema=engine.schema)
    if until is not None:
        places = {"time.end": Place(Path("--until"), None)}
        changed = apply_overrides(changed, {"time.end": until}, places=places)
    if seed is not None:
        places = {"seed": Place(Path("--seed"), None)}
        changed = apply_overrides(changed, {"seed": seed}, places=places)
    config, own_seed = take_seed(changed)
    seed = DEFAULT_SEED if own_seed is None else own_seed
    return Run(validate(config.values, engine.schema, config.where), seed)


def take_seed(document: Document) -> tuple[Document, int | None]:
    """Config without the setting `seed`, and that seed, None if the file gives none.

    The seed belongs to a run and not to its config: runs of one config under many seeds share
    everything else, its hash too.

    raises ConfigError : it is not a whole number from 0
    """
    if "seed" not in document.values:
        return document, None
    values = dict(document.values)
    seed = values.pop("seed")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        place = document.where[("seed",)]
        problem = f"must be a whole number (got {shown(seed)})"
        raise ConfigError(Problem(problem, *place, "seed", "at least 0"))
    where = {at: place for at, place in document.where.items() if at[:1] != ("seed",)}
    return Document(values, where), seed
