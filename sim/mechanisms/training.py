r"""People grow: natural increase, learning by doing, retirement, and training g -> e -> a.

A talent who retires makes room for an entrant trained at home; general labour that is trained
becomes an engineer, an engineer science staff. Weights stay, so people are conserved.

Rows of the paper: R2.2e (long-cycle training of AI talent).
"""

from __future__ import annotations

import numpy as np

from sim.config.base import Config, param
from sim.state.world import World

Array = np.ndarray

READS = (
    "firms.stage",
    "talents.alive",
    "talents.province",
    "talents.type",
    "talents.human_capital",
    "talents.employed",
    "talents.employer",
    "talents.age",
    "talents.weight",
    "talents.account",
    "provinces.population",
    "provinces.employed",
    "provinces.unemployed",
    "ledger",
)
WRITES = (
    "talents.*",
    "talents.alive",
    "talents.type",
    "talents.human_capital",
    "talents.employed",
    "talents.employer",
    "talents.age",
    "talents.weight",
    "provinces.population",
    "provinces.employed",
    "provinces.unemployed",
    "ledger",
)


class TrainingConfig(Config):
    """Natural increase, learning, retirement, training."""

    natural_growth: float = param(
        0.004, unit="1 / year", ge=-0.02, le=0.03, source="NBS: births less deaths around 2015"
    )
    """Natural increase of the general population."""

    learning: float = param(0.01, unit="1 / year", ge=0, le=0.05, source="assumed")
    """Growth of human capital at work; a career of 35 years adds 40 %."""

    digital_learning: float = param(0.1, unit="1 / stage", ge=0, le=1, source="assumed")
    """Extra learning per digital stage of the employer."""

    retirement_age: float = param(
        60.0, unit="years", ge=50, le=75, source="statutory age for men, 2012"
    )
    """Age at which talents leave."""

    entry_age: float = param(25.0, unit="years", ge=16, le=40, source="assumed")
    """Age of a trained entrant."""

    engineers_trained: float = param(
        0.004,
        unit="share of engineers / quarter",
        ge=0,
        le=0.05,
        source="NBS graduates, order of magnitude",
    )
    """New engineers trained from general labour, net of retirement."""

    science_trained: float = param(
        0.006, unit="share of science staff / quarter", ge=0, le=0.05, source="assumed"
    )
    """New science staff trained from engineers, net of retirement."""


def natural_increase(world: World, cfg: TrainingConfig) -> None:
    """Births less deaths; the labour force grows in step."""
    provinces = world.provinces
    factor = (1 + cfg.natural_growth) ** (world.clock.dt / 4)
    before = provinces["population"].sum()
    force = provinces["employed"] + provinces["unemployed"]
    provinces["population"] *= factor
    provinces["unemployed"] += (factor - 1) * force
    world.births = float(provinces["population"].sum() - before)


def learn(world: World, cfg: TrainingConfig) -> None:
    """Human capital grows with work, faster where production is digital."""
    talents, firms = world.talents, world.firms
    employer = talents["employer"]
    stage = np.where(employer >= 0, firms["stage"][np.maximum(employer, 0)], 0)
    rate = cfg.learning * (1 + cfg.digital_learning * stage) * talents["employed"]
    talents["human_capital"] *= np.exp(rate * world.clock.years_per_step)
    talents["age"] += world.clock.years_per_step


def retire(world: World, cfg: TrainingConfig) -> None:
    """Who reaches the age limit is followed by an entrant in the same place, without work."""
    talents = world.talents
    rows = np.flatnonzero(talents["alive"] & (talents["age"] >= cfg.retirement_age))
    if not rows.size:
        return
    province, kind, weight = (talents[name][rows] for name in ("province", "type", "weight"))
    account = talents["account"][rows]
    house = world.accounts.household[province]
    world.ledger.pay(account, house, world.ledger.balance[account], "inheritance")
    talents["alive"][rows] = False
    talents["employed"][rows] = False
    talents["employer"][rows] = -1
    talents.add(
        rows.size,
        alive=True,
        province=province,
        home=province,
        type=kind,
        weight=weight,
        human_capital=1.0,
        age=cfg.entry_age,
        account=world.ledger.open("talent", rows.size),
    )


def train(world: World, cfg: TrainingConfig, draw: np.random.Generator) -> None:
    """General labour becomes engineers (weights grow), engineers become science staff.

    Where engineers outnumber general labour, the same share of the latter is trained, not more:
    nobody is trained who is not there.
    """
    talents, provinces, dt = world.talents, world.provinces, world.clock.dt
    u = draw.random(talents.n)
    engineers = talents["alive"] & (talents["type"] == 1)
    people = np.where(engineers, talents["weight"], 0.0)
    force = provinces["employed"] + provinces["unemployed"]
    stock = np.bincount(talents["province"], people, minlength=provinces.n)
    room = np.divide(force, stock, out=np.ones_like(force), where=stock > force)
    gain = cfg.engineers_trained * dt * people * room[talents["province"]]
    new = np.bincount(talents["province"], gain, minlength=provinces.n)
    talents["weight"] += gain
    share = new / force
    provinces["population"] -= new
    provinces["employed"] *= 1 - share
    provinces["unemployed"] *= 1 - share
    nation = [
        np.where(talents["alive"] & (talents["type"] == t), talents["weight"], 0).sum()
        for t in (1, 2)
    ]
    promoted = engineers & (u < cfg.science_trained * dt * nation[1] / max(nation[0], 1e-300))
    talents["type"][promoted] = 2


def apply(world: World, cfg: TrainingConfig, draw: np.random.Generator) -> None:
    """A quarter in people's lives."""
    natural_increase(world, cfg)
    train(world, cfg, draw)
    learn(world, cfg)
    retire(world, cfg)
