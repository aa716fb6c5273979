"""A validator of JSON Schema for the keywords that the package writes; it knows no others."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator
from typing import Any

NOTES = {"$schema", "$defs", "title", "description", "default", "unit", "source", "discriminator"}
"""Keywords that say something to people and nothing about validity."""
TYPES = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
    "array": list,
    "object": dict,
}
COMPARISONS = {
    "minimum": operator.ge,
    "maximum": operator.le,
    "exclusiveMinimum": operator.gt,
    "exclusiveMaximum": operator.lt,
}


def faults(value: Any, node: dict[str, Any], root: dict[str, Any], at: str = "") -> Iterator[str]:
    """What in a value a schema refuses, each with the place in the value."""
    for keyword, given in node.items():
        if keyword not in NOTES:
            yield from _faults(keyword, given, value, node, root, at)


def _faults(keyword, given, value, node, root, at) -> Iterator[str]:
    if keyword == "$ref":
        yield from faults(value, root["$defs"][given.removeprefix("#/$defs/")], root, at)
    elif keyword in ("anyOf", "oneOf"):
        fits = sum(not list(faults(value, each, root, at)) for each in given)
        if fits == 0 or (keyword == "oneOf" and fits > 1):
            yield f"{at}: {fits} of {keyword} fit"
    elif keyword in ("minItems", "maxItems", "prefixItems", "items"):
        yield from _of_lists(keyword, given, value, node, root, at)
    elif keyword in ("required", "properties", "patternProperties", "additionalProperties"):
        yield from _of_mappings(keyword, given, value, node, root, at)
    elif (fault := _of_scalars(keyword, given, value)) is not None:
        yield f"{at}: {fault}"


def _of_scalars(keyword, given, value) -> str | None:
    if keyword == "type":
        right = isinstance(value, TYPES[given]) and (
            isinstance(value, bool) <= (given == "boolean")
        )
        return None if right else f"not of type {given}"
    if keyword in COMPARISONS:
        right = not isinstance(value, int | float) or COMPARISONS[keyword](value, given)
        return None if right else f"not within {keyword} {given}"
    if keyword == "pattern":
        right = not isinstance(value, str) or re.search(given, value)
        return None if right else f"not like {given}"
    assert keyword in ("enum", "const"), f"unknown keyword {keyword}"
    return None if value in (given if keyword == "enum" else [given]) else f"not {given}"


def _of_lists(keyword, given, value, node, root, at) -> Iterator[str]:
    if not isinstance(value, list):
        return
    if keyword == "minItems" and len(value) < given:
        yield f"{at}: too short"
    if keyword == "maxItems" and len(value) > given:
        yield f"{at}: too long"
    if keyword == "prefixItems":
        for place, (each, inner) in enumerate(zip(value, given, strict=False)):
            yield from faults(each, inner, root, f"{at}.{place}")
    if keyword == "items":
        for place, each in enumerate(value[len(node.get("prefixItems", [])) :]):
            yield from faults(each, given, root, f"{at}.{place}")


def _of_mappings(keyword, given, value, node, root, at) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    known = node.get("properties", {})
    for key, each in value.items():
        patterns = [p for p in node.get("patternProperties", {}) if re.search(p, key)]
        if keyword == "properties" and key in given:
            yield from faults(each, given[key], root, f"{at}.{key}")
        if keyword == "patternProperties":
            for pattern in patterns:
                yield from faults(each, given[pattern], root, f"{at}.{key}")
        if keyword == "additionalProperties" and key not in known and not patterns:
            if given is False:
                yield f"{at}.{key}: unknown"
            elif given is not True:
                yield from faults(each, given, root, f"{at}.{key}")
    if keyword == "required":
        yield from (f"{at}.{key}: missing" for key in given if key not in value)
