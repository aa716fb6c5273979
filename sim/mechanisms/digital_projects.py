"""A firm's step to its next digital stage: what it gains, who pays, what is ordered."""

from __future__ import annotations

import numpy as np

from sim.mechanisms import adoption_rules, budgets
from sim.mechanisms.peers import stage_costs
from sim.mechanisms.production import ProductionConfig
from sim.state.world import World

Array = np.ndarray


def gains(world: World, rows: Array, goods: ProductionConfig) -> Array:
    """Gain of surplus of the firms in `rows` from the next stage [100m CNY / quarter]."""
    firms, tech = world.firms, world.tech
    industry, stage, province = (firms[name][rows] for name in ("industry", "stage", "province"))
    cost = stage_costs(world)
    ratio = np.exp(cost[province, industry, stage + 1] - cost[province, industry, stage])
    step = np.asarray(goods.stage_gain)
    surplus = firms["revenue"][rows] * tech.gross_surplus[industry]
    return adoption_rules.adoption_gain(
        surplus,
        tech.epsilon[industry],
        step[stage + 1] - step[stage],
        ratio,
        tech.capital[industry],
    )


def subsidy_rate(world: World, rows: Array) -> Array:
    """Share of the cost that a government offers to each firm in `rows`."""
    firms = world.firms
    return world.places["adoption_subsidy"][
        firms["place"][rows], firms["large"][rows].astype(np.int64)
    ]


def order(world: World, rows: Array, cost: Array, room: Array) -> None:
    """Adopters order; governments pay their part as far as their room goes."""
    firms, dt = world.firms, world.clock.dt
    place, weight = firms["place"][rows], firms["weight"][rows]
    claim = subsidy_rate(world, rows) * cost
    claims = np.bincount(place, claim * weight, minlength=world.places.n) / dt
    paid = claim * budgets.pro_rata(claims, room)[place]
    firms["order"][rows] += cost / dt
    firms["subsidy_due"][rows] += paid / dt
    world.place_order(firms["province"][rows], cost * weight / dt, "adoption")
    n, province = world.provinces.n, firms["province"][rows]
    granted = paid * weight / dt
    large = np.where(firms["large"][rows], granted, 0.0)
    world.provinces["subsidy_all"] = np.bincount(province, granted, minlength=n)
    world.provinces["subsidy_large"] = np.bincount(province, large, minlength=n)
    spent = np.bincount(place, paid * weight, minlength=world.places.n) / dt
    world.add_cost("digital_subsidy", "province", spent[: world.provinces.n])
    world.add_cost("digital_subsidy", "zone", spent[world.provinces.n :])
