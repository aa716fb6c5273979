"""Building blocks of configurations: frozen models whose numbers carry unit, bounds, source."""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterator
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic_core import PydanticCustomError

from sim.config.errors import nearest_name, shown
from sim.state.calendar import parse_quarter

COMPARISONS = {
    "ge": (operator.ge, ">="),
    "gt": (operator.gt, ">"),
    "le": (operator.le, "<="),
    "lt": (operator.lt, "<"),
}
"""Kind of bound -> the comparison that must hold, and its sign."""


class Config(BaseModel):
    """A section of a configuration: immutable, no unknown keys, no NaN, defaults checked."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        validate_default=True,
        use_attribute_docstrings=True,
    )

    @field_validator("*")
    @classmethod
    def _within_bounds(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse a number outside the bounds of its `param`, in lists and mappings too."""
        extra = cls.model_fields[str(info.field_name)].json_schema_extra
        if isinstance(extra, dict) and isinstance(bounds := extra.get("bounds"), dict):
            for entry, number in _numbers(value, ()):
                _check(number, bounds, entry)
        return value


def _numbers(value: Any, entry: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], float]]:
    """Every number in a value, each with its path of keys and list positions."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _numbers(item, (*entry, str(key)))
    elif isinstance(value, list | tuple):
        for position, item in enumerate(value):
            yield from _numbers(item, (*entry, str(position)))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield entry, value


def _check(number: float, bounds: dict[str, Any], entry: tuple[str, ...]) -> None:
    for kind, bound in bounds.items():
        holds, sign = COMPARISONS[kind]
        if not holds(number, bound):
            raise PydanticCustomError(
                "out_of_bounds",
                "{entry_text}must be {sign} {bound} (got {number})",
                {
                    "entry": entry,
                    "entry_text": f"entry {'.'.join(entry)} " if entry else "",
                    "sign": sign,
                    "bound": f"{bound:.12g}",
                    "number": repr(number),
                },
            )


def unknown_name(
    name: object, known: Collection[str], entry: tuple[str, ...]
) -> PydanticCustomError:
    """The error that a setting names something that does not exist.

    known  names that do;  entry  path of the setting below the section that is checked
    """
    allowed = ", ".join(known)
    context = {"entry": entry, "allowed": allowed, "nearest": nearest_name(str(name), known)}
    return PydanticCustomError(
        "unknown_name", "no such name ({name})", context | {"name": shown(name)}
    )


def misfit(problem: str, entry: tuple[str, ...] = (), allowed: str = "") -> PydanticCustomError:
    """The error that a setting does not fit the others of its section.

    entry  path of the setting below the section that is checked;  allowed  what would fit
    """
    context = {"entry": entry, "allowed": allowed, "problem": problem}
    return PydanticCustomError("misfit", "{problem}", context)


def param(
    default: Any = ...,
    *,
    unit: str,
    source: str,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
) -> Any:
    """A field that is a number (or a list or mapping of numbers).

    default  value in `unit`; leave out to make the field required
    unit     unit as text, "-" for a pure number
    source   publication, statistic, or "assumed"
    ge, gt, le, lt  bounds; of a list or mapping they hold for every entry
    returns  a pydantic field whose `json_schema_extra` holds unit, source and bounds
    """
    bounds = {k: v for k, v in {"ge": ge, "gt": gt, "le": le, "lt": lt}.items() if v is not None}
    return Field(
        default,
        json_schema_extra={"unit": unit, "source": source, "bounds": dict(bounds)},
    )


def _checked_quarter(text: str) -> str:
    try:
        parse_quarter(text)
    except ValueError as error:
        raise PydanticCustomError(
            "quarter", "{problem}", {"problem": str(error), "allowed": QUARTERS}
        ) from error
    return text


QUARTERS = "a year and a quarter Q1 to Q4, e.g. 2019Q4"
QUARTER_CHECK = AfterValidator(_checked_quarter)
Quarter = Annotated[
    str, QUARTER_CHECK, WithJsonSchema({"type": "string", "pattern": "^[0-9]{4}Q[1-4]$"})
]
"""A calendar quarter written as 2012Q1."""
