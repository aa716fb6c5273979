"""Pydantic's findings as problems with file, line, field, allowed values and nearest name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sim.config.document import Where
from sim.config.errors import NOWHERE, Place, Problem, dotted, nearest_name, shown
from sim.config.schema import (
    Model,
    allowed_text,
    choices,
    entry,
    first_sentence,
    follow,
    is_model,
    parameters,
)

_MOST = 100
"""Problems translated; a file with more is not the kind of file it should be."""

_EXPECTED = {
    "float_type": "a number",
    "float_parsing": "a number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text",
    "model_type": "a section of settings (`name: value`)",
    "model_attributes_type": "a section of settings (`name: value`)",
    "dict_type": "a table (`name: value`)",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "none_required": "left empty",
    "finite_number": "a finite number",
    "date_type": "a date such as 2013-09-29",
    "date_parsing": "a date such as 2013-09-29",
    "date_from_datetime_parsing": "a date such as 2013-09-29",
}
_COMPARED = {
    "greater_than": ("gt", ">"),
    "greater_than_equal": ("ge", ">="),
    "less_than": ("lt", "<"),
    "less_than_equal": ("le", "<="),
}
_CHOICES = {"literal_error": "expected", "enum": "expected", "union_tag_invalid": "expected_tags"}
_KINDS = {"union_tag_invalid", "union_tag_not_found"}
_FIXED = {
    "missing": "must be given",
    "union_tag_not_found": "must be given: it tells which kind of section this is",
}
_UNQUOTED = re.compile(r"[-+]?[0-9.]+([eE][-+]?[0-9]+)?")
_SWITCHES = {"yes": "true", "on": "true", "no": "false", "off": "false"}


@dataclass(frozen=True)
class _Finding:
    """One of pydantic's errors, at its path in the values."""

    path: tuple[str, ...]
    detail: ErrorDetails
    place: Place


def problems(
    error: ValidationError, schema: Model, values: dict[str, Any], where: Where
) -> list[Problem]:
    """Every problem that a validation found, sorted by line.

    values  what was validated
    where   place of the values, by path; the nearest section above counts for the rest
    """
    found = []
    for detail in error.errors(include_url=False):
        path = _path(detail, schema, values)
        if path is not None:
            found.append(_Finding(path, detail, _place(path, where)))
    groups: dict[tuple[str, ...], list[_Finding]] = {}
    for each in _without_rivals(found):
        groups.setdefault(each.path, []).append(each)
    ordered = sorted(groups.values(), key=lambda group: _order(group[0].place))
    translated = [_problem(group, schema, values) for group in ordered[:_MOST]]
    if len(ordered) > _MOST:
        rest = ordered[_MOST:]
        translated.append(Problem(f"{len(rest)} more problems from here on", *rest[0][0].place))
    return translated


def _order(place: Place) -> tuple[str, int]:
    return str(place.file or ""), place.line or 0


def _path(detail: ErrorDetails, schema: Model, settings: Any) -> tuple[str, ...] | None:
    """Path in the settings; pydantic's own marks for the kinds of a union are left out.

    returns  None for a finding about a kind of section that the settings say they are not
    """
    path: list[str] = []
    values = settings
    location = [str(part) for part in detail["loc"]]
    for position, part in enumerate(location):
        inside = isinstance(values, dict) and part in values
        inside |= isinstance(values, list) and part.isdecimal() and int(part) < len(values)
        is_last = position == len(location) - 1
        if inside or (is_last and detail["type"] == "missing"):
            path.append(part)
            values = entry(values, part)
        elif part in [kind.__name__ for kind in follow(schema, path, settings).others]:
            return None
    context = detail.get("ctx", {})
    if detail["type"] in _KINDS:
        path.append(context["discriminator"].strip("'"))
    return (*path, *context.get("entry", ()))


def _place(path: tuple[str, ...], where: Where) -> Place:
    for end in range(len(path), -1, -1):
        if path[:end] in where:
            return where[path[:end]]
    return NOWHERE


def _without_rivals(found: list[_Finding]) -> list[_Finding]:
    """Without errors such as "not a number" where a table was meant and something in it is wrong.

    Both arise where a value may be of several kinds; the error further inside is the one meant.
    """
    above = {each.path[:end] for each in found for end in range(len(each.path))}
    inner = [each for each in found if each.path not in above or not _is_shape(each)]
    return inner or found


