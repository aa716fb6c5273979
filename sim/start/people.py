"""People of 2012: general labour by province, talents one by one."""

from __future__ import annotations

import numpy as np

from sim.mechanisms.matching import MatchingConfig
from sim.start.config import PopulationConfig
from sim.start.facts import Facts
from sim.start.firms import allocate
from sim.state.world import World

Array = np.ndarray

CLOSED = ("Beijing", "Shanghai")
"""Provinces with strict residence permits."""


def stocks(cfg: PopulationConfig, facts: Facts, bill: Array) -> Array:
    """People of each type, (province, labour type) [10k persons], from the wages firms pay.

    bill  (province, labour type) [100m CNY / quarter]
    The nation's numbers follow from wage premia, their spread over provinces from wages paid and
    from graduates (engineers) and researchers (science staff).
    """
    premium = np.array([1.0, cfg.engineer_premium, cfg.science_premium])
    nation = (
        facts.employment.sum() * (bill.sum(axis=0) / premium) / (bill.sum(axis=0) / premium).sum()
    )
    out = np.empty_like(bill)
    for labour, known in ((1, facts.graduates), (2, facts.researchers)):
        share = (bill[:, labour] / bill[:, labour].sum()) ** (1 - cfg.data_weight)
        share = share * (known / known.sum()) ** cfg.data_weight
        out[:, labour] = nation[labour] * share / share.sum()
    out[:, 0] = facts.employment - out[:, 1:].sum(axis=1)
    if (out[:, 0] <= 0).any():
        raise ValueError("population: no general labour left in a province; lower the wage premia")
    return out


def settle(
    world: World,
    cfg: PopulationConfig,
    facts: Facts,
    matching: MatchingConfig,
    employed: Array,
    stream: np.random.Generator,
) -> None:
    """Set general labour and add the talents.

    employed  (province, labour type) people at work [10k persons]
    """
    provinces = world.provinces
    finding = matching.finding * (1 + matching.digital_finding * provinces["digital_mean"])
    hazards = matching.separation + finding
    rate = np.divide(matching.separation, hazards, out=np.zeros_like(hazards), where=hazards > 0)
    _require_room(employed.sum(axis=1) > (1 - rate) * facts.population, rate, matching)
    people = employed / (1 - rate)[:, None]
    immobile = cfg.immobile * people[:, 1:]
    provinces["immobile"][:, 1:] = immobile
    provinces["employed"] = employed[:, 0]
    provinces["unemployed"] = people[:, 0] - employed[:, 0]
    provinces["population"] = facts.population - people[:, 1:].sum(axis=1)
    provinces["participation"] = people[:, 0] / provinces["population"]
    closed = np.isin(world.geography.names, CLOSED)
    provinces["open"] = np.where(closed, cfg.open_capital, cfg.open_base)
    add_talents(world, cfg, people[:, 1:] - immobile, rate, stream)


def _require_room(short: Array, unemployment: Array, matching: MatchingConfig) -> None:
    """Raise if workers with and without work outnumber the people, `short` (province,) bool."""
    if short.any():
        raise ValueError(
            f"matching: at an unemployment of {unemployment.max():.0%} a province has more workers "
            f"than people; raise finding {matching.finding:g} or lower separation"
        )


def add_talents(
    world: World,
    cfg: PopulationConfig,
    mobile: Array,
    unemployment: Array,
    stream: np.random.Generator,
) -> None:
    """Add the talents who may move.

    mobile        (province, talent type) engineers and science staff [10k persons]
    unemployment  (province,) [share]
    """
    copies = len(mobile) if cfg.alike else 1
    drawn = mobile[: len(mobile) // copies]
    count = allocate(drawn, cfg.talents // copies, cfg.least_talents).ravel()
    cell = np.repeat(np.arange(count.size), count)
    weight = (drawn.ravel() / count)[cell]
    sd = cfg.human_capital_spread
    spread = np.exp(sd * stream.standard_normal(cell.size) - 0.5 * sd**2)
    age, work = 25 + 35 * stream.random(cell.size), stream.random(cell.size)
    employed = work >= unemployment[cell // 2]
    total = cell.size * copies
    province = np.tile(cell // 2, copies) + np.repeat(np.arange(copies), cell.size)
    world.talents.add(
        total,
        alive=True,
        province=province,
        type=np.tile(cell % 2 + 1, copies),
        human_capital=np.tile(spread, copies),
        employed=np.tile(employed, copies),
        age=np.tile(age, copies),
        home=province,
        weight=np.tile(weight, copies),
        account=world.ledger.open("talent", total),
    )
