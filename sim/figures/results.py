"""Reader of a results folder: its tables as frames that know scenario, seed and time."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from ruamel.yaml import YAML

from sim.runs.compare import finished_runs
from sim.runs.errors import ResultsError
from sim.runs.folder import read_table
from sim.state.calendar import parse_quarter
from sim.state.industries import default_industries

EFFECTS = "effects.csv"
MOST_LISTED = 15


class NotRecordedError(ResultsError):
    """Something a figure needs that these runs, complete as they are, do not have."""


class Results:
    """Tables of one run or one experiment, read when first asked for.

    Every frame carries, besides the columns of its table, `scenario`, `seed` and `time` (year as
    a decimal number: 2012Q1 is 2012.0, 2012Q2 is 2012.25).
    """

    def __init__(self, folder: Path) -> None:
        """Open `folder`.

        raises ResultsError : no results are there, or every run failed
        """
        self.folder = Path(folder)
        self._tables: dict[str, pd.DataFrame] = {}
        self.runs = finished_runs(self.folder)

    @cached_property
    def baseline(self) -> str:
        """Scenario the others are compared with: that of `experiment.yaml`, else the first."""
        names = list(self.runs["scenario"].unique())
        named = self._document("experiment.yaml").get("baseline", "baseline")
        return str(named if named in names else names[0])

    @cached_property
    def scenarios(self) -> tuple[str, ...]:
        """Names of the scenarios, baseline first, then in the order of the runs."""
        names = list(self.runs["scenario"].unique())
        return (self.baseline, *(str(name) for name in names if name != self.baseline))

    @property
    def seeds(self) -> int:
        """Number of different seeds."""
        return int(self.runs["seed"].nunique())

    @property
    def provinces(self) -> pd.DataFrame:
        """Table `provinces`: one row per run, quarter and province."""
        return self.table("provinces")

    @property
    def zones(self) -> pd.DataFrame:
        """Table `zones`: one row per run, quarter and free trade zone."""
        return self.table("zones")

    @property
    def industries(self) -> pd.DataFrame:
        """Table `industries`: one row per run, quarter, province and industry."""
        return self.table("industries")

    @property
    def metrics(self) -> pd.DataFrame:
        """Table `metrics`: one row per run, quarter and metric."""
        return self.table("metrics")

    @cached_property
    def effects(self) -> pd.DataFrame:
        """Paired effects of each scenario on each outcome, from `effects.csv`.

        raises NotRecordedError : there is no such file, as in the folder of a single run
        """
        path = self.folder / EFFECTS
        if not path.is_file():
            raise NotRecordedError(f"{self.folder}: has no {EFFECTS}, which only experiments have")
        return pd.read_csv(path)

    def metric(self, name: str) -> pd.DataFrame:
        """Rows of one metric.

        raises NotRecordedError : the runs hold no such metric; the nearest name is given
        """
        rows = self.metrics[self.metrics["metric"] == name]
        if rows.empty:
            known = sorted(self.metrics["metric"].unique())
            raise NotRecordedError(f"{self.folder}: no metric {name!r}{nearest(name, known)}")
        return rows

    def table(self, name: str, needs: Sequence[str] = ()) -> pd.DataFrame:
        """Frame of table `name`, read once.

        needs  columns that must be there
        raises ResultsError : the folder has no such table
        raises NotRecordedError : a needed column is missing, as when its mechanism is not built
        """
        if name not in self._tables:
            self._tables[name] = self._timed(name)
        frame = self._tables[name]
        missing = [column for column in needs if column not in frame]
        if missing:
            raise NotRecordedError(f"{self.folder}: no {name} column {', '.join(missing)}")
        return frame

    @cached_property
    def industry_names(self) -> dict[str, str]:
        """Name of every industry by its code: those of `config.yaml`, else the packaged ones."""
        own = self._document("config.yaml").get("industries") or {}
        table = {**default_industries(), **{code: entry for code, entry in own.items() if entry}}
        return {code: entry.get("name", code) for code, entry in table.items()}

    def _document(self, name: str) -> dict[str, Any]:
        path = self.folder / name
        if not path.is_file():
            return {}
        return dict(YAML(typ="safe", pure=True).load(path.read_text("utf-8")))

    def _timed(self, table: str) -> pd.DataFrame:
        frame = read_table(self.folder, table)
        years = {text: parse_quarter(text) / 4 for text in frame["quarter"].unique()}
        frame["time"] = frame["quarter"].map(years).astype(float)
        return frame.merge(self.runs[["run", "scenario", "seed"]], on="run", how="inner")


def nearest(name: str, known: Sequence[str]) -> str:
    """Ending of an error message: the known name most like `name`, or all if they are few."""
    close = get_close_matches(name, known, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known are {', '.join(known)}" if len(known) <= MOST_LISTED else ""
