r"""Birth and death of firms.

Exit: hazard by age, larger for small firms; insolvency (debt beyond the credit limit) and
repeated losses. Capital is scrapped; the estate settles next quarter.
Entry: Poisson with mean = expected exits x return on capital over that of 2012; place and industry
by

    P(o, k) ~ share_2012 exp{ theta_f [ln profit_ok + beta_d density_ok + beta_p plan_ok
                                       + beta_I (FC_o + DR_o + TX_o) / 3] }

relative to 2012; where foreign firms are drawn, more come on top (`foreign_entry`). Founders pay
the entrant's capital, foreign ones from abroad (foreign direct investment); it is bought in the
next quarter, and the firm sells from then on.

Rows of the paper: M1.3 (entry into new industries), M4.2 (attract firms), M2.2 (diffusion).
"""

from __future__ import annotations

import numpy as np

from sim.config.base import Config, param
from sim.mechanisms import entry_exit_columns, foreign_entry, founding, investment
from sim.mechanisms.foreign_entry import ForeignEntryConfig
from sim.mechanisms.investment import InvestmentConfig
from sim.mechanisms.profitability import (
    national_profitability,
    profitability,
    relatedness_density,
)
from sim.state.world import World

Array = np.ndarray

READS = entry_exit_columns.READS
WRITES = entry_exit_columns.WRITES


RULES = ("fair_competition", "dispute_resolution", "tax_competitiveness")
"""Institutions that entrants of all owners look at."""


class EntryExitConfig(Config):
    """Birth and death of firms."""

    frozen: bool = False
    """No firm enters or leaves."""

    exit_by_age: tuple[float, float, float, float, float] = param(
        (0.016, 0.063, 0.095, 0.085, 0.065),
        unit="1 / year",
        ge=0,
        le=0.5,
        source="SAIC (2013): years 1, 2, 3, 4-7, after 7",
    )
    """Exit hazard in the years of age 1, 2, 3, 4 to 7, and after 7."""

    small_factor: float = param(
        1.1, unit="-", ge=0, le=4, source="assumed from survival by capital"
    )
    """Exit hazard of firms below mean revenue, relative to the table."""

    large_factor: float = param(
        0.15,
        unit="-",
        ge=0,
        le=4,
        source="SAIC (2013): 10-year survival 90 % above 10m CNY of capital",
    )
    """Exit hazard of firms above mean revenue, relative to the table."""

    loss_limit: float = param(8.0, unit="quarters", ge=1, le=80, source="assumed")
    """Quarters of loss in a row after which a firm closes."""

    sensitivity: float = param(1.0, unit="-", ge=0, le=3, source="assumed; .5-3")
    """theta_f: weight of differences between places in the choice of entrants."""

    relatedness: float = param(2.0, unit="-", ge=0, le=4, source="assumed")
    """beta_d: pull of related industries in the province."""

    plan: float = param(0.5, unit="-", ge=0, le=2, source="assumed")
    """beta_p: pull of being a target of the zone's plan."""

    institutions: float = param(1.0, unit="-", ge=0, le=3, source="assumed; model specification")
    """beta_I: pull of fair competition, courts and taxes, as distance covered since 2012."""

    zone_pull: float = param(0.2, unit="-", ge=0, le=2, source="assumed; institutions")
    """Pull of the zone as such."""

    entrant_capital: float = param(
        0.5,
        unit="share of mean capital",
        gt=0,
        le=2,
        source="assumed: young firms are smaller",
    )
    """Capital of an entrant, relative to the incumbents of its industry and province."""

    entrant_efficiency: float = param(
        0.95, unit="share of mean efficiency", gt=0, le=1.5, source="assumed"
    )
    """Mean efficiency of entrants, relative to the incumbents."""

    efficiency_spread: float = param(0.15, unit="sd of ln efficiency", ge=0, le=1, source="assumed")
    """Spread of entrants' efficiency."""

    entry_cost: float = param(0.5, unit="quarterly revenue", ge=0, le=8, source="assumed")
    """Services bought to set up, relative to the revenue the entrant expects."""


def exit_hazard(age: Array, large: Array, cfg: EntryExitConfig) -> Array:
    """Hazard of closing [1 / year] by age [years] and size."""
    band = np.searchsorted([1.0, 2.0, 3.0, 7.0], age, side="right")
    factor = np.where(large, cfg.large_factor, cfg.small_factor)
    return np.asarray(cfg.exit_by_age)[band] * factor


