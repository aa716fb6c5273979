"""How many seeds are enough: rounds of runs until effects are known as exactly as asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sim.runs.compare import Sample, paired_effects, statistics
from sim.runs.experiment import Experiment
from sim.runs.experiment_config import PrecisionConfig
from sim.runs.parcel import unpack_tables
from sim.runs.task import DONE, Outcome, Task


@dataclass
class Precision:
    """How exactly the effects of an experiment are known.

    aim      outcome, statistic and half-width asked for
    outcome  what became of a run, None if it was not done
    last     last quarter that all runs have
    """

    experiment: Experiment
    aim: PrecisionConfig
    outcome: Callable[[Task], Outcome | None]
    last: str
    _values: dict[Task, float] = field(default_factory=dict)

    def half_width(self, seeds: range) -> float:
        """Widest half of the 95 % intervals over the scenarios, in the unit of the aim.

        Infinite where it is not known yet, as from fewer than two pairs.
        """
        rows: dict[str, list[tuple[int, int, float]]] = {}
        for task in self.experiment.tasks(seeds):
            rows.setdefault(task.scenario, []).append((task.point, task.seed, self._value(task)))
        samples = {name: self._sample(name, values) for name, values in rows.items()}
        baseline = samples.pop(self.experiment.spec.baseline)
        if not samples:  # the mean of the one scenario: its difference to nothing
            samples[baseline.label] = baseline
            baseline = Sample("nothing", baseline.table.assign(value=0.0), "", self.last)
        return max(self._width(baseline, other) for other in samples.values())

    def told(self, width: float, seeds: int) -> str:
        """What a user should know at the end."""
        share = " of the baseline" if self.aim.relative else ""
        text = f"{self.aim.outcome}: half-width {width:.3g}{share} after {seeds} seeds"
        if width > self.aim.half_width:
            text += f"; the {self.aim.half_width:g} asked for was not reached (precision.most)"
        return text

    def _width(self, baseline: Sample, other: Sample) -> float:
        effects = paired_effects(baseline, other, [self.aim.outcome], lambda _: "")
        row = effects[effects["statistic"] == self.aim.statistic].iloc[0]
        level = row["baseline_mean"] if baseline.label != "nothing" else row["difference"]
        width = (row["high"] - row["low"]) / 2 / (abs(level) if self.aim.relative else 1.0)
        return float(width) if np.isfinite(width) else np.inf

    def _sample(self, name: str, rows: list[tuple[int, int, float]]) -> Sample:
        table = pd.DataFrame(rows, columns=["point", "seed", "value"]).assign(
            metric=self.aim.outcome, statistic=self.aim.statistic
        )
        return Sample(name, table, "", self.last)

    def _value(self, task: Task) -> float:
        """Outcome of a run, remembered; NaN if it failed."""
        if task not in self._values:
            outcome, value = self.outcome(task), float("nan")
            if outcome is not None and outcome.status == DONE:
                metrics = unpack_tables(outcome.content)["metrics"].to_pandas()
                table = statistics(metrics, self.last).set_index(["metric", "statistic"])["value"]
                value = float(table.get((self.aim.outcome, self.aim.statistic), np.nan))
            self._values[task] = value
        return self._values[task]
