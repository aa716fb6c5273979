"""What an experiment file may say."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from sim.config.base import Config, Quarter, param
from sim.runs.design import DesignConfig, SingleDesign
from sim.runs.uncertainty import UncertaintyConfig

Statistic = Literal["last", "mean"]
"""How a metric over quarters becomes one number: its last value, or its mean."""


class SeedsConfig(Config):
    """Seeds of the runs: every scenario meets the same ones, so that differences are paired."""

    first: int = param(1, unit="seed", source="choice of the design", ge=0, le=2**31)
    """First seed; the others follow it one by one."""
    count: int = param(8, unit="runs per scenario", source="choice of the design", ge=1, le=20_000)
    """Number of seeds; with `replicates: auto` those of the first round."""


class PrecisionConfig(Config):
    """How exactly an effect has to be known before `replicates: auto` stops."""

    outcome: str
    """Metric whose effects have to be known; its mean, if there is one scenario only."""
    half_width: float = param(unit="unit of the outcome", source="choice of the design", gt=0)
    """Half of the 95 % interval that is small enough, for every scenario."""
    relative: bool = False
    """Whether `half_width` is a share of the mean of the baseline."""
    statistic: Statistic = "last"
    """Value of the last quarter, or mean over all quarters."""
    round: int = param(8, unit="seeds", source="choice of the design", ge=1, le=10_000)
    """Seeds that each round adds."""
    most: int = param(100, unit="seeds", source="choice of the design", ge=2, le=20_000)
    """Seeds after which it ends, reached or not."""


class ExperimentConfig(Config):
    """An experiment as its file says it, before the base config is read."""

    name: str = ""
    """Name of the results folder; the name of the file if left out."""
    question: str
    """What the experiment asks, in a sentence."""
    base: str | dict[str, Any]
    """Config file, relative to the experiment file, or the config itself."""
    set: dict[str, Any] = Field({})
    """Changes of the base config that hold in every scenario: dotted name -> value."""
    baseline: str = "baseline"
    """Scenario the others are compared with."""
    scenarios: dict[str, dict[str, Any]]
    """Scenarios by name, each with its changes of the base config: dotted name -> value."""
    uncertainties: dict[str, UncertaintyConfig] = Field({})
    """Uncertain settings by dotted name; the design says which of their values are run."""
    design: DesignConfig = SingleDesign()
    """Points at which the uncertain settings are run; every scenario meets all of them."""
    branch: Quarter | Annotated[tuple[Quarter, ...], Field(min_length=1)] | None = None
    """Quarter to whose end all scenarios of a point and seed are one run; several make it a part
    of the design, and `start: branch` in a scenario is then the quarter that follows each."""
    seeds: SeedsConfig = SeedsConfig()
    """Seeds of the runs."""
    replicates: Literal["fixed", "auto"] = "fixed"
    """Whether more seeds are run, in rounds, until `precision` is reached."""
    precision: PrecisionConfig | None = None
    """What `replicates: auto` aims at."""
    outcomes: tuple[str, ...] = ()
    """Metrics whose effects are reported; all national ones if left out."""
    figures: tuple[str, ...] = ()
    """Figures drawn at the end; none if left out."""
    timeout: float = param(0.0, unit="s", source="choice of the design", ge=0, le=10**7)
    """Seconds after which a run is given up and recorded as timed out; 0 for never."""
    max_runs: int = param(20_000, unit="runs", source="choice of the design", ge=1, le=10**7)
    """Runs above which the experiment is refused with an estimate of what it would take."""

    @model_validator(mode="after")
    def _auto_has_an_aim(self) -> ExperimentConfig:
        if (self.replicates == "auto") != (self.precision is not None):
            raise PydanticCustomError(
                "precision",
                "`replicates: auto` and `precision` belong together",
                {"entry": ("replicates",), "allowed": "auto with precision, or fixed without"},
            )
        return self

    def branches(self) -> tuple[str, ...]:
        """Branch quarters, none if runs do not branch."""
        if self.branch is None:
            return ()
        return (self.branch,) if isinstance(self.branch, str) else self.branch

    def points_per_draw(self) -> int:
        """Consecutive points that come with one random draw; 0 where points are chosen."""
        return self.design.points_per_draw(self.uncertainties) * max(1, len(self.branches()))
