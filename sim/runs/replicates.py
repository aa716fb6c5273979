"""How many seeds are enough: rounds of runs until effects are known as exactly as asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from sim.runs.effects import known_pairs, paired_effects, spread
from sim.runs.experiment import Experiment
from sim.runs.experiment_config import PrecisionConfig
from sim.runs.pairing import PairLedger, Pairs
from sim.runs.parcel import unpack_tables
from sim.runs.task import DONE, Outcome, Task

_NOTHING = ""
"""What the mean of a single scenario is the difference to."""


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
    _ledger: PairLedger = field(init=False)
    _entered: int = 0

    def __post_init__(self) -> None:
        self._ledger = PairLedger(self._baseline, self.last, (self.aim.outcome,))

    def half_width(self, seeds: range) -> float:
        """Widest half of the 95 % intervals over the scenarios, in the unit of the aim.

        Infinite where it is not known yet, as from fewer than two seeds.

        seeds  all so far: those of the call before, and more
        """
        for task in self.experiment.tasks(seeds[self._entered :]):
            self._enter(task)
        self._entered = len(seeds)
        return max(self._width(self._pairs(name)) for name in self._compared)

    def told(self, width: float, seeds: int) -> str:
        """What a user should know at the end."""
        share = " of the baseline" if self.aim.relative else ""
        text = f"{self.aim.outcome}: half-width {width:.3g}{share} after {seeds} seeds"
        if width > self.aim.half_width:
            text += f"; the {self.aim.half_width:g} asked for was not reached (precision.most)"
        points = max(self._width_of_points(self._pairs(name)) for name in self._compared)
        if points > self.aim.half_width:
            text += (
                f"; the spread over the points of the design alone makes {points:.3g}{share}, "
                "which more seeds do not narrow: it takes more points"
            )
        return text

    @property
    def _baseline(self) -> str:
        """What scenarios are compared with: a single one with nothing, which gives its mean."""
        spec = self.experiment.spec
        return spec.baseline if len(self.experiment.scenarios) > 1 else _NOTHING

    @property
    def _compared(self) -> list[str]:
        return [name for name in self.experiment.scenarios if name != self._baseline]

    def _enter(self, task: Task) -> None:
        """Take note of a run, unless it failed."""
        outcome = self.outcome(task)
        if outcome is None or outcome.status != DONE:
            return
        metrics = unpack_tables(outcome.content)["metrics"].to_pandas()
        if self._baseline == _NOTHING:
            self._ledger.enter(_NOTHING, task.point, task.seed, metrics.assign(value=0.0))
        self._ledger.enter(task.scenario, task.point, task.seed, metrics)

    def _pairs(self, scenario: str) -> Pairs:
        table = self._ledger.pairs(scenario, self.aim.outcome)
        per_draw = self.experiment.spec.points_per_draw()
        return Pairs(self._baseline, scenario, table, "", self.last, per_draw)

    def _width(self, pairs: Pairs) -> float:
        row = self._effect(pairs)
        width = (row["high"] - row["low"]) / 2 / self._scale(pairs)
        return float(width) if np.isfinite(width) else np.inf

    def _width_of_points(self, pairs: Pairs) -> float:
        """Half-width that is left however many seeds are run; 0 where points are chosen."""
        chosen = known_pairs(pairs, self.aim.outcome, self.aim.statistic)
        width = spread(chosen, pairs.per_draw).points / self._scale(pairs)
        return float(width) if np.isfinite(width) else 0.0

    def _scale(self, pairs: Pairs) -> float:
        """What a half-width is divided by: 1, or the mean of the baseline."""
        level = "difference" if self._baseline == _NOTHING else "baseline_mean"
        return abs(float(self._effect(pairs)[level])) if self.aim.relative else 1.0

    def _effect(self, pairs: Pairs) -> dict[str, float]:
        effects = paired_effects(pairs, [self.aim.outcome], lambda _: "")
        rows = effects[effects["statistic"] == self.aim.statistic].to_dict("records")
        return {str(name): value for name, value in rows[0].items()}
