"""Every number of a configuration says its unit, its bounds and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo
from typing_extensions import TypeAliasType

import sim
from sim.config import param, parameters, plain, read
from sim.config.base import COMPARISONS
from sim.config.schema import default_of, follow
from sim.limits.catalogue import LIMITS
from sim.model.config import RegionConfig
from sim.runs.experiment_config import ExperimentConfig
from sim.runs.slurm_config import SlurmConfig
from sim.state.industries import default_industries

ROOT = Path(sim.__file__).resolve().parent.parent
FILES = sorted([*ROOT.glob("configs/**/*.yaml"), *ROOT.glob("experiments/**/*.yaml")])
SCHEMAS: dict[str, type[BaseModel]] = {
    "region": RegionConfig,
    "experiment": ExperimentConfig,
    **{f"limit {name}": limit.schema for name, limit in LIMITS.items()},
}

BORROWED = {
    "UncertaintyConfig.high",
    "UncertaintyConfig.low",
    "UncertaintyConfig.mean",
    "UncertaintyConfig.mode",
    "UncertaintyConfig.values",
    "ZippedDesign.settings",
}
"""Values of another setting, whose unit and bounds hold; a design is checked against them."""


def parts_of(annotation: Any) -> Iterator[Any]:
    """Types that an annotation is built of: entries of lists and mappings, sides of a choice.

    Words and numbers of a `Literal` are given by the schema itself. A whole number that may also be
    text is a code, the name of a province: no quantity.
    """
    if isinstance(annotation, TypeAliasType):
        annotation = annotation.__value__
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is None:
        yield annotation
    elif origin is Annotated:
        yield from parts_of(inner[0])
    elif origin in (Union, UnionType) and str in inner:
        yield from (each for part in inner for each in parts_of(part) if each is not int)
    elif origin is not Literal:
        yield from (each for part in inner for each in parts_of(part))


def is_number(field: FieldInfo) -> bool:
    """Whether a field is a number, or holds numbers of its own."""
    return any(part in (int, float) for part in parts_of(field.annotation))


def sections(schema: type[BaseModel], found: dict[type[BaseModel], None]) -> None:
    """Add a schema and all that it holds."""
    if schema in found:
        return
    found[schema] = None
    for field in schema.model_fields.values():
        for part in parts_of(field.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel):
                sections(part, found)


def numbers_of(schema: type[BaseModel]) -> dict[str, FieldInfo]:
    """Fields of a schema and its sections that are numbers, by section and name."""
    found: dict[type[BaseModel], None] = {}
    sections(schema, found)
    return {
        f"{each.__name__}.{name}": field
        for each in found
        for name, field in each.model_fields.items()
        if is_number(field) and f"{each.__name__}.{name}" not in BORROWED
    }


def extra_of(field: FieldInfo) -> Mapping[str, Any]:
    return field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}


def missing(field: FieldInfo) -> list[str]:
    """What a number does not say of unit, source and bounds."""
    extra = extra_of(field)
    said = [key for key in ("unit", "source") if str(extra.get(key) or "").strip()]
    said += [key for key in ("bounds",) if extra.get(key) and set(extra[key]) <= set(COMPARISONS)]
    return [key for key in ("unit", "source", "bounds") if key not in said]


def numbers_in(value: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], float]]:
    """Numbers in settings with their paths, in lists and mappings too; true and false are none."""
    if isinstance(value, Mapping):
        return [each for key in value for each in numbers_in(value[key], (*path, str(key)))]
    if isinstance(value, list | tuple):
        return numbers_in(dict(enumerate(value)), path)
    return [(path, value)] if type(value) in (int, float) else []


def takes_numbers(annotation: Any) -> bool:
    """Whether a number may stand there at all, if only a code or one of a choice."""
    if isinstance(annotation, int | TypeAliasType):
        return isinstance(annotation, int) or takes_numbers(annotation.__value__)
    return annotation in (int, float) or any(map(takes_numbers, get_args(annotation)))


def without_origin(schema: type[BaseModel], settings: Any) -> list[str]:
    """Numbers in settings that belong to no field with unit, source and bounds."""
    found = []
    for path, number in numbers_in(settings):
        field = follow(schema, path, settings).field
        known = field is not None and takes_numbers(field.annotation)
        if not known or (is_number(field) and missing(field)):
            found.append(f"{'.'.join(path)} = {number}")
    return found


def out_of_bounds(schema: type[BaseModel], settings: Any) -> list[str]:
    """Numbers in settings that lie outside the bounds of their field."""
    return [
        f"{'.'.join(path)} = {number}: must be {COMPARISONS[kind][1]} {bound}"
        for path, number in numbers_in(settings)
        if (field := follow(schema, path, settings).field) is not None
        for kind, bound in extra_of(field).get("bounds", {}).items()
        if not COMPARISONS[kind][0](number, bound)
    ]


def bad_defaults(schema: type[BaseModel]) -> list[str]:
    """Defaults in a schema and its sections, also those a section is given, out of bounds."""
    found: dict[type[BaseModel], None] = {}
    sections(schema, found)
    return [
        f"{each.__name__}.{text}"
        for each in found
        for name, field in each.model_fields.items()
        if not field.is_required()
        for text in out_of_bounds(each, {name: plain(default_of(field))})
    ]


def parts_of_file(path: Path) -> list[tuple[type[BaseModel], dict[str, Any]]]:
    """Settings in a file, with the schema of each part; changes of an experiment by their name."""
    settings = read(path).values
    if path.parent.name == "limits":
        return [(LIMITS[path.stem].schema, settings)]
    if path.parent.name == "clusters":
        return [(SlurmConfig, settings)]
    if "configs" in path.parts:
        return [(RegionConfig, settings)]
    changes = [settings.get("set", {}), *settings["scenarios"].values()]
    for name, each in settings.get("uncertainties", {}).items():  # values of the setting itself
        borrowed = [each.pop(key) for key in ("low", "high", "mode", "mean") if key in each]
        changes += [{name: value} for value in [*borrowed, *each.pop("values", ())]]
    rest = {name: each for name, each in settings.items() if name not in ("set", "scenarios")}
    base = rest.pop("base") if isinstance(rest.get("base"), dict) else {}
    return [
        (ExperimentConfig, rest),
        (RegionConfig, base),
        *((RegionConfig, nested(name, value)) for part in changes for name, value in part.items()),
    ]


def nested(name: str, value: Any) -> dict[str, Any]:
    """Settings of a change that a dotted name stands for."""
    for part in reversed(name.split(".")):
        value = {part: value}
    return value


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_number_says_unit_bounds_and_source(name):
    found = numbers_of(SCHEMAS[name])
    assert found
    assert {each: missing(field) for each, field in found.items() if missing(field)} == {}


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_number_can_be_listed(name):
    """`sim params` shows what the schema says; what it shows as number is one here."""
    listed = parameters(SCHEMAS[name])
    borrowed = {each.rpartition(".")[2] for each in BORROWED}
    named = {each.name.rpartition(".")[2] for each in listed if each.unit and each.source}
    named -= borrowed if name == "experiment" else set()
    assert {each.partition(".")[2] for each in numbers_of(SCHEMAS[name])} == named
    bare = {each.name.rpartition(".")[2] for each in listed if each.unit and not each.bounds}
    assert bare <= borrowed


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_default_lies_within_its_bounds(name):
    assert bad_defaults(SCHEMAS[name]) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_number_in_a_file_belongs_to_a_parameter(file):
    for schema, settings in parts_of_file(file):
        assert without_origin(schema, settings) == []
        assert out_of_bounds(schema, settings) == []


def test_the_packaged_table_of_industries_is_made_of_parameters():
    table = {"industries": default_industries()}
    assert numbers_in(table)
    assert without_origin(RegionConfig, table) == []
    assert out_of_bounds(RegionConfig, table) == []


class Loose(BaseModel):
    """What the checks above must find; no `Config`, which would refuse such defaults."""

    good: float = param(1.0, unit="-", source="assumed", ge=0)
    wrong: float = param(2.0, unit="-", source="assumed", ge=0, le=1)
    row: tuple[float, ...] = param((0.5, 3.0), unit="-", source="assumed", gt=0, lt=3)
    table: dict[str, list[float]] = param({"a": [0.1, -1.0]}, unit="-", source="assumed", ge=0)
    bare: float | None = None
    blank: int = param(1, unit="-", source=" ", ge=0)
    loose: list[float] = param([1.0], unit="-", source="assumed")
    late: Annotated[float, Field(ge=0)] = 1.0
    code: tuple[int | str, ...] = (31,)
    word: Literal[1, "one"] = 1
    switch: bool = True


class Outer(BaseModel):
    inner: Loose = Loose(good=-1.0)
    any: dict[str, Any] = Field({})


def test_defaults_out_of_bounds_are_found_in_lists_mappings_and_sections():
    found = {text.partition(":")[0] for text in bad_defaults(Outer)}
    own = {"wrong = 2.0", "row.1 = 3.0", "table.a.1 = -1.0"}
    given = {f"Outer.inner.{each}" for each in own | {"good = -1.0"}}
    assert found == given | {f"Loose.{each}" for each in own}


def test_numbers_without_unit_bounds_or_source_are_found():
    found = {name: missing(field) for name, field in numbers_of(Outer).items()}
    assert {name.partition(".")[2]: gaps for name, gaps in found.items() if gaps} == {
        "bare": ["unit", "source", "bounds"],
        "blank": ["source"],
        "loose": ["bounds"],
        "late": ["unit", "source", "bounds"],
    }
    assert not {"Loose.code", "Loose.word", "Loose.switch"} & set(found)


def test_numbers_of_no_parameter_are_found_in_settings():
    settings = {"inner": {"good": 1, "bare": 2, "code": [3], "none": 4}, "any": {"a": [5.0]}}
    assert without_origin(Outer, settings) == ["inner.bare = 2", "inner.none = 4", "any.a.0 = 5.0"]
