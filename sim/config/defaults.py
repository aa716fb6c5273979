"""Defaults that pydantic would drop when only a part of a section or table is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from sim.config.schema import Model, default_of, entries_of, fitting, is_model, members
from sim.config.values import plain


def completed(
    schema: Model, values: Mapping[str, Any], instance: BaseModel | None = None
) -> dict[str, Any]:
    """Values with the settings that a section's own default makes, where they say nothing.

    A field `subsidy: Lever = Lever(payer="centre")` keeps that payer when a file sets only the
    dose. A table (`dict[str, ...]`) that is given replaces the table of the default.

    instance  default of the section that `values` are for; None if it has none of its own
    """
    filled = dict(values)
    if instance is not None:
        for name in type(instance).model_fields:
            if name in instance.model_fields_set and name not in filled:
                filled[name] = plain(instance.__dict__[name])
    for name, field in schema.model_fields.items():
        value = filled.get(name)
        if isinstance(value, dict):
            default = default_of(field) if instance is None else instance.__dict__[name]
            filled[name] = _completed_value(members(field.annotation), value, default)
    return filled


def _completed_value(kinds: list[Any], value: dict[str, Any], default: Any) -> dict[str, Any]:
    section, own = _section(kinds, value, default)
    if section is not None:
        return completed(section, value, own)
    inner = [each for kind in kinds if entries_of(kind) for each in members(entries_of(kind))]
    return {
        key: _completed_value(inner, item, None) if isinstance(item, dict) else item
        for key, item in value.items()
    }


def _section(kinds: list[Any], value: Any, default: Any) -> tuple[Model | None, BaseModel | None]:
    """Kind of section that a value is for, with the default of that section if it is such."""
    fit = [kind for kind in fitting(kinds, value) if is_model(kind)]
    if isinstance(default, BaseModel) and type(default) in fit:
        return type(default), default
    return (fit[0] if len(fit) == 1 else None), None


def tables_behind(
    schema: Model,
    values: Mapping[str, Any],
    change: Mapping[str, Any],
    instance: BaseModel | None = None,
) -> dict[str, Any]:
    """Default tables (fields `dict[str, ...]`) that `values` leave out and `change` enters."""
    tables: dict[str, Any] = {}
    for name, part in change.items():
        if name not in schema.model_fields or not isinstance(part, dict):
            continue
        field, given = schema.model_fields[name], values.get(name)
        default = default_of(field) if instance is None else instance.__dict__[name]
        known = given if isinstance(given, dict) else {}
        section, own = _section(members(field.annotation), {**known, **part}, default)
        if section is not None:
            if inner := tables_behind(section, known, part, own):
                tables[name] = inner
        elif name not in values and isinstance(default, Mapping):
            tables[name] = plain(default)
    return tables
