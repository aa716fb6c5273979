"""The model in a notebook: one call, frames back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sim.config.document import Document, read
from sim.config.errors import NOWHERE
from sim.config.values import plain
from sim.model.config import RegionConfig
from sim.runs.region import REGION
from sim.runs.results import ResultsFolder
from sim.runs.single import resolve
from sim.terminal import progress_bar


@dataclass(frozen=True)
class Result:
    """Tables of one run, and what gave them.

    provinces, zones, industries  one row per quarter and place
    metrics          quarter, metric, value
    firms, talents   snapshots of the agents at the quarters that the config records
    config, seed     resolved config and seed
    """

    provinces: pd.DataFrame
    zones: pd.DataFrame
    industries: pd.DataFrame
    metrics: pd.DataFrame
    firms: pd.DataFrame
    talents: pd.DataFrame
    config: RegionConfig
    seed: int


def run(
    config: str | Path | Mapping[str, Any] | RegionConfig,
    seed: int | None = None,
    set: Mapping[str, Any] | Sequence[str] = (),  # noqa: A002 - the word of the command line
    until: str | None = None,
    *,
    progress: bool = False,
) -> Result:
    """Simulate once, in this process, and write nothing.

    config    file, settings as a mapping, or a finished config
    seed      seed of all random streams; None takes that of the file, or else 1
    set       changed settings: {"policies.compute_sharing.dose": 1.0}, or ["a.b=c"]
    until     last quarter simulated, such as "2019Q4"
    progress  show a bar with the remaining time
    returns   the tables as frames, units as `sim columns` lists them
    raises ConfigError : the config or a changed setting cannot be used
    """
    if isinstance(config, str | Path):
        document = read(config)
    else:
        document = Document(plain(config), {(): NOWHERE})
    resolved = resolve(document, REGION, set, seed=seed, until=until)
    with progress_bar("quarter", quiet=not progress, anywhere=True) as show:
        frames = REGION.simulate(resolved.config, resolved.seed, show)
    return Result(config=resolved.config, seed=resolved.seed, **frames)


def open(folder: str | Path) -> ResultsFolder:  # noqa: A001 - `sim.open`
    """Results of `sim run` or `sim experiment`, as frames: `sim.open("results/x").provinces()`.

    raises ResultsError : no such folder, or no complete results of this version in it
    """
    return ResultsFolder(folder)
