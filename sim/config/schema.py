"""What a configuration schema says: the settings, what each may be, and where a path leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from typing_extensions import TypeAliasType

from sim.config.base import QUARTER_CHECK, QUARTERS

Model = type[BaseModel]

_BOUND_WORDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}


@dataclass(frozen=True)
class Parameter:
    """One setting of a configuration.

    name         dotted name; `<name>` stands for a key of a mapping, `[]` for a list position
    default      value if the setting is left out; None as well for a required setting
    required     the setting cannot be left out
    unit         unit as text, "-" for a pure number; None if the field gives none
    bounds       what may stand there, as text; "" for anything of the right type
    source       publication, statistic or "assumed"; None if the field gives none
    description  docstring of the field
    """

    name: str
    default: Any
    required: bool
    unit: str | None
    bounds: str
    source: str | None
    description: str


def parameters(schema: Model) -> list[Parameter]:
    """Every setting of a schema, nested sections included, in the order of declaration."""
    found: dict[str, Parameter] = {}
    for each in _settings(schema, None, "", (schema,)):
        known = found.get(each.name)
        found[each.name] = each if known is None else _either(known, each)
    return list(found.values())


def _either(one: Parameter, other: Parameter) -> Parameter:
    """Setting that two kinds of a section have in common."""
    bounds = " | ".join(dict.fromkeys(text for text in (one.bounds, other.bounds) if text))
    return replace(other if one.required else one, bounds=bounds)


def _settings(
    schema: Model, instance: BaseModel | None, prefix: str, seen: tuple[Model, ...]
) -> Iterator[Parameter]:
    for name, field in schema.model_fields.items():
        default = default_of(field) if instance is None else instance.__dict__[name]
        sections = list(_sections(field.annotation, prefix + name))
        for section, section_prefix in sections:
            if section not in seen:
                own = default if type(default) is section else None
                yield from _settings(section, own, section_prefix, (*seen, section))
        if not sections:
            extra = _extra(field)
            yield Parameter(
                name=prefix + name,
                default=default,
                required=field.is_required() and instance is None,
                unit=extra.get("unit"),
                bounds=bounds_text(field),
                source=extra.get("source"),
                description=" ".join((field.description or "").split()),
            )


def default_of(field: FieldInfo) -> Any:
    """Value of a field that is left out; None for a required one."""
    return None if field.is_required() else field.get_default(call_default_factory=True)


def _sections(annotation: Any, name: str) -> Iterator[tuple[Model, str]]:
    """Sections that a field holds, itself or as entries, with the prefix of their settings."""
    for kind in members(annotation):
        if is_model(kind):
            yield kind, f"{name}."
        elif (inner := entries_of(kind)) is not None:
            yield from _sections(inner, f"{name}.<name>" if _is_mapping(kind) else f"{name}[]")


def _extra(field: FieldInfo) -> Mapping[str, Any]:
    return field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}


def is_model(kind: Any) -> TypeGuard[Model]:
    """Whether a type is a section."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def members(annotation: Any) -> list[Any]:
    """Types that an annotation admits, without None and without wrapping."""
    if isinstance(annotation, TypeAliasType):
        return members(annotation.__value__)
    origin = get_origin(annotation)
    if origin is Annotated:
        return members(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [kind for part in get_args(annotation) for kind in members(part)]
    return [] if annotation is NoneType else [annotation]


def _is_mapping(kind: Any) -> bool:
    origin = get_origin(kind) or kind
    return isinstance(origin, type) and issubclass(origin, Mapping)


def entries_of(kind: Any) -> Any:
    """Type of the entries of a mapping or list type; None for other types."""
    origin, inner = get_origin(kind), get_args(kind)
    if not isinstance(origin, type) or not inner:
        return None
    if issubclass(origin, Mapping):
        return inner[1]
    return inner[0] if issubclass(origin, Sequence | set | frozenset) else None


class Spot(NamedTuple):
    """What a schema says about one path.

    kinds   types that may stand there, given the settings made there
    others  kinds of section that these settings rule out
    field   field in which the path lies; None if no field was met
    """

    kinds: list[Any]
    others: list[Any]
    field: FieldInfo | None


def follow(schema: Model, path: Sequence[str], values: Any) -> Spot:
    """What may stand at `path`; where a section may be of several kinds `values` tell which."""
    kinds: list[Any] = [schema]
    field: FieldInfo | None = None
    for part in path:
        inner: list[Any] = []
        for kind in fitting(kinds, values):
            if is_model(kind):
                if part in kind.model_fields:
                    field = kind.model_fields[part]
                    inner += members(field.annotation)
            elif (inner_kind := entries_of(kind)) is not None:
                inner += members(inner_kind)
        kinds, values = inner, entry(values, part)
    fit = fitting(kinds, values)
    return Spot(fit, [kind for kind in kinds if kind not in fit], field)


def entry(values: Any, part: str) -> Any:
    """Entry of a mapping or list under a key or a list position; None if there is none."""
    if isinstance(values, dict):
        return values.get(part)
    if isinstance(values, list) and part.isdecimal() and int(part) < len(values):
        return values[int(part)]
    return None


def fitting(kinds: list[Any], values: Any) -> list[Any]:
    """Kinds of section whose fixed words (`kind: toy`) agree with the values; all if none does."""
    fit = [kind for kind in kinds if not is_model(kind) or _agrees(kind, values)]
    return fit or kinds


def _agrees(model: Model, values: Any) -> bool:
    if not isinstance(values, dict):
        return True
    for name, field in model.model_fields.items():
        words = [word for kind in members(field.annotation) for word in _words(kind)]
        if words and name in values and values[name] not in words:
            return False
    return True


def _words(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) is Literal else ()


def choices(kinds: list[Any]) -> list[str]:
    """Words among which types let choose; empty if none is a choice of words."""
    return [str(word) for kind in kinds for word in _words(kind)]


def first_sentence(description: str | None) -> str | None:
    """What a field means, shortened to the first sentence of its docstring."""
    text = " ".join((description or "").split())
    return text.partition(". ")[0].rstrip(".") or None


def _constraints(field: FieldInfo) -> Iterator[Any]:
    """Constraints and checks of a field, also those on one kind of value (`X | None`)."""
    yield from field.metadata
    parts = get_args(field.annotation) if get_origin(field.annotation) in (Union, UnionType) else ()
    for part in parts:
        if get_origin(part) is Annotated:
            yield from part.__metadata__


def _bounds(field: FieldInfo) -> Mapping[str, Any]:
    """Bounds of a field by kind (ge, gt, le, lt), from `param` or from pydantic's own."""
    bounds: dict[str, Any] = {}
    for constraint in _constraints(field):
        for kind in _BOUND_WORDS:
            if hasattr(constraint, kind):
                bounds[kind] = getattr(constraint, kind)
    return bounds | dict(_extra(field).get("bounds", {}))


def bounds_text(field: FieldInfo) -> str:
    """What may stand in a field: "0 to 4", "above 0", "one of a, b"; "" for no bound."""
    kinds = members(field.annotation)
    if kinds and all(get_origin(kind) is Literal for kind in kinds):
        return "one of " + ", ".join(choices(kinds))
    if bool in kinds:
        return "true or false"
    if QUARTER_CHECK in _constraints(field):
        return QUARTERS
    bounds = _bounds(field)
    if set(bounds) == {"ge", "le"}:
        return f"{_number(bounds['ge'])} to {_number(bounds['le'])}"
    return ", ".join(f"{_BOUND_WORDS[kind]} {_number(bounds[kind])}" for kind in sorted(bounds))


def _number(bound: Any) -> str:
    return f"{bound:.12g}" if isinstance(bound, int | float) else str(bound)


def allowed_text(field: FieldInfo) -> str | None:
    """Bounds and unit of a field for an error message; None if it has neither."""
    unit = _extra(field).get("unit")
    bounds = bounds_text(field)
    if unit in (None, "-"):
        return bounds or None
    return f"{bounds or 'any number'} [{unit}]"
