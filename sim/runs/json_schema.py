"""JSON Schema (draft 2020-12) of config and experiment files, for completion in editors.

It says less than the checks of the package, which also compare settings with each other, and
refuses nothing that these accept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Node = dict[str, Any]
"""A schema, as JSON."""

_BOUNDS = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
}
_EXTENDS: Node = {
    "type": "string",
    "description": "File, relative to this one, whose settings hold where this one is silent.",
}
_SEED: Node = {"type": "integer", "minimum": 0, "description": "Seed of all random streams."}


class _Name(NamedTuple):
    """A dotted name that a config knows.

    pattern  whether `name` is a regular expression, for keys that may be anything
    section  whether it is a section or table of settings
    """

    name: str
    node: Node
    pattern: bool
    section: bool


def config_schema(config: type[BaseModel]) -> Node:
    """JSON Schema of a config file; nothing is required, since a file may extend another.

    config  class of the configuration, the schema of an engine
    """
    (root,), defs = _definitions(config)
    body = defs.pop(root)
    body["properties"] |= {"extends": _EXTENDS, "seed": _SEED}
    optional = {name: _optional(node) for name, node in defs.items()}
    return {"$schema": DIALECT, **_optional(body), "$defs": optional}


def experiment_schema(experiment: type[BaseModel], config: type[BaseModel]) -> Node:
    """JSON Schema of an experiment file.

    Where an experiment names settings (`set`, each of `scenarios`, `uncertainties`, the lists of
    a zipped design) the dotted names of the config are known, each with its meaning.

    experiment  class of the experiment; fields that it has not are passed over
    config      class of the configuration, the schema of an engine
    """
    (root, base), defs = _definitions(experiment, config)
    body = defs.pop(root)
    own = _reached(body, defs)
    defs = {name: node if name in own else _optional(node) for name, node in defs.items()}
    names = list(_names(defs[base], defs, ""))
    defs[base]["properties"] |= {"extends": _EXTENDS, "seed": _SEED}
    defs["changes"] = _mapping(names, lambda each: each.node)
    _name_settings(body["properties"], base, names)
    if "ZippedDesign" in defs:
        lists = defs["ZippedDesign"]["properties"]
        lists["settings"] = _entries_named(lists["settings"], names)
    body["properties"]["extends"] = _EXTENDS
    required = body.pop("required", [])
    body["anyOf"] = [{"required": required}, {"required": ["extends"]}]
    return {"$schema": DIALECT, **body, "$defs": defs}


def _name_settings(fields: dict[str, Node], base: str, names: Sequence[_Name]) -> None:
    """Say in the fields of an experiment which settings there are."""
    changes = {"$ref": "#/$defs/changes"}
    if "base" in fields:
        text = {"type": "string", "description": "Config file, relative to the experiment file."}
        told = {"description": fields["base"].get("description", "")}
        fields["base"] = told | {"anyOf": [text, {"$ref": f"#/$defs/{base}"}]}
    if "set" in fields:
        fields["set"] = _described(fields["set"]) | changes
    if "scenarios" in fields:
        fields["scenarios"]["additionalProperties"] = changes
    if "uncertainties" in fields:
        fields["uncertainties"] = _entries_named(fields["uncertainties"], names)


def _definitions(*models: type[BaseModel]) -> tuple[list[str], dict[str, Node]]:
    """Names of the definitions of some classes, and all definitions they need."""
    references, schema = models_json_schema([(model, "validation") for model in models])
    names = [_target(references[model, "validation"]) for model in models]
    return names, {name: _told(node) for name, node in schema["$defs"].items()}


def _inside(node: Node, change: Callable[[Node], Node]) -> Node:
    """Copy of a schema with every schema directly inside it changed."""
    copy = dict(node)
    if "properties" in node:
        copy["properties"] = {name: change(each) for name, each in node["properties"].items()}
    for keyword in ("anyOf", "oneOf", "prefixItems"):
        if keyword in node:
            copy[keyword] = [change(each) for each in node[keyword]]
    for keyword in ("items", "additionalProperties"):
        if isinstance(node.get(keyword), dict):
            copy[keyword] = change(node[keyword])
    return copy


def _told(node: Node) -> Node:
    """Schema whose `param` fields have their bounds as keywords, unit and source in words too."""
    told = _inside(node, _told)
    bounds = told.pop("bounds", {})
    if "properties" not in told:
        told.pop("title", None)
    if "description" in told:
        told["description"] = " ".join(told["description"].split())
    if "unit" in told:
        words = [told.get("description", ""), f"[{told['unit']}]", f"Source: {told['source']}."]
        told["description"] = " ".join(word for word in words if word)
    return _bounded(told, {_BOUNDS[kind]: bound for kind, bound in bounds.items()})


def _bounded(node: Node, bounds: Node) -> Node:
    """Schema with bounds on every number in it."""
    if not bounds:
        return node
    bounded = _inside(node, lambda each: _bounded(each, bounds))
    return bounded | bounds if node.get("type") in ("number", "integer") else bounded


def _optional(node: Node) -> Node:
    """Schema in which nothing is required, and null strikes a section from a table."""
    optional = _inside(node, _optional)
    optional.pop("required", None)
    entry = optional.get("additionalProperties")
    if isinstance(entry, dict) and "$ref" in entry:
        optional["additionalProperties"] = {"anyOf": [entry, {"type": "null"}]}
    return optional


def _reached(node: Node, defs: dict[str, Node]) -> set[str]:
    """Names of the definitions that a schema uses, directly or not."""
    reached: set[str] = set()
    waiting = _references(node)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting |= _references(defs[name])
    return reached


def _references(node: Node) -> set[str]:
    """Names of the definitions that a schema refers to."""
    found: set[str] = set()

    def look(each: Node) -> Node:
        found.update(_references(each))
        return each

    _inside(node, look)
    return found | ({_target(node)} if "$ref" in node else set())


def _target(node: Node) -> str:
    """Name of the definition that a reference leads to."""
    return str(node["$ref"].rpartition("/")[2])


def _names(node: Node, defs: dict[str, Node], prefix: str, *, raw: bool = True) -> Iterator[_Name]:
    """Dotted names below a section, sections themselves too.

    prefix  of the names, with its dot;  raw  whether it is plain text, no regular expression
    """
    for part, each in node.get("properties", {}).items():
        name = prefix + (part if raw else re.escape(part))
        yield from _named(each, defs, name, raw=raw)
    if isinstance(entry := node.get("additionalProperties"), dict):
        name = (re.escape(prefix) if raw else prefix) + "[^.]+"
        yield from _named(entry, defs, name, raw=False)


def _named(node: Node, defs: dict[str, Node], name: str, *, raw: bool) -> Iterator[_Name]:
    kinds = [_resolved(kind, defs) for kind in node.get("anyOf", [node])]
    sections = [kind for kind in kinds if kind.get("type") == "object"]
    yield _Name(name, node, pattern=not raw, section=bool(sections))
    for section in sections:
        yield from _names(section, defs, name + ("." if raw else r"\."), raw=raw)


def _resolved(node: Node, defs: dict[str, Node]) -> Node:
    return defs[_target(node)] if "$ref" in node else node


def _mapping(names: Sequence[_Name], entry: Callable[[_Name], Node]) -> Node:
    """Schema of a mapping whose keys are dotted names."""
    mapping: Node = {"type": "object", "additionalProperties": False}
    mapping["properties"] = {each.name: entry(each) for each in names if not each.pattern}
    patterns = {f"^{each.name}$": entry(each) for each in names if each.pattern}
    return mapping | ({"patternProperties": patterns} if patterns else {})


def _entries_named(node: Node, names: Sequence[_Name]) -> Node:
    """Schema of a mapping with entries of one kind, whose keys are dotted names of settings."""
    entry = node["additionalProperties"]
    settings = [each for each in names if not each.section]
    return _described(node) | _mapping(settings, lambda each: entry | _described(each.node))


def _described(node: Node) -> Node:
    return {"description": node["description"]} if "description" in node else {}
