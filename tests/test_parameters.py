"""Every default, bound, unit and source of the model, as a table: none changes unnoticed.

The numbers are those of the model's specification or of the source that stands beside each. After
a change that is meant, `python -m tests.test_parameters` writes the table anew; its difference
belongs into the change, and under "Numbers changed" in CHANGELOG.md if results move.
"""

from __future__ import annotations

import csv
from pathlib import Path

from sim.config.schema import Parameter, parameters
from sim.limits.catalogue import LIMITS
from sim.mechanisms.carbon import CarbonConfig
from sim.model.config import RegionConfig

TABLE = Path(__file__).with_name("parameters.csv")
HEAD = ("name", "default", "unit", "bounds", "source")


def row(each: Parameter, prefix: str = "") -> tuple[str, ...]:
    """A setting as text."""
    default = "required" if each.required else repr(each.default)
    return (prefix + each.name, default, each.unit or "", each.bounds, each.source or "")


def rows() -> list[tuple[str, ...]]:
    """The settings of a run, of the limit cases, and of what only limit cases use."""
    limits = [
        row(each, f"limits.{name}.")
        for name, limit in LIMITS.items()
        for each in parameters(limit.schema)
    ]
    carbon = [row(each, "carbon.") for each in parameters(CarbonConfig)]
    return [row(each) for each in parameters(RegionConfig)] + carbon + limits


def test_no_parameter_changes_unnoticed() -> None:
    with TABLE.open(newline="", encoding="utf-8") as stream:
        known = [tuple(row) for row in csv.reader(stream)][1:]
    assert rows() == known, "meant? then run python -m tests.test_parameters"


if __name__ == "__main__":
    with TABLE.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows([HEAD, *rows()])
