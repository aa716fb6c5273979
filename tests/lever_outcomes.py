"""What each lever should touch, what it may harm, and the switch that takes its mechanism away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.config import validate
from sim.mechanisms import investment, planning, trade
from sim.model.config import RegionConfig
from sim.model.region import RegionModel

Outcome = Callable[[RegionModel], float]

QUARTERS = 28

DEAR, CHEAP = 0.8, 0.5
"""Ranks of compute cost above and below which provinces are dear and cheap."""

PROTECTED = 0.7
"""Output over spending below which an industry lives behind the border."""

WORLD: dict[str, Any] = {"accounts": {"check": True}}
"""The world of the cases: default scale, with every identity checked in every quarter."""


@dataclass(frozen=True)
class Case:
    """A lever with its main outcome, its adverse outcome (with signs), and its switch.

    direct, adverse  name of an outcome and the sign its effect must have
    frozen           overrides that freeze the mechanism the lever works through; links of
                     coordination are then free as well: what they cost acts on its own
    """

    direct: tuple[str, int]
    adverse: tuple[str, int]
    frozen: Mapping[str, Any]
    settings: Mapping[str, Any] = field(default_factory=dict)


def firms_of(model: RegionModel) -> Mapping[str, np.ndarray]:
    """Columns of the firms alive."""
    table = model.world.firms
    rows = table["alive"]
    return {name: table[name][rows] for name in table}


def mean_stage(model: RegionModel) -> float:
    """Mean digital stage of firms."""
    firms = firms_of(model)
    return float(np.average(firms["stage"], weights=firms["weight"]))


def large_share_of_subsidy(model: RegionModel) -> float:
    """Large firms' share of subsidies less their share of firms; 0 without subsidies."""
    paid = model.world.provinces["subsidy_large"].sum(), model.world.provinces["subsidy_all"].sum()
    firms = firms_of(model)
    large = np.average(firms["large"], weights=firms["weight"])
    return float(paid[0] / paid[1] - large) if paid[1] > 0 else 0.0


def small_stage(model: RegionModel) -> float:
    """Mean digital stage of firms below mean revenue."""
    firms = firms_of(model)
    small = ~firms["large"]
    return float(np.average(firms["stage"][small], weights=firms["weight"][small]))


def firms_on_guarantee(model: RegionModel) -> float:
    """Share of firms that live on credit no lender would give without a guarantee."""
    world, cfg = model.world, model.config.investment
    firms = firms_of(model)
    money = world.ledger.balance[firms["account"]] / firms["weight"]
    bare = investment.credit_limit(firms["revenue"], firms["large"], np.zeros(len(money)), cfg)
    over = (money + bare < 0) & (firms["age"] > 1)
    return float(np.average(over, weights=firms["weight"]))


def province_money(model: RegionModel) -> float:
    """Money of provincial governments, per quarter of national value added."""
    world = model.world
    held = world.ledger.balance[world.accounts.province].sum()
    return float(held / world.provinces["value_added"].sum())


def region_of(model: RegionModel, name: str) -> np.ndarray:
    """Provinces of a macro-region."""
    return model.world.geography.region == name


def compute_price(model: RegionModel, chosen: np.ndarray) -> float:
    """Log mean price of compute paid in some provinces."""
    provinces = model.world.provinces
    return float(
        np.log(provinces["compute_paid"][chosen].sum() / provinces["compute_bought"][chosen].sum())
    )


def energy_rank(model: RegionModel) -> np.ndarray:
    """Rank of each province by the cost of its own compute, in [0, 1]."""
    cost = model.world.energy_cost
    return np.argsort(np.argsort(cost)) / (cost.size - 1)


def used_capacity(model: RegionModel) -> float:
    """Share of western compute capacity in use."""
    provinces, west = model.world.provinces, region_of(model, "west")
    return float(provinces["compute_used"][west].sum() / provinces["compute_limit"][west].sum())


def western_capacity(model: RegionModel) -> float:
    """Log compute capacity of the west."""
    return float(np.log(model.world.provinces["compute_limit"][region_of(model, "west")].sum()))


def protected_output(model: RegionModel) -> float:
    """Log share in national sales of what was made in 2012 where most was bought from outside.

    Cells are fixed by the start of history: those that made less than 70 % of what their province
    bought.
    """
    start = RegionModel(model.config, 1, views=False)
    made, bought = start.world.provinces["output"], start.solution.spending
    protected = made < PROTECTED * bought
    output = model.world.provinces["output"]
    return float(np.log(output[protected].sum() / output.sum()))


