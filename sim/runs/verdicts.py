"""Verdicts on tables that were done again: identical, statistically equal, or different."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sim.runs.agreement import NEAR, TEST, disagreements
from sim.runs.difference import TableComparison

IDENTICAL = "identical"
EQUAL = "statistically equal"
DIFFERENT = "different"
VERDICTS = (IDENTICAL, EQUAL, DIFFERENT)
"""From the best to the worst; that of the whole is the worst of its tables."""
EFFECTS = "effects.csv"
_LINE = ["scenario", "baseline", "outcome", "statistic", "n"]
"""Columns of the effects that no noise changes."""


@dataclass(frozen=True)
class Verdict:
    """What became of one table: verdict, and what to tell about it, a sentence each."""

    table: str
    verdict: str
    said: tuple[str, ...] = ()


def on_tables(comparisons: Mapping[str, TableComparison]) -> Iterator[Verdict]:
    """Verdicts on tables of the model; the quantities of all are one family of tests."""
    apart = {name: each for name, each in comparisons.items() if not each.identical}
    against = disagreements([q for each in apart.values() for q in each.quantities()])
    for name, comparison in comparisons.items():
        if name not in apart:
            yield Verdict(name, IDENTICAL)
            continue
        mine = [text for text in against if text.startswith(f"{name}: ")]
        if mine or comparison.layout:
            yield Verdict(name, DIFFERENT, (*comparison.told(), *mine))
        else:
            sizes = [each.relative for each in comparison.columns.values()]
            yield Verdict(name, EQUAL, (*comparison.told(), _how(sizes)))


def on_effects(
    stored: Path, again: Path, baseline: str, metrics: TableComparison | None
) -> Verdict:
    """Verdict on two files of effects, by the effects under each seed.

    metrics  comparison of the metrics that they follow from; None if none are stored
    """
    before, after = (path.read_text("utf-8").splitlines() for path in (stored, again))
    if before == after:
        return Verdict(EFFECTS, IDENTICAL)
    one, two = pd.read_csv(stored), pd.read_csv(again)
    if list(one) != list(two) or not one[_LINE].equals(two[_LINE]):
        return Verdict(EFFECTS, DIFFERENT, ("the lines are others, or of other pairs",))
    other = [here != there for here, there in zip(before[1:], after[1:], strict=True)]
    said = f"{sum(other)} of {len(other)} lines differ"
    outcomes = frozenset(one.loc[other, "outcome"])
    alike = sorted(outcomes - set(metrics.columns if metrics is not None else ()))
    if alike or metrics is None:
        why = f"though their metrics are the same: {', '.join(alike)}"
        return Verdict(EFFECTS, DIFFERENT, (said, why))
    effects = list(metrics.measured.effects(baseline, outcomes))
    against = disagreements(effects)
    if against:
        return Verdict(EFFECTS, DIFFERENT, (said, *against))
    return Verdict(EFFECTS, EQUAL, (said, _how([each.apart for each in effects])))


def _how(sizes: list[float]) -> str:
    """By what tables are statistically equal.

    sizes  largest relative difference of each column
    """
    if max(sizes, default=0.0) <= NEAR:
        return (
            f"no value differs by more than {NEAR:g} of the largest of its column: no test needed"
        )
    return f"agrees by {TEST}"
