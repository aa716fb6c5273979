r"""Foreign high-end talent: arrives from abroad, works like science staff, and may leave.

    arrivals ~ Poisson(rate stock_a,2012 share_r exp{eta ln[w / (1 + g)^t] + pull TL})
    w = w_a (1 - t_PIT) / [w_a,2012 (1 - t_PIT,2012)]

A province draws arrivals in proportion to its science staff, to the growth of its science wage
after tax against wages abroad, and to its services for talent TL. Who leaves takes their money
along.

Rows of the paper: M4.2 (attract talent), R2.2e (import of AI talent).
"""

from __future__ import annotations

import numpy as np

from sim.config.base import Config, param
from sim.mechanisms.founding import numbers
from sim.mechanisms.institutions import of_province
from sim.state.ledger import ROW
from sim.state.world import World

Array = np.ndarray

FOREIGN = 3
"""Type code of foreign high-end talent."""

READS = (
    "talents.alive",
    "talents.type",
    "talents.weight",
    "talents.account",
    "provinces.wage",
    "places.province",
    "places.sales",
    "places.talent_services",
    "ledger",
)
WRITES = ("talents.*", "talents.alive", "talents.employed", "talents.employer", "ledger")


class ForeignTalentConfig(Config):
    """Arrival and departure of foreign high-end talent."""

    arrival: float = param(
        0.002, unit="share of science staff / year", ge=0, le=0.1, source="assumed"
    )
    """Arrivals a year at the wages of 2012, relative to the science staff of 2012."""

    elasticity: float = param(1.0, unit="-", ge=0, le=5, source="assumed")
    """eta: response of arrivals to the wage of science staff against abroad."""

    income_tax_2012: float = param(
        0.10, unit="share of wages", ge=0, lt=1, source="assumed; model specification"
    )
    """Income tax at which the arrivals of 2012 came."""

    services_pull: float = param(1.0, unit="ln arrivals", ge=0, le=3, source="assumed")
    """Rise of arrivals where services for talent reach the frontier."""

    wage_growth_abroad: float = param(
        0.03, unit="1 / year", ge=-0.05, le=0.2, source="assumed: 2 % prices, 1 % productivity"
    )
    """Growth of wages abroad."""

    departure: float = param(0.10, unit="1 / year", ge=0, le=2, source="assumed")
    """Hazard of leaving."""

    human_capital: float = param(1.5, unit="efficiency units", gt=0, le=10, source="assumed")
    """Labour services of a foreign talent."""

    group: float = param(0.05, unit="10k persons", gt=0, le=10, source="definition")
    """People an arriving agent stands for."""


def expected_arrivals(world: World, cfg: ForeignTalentConfig, income_tax: float) -> Array:
    """Mean arrivals in this step, (province,) [10k persons]."""
    abroad = (1 + cfg.wage_growth_abroad) ** world.clock.years
    wage = world.provinces["wage"][:, 2] / world.baseline.wage[2] / abroad
    wage = wage * ((1 - income_tax) / (1 - cfg.income_tax_2012))
    pull = np.exp(cfg.services_pull * of_province(world, world.places["talent_services"]))
    rate = cfg.arrival * world.clock.years_per_step
    return rate * world.baseline.science * wage**cfg.elasticity * pull


def arrive(world: World, cfg: ForeignTalentConfig, income_tax: float, u: Array) -> None:
    """People come without work and without money."""
    number = numbers(expected_arrivals(world, cfg, income_tax) / cfg.group, u)
    count = int(number.sum())
    if not count:
        return
    province = np.repeat(np.arange(world.provinces.n), number)
    world.talents.add(
        count,
        alive=True,
        province=province,
        home=province,
        type=FOREIGN,
        weight=cfg.group,
        human_capital=cfg.human_capital,
        age=35.0,
        account=world.ledger.open("talent", count),
    )
    world.arrivals += count * cfg.group


def leave(world: World, cfg: ForeignTalentConfig, u: Array) -> None:
    """People go home with their money."""
    talents = world.talents
    chance = -np.expm1(-cfg.departure * world.clock.years_per_step)
    gone = talents["alive"] & (talents["type"] == FOREIGN) & (u < chance)
    account = talents["account"][gone]
    world.ledger.pay(account, ROW, world.ledger.balance[account], "leavers")
    world.arrivals -= float(talents["weight"][gone].sum())
    talents["alive"][gone] = False
    talents["employed"][gone] = False
    talents["employer"][gone] = -1


def apply(
    world: World, cfg: ForeignTalentConfig, income_tax: float, draw: np.random.Generator
) -> None:
    """A quarter of coming and going."""
    leave(world, cfg, draw.random(world.talents.n))
    arrive(world, cfg, income_tax, draw.random(world.provinces.n))
