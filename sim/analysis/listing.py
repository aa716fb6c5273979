"""What `sim sensitivity` prints: indices, variance in words, the best setting."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis.best import Best, as_words

HEADER = (
    *("scenario", "outcome", "index", "setting", "estimate", "low", "high"),
    *("used", "dropped", "of"),
)


def index_rows(table: pd.DataFrame) -> list[tuple[str, ...]]:
    """Rows of the indices, settings sorted by size; numbers with four digits."""
    rows: list[tuple[str, ...]] = []
    known = table[(table["method"] != "variance") & (table["index"] != "")]
    for (scenario, outcome), group in known.groupby(["scenario", "outcome"], sort=False):
        for index, part in group.groupby("index", sort=False):
            order = part["estimate"].abs().sort_values(ascending=False, kind="stable").index
            rows += [
                (
                    *(str(scenario), str(outcome), str(index), _setting(row)),
                    *(_number(row[name]) for name in ("estimate", "low", "high")),
                    *(str(row["used"]), str(row["dropped"]), row["counted"]),
                )
                for row in part.loc[order].to_dict("records")
            ]
    return rows


def remarks(table: pd.DataFrame) -> Iterator[str]:
    """Sentences on the noise of seeds, on what could not be computed, and on why."""
    for (scenario, outcome), group in table.groupby(["scenario", "outcome"], sort=False):
        about = f"{scenario}, {outcome}"
        for row in group[group["index"] == ""].to_dict("records"):
            yield f"{about}: no {row['method']} result: {row['note']}"
        found = {str(row["index"]): row for row in group.to_dict("records")}
        if "share of seeds" not in found:
            continue
        if found["variance of parameters"]["estimate"] < 0:
            yield (
                f"{about}: the parameters do not show above the noise of seeds (their variance "
                "comes out negative), so the indices may be noise: take more seeds or wider ranges"
            )
        else:
            yield (
                f"{about}: seed noise explains {_percent(found['share of seeds'])} of the variance "
                "of a run; of the variance between means over seeds, which the indices split up, "
                f"{_percent(found['noise share of means'])} is noise"
            )


def best_lines(
    found: Best, parameters: dict[str, Any], *, label: str, unit: str, base: Path, seed: int
) -> list[str]:
    """The point in words, and the command that runs it again with one of its seeds.

    label  such as "highest theil_gdp_per_head"
    base   config that the parameters change
    """
    interval = ""
    if np.isfinite(found.low):
        interval = f", 95 % interval {_number(found.low)} to {_number(found.high)}"
    point = f"point {found.point}, mean of {found.seeds} seeds {_number(found.mean)} [{unit}]"
    lines = [f"{label}: {point}{interval}"]
    if found.among > 1:
        lines.append(
            f"chosen among {found.among} points by these very runs, so it flatters: "
            "trust a run with other seeds"
        )
    lines.append(shlex.join(["sim", "run", str(base), "--seed", str(seed), *as_words(parameters)]))
    return lines


def _setting(row: Mapping[Any, Any]) -> str:
    return f"{row['setting']} x {row['other']}" if row["other"] else row["setting"]


def _number(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.4g}"


def _percent(row: Mapping[Any, Any]) -> str:
    if np.isnan(row["estimate"]):
        return "an unknown share"
    text = f"{round(100 * row['estimate'])} %"
    if np.isnan(row["low"]):
        return text
    return f"{text} ({round(100 * row['low'])} to {round(100 * row['high'])})"
