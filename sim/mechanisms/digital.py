r"""Staged digital adoption: gain, option hurdle, peers, finance, infrastructure.

    gain    dPi = Pi [exp(epsilon d_delta) (W_{D+1} / W_D)^(-epsilon (1 - alpha_K)) - 1]
    value   V = dPi / (r + depreciation)
    cost    I = c(D) R (R_i / R)^0.8 (1 + kappa_s specificity) (1 - subsidy)
    hurdle  h = 1 + specificity (beta1 / (beta1 - 1) - 1)
    hazard  [p + q F_peer] Lambda(nu ln(V / (h I))) 1[funds >= I] 1[D < cap]

A firm orders the equipment and pays next quarter; success is not certain, and a success disrupts
production for four quarters. The last stage needs digital buyers or suppliers.

With uniform peers, every step worthwhile, certain success, and neither finance nor infrastructure
in the way, the share of adopters is the curve of Bass (1969), Manage. Sci. 15(5).

Rows of the paper: P1.1 (asset specificity, threshold, risk), P1.2 (small firms), P2.1c
(infrastructure caps the stage), R1.2a, R1.2b (smart factories, whole chain), R1.2c (subsidy).
"""

from __future__ import annotations

import numpy as np

from sim.config.base import Config, param
from sim.mechanisms import adoption_rules, budgets, capability, digital_columns, investment
from sim.mechanisms.budgets import BudgetsConfig
from sim.mechanisms.digital_projects import gains, order, subsidy_rate
from sim.mechanisms.investment import InvestmentConfig
from sim.mechanisms.peers import (
    chain_share,
    equipment_price,
    national_share,
    peer_share,
    stage_cap,
)
from sim.mechanisms.production import ProductionConfig
from sim.state.columns import STAGES
from sim.state.world import World

Array = np.ndarray

READS = digital_columns.READS
WRITES = digital_columns.WRITES


class DigitalConfig(Config):
    """Adoption of the four digital stages."""

    frozen: bool = False
    """Nobody changes stage."""

    own_hazard: float = param(0.03, unit="1 / year", ge=0, le=0.5, source="assumed; Bass p")
    """p: hazard without peers."""

    peer_hazard: float = param(0.38, unit="1 / year", ge=0, le=2, source="assumed; Bass q")
    """q: hazard per share of peers who have adopted."""

    cost: tuple[float, float, float, float] = param(
        (0.35, 0.43, 0.62, 0.86),
        unit="quarterly revenue",
        ge=0,
        le=4,
        source="assumed; x .5-2",
    )
    """c(D): cost of reaching stages 1 to 4 for a firm of mean revenue."""

    specificity_cost: float = param(0.5, unit="-", ge=0, le=1.5, source="assumed; 0-1.5")
    """kappa_s: extra cost of specific assets."""

    volatility: float = param(0.2, unit="1 / sqrt(year)", ge=0.01, le=0.6, source="assumed; .1-.4")
    """Perceived volatility of the gain without peers."""

    peer_comfort: float = param(0.5, unit="share", ge=0, le=0.9, source="assumed")
    """Fall of perceived volatility when all peers have adopted."""

    sharpness: float = param(2.0, unit="-", ge=0.5, le=5, source="assumed; .5-5")
    """nu: how sharply firms tell good from bad projects."""

    success: float = param(0.8, unit="probability", ge=0, le=1, source="assumed")
    """Success of the first stage with the mean share of engineers."""

    stage_difficulty: float = param(
        0.03, unit="probability / stage", ge=0, le=0.2, source="assumed"
    )
    """Fall of the success probability per stage."""

    engineer_success: float = param(
        0.1, unit="probability per mean share", ge=0, le=0.5, source="assumed"
    )
    """Rise of the success probability with the share of skilled staff, relative to the mean."""

    disruption_quarters: float = param(4.0, unit="quarters", ge=0, le=12, source="assumed")
    """Length of the disruption after a success."""

    peer_distance: float = param(600.0, unit="km", gt=0, le=5000, source="assumed")
    """Distance over which peers in the same industry count."""

    chain_weight: float = param(1.0, unit="-", ge=0, le=1, source="assumed")
    """How much the last stage depends on digital buyers and suppliers."""

    uniform_peers: bool = False
    """All firms of the country count alike as peers, whatever their industry and place."""

    always_worthwhile: bool = False
    """Every step is worth its cost: Lambda = 1."""

    finance_gate: bool = True
    """Only firms that can pay for a step take it."""

    infrastructure_cap: bool = True
    """Digital infrastructure caps the stage that firms of a province can reach."""


