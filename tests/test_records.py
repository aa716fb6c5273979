"""What mechanisms and metrics hand on is frozen: nobody changes it behind another's back."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import sim

ROOT = Path(sim.__file__).resolve().parent.parent
FILES = [*ROOT.glob("sim/mechanisms/*.py"), *ROOT.glob("sim/metrics/*.py")]

OPEN = {"sim.mechanisms.market_parts.Solution": "filled in as the market is solved"}
"""Records that may be changed -> why."""


def records() -> Iterator[tuple[str, type]]:
    """Records that the two folders define, by full name."""
    for path in FILES:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for key, value in vars(importlib.import_module(name)).items():
            own = isinstance(value, type) and value.__module__ == name
            if own and dataclasses.is_dataclass(value):
                yield f"{name}.{key}", value


RECORDS = dict(records())


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_a_record_is_frozen_unless_it_says_why_not(name):
    assert RECORDS[name].__dataclass_params__.frozen is (name not in OPEN)


def test_listed_records_exist():
    assert set(OPEN) <= set(RECORDS)
    assert all(OPEN.values())
