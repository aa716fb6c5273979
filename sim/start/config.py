"""What a world is made of when history starts."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field, model_validator

from sim import data
from sim.config.base import Config, Quarter, param, unknown_name


class EquidistantConfig(Config):
    """Invented provinces that are all alike and equally far from each other."""

    count: int = param(2, unit="provinces", ge=1, le=200, source="definition")
    """Number of provinces; their macro-regions take turns."""

    distance: float = param(1000.0, unit="km", ge=0, le=20000, source="definition")
    """Distance between any two."""

    gateway: float = param(500.0, unit="km", ge=0, le=20000, source="definition")
    """Distance of each to the nearest gateway to the rest of the world."""

    zone: Quarter | None = None
    """Quarter in which each gets a zone; null for none."""


class InventedProvince(Config):
    """An invented province: a mean province of the data, of another size, at another place."""

    region: Literal["east", "central", "west"] = "east"
    """Macro-region."""

    x: float = param(0.0, unit="km", ge=-20000, le=20000, source="definition")
    """Place on a plane."""

    y: float = param(0.0, unit="km", ge=-20000, le=20000, source="definition")
    """Place on a plane."""

    gdp: float = param(1.0, unit="mean provinces", gt=0, le=100, source="definition")
    """GDP of 2012 over that of a mean province."""

    population: float = param(1.0, unit="mean provinces", gt=0, le=100, source="definition")
    """People and land over those of a mean province."""

    gateway: float = param(500.0, unit="km", ge=0, le=20000, source="definition")
    """Distance to the nearest gateway to the rest of the world."""

    zone: Quarter | None = None
    """Quarter in which it gets a zone; null for never."""

    hub: Quarter | None = None
    """Quarter in which a national compute hub opens there; null for never."""

    neighbours: tuple[str, ...] = ()
    """Provinces it shares a border with; naming one side is enough."""


class GeographyConfig(Config):
    """Which provinces take part: those of the data, or invented ones."""

    provinces: Literal["all"] | tuple[str, ...] = "all"
    """All 31 provinces, or the English names of those that make up a smaller world."""

    equidistant: EquidistantConfig | None = None
    """Invented provinces that are all alike, instead."""

    invented: dict[str, InventedProvince] = Field(default_factory=dict)
    """Invented provinces by name, instead."""

    @model_validator(mode="after")
    def _known(self) -> GeographyConfig:
        if (self.provinces != "all") + (self.equidistant is not None) + bool(self.invented) > 1:
            raise ValueError("give one of provinces, equidistant and invented, not several")
        names = list(data.provinces()["province"])
        for position, name in enumerate(() if self.provinces == "all" else self.provinces):
            if name not in names:
                raise unknown_name(name, names, ("provinces", str(position)))
        for name, one in self.invented.items():
            for position, other in enumerate(one.neighbours):
                if other == name or other not in self.invented:
                    entry = ("invented", name, "neighbours", str(position))
                    raise unknown_name(other, [n for n in self.invented if n != name], entry)
        return self

    def all_invented(self) -> dict[str, InventedProvince]:
        """Invented provinces by name; none if the world is of real ones."""
        if self.equidistant is None:
            return self.invented
        one, regions = (
            self.equidistant,
            get_args(InventedProvince.model_fields["region"].annotation),
        )
        names = [f"Province {number}" for number in range(1, one.count + 1)]
        return {
            name: InventedProvince(
                region=regions[place % len(regions)],
                gateway=one.gateway,
                zone=one.zone,
                neighbours=tuple(names[:place]),
            )
            for place, name in enumerate(names)
        }

    def names_and_codes(self) -> tuple[list[str], list[int]]:
        """Names and codes of the provinces of this world, in its order."""
        invented = self.all_invented()
        if invented:
            return list(invented), list(range(1, len(invented) + 1))
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

    alike: bool = False
    """Every province gets the same firms and talents; for worlds of equidistant provinces, which
    then start exactly alike."""

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