def exit_chance(age: Array, large: Array, cfg: EntryExitConfig, years: float) -> Array:
    """Probability of closing within `years` by that hazard."""
    return np.asarray(-np.expm1(-exit_hazard(age, large, cfg) * years))


def failing(world: World, cfg: EntryExitConfig, capital: InvestmentConfig) -> Array:
    """Firms that cannot pay or have lost money for too long, (firms,) bool."""
    firms = world.firms
    grown = firms["age"] > 1.0
    insolvent = investment.funds(world, capital) < 0
    worn_out = firms["loss_quarters"] >= cfg.loss_limit
    return firms["alive"] & grown & (insolvent | worn_out)


def leave(world: World, cfg: EntryExitConfig, capital: InvestmentConfig, u: Array) -> None:
    """Firms close; the talents they employed are without work from then on.

    General labour is not linked to firms: its separation hazard covers closures.
    """
    firms, talents = world.firms, world.talents
    firms["age"] += np.where(firms["alive"], world.clock.years_per_step, 0.0)
    chance = exit_chance(firms["age"], firms["large"], cfg, world.clock.years_per_step)
    gone = firms["alive"] & ((u < chance) | failing(world, cfg, capital))
    firms["alive"][gone] = False
    firms["capital"][gone] = 0.0
    employer = talents["employer"]
    jobless = talents["alive"] & (employer >= 0) & gone[np.maximum(employer, 0)]
    talents["former"][jobless] = employer[jobless]
    talents["employer"][jobless] = -1
    talents["employed"][jobless] = False


def attraction(world: World, cfg: EntryExitConfig) -> Array:
    """Log weight of each cell beyond its 2012 share, (place, industry)."""
    with np.errstate(divide="ignore"):  # -inf: nobody enters where nothing is earned
        value = np.log(profitability(world))[world.host]
    value = (
        value + cfg.relatedness * (relatedness_density(world) - world.baseline.density)[world.host]
    )
    zone = world.places["zone"] >= 0
    value = value + cfg.zone_pull * zone[:, None] + cfg.plan * world.places["plan_bonus"]
    rules = [world.places[name] for name in RULES]
    value = value + cfg.institutions * np.mean(rules, axis=0)[:, None]
    return cfg.sensitivity * value


def expected_entrants(world: World, cfg: EntryExitConfig) -> Array:
    """Mean number of entering firms by cell, (place, industry) [firms / quarter]."""
    weight = world.places["entry_base"] * np.exp(attraction(world, cfg))
    level = world.baseline.exits * national_profitability(world)
    total = weight.sum(axis=0)
    return np.divide(level * weight, total, out=np.zeros_like(weight), where=total > 0)


def found(
    world: World, cfg: EntryExitConfig, abroad: ForeignEntryConfig, draw: np.random.Generator
) -> None:
    """Entrants by cell: Poisson numbers, founders' money, a plan to buy capital."""
    unit = world.baseline.firm_weight
    ratio = foreign_entry.intensity(world, abroad)
    mean = expected_entrants(world, cfg) * world.clock.dt
    mean = mean * foreign_entry.more_entrants(world.ownership[:, 1], ratio)
    mean = (mean + radical_entry(world)) / unit
    u = draw.random((*mean.shape, founding.SLOTS, 3))
    number = founding.numbers(mean, draw.random(mean.shape))
    world.places["radical"] = 0.0
    place, industry, slot = founding.places_of(number)
    if not place.size:
        return
    kind = founding.Entrant(
        size=cfg.entrant_capital,
        level=cfg.entrant_efficiency,
        spread=cfg.efficiency_spread,
        owners=foreign_entry.owner_shares(world, ratio),
        frontier=abroad.frontier_share,
    )
    draws = founding.slot_draws(u, place, industry, slot)
    rows = founding.create(world, place, industry, draws, kind)
    founding.endow(world, rows, cfg.entry_cost * cfg.entrant_capital)


def radical_entry(world: World) -> Array:
    """Firms founded on radical innovations, in the future industries, (place, industry)."""
    out = np.zeros((world.places.n, len(world.tech.codes)))
    if "F1" in world.tech.codes:
        out[:, world.tech.codes.index("F1")] = world.places["radical"]
    return out


def apply(
    world: World,
    cfg: EntryExitConfig,
    capital: InvestmentConfig,
    abroad: ForeignEntryConfig,
    draw: np.random.Generator,
) -> None:
    """Firms leave and firms are founded."""
    world.provinces["fdi"] = 0.0
    if cfg.frozen:
        return
    leave(world, cfg, capital, draw.random(world.firms.n))
    found(world, cfg, abroad, draw)
