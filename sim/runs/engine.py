"""What the runner needs to know of a model: how to check a config and how to simulate it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pydantic import BaseModel

from sim.runs.schema import Schemas

Progress = Callable[[int, int], None]
"""Called as (steps done, steps in total)."""

Frames = dict[str, pd.DataFrame]
"""Tables of one run by name, without the column `run`."""


@dataclass(frozen=True)
class Engine:
    """A model as the runner sees it; an instance travels to worker processes.

    schema       class of a configuration, with at least `name` and `time.end`
    simulate     (config, seed, progress or None) -> all tables of the run, metrics too
    tables       columns of each table
    metrics      names of the national metrics
    metric_unit  unit of a metric; ValueError if there is none of that name
    burn_in      (config, seed, last quarter, source, progress) -> checkpoint at its end, as bytes;
                 None if the model cannot branch
    branch       (config, seed, checkpoint, source, progress) -> all tables of the whole run
    branchable   (config of the burn-in, config, last quarter) -> why a run may not branch
    """

    schema: type[BaseModel]
    simulate: Callable[[Any, int, Progress | None], Frames]
    tables: Schemas
    metrics: tuple[str, ...]
    metric_unit: Callable[[str], str]
    burn_in: Callable[[Any, int, str, str, Progress | None], bytes] | None = None
    branch: Callable[[Any, int, bytes, str, Progress | None], Frames] | None = None
    branchable: Callable[[Any, Any, str], list[str]] | None = None
