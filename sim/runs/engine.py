"""What the runner needs to know of a model: how to check a config and how to simulate it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pydantic import BaseModel

from sim.runs.schema import Schemas
from sim.state.flat import Arrays

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
    burn_in      (config, seed, quarter, progress or None) -> checkpoint at the end of that quarter;
                 None if the model cannot stop and go on
    branch       (config, seed, checkpoint, progress or None) -> all tables of the whole run, those
                 that `simulate` gives; the checkpoint is not changed
    branchable   (config of the burn-in, config, quarter) -> why the one may not go on from the
                 other, a message each
    """

    schema: type[BaseModel]
    simulate: Callable[[Any, int, Progress | None], Frames]
    tables: Schemas
    metrics: tuple[str, ...]
    metric_unit: Callable[[str], str]
    burn_in: Callable[[Any, int, str, Progress | None], Arrays] | None = None
    branch: Callable[[Any, int, Arrays, Progress | None], Frames] | None = None
    branchable: Callable[[Any, Any, str], list[str]] | None = None
