"""An experiment with uncertainties and a design, over a config that has a setting of each kind."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field

from sim.config.base import Config, Quarter, param
from sim.config.document import Document, read
from sim.config.load import validate
from sim.runs.design import AnyDesign, DesignConfig, SingleDesign, check_design
from sim.runs.experiment import ExperimentConfig
from sim.runs.uncertainty import UncertaintyConfig


class MarketConfig(Config):
    """The only section."""

    sigma: float = param(4.0, unit="-", source="assumed", gt=1, le=20)
    """Elasticity of substitution."""
    rounds: int = param(3, unit="rounds", source="assumed", ge=1, le=50)
    """Rounds of trade."""
    rule: Literal["fixed", "free"] = "fixed"
    """How prices are set."""
    open: bool = False
    """Whether strangers may trade."""
    drift: float = param(0.0, unit="1 / year", source="assumed")
    """Trend, of any sign."""
    weights: tuple[float, float] = param((1.0, 2.0), unit="-", source="assumed", ge=0)
    """Weights of two goods."""


class TownConfig(Config):
    """One of any number of towns."""

    people: int = param(unit="persons", source="assumed", ge=0)
    """Inhabitants."""


class WorldConfig(Config):
    """A config."""

    name: str = "world"
    end: Quarter = "2013Q4"
    market: MarketConfig = MarketConfig()
    towns: dict[str, TownConfig] = Field(default_factory=dict)


class DesignedExperimentConfig(ExperimentConfig):
    """An experiment that may have a design."""

    uncertainties: dict[str, UncertaintyConfig] = Field(default_factory=dict)
    """Dotted name of a setting -> how uncertain it is."""
    design: DesignConfig = SingleDesign()
    """Which points of the space of uncertain settings are visited."""


class Designed(NamedTuple):
    design: AnyDesign
    uncertainties: dict[str, UncertaintyConfig]
    document: Document


HEAD = "question: Why?\nbase: {}\nscenarios: {baseline: {}}\n"
"""Three lines, so that what a test adds begins in line 4."""


def load(folder: Path, text: str) -> Designed:
    """Design of an experiment file that begins with HEAD and goes on with `text`."""
    file = folder / "experiment.yaml"
    file.write_text(HEAD + text, encoding="utf-8")
    document = read(file)
    spec = validate(document.values, DesignedExperimentConfig, document.where)
    return Designed(spec.design, spec.uncertainties, document)


def checked(folder: Path, text: str) -> Designed:
    """The same after every check."""
    loaded = load(folder, text)
    check_design(
        loaded.design,
        loaded.uncertainties,
        document=loaded.document,
        base=Document({}, {}),
        schema=WorldConfig,
        folder=folder,
    )
    return loaded


RANGES = {
    "market.sigma": {"low": 2.0, "high": 8.0},
    "market.drift": {"distribution": "normal", "mean": 0, "sd": 1, "low": -2, "high": 2},
    "market.rounds": {"distribution": "integer", "low": 1, "high": 50},
    "market.rule": {"distribution": "choice", "values": ["fixed", "free"]},
}


class Holder(Config):
    design: DesignConfig
    uncertainties: dict[str, UncertaintyConfig]


def made(kind: str, ranges=RANGES, **settings) -> tuple[AnyDesign, dict[str, UncertaintyConfig]]:
    values = {"design": {"kind": kind, **settings}, "uncertainties": ranges}
    holder = validate(values, Holder)
    return holder.design, holder.uncertainties


def factors(number: int) -> dict[str, dict]:
    return {f"x{position}": {"low": 0, "high": 1} for position in range(number)}


SAMPLED = {
    "full_factorial": {},
    "fractional_factorial": {},
    "latin_hypercube": {"samples": 50},
    "sobol": {"samples": 16},
    "morris": {"trajectories": 5},
}


def example(kind: str) -> tuple[AnyDesign, dict[str, UncertaintyConfig]]:
    levels = {name: {**RANGES[name], "levels": 3} for name in ("market.sigma", "market.drift")}
    levels["market.rounds"] = {**RANGES["market.rounds"], "levels": 4}
    return made(kind, RANGES | levels, **SAMPLED[kind])
