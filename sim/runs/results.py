"""Reading a results folder: tidy frames, filtered before they are read."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.runs.design_table import UNIT
from sim.runs.errors import ResultsError, known_name
from sim.runs.filters import Wanted, no_such, parquet_filter, several
from sim.runs.folder import TABLES, read_manifest

KEYS = ("scenario", "point", "seed")
"""What says which run a row is from, put in front of every table."""
EFFECTS = "effects.csv"


class ResultsFolder:
    """Results of a run or an experiment; tables are read when asked for.

    folder    where they are
    manifest  provenance: versions, seeds, commit, SHA-256 of every table
    tables    names of the tables that are there
    """

    def __init__(self, folder: str | Path) -> None:
        """Open `folder`.

        raises ResultsError : no such folder, or no complete results of this version in it
        """
        self.folder = Path(folder)
        self.manifest = read_manifest(self.folder)
        self.tables = tuple(name for name in TABLES if (self.folder / f"{name}.parquet").is_file())

    def runs(self, **wanted: Wanted) -> pd.DataFrame:
        """One row per run, failed ones too: scenario, point, seed, status; see `table`."""
        return self.table("runs", **wanted)

    def metrics(self, **wanted: Wanted) -> pd.DataFrame:
        """One row per run, quarter and metric; see `table`."""
        return self.table("metrics", **wanted)

    def provinces(self, **wanted: Wanted) -> pd.DataFrame:
        """One row per run, quarter and province; see `table`."""
        return self.table("provinces", **wanted)

    def zones(self, **wanted: Wanted) -> pd.DataFrame:
        """One row per run, quarter and zone; see `table`."""
        return self.table("zones", **wanted)

    def industries(self, **wanted: Wanted) -> pd.DataFrame:
        """One row per run, quarter, province and industry; see `table`."""
        return self.table("industries", **wanted)

    def firms(self, **wanted: Wanted) -> pd.DataFrame:
        """One row per run, recorded quarter and firm; see `table`."""
        return self.table("firms", **wanted)

    def talents(self, **wanted: Wanted) -> pd.DataFrame:
        """One row per run, recorded quarter and talent; see `table`."""
        return self.table("talents", **wanted)

    def table(
        self,
        name: str,
        *,
        columns: Collection[str] | None = None,
        settings: bool = False,
        **wanted: Wanted,
    ) -> pd.DataFrame:
        """Rows of a table, with run, scenario, point and seed in front.

        columns   columns wanted besides those in front; None for all
        settings  put the uncertain settings of the design in front too, under their dotted names
        wanted    `scenario`, `seed`, `point`, `run`, or any column of the table such as `quarter`,
                  `province` or `metric`: the value wanted, or a list of values. Rows that nobody
                  wants are not read from the file.
        returns   frame, units as `units` gives them
        raises ResultsError : no such table, column or scenario, with the nearest name
        """
        if name == "design":
            raise ResultsError("the table design has no runs: read it with design()")
        schema = self._schema(name)
        own = {key: value for key, value in wanted.items() if key not in ("run", *KEYS)}
        for column in (*(columns or ()), *own):
            known_name(f"column of {name}", column, schema.names)
        runs = self._runs(**{key: wanted[key] for key in wanted if key not in own})
        filters = [parquet_filter(schema, column, value) for column, value in own.items()]
        if own.keys() != wanted.keys():
            filters.append(("run", "in", set(runs["run"].tolist())))
        read = None if columns is None else list(dict.fromkeys(["run", *columns]))
        frame = self._read(name, read, [each for each in filters if each is not None])
        return self._joined(frame, self._settings() if settings else None)

    def design(self) -> pd.DataFrame:
        """Points of the design: each setting under its dotted name; `unit:<name>` its probability.

        raises ResultsError : the results have one point only
        """
        if "design" not in self.tables:
            raise ResultsError(f"{self.folder}: has no table design, since it has one point only")
        return self._read("design")

    def effects(self) -> pd.DataFrame:
        """Paired effects of each scenario on each outcome, as in effects.csv.

        raises ResultsError : there are none, as for a single run or scenario
        """
        return pd.read_csv(io.StringIO(self._text(EFFECTS, "only experiments of scenarios have")))

    def units(self, table: str) -> dict[str, str]:
        """Unit of every column of a table."""
        return self._said(table, b"unit")

    def meanings(self, table: str) -> dict[str, str]:
        """Meaning of every column of a table."""
        return self._said(table, b"meaning")

    def config(self) -> str:
        """Resolved config of a single run, as YAML.

        raises ResultsError : the folder is of an experiment
        """
        return self._text("config.yaml", "only single runs have; see experiment()")

    def experiment(self) -> str:
        """Resolved experiment, its base config spelt out, as YAML.

        raises ResultsError : the folder is of a single run
        """
        return self._text("experiment.yaml", "only experiments have; see config()")

    def __repr__(self) -> str:
        runs = self._every_run
        counts = Counter(runs["status"])
        named = list(dict.fromkeys(runs["scenario"]))
        lines = [
            f"results in {self.folder}: {self.manifest['kind']}, sim {self.manifest['version']}",
            "  runs       " + ", ".join(f"{counts[status]} {status}" for status in counts),
            f"  scenarios  {', '.join(map(str, named))}",
            f"  points     {runs['point'].nunique()}, seeds {runs['seed'].nunique()}",
        ]
        lines += [f"  {name:<10} {self._rows(name):>10,} rows" for name in self.tables]
        return "\n".join(lines)

    @cached_property
    def _every_run(self) -> pd.DataFrame:
        return self._read("runs")

    def _runs(self, **wanted: Wanted) -> pd.DataFrame:
        """Rows of the runs that have these scenarios, points, seeds and ordinals."""
        runs = self._every_run
        for key, value in wanted.items():
            if value is None:
                continue
            known, chosen = list(dict.fromkeys(runs[key].tolist())), several(value)
            for each in chosen:
                if each not in known:
                    raise no_such(f"{self.folder}: no {key}", each, known)
            runs = runs[runs[key].isin(chosen)]
        return runs

    def _joined(self, frame: pd.DataFrame, settings: pd.DataFrame | None) -> pd.DataFrame:
        """Frame with what says which run a row is from in front."""
        rows = self._every_run.set_index("run").loc[frame["run"]]
        front = {"run": frame["run"], **{key: rows[key].array for key in KEYS}}
        if settings is not None:
            points = settings.loc[rows["point"]]
            front |= {str(name): points[name].array for name in settings}
        rest = {str(name): frame[name] for name in frame if name not in front}
        return pd.DataFrame({**front, **rest}, index=frame.index)

    def _settings(self) -> pd.DataFrame:
        """Settings of each point."""
        if "design" not in self.tables:
            return pd.DataFrame(index=pd.Index(sorted(set(self._every_run["point"]))))
        design = self.design().set_index("point")
        return design[[name for name in design if not str(name).startswith(UNIT)]]

    def _read(
        self,
        name: str,
        columns: list[str] | None = None,
        filters: list[tuple[str, str, Any]] | None = None,
    ) -> pd.DataFrame:
        with self._open(name) as file:
            return pq.read_table(file, columns=columns, filters=filters or None).to_pandas()

    def _schema(self, name: str) -> pa.Schema:
        with self._open(name) as file:
            return pq.read_schema(file)

    def _rows(self, name: str) -> int:
        with self._open(name) as file:
            return int(pq.read_metadata(file).num_rows)

    @contextmanager
    def _open(self, name: str) -> Iterator[Path]:
        """File of a table; what is wrong within is told as its fault."""
        known_name(f"table of {self.folder}", name, self.tables)
        path = self.folder / f"{name}.parquet"
        try:
            yield path
        except (OSError, ValueError) as error:
            raise ResultsError(f"{path}: not readable as Parquet: {error}") from None

    def _said(self, table: str, what: bytes) -> dict[str, str]:
        return {field.name: field.metadata[what].decode() for field in self._schema(table)}

    def _text(self, name: str, who: str) -> str:
        path = self.folder / name
        if not path.is_file():
            raise ResultsError(f"{self.folder}: has no {name}, which {who}")
        return path.read_text(encoding="utf-8")