def border_trade(model: RegionModel) -> float:
    """Log of the share of home spending on goods from other provinces."""
    world = model.world
    home = trade.home_freeness(world, model.config.trade)
    supply = np.zeros((world.provinces.n, len(world.tech.codes)))
    np.add.at(supply, world.host, world.places["supply"].sum(axis=2))
    flows = np.einsum(
        "kod,ok,dk->od",
        home,
        supply,
        world.provinces["spending"] / world.provinces["price_to_sigma"],
    )
    return float(np.log(1 - np.trace(flows) / flows.sum()))


def efficiency_spread(model: RegionModel) -> float:
    """Standard deviation over provinces of log efficiency, mean over industries by sales."""
    world = model.world
    level = np.log(world.cell_means("efficiency")[0])
    sales = world.provinces["output"]
    weight = sales / sales.sum(axis=0)
    mean = (weight * level).sum(axis=0)
    variance = (weight * (level - mean) ** 2).sum(axis=0)
    return float(np.average(np.sqrt(variance), weights=sales.sum(axis=0)))


def research(model: RegionModel) -> float:
    """R&D spending over value added."""
    provinces = model.world.provinces
    return float(provinces["firm_research"].sum() / provinces["value_added"].sum())


def plan_overlap(model: RegionModel) -> float:
    """Chance that two zones name the same target."""
    zones = model.world.zones
    target = zones["target"][zones["active"]].ravel()
    named = np.bincount(target, minlength=len(model.world.tech.codes))
    return float((named * (named - 1)).sum() / (named.sum() * (named.sum() - 1)))


def own_value(model: RegionModel) -> float:
    """Mean of what zones, each by itself, think of the targets they were given."""
    world = model.world
    output = world.provinces["output"].sum(axis=0)
    value = planning.own_value(world, model.config.planning, np.log(output / world.planned_output))
    zones = np.flatnonzero(world.zones["active"])
    return float(np.mean([value[zone, world.zones["target"][zone]].mean() for zone in zones]))


OUTCOMES: dict[str, Outcome] = {
    "mean_stage": mean_stage,
    "large_share_of_subsidy": large_share_of_subsidy,
    "small_stage": small_stage,
    "firms_on_guarantee": firms_on_guarantee,
    "province_money": province_money,
    "dear_compute_price": lambda m: compute_price(m, energy_rank(m) > DEAR),
    "cheap_compute_price": lambda m: compute_price(m, energy_rank(m) < CHEAP),
    "used_capacity": used_capacity,
    "western_capacity": western_capacity,
    "protected_output": protected_output,
    "border_trade": border_trade,
    "efficiency_spread": efficiency_spread,
    "research": research,
    "plan_overlap": plan_overlap,
    "own_value": own_value,
}


def frozen_links(mechanism: str, name: str) -> dict[str, Any]:
    """A mechanism frozen, and a coordination lever whose links cost nothing."""
    return {mechanism: {"frozen": True}, "policies": {name: {"link_cost": 0.0}}}


CASES: dict[str, Case] = {
    "digital_subsidy": Case(
        ("mean_stage", 1), ("large_share_of_subsidy", 1), {"digital": {"frozen": True}}
    ),
    "sme_credit": Case(
        ("small_stage", 1), ("firms_on_guarantee", 1), {"investment": {"frozen": True}}
    ),
    "digital_infrastructure": Case(
        ("mean_stage", 1), ("province_money", -1), {"infrastructure": {"frozen": True}}
    ),
    "compute_sharing": Case(
        ("dear_compute_price", -1), ("cheap_compute_price", 1), {"compute": {"frozen": True}}
    ),
    "compute_investment": Case(
        ("western_capacity", 1), ("used_capacity", -1), {"compute": {"frozen": True}}
    ),
    "coordination_barriers": Case(
        ("border_trade", 1),
        ("protected_output", -1),
        frozen_links("trade", "coordination_barriers"),
    ),
    "coordination_knowledge": Case(
        ("efficiency_spread", -1),
        ("research", -1),
        frozen_links("knowledge", "coordination_knowledge"),
    ),
    "coordination_planning": Case(
        ("plan_overlap", -1), ("own_value", -1), frozen_links("planning", "coordination_planning")
    ),
}


def merged(base: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Nested mappings, `extra` on top of `base`."""
    out = dict(base)
    for key, value in extra.items():
        old = out.get(key)
        out[key] = (
            merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
        )
    return out


def outcomes(seed: int, settings: Mapping[str, Any]) -> dict[str, float]:
    """All outcomes at the end of a run."""
    model = RegionModel(validate(merged(WORLD, settings), RegionConfig), seed, views=False)
    for _ in range(QUARTERS):
        model.step()
    return {name: outcome(model) for name, outcome in OUTCOMES.items()}


def lever(name: str) -> dict[str, Any]:
    """A lever at full dose everywhere from the second year on."""
    return {"policies": {name: {"dose": 1.0, "start": "2013Q1", "targets": "all"}}}
