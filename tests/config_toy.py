"""A small schema with one of everything that a real one has."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sim.config import Config, Quarter, param


class Time(Config):
    """The quarters simulated."""

    start: Quarter = "2012Q1"
    end: Quarter = "2035Q4"
    """Last quarter, inclusive."""
    steps_per_quarter: int = param(1, unit="steps / quarter", source="choice", ge=1, le=16)


class Trade(Config):
    """Trade costs."""

    distance_elasticity: float = param(0.25, unit="-", source="assumed", ge=0, le=4)
    """Fall of trade with distance. Twice the number, twice the fall."""
    growth: float = param(0.02, unit="share / year", source="statistics", gt=-1, lt=1)
    by_region: dict[str, float] = param({"east": 1.0, "west": 2.0}, unit="-", source="x", ge=0)
    lags: tuple[float, ...] = param((1, 2.5), unit="quarter", source="assumed", gt=0)


class Industry(Config):
    """One industry."""

    sigma: float = param(5.0, unit="-", source="assumed", gt=1)
    """Elasticity of substitution."""


class Lever(Config):
    """A policy."""

    dose: float = param(0.0, unit="-", source="choice", ge=0, le=1)
    payer: Literal["zone", "centre"] = "zone"
    start: Quarter | None = None


class China(Config):
    """The real provinces."""

    kind: Literal["china"] = "china"


class Ring(Config):
    """Provinces on a circle."""

    kind: Literal["ring"]
    count: int = param(unit="provinces", source="choice", ge=2)


class Toy(Config):
    """A whole configuration."""

    name: str = "toy"
    closed: bool = False
    time: Time = Time()
    trade: Trade = Trade()
    industries: dict[str, Industry] = Field({"A0": Industry(), "T1": Industry(sigma=4)})
    lever: Lever = Lever(payer="centre")
    schedule: list[Lever] = Field([])
    geography: Annotated[China | Ring, Field(discriminator="kind")] = China()
    border: float | dict[str, float] = param(0.4, unit="-", source="assumed", ge=0)
