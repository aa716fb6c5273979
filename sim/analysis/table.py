"""The table of a sensitivity analysis: every scenario and outcome, indices and variance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis import indices, variance
from sim.analysis.structure import saltelli_size, trajectories
from sim.analysis.sweep import Sweep, by_point_and_seed, run_values
from sim.runs.errors import ResultsError, known_name
from sim.runs.experiment import BRANCH

METHODS = ("auto", "morris", "sobol", "regression")

COLUMNS = (
    "scenario",
    "baseline",
    "outcome",
    "statistic",
    "quarters",
    "unit",
    "method",
    *indices.COLUMNS,
    "note",
)
"""Columns of sensitivity.csv.

`baseline` is empty unless the outcome is a paired difference to it. Each row is one index of one
setting (S2: of the pair setting, other) with its 95 % interval; `used` and `dropped` count
trajectories, blocks, points or runs, as `counted` says. A row without index says in `note` why
there is no result. Method "variance" tells parameters from seeds:

  variance of parameters, seeds common, seeds x points   components [unit squared], not clipped
  share of seeds            of the variance of one run
  noise share of means      of the variance between means over seeds, which the indices divide up
"""


def sensitivity_table(
    sweep: Sweep,
    values: pd.DataFrame,
    unit_of: Callable[[str], str],
    *,
    statistic: str = "last",
    effect: bool = False,
    method: str = "auto",
    pairs: bool = False,
) -> pd.DataFrame:
    """Indices and variance components of every scenario and outcome.

    values     a row per run and outcome, as of `sweep_values`
    unit_of    unit of a metric
    statistic  and `effect` as the values were taken; they go into the table
    method     "auto": that of the design; regression where it is neither Morris nor Saltelli
    pairs      Sobol indices of the second order too
    returns    frame with the columns `COLUMNS`
    raises ResultsError : no such method, or nothing can be computed for any of them
    """
    known_name("method", method, METHODS)
    chosen = method_for(sweep) if method == "auto" else method
    frames = []
    for (scenario, outcome), table in point_tables(sweep, values):
        found = _one(sweep, table.to_numpy(float), chosen, pairs=pairs)
        found["scenario"], found["outcome"] = scenario, outcome
        found["baseline"] = sweep.baseline if effect else ""
        found["statistic"], found["quarters"] = statistic, values["quarters"].iloc[0]
        found["unit"] = unit_of(outcome)
        frames.append(found)
    everything = pd.concat(frames, ignore_index=True)[list(COLUMNS)]
    if (everything.loc[everything["method"] == chosen, "index"] == "").all():
        note = everything.loc[everything["method"] == chosen, "note"].iloc[0]
        raise ResultsError(f"{sweep.folder}: no {chosen} indices: {note}")
    return everything


def sweep_values(
    sweep: Sweep, outcomes: Sequence[str], statistic: str, *, effect: bool
) -> pd.DataFrame:
    """Number of each run, or with `effect` its paired difference to the baseline.

    raises ResultsError : no such metric or statistic, or an effect is asked of one scenario
    """
    if effect and len(sweep.scenarios) == 1:
        raise ResultsError(f"{sweep.folder}: an effect needs two scenarios, there is one")
    return run_values(sweep, outcomes, statistic, effect=effect)


def point_tables(
    sweep: Sweep, values: pd.DataFrame
) -> Iterator[tuple[tuple[str, str], pd.DataFrame]]:
    """(scenario, outcome) and its points x seeds, baseline first, in the order of the outcomes."""
    groups = dict(iter(values.groupby(["scenario", "outcome"], sort=False)))
    for scenario in sweep.scenarios:
        for outcome in pd.unique(values["outcome"]):
            if (scenario, outcome) in groups:
                rows = groups[scenario, outcome]
                yield (scenario, str(outcome)), by_point_and_seed(rows, sweep.design.index)


def method_for(sweep: Sweep) -> str:
    """Method that the design was made for; regression for any other.

    raises ResultsError : the design is called one of Morris, but its points are not; or one made
        for indices is crossed with several quarters to branch at
    """
    if sweep.kind in {"morris", "sobol"} and BRANCH in sweep.settings:
        raise ResultsError(
            f"{sweep.folder}: the design is repeated for several quarters to branch at, "
            f"{', '.join(pd.unique(sweep.design[BRANCH]))}; choose one with --branch"
        )
    if sweep.kind == "morris":
        if trajectories(sweep.x) is None:
            raise ResultsError(
                f"{sweep.folder}: the design is called morris, but its points form no trajectories"
            )
        return "morris"
    if sweep.kind == "sobol" and saltelli_size(sweep.x) is not None:
        return "sobol"
    return "regression"


def seed_means(table: np.ndarray) -> np.ndarray:
    """Mean over seeds of each point, NaN where one of its runs is missing.

    Points that share seeds must have all of them, or the seeds would make differences between
    points; where every point has its own, those it has are enough.

    table  (points, seeds) outcome, NaN where there is no run
    """
    known = np.isfinite(table)
    complete = known.all(axis=1) if variance.shares_seeds(table) else known.any(axis=1)
    count = known.sum(axis=1)
    sums = np.where(known, table, 0.0).sum(axis=1)
    return np.divide(sums, count, out=np.full(len(table), np.nan), where=complete & (count > 0))


def _one(sweep: Sweep, table: np.ndarray, method: str, *, pairs: bool) -> pd.DataFrame:
    """Rows of one scenario and outcome."""
    y = seed_means(table)
    try:
        if method == "morris":
            found = indices.morris(sweep.x, y, sweep.settings)
        elif method == "sobol":
            found = indices.sobol(sweep.x, y, sweep.settings, pairs=pairs)
        else:
            found = indices.regression(sweep.x, y, sweep.settings, block=_block(sweep))
        found["note"] = ""
    except ValueError as reason:
        found = _nothing(str(reason))
    return pd.concat(
        [found.assign(method=method), _variance(sweep, table).assign(method="variance")],
        ignore_index=True,
    )


def _block(sweep: Sweep) -> int:
    """Consecutive points that hang together in the design."""
    method = method_for(sweep)
    if method == "morris":
        return len(sweep.settings) + 1
    return saltelli_size(sweep.x) or 1 if method == "sobol" else 1


def _variance(sweep: Sweep, table: np.ndarray) -> pd.DataFrame:
    known = np.isfinite(table)
    planned = len(sweep.design) * table.shape[1] if variance.shares_seeds(table) else known.sum()
    seeds = float(known.sum() / max(1, known.any(axis=1).sum()))
    try:
        found = variance.components(table)
        shares = variance.shares_with_interval(table, seeds)
    except ValueError as reason:
        return _nothing(str(reason))
    negative = "negative: not above zero by what these runs tell"
    parts = {
        "variance of parameters": found.parameters,
        "variance of seeds, common": found.common,
        "variance of seeds x points": found.interaction,
    }
    rows: list[dict[str, Any]] = [
        {"index": name, "estimate": part, "note": negative if part < 0 else ""}
        for name, part in parts.items()
    ]
    labels = {"seeds": "share of seeds", "noise of means": "noise share of means"}
    for name, (estimate, low, high) in shares.items():
        few = "" if np.isfinite(low) else "no interval: it takes three points and three seeds"
        rows.append(
            {"index": labels[name], "estimate": estimate, "low": low, "high": high, "note": few}
        )
    used = int(known.sum())
    counts = {"counted": "runs", "used": used, "dropped": int(planned) - used}
    texts = {"setting": "", "other": ""}
    return pd.DataFrame([{"low": np.nan, "high": np.nan} | texts | counts | row for row in rows])


def _nothing(note: str) -> pd.DataFrame:
    """A row that says why there is no result."""
    empty = {"index": "", "setting": "", "other": "", "counted": "", "used": 0, "dropped": 0}
    numbers = dict.fromkeys(("estimate", "low", "high"), np.nan)
    return pd.DataFrame([empty | numbers | {"note": note}])
