"""What a world is made of when history starts."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from sim import data
from sim.config.base import Config, param, unknown_name


class GeographyConfig(Config):
    """Which provinces take part."""

    provinces: Literal["all"] | tuple[str, ...] = "all"
    """All 31 provinces, or the English names of those that make up a smaller world."""

    @model_validator(mode="after")
    def _known(self) -> GeographyConfig:
        names = list(data.provinces()["province"])
        for position, name in enumerate(() if self.provinces == "all" else self.provinces):
            if name not in names:
                raise unknown_name(name, names, ("provinces", str(position)))
        return self

    def names_and_codes(self) -> tuple[list[str], list[int]]:
        """English names and administrative codes of the provinces of this world, in data order."""
        table = data.provinces()
        if self.provinces != "all":
            table = table[table["province"].isin(self.provinces)]
        return list(table["province"]), list(table.index)


class PopulationConfig(Config):
    """Agents, and how firms and people of 2012 are drawn."""

    firms: int = param(7000, unit="agents", ge=50, le=2_000_000, source="definition")
    """Firm agents when history starts."""

    talents: int = param(32000, unit="agents", ge=50, le=5_000_000, source="definition")
    """Talent agents when history starts."""

    least_firms: int = param(4, unit="agents", ge=1, le=100, source="definition")
    """Firm agents of every province and industry at least."""

    least_talents: int = param(
        3, unit="agents", ge=1, le=100, source="assumed; model specification"
    )
    """Talent agents of every province and type at least."""

    size_exponent: float = param(
        1.3, unit="-", ge=1.01, le=3, source="Heinrich and Dai (2016): 1.0-1.5"
    )
    """Exponent of the upper tail of revenue among the firms of an industry and province."""

    capital_noise: float = param(
        0.2, unit="sd of ln capital", ge=0, le=1, source="assumed; model specification"
    )
    """Spread of capital around the level that growth calls for."""

    stage_shares: tuple[float, float, float] = param(
        (0.22, 0.07, 0.01),
        unit="share of firms",
        ge=0,
        le=0.5,
        source="assumed from numerical-control and tool rates",
    )
    """Firms at digital stages 1, 2 and 3 in 2012; larger firms are ahead."""

    engineer_premium: float = param(1.6, unit="ratio of wages", ge=1, le=5, source="assumed")
    """Mean wage of engineers over general labour in 2012."""

    science_premium: float = param(2.5, unit="ratio of wages", ge=1, le=10, source="assumed")
    """Mean wage of science staff over general labour in 2012."""

    data_weight: float = param(0.5, unit="share", ge=0, le=1, source="assumed")
    """Weight of graduates and researchers, against wages paid, in the spread of talent."""

    immobile: float = param(
        0.05, unit="share of a type", gt=0, le=0.5, source="assumed small; model specification"
    )
    """Talent that never moves."""

    human_capital_spread: float = param(0.3, unit="sd of ln", ge=0, le=1, source="assumed")
    """Spread of human capital."""

    open_base: float = param(0.5, unit="index 0-1", ge=0, le=1, source="assumed")
    """Openness of provinces to newcomers."""

    open_capital: float = param(
        0.2, unit="index 0-1", ge=0, le=1, source="assumed; strict residence permits"
    )
    """Openness of Beijing and Shanghai to newcomers."""

    infrastructure: tuple[float, float] = param(
        (0.05, 0.35),
        unit="index 0-1",
        ge=0,
        le=1,
        source="assumed; ranked by broadband per head 2012",
    )
    """Digital infrastructure of the least and the best connected province in 2012."""