def _is_shape(finding: _Finding) -> bool:
    return finding.detail["type"] in _EXPECTED or finding.detail["type"] in _CHOICES


def _problem(group: list[_Finding], schema: Model, values: dict[str, Any]) -> Problem:
    """Problem of the findings at one path; several mean that several kinds are possible there."""
    path, first, place = group[0].path, group[0].detail, group[0].place
    if first["type"] == "extra_forbidden":
        return _unknown(path, place, schema, values)
    spot = follow(schema, path, values)
    words = [word for each in group for word in _words(each.detail)]
    if first["type"] == "union_tag_not_found":
        words = choices(spot.kinds)
    allowed = first.get("ctx", {}).get("allowed") or ", ".join(words)
    meaning = None
    if spot.field is not None:
        allowed = allowed or allowed_text(spot.field)
        meaning = first_sentence(spot.field.description)
    nearest = _nearest(first, words)
    return Problem(_text(group), *place, dotted(path), allowed or None, nearest, meaning)


def _unknown(path: tuple[str, ...], place: Place, schema: Model, values: Any) -> Problem:
    """Problem of a key that its section does not have."""
    kinds = follow(schema, path[:-1], values).kinds
    names = list(dict.fromkeys(n for kind in kinds if is_model(kind) for n in kind.model_fields))
    nearest = nearest_name(path[-1], names) or _elsewhere(path[-1], schema)
    return Problem("unknown key", *place, dotted(path), ", ".join(names) or None, nearest)


def _elsewhere(key: str, schema: Model) -> str | None:
    """Dotted name of the only setting in another section that is called `key`."""
    names = [each.name for each in parameters(schema) if f".{each.name}".endswith(f".{key}")]
    return names[0] if len(names) == 1 else None


def _text(group: list[_Finding]) -> str:
    """What is wrong, in words."""
    details = [each.detail for each in group]
    kinds = dict.fromkeys(text for detail in details if (text := _expected(detail)))
    texts = [_other(detail) for detail in details if not _expected(detail)]
    if kinds:
        got = details[0]["input"]
        if details[0]["type"] == "union_tag_invalid":
            got = details[0]["ctx"]["tag"]
        texts.insert(0, f"must be {' or '.join(kinds)} (got {shown(got)})")
    return ", or ".join(dict.fromkeys(texts))


def _expected(detail: ErrorDetails) -> str | None:
    """Kind of value that would be right: "a number"; None if the kind is not what is wrong."""
    words = _words(detail)
    return "one of " + ", ".join(words) if words else _EXPECTED.get(detail["type"])


def _words(detail: ErrorDetails) -> list[str]:
    """Words that a choice admits; empty if the error is not about a choice."""
    key = _CHOICES.get(detail["type"])
    return re.findall(r"'([^']*)'", str(detail["ctx"][key])) if key else []


def _other(detail: ErrorDetails) -> str:
    kind, context, got = detail["type"], detail.get("ctx", {}), shown(detail["input"])
    if kind in _FIXED:
        return _FIXED[kind]
    if kind == "out_of_bounds":
        return f"must be {context['sign']} {context['bound']} (got {context['number']})"
    if kind in _COMPARED:
        bound, sign = _COMPARED[kind]
        return f"must be {sign} {context[bound]} (got {got})"
    message = " ".join(detail["msg"].split())
    if kind in ("quarter", "unknown_name", "misfit"):
        return message
    if kind in ("value_error", "assertion_error"):
        return message.partition(", ")[2] or message
    return f"{message[:1].lower()}{message[1:]} (got {got})"


def _nearest(detail: ErrorDetails, words: list[str]) -> str | None:
    """What was probably meant: a choice, a number without its quotes, true for yes."""
    if detail["type"] == "unknown_name":
        return detail["ctx"]["nearest"]
    given = detail["ctx"]["tag"] if detail["type"] == "union_tag_invalid" else detail["input"]
    if not isinstance(given, str):
        return None
    if detail["type"] == "bool_type":
        return _SWITCHES.get(given.lower(), nearest_name(given.lower(), ("true", "false")))
    if detail["type"] in ("float_type", "int_type") and _UNQUOTED.fullmatch(given):
        return f"{given} without quotes"
    return nearest_name(given, words)
