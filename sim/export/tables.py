"""Tables of the ODD document, made from the declarations the model runs with."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim import data
from sim.config.schema import Parameter, parameters
from sim.export import schedule, submodels
from sim.metrics import METRICS
from sim.model.config import RegionConfig
from sim.model.outputs import TABLES
from sim.policies import MODULES, PoliciesConfig
from sim.state.table import Column
from sim.state.world import empty_tables


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows as a table in Markdown; a bar or a line break inside a cell does not end the cell."""
    lines = [header, ["---"] * len(header), *rows]
    cells = [[" ".join(str(cell).replace("|", "\\|").split()) for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def state(table: str) -> str:
    """State variables of one table of the world: firms, talents, zones, places, provinces."""
    schema = empty_tables(1, 1, 1)[table].schema
    rows = [
        (name, _per(each), _kind(each), each.unit, each.meaning, _default(each))
        for name, each in schema.items()
    ]
    return markdown(("variable", "one per", "type", "unit", "meaning", "at birth"), rows)


def events() -> str:
    """Calls of a step in their order."""
    rows = [
        (str(number), f"`{each.call}`", _sentence(each), each.stream)
        for number, each in enumerate(schedule.schedule(), start=1)
    ]
    return markdown(("", "call", "what happens", "random stream"), rows)


def streams() -> str:
    """Random streams: who draws, and when."""
    start = [(name, "once, when the world is built") for name in schedule.start_streams()]
    steps = [(each.stream, f"every step, in `{each.call}`") for each in schedule.schedule()]
    return markdown(("stream", "drawn from"), [row for row in start + steps if row[0]])


def levers() -> str:
    """Policy levers, each with what its module says."""
    rows = []
    for name, module in MODULES.items():
        head, _, body = submodels.text(module).partition("\n\n")
        config = PoliciesConfig.model_fields[name].default
        payer = f"{config.payer}; {config.scope}; {config.targets}"
        rows.append((f"`{name}`", head.partition(": ")[2], body, payer, ", ".join(module.WRITES)))
    return markdown(
        ("lever", "what it is", "full dose and harm", "payer; scope; targets (defaults)", "writes"),
        rows,
    )


def industries() -> str:
    """Industries of the default configuration."""
    table = RegionConfig().industries
    names = [name for name in next(iter(table.values())).model_dump() if name != "made_of"]
    rows = [
        (code, *(_plain(getattr(each, name)) for name in names)) for code, each in table.items()
    ]
    return markdown(("code", *names), rows)


def sources() -> str:
    """Tables of figures that the model reads."""
    rows = []
    for name, function in inspect.getmembers(data, inspect.isfunction):
        if function.__module__ == data.__name__ and not name.startswith("_"):
            table = function()
            columns = table.shape[1] if isinstance(table, pd.DataFrame) else 1
            about = (inspect.getdoc(function) or "").partition("\n")[0]
            rows.append((f"`{name}`", str(len(table)), str(columns), about))
    return markdown(("table", "rows", "columns", "what it holds"), rows)


def settings() -> str:
    """Every parameter, one table per section of the configuration."""
    sections: dict[str, list[Parameter]] = {}
    for each in parameters(RegionConfig):
        head, dot, _ = each.name.partition(".")
        sections.setdefault(head if dot else "", []).append(each)
    parts = []
    for name, members in sections.items():
        rows = [
            (
                f"`{each.name}`",
                "required" if each.required else _plain(each.default),
                each.unit or "",
                each.bounds,
                each.source or "",
                each.description,
            )
            for each in members
        ]
        header = ("parameter", "default", "unit", "allowed", "source", "meaning")
        parts.append(f"**{name or 'run'}**\n\n{markdown(header, rows)}")
    return "\n\n".join(parts)


def outputs() -> str:
    """Columns of the output tables."""
    parts = []
    for name, columns in TABLES.items():
        rows = [(each, _kind(spec), spec.unit, spec.meaning) for each, spec in columns.items()]
        parts.append(f"**{name}**\n\n{markdown(('column', 'type', 'unit', 'meaning'), rows)}")
    return "\n\n".join(parts)


def metrics() -> str:
    """Metrics computed from the output tables."""
    rows = [(f"`{name}`", spec.unit, spec.meaning) for name, spec in METRICS.items()]
    return markdown(("metric", "unit", "meaning"), rows)


def _sentence(event: schedule.Event) -> str:
    return f"If `{event.condition}`: {event.about}" if event.condition else event.about


def _per(column: Column) -> str:
    return ", ".join(column.per)


def _kind(column: Column) -> str:
    if column.dtype is str:
        return "text"
    return {"b": "true/false", "f": "real", "i": "whole"}[np.dtype(column.dtype).kind]


def _default(column: Column) -> str:
    """Value of a new row; empty where a row is always given one."""
    return "" if column.default is None else _plain(column.default)


def _plain(value: Any) -> str:
    """A value as a reader writes it in a configuration."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return ", ".join(_plain(each) for each in value) or "none"
    return f"{value:.12g}" if isinstance(value, float) else str(value)