def costs(world: World, rows: Array, cfg: DigitalConfig) -> Array:
    """Cost of the next stage before subsidy, per firm [100m CNY]."""
    firms = world.firms
    industry, stage = firms["industry"][rows], firms["stage"][rows]
    mean = world.baseline.revenue[industry]
    price = equipment_price(world)[firms["province"][rows]]
    bare = adoption_rules.adoption_cost(
        np.asarray(cfg.cost)[stage],
        firms["revenue"][rows] / price,  # firms are large or small in real terms
        mean,
        firms["specificity"][rows],
        cfg.specificity_cost,
        park=0.0,
        subsidy=0.0,
    )
    return price * bare


def acceptance(
    world: World,
    rows: Array,
    cfg: DigitalConfig,
    goods: ProductionConfig,
    capital: InvestmentConfig,
    net_cost: Array,
    share: Array,
) -> Array:
    """Lambda: share to whom the next stage is worth it, (rows,); peers' `share` calms them."""
    if cfg.always_worthwhile:
        return np.ones(rows.size)
    value = gains(world, rows, goods) / investment.user_cost(capital)
    sigma = cfg.volatility * (1 - cfg.peer_comfort * share)
    multiple = adoption_rules.option_multiple(sigma, capital.interest, capital.interest)
    hurdle = adoption_rules.hurdle(world.firms["specificity"][rows], multiple)
    return adoption_rules.adoption_acceptance(value, hurdle, net_cost, cfg.sharpness)


def hazards(
    world: World,
    rows: Array,
    cfg: DigitalConfig,
    goods: ProductionConfig,
    capital: InvestmentConfig,
    net_cost: Array,
) -> Array:
    """Hazard of ordering the next stage [1 / year]; 0 where money or infrastructure is short."""
    firms = world.firms
    province, industry, stage = (firms[name][rows] for name in ("province", "industry", "stage"))
    peers = national_share(world) if cfg.uniform_peers else peer_share(world, cfg.peer_distance)
    share = peers[province, industry, stage + 1]
    accepted = acceptance(world, rows, cfg, goods, capital, net_cost, share)
    hazard = adoption_rules.adoption_hazard(cfg.own_hazard, cfg.peer_hazard, share, accepted)
    chain = chain_share(world, peers)[province, industry]
    hazard = hazard * np.where(stage == STAGES - 2, 1 - cfg.chain_weight * (1 - chain), 1.0)
    able = np.ones(rows.size, dtype=bool)
    if cfg.finance_gate:
        able &= investment.funds(world, capital)[rows] >= net_cost
    if cfg.infrastructure_cap:
        able &= stage < stage_cap(world.provinces["infrastructure"])[province]
    return np.where(able, hazard, 0.0)


def success_chance(world: World, rows: Array, cfg: DigitalConfig) -> Array:
    """Probability that the next stage works out, higher with skilled staff."""
    firms = world.firms
    skilled = capability.skilled_share(world)
    people = np.where(firms["alive"], firms["weight"], 0.0)
    mean = np.average(skilled, weights=people)
    extra = cfg.engineer_success * (np.minimum(skilled[rows] / mean, 2.0) - 1) if mean > 0 else 0.0
    return cfg.success - cfg.stage_difficulty * firms["stage"][rows] + extra


def record(world: World) -> None:
    """Mean stage of each province."""
    firms = world.firms
    people = np.where(firms["alive"], firms["weight"], 0.0)
    total = np.bincount(firms["province"], people, minlength=world.provinces.n)
    stages = np.bincount(firms["province"], people * firms["stage"], minlength=world.provinces.n)
    world.provinces["digital_mean"] = stages / total


def apply(
    world: World,
    cfg: DigitalConfig,
    goods: ProductionConfig,
    capital: InvestmentConfig,
    budget: BudgetsConfig,
    draw: np.random.Generator,
) -> None:
    """Firms decide on their next stage."""
    firms, dt = world.firms, world.clock.dt
    u, luck = draw.random(firms.n), draw.random(firms.n)
    firms["disruption"] = np.maximum(0.0, firms["disruption"] - dt)
    able = firms["alive"] & (firms["stage"] < STAGES - 1) & (firms["revenue"] > 0)
    rows = np.flatnonzero(able & (not cfg.frozen))
    if rows.size:
        cost = costs(world, rows, cfg)
        net = cost * (1 - subsidy_rate(world, rows))
        hazard = hazards(world, rows, cfg, goods, capital, net)
        adopting = u[rows] < adoption_rules.adoption_chance(hazard, world.clock.years_per_step)
        order(world, rows[adopting], cost[adopting], budgets.programme_room(world, budget))
        done = rows[adopting & (luck[rows] < success_chance(world, rows, cfg))]
        gain = np.diff(goods.stage_gain)[firms["stage"][done]]
        world.book_growth("digital", done, gain)
        firms["stage"][done] += 1
        firms["disruption"][done] = cfg.disruption_quarters
    record(world)
