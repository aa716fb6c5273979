"""The table of industries: what a researcher may change, add or merge without code."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, model_validator
from ruamel.yaml import YAML

from sim.config.base import Config, param


class IndustryConfig(Config):
    """One industry, made of shares of the industries the data tables know."""

    name: str
    """Name for tables and figures."""

    made_of: dict[str, float] = param(
        unit="share of a data industry", ge=0, le=1, source="definition"
    )
    """Shares of the industries of the data tables that this industry takes over."""

    sigma: float = param(
        5.0,
        unit="-",
        gt=1,
        le=12,
        source="assumed; model specification; trade elasticity 4, range 4-8",
    )
    """Elasticity of substitution between the varieties of the industry."""

    distance_elasticity: float = param(
        0.25,
        unit="ln trade cost / ln(1 + km/300)",
        ge=0,
        le=2,
        source="assumed; .1-.5, services .4-.9",
    )
    """Rise of trade cost with distance."""

    engineers: float = param(unit="share of wage bill", ge=0, le=1, source="assumed")
    """Share of engineers and technicians in the wage bill."""

    science: float = param(unit="share of wage bill", ge=0, le=1, source="assumed")
    """Share of AI and science staff in the wage bill."""

    rd: float = param(
        unit="share of revenue", ge=0, le=0.5, source="NBS R&D over sales by industry, rounded"
    )
    """R&D spending over sales in 2012."""

    compute_multiple: float = param(1.0, unit="-", ge=0, le=20, source="assumed")
    """Compute share of cost, relative to an ordinary industry."""

    interactive: float = param(0.3, unit="share of compute spending", ge=0, le=1, source="assumed")
    """Part of the compute that must be near (short round trip); the rest is batch work."""

    position: float = param(unit="-", ge=0, le=2, source="assumed ordering by technology content")
    """Place on the technology line: near industries learn from each other."""

    specificity: float = param(unit="share", ge=0, le=1, source="assumed")
    """Mean asset specificity of the firms: the part of their equipment that cannot be resold."""

    state: float = param(
        unit="share of firms' sales", ge=0, le=1, source="assumed from NBS ownership tables"
    )
    """Share of state firms in 2012."""

    foreign: float = param(
        unit="share of firms' sales", ge=0, le=1, source="assumed from NBS ownership tables"
    )
    """Share of foreign firms in 2012."""

    vat: float = param(
        0.13,
        unit="share of price before tax",
        ge=0,
        le=0.2,
        source="statutory rates after 2019: 6-13 %",
    )
    """Value-added tax rate; exports are zero-rated."""

    service: bool = False
    """Whether it is one of the services whose opening to foreigners counts."""

    cross_border: float = param(
        0.0, unit="ln trade cost", ge=0, le=2, source="assumed; services only"
    )
    """Cost t^S of selling a service across the national border in 2012, part of trade in 2012."""

    digital_delivery: float = param(0.0, unit="share of exports", ge=0, le=1, source="assumed")
    """Exports that can be delivered over a network."""

    technology: Literal["traditional", "algorithm", "data", "quantum"] = "traditional"
    """Class by which its knowledge is protected."""

    foreign_input: float = param(0.0, unit="share of critical inputs", ge=0, le=1, source="assumed")
    """Share chi of critical inputs (chips, algorithms) that came from abroad in 2012."""

    tradable: bool = True
    """Whether firms may be counted into a zone when it is founded."""

    @model_validator(mode="after")
    def _shares_leave_room(self) -> IndustryConfig:
        if self.engineers + self.science > 1:
            raise ValueError("engineers + science must not exceed 1")
        if self.state + self.foreign > 1:
            raise ValueError("state + foreign must not exceed 1")
        return self


@cache
def default_industries() -> dict[str, dict[str, Any]]:
    """The packaged table, code -> entries."""
    text = resources.files("sim.data").joinpath("industries.yaml").read_text(encoding="utf-8")
    table: dict[str, dict[str, Any]] = YAML(typ="safe").load(text)
    return table


def _fill_in(given: object) -> object:
    """Entries of known codes need only what differs; an entry of null leaves the industry out."""
    if not isinstance(given, dict):
        return given
    merged: dict[str, Any] = {code: dict(entry) for code, entry in default_industries().items()}
    for code, entry in given.items():
        if isinstance(entry, dict):
            merged[code] = merged.get(code, {}) | entry
        elif entry is None:
            merged.pop(code, None)
        else:
            merged[code] = entry
    return merged


Industries = Annotated[dict[str, IndustryConfig], BeforeValidator(_fill_in)]
"""Code -> industry; what a configuration leaves out comes from the packaged table."""
