"""Configurations from files, from Python and from overrides, checked against their schema."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from sim.config.defaults import completed
from sim.config.document import Where, read
from sim.config.errors import ConfigError, Problem, shown
from sim.config.overrides import apply_overrides
from sim.config.translate import problems
from sim.config.values import plain

T = TypeVar("T", bound=BaseModel)


def load(path: str | Path, schema: type[T], overrides: Sequence[str] | Mapping[str, Any] = ()) -> T:
    """Configuration in a YAML file and the files that it extends, with overrides on top.

    schema     kind of configuration
    overrides  "a.b=c" with c in YAML, or dotted name -> value
    raises ConfigError : whatever is wrong with the file, its settings or the overrides
    """
    document = apply_overrides(read(path), overrides, schema=schema)
    return validate(document.values, schema, document.where)


def validate(values: Mapping[str, Any], schema: type[T], where: Where | None = None) -> T:
    """Configuration out of nested settings.

    Types are strict: text is no number, true is no 1; a whole number may stand for a real one.

    values  section and setting names -> values
    where   place of the values, by path, for the errors; None for settings made in Python
    raises ConfigError : settings that the schema does not admit, all of them at once
    """
    settings = plain(values)
    if not isinstance(settings, dict):
        raise ConfigError(Problem(f"settings must be a mapping (got {shown(settings)})"))
    settings = completed(schema, settings)
    try:
        # By way of JSON, where strict admits lists for tuples and text for dates, and no more.
        return schema.model_validate_json(json.dumps(settings), strict=True)
    except ValidationError as error:
        raise ConfigError(*problems(error, schema, settings, where or {})) from error
