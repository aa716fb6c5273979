"""Rows of the output tables in one quarter, read off the world."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.mechanisms.migration import residents
from sim.state.columns import LABOUR_TYPES, LEVERS, OWNERS, STAGES, TALENT_TYPES
from sim.state.world import TARGETS, World

Array = np.ndarray
Rows = dict[str, Any]
"""Column -> (rows,) values; they may share memory with the state."""


def hub_value_added(world: World) -> Array:
    """Value added of compute hubs, (province,): sales less electricity and network services."""
    provinces = world.provinces
    return provinces["compute_revenue"] - provinces["compute_power"] - provinces["compute_delivery"]


def stage_shares(world: World) -> Array:
    """Share of firms at each digital stage, (province, stage)."""
    firms, n = world.firms, world.provinces.n
    people = np.where(firms["alive"], firms["weight"], 0.0)
    count = np.bincount(firms["province"] * STAGES + firms["stage"], people, minlength=n * STAGES)
    count = count.reshape(n, STAGES)
    return count / count.sum(axis=1, keepdims=True)


def people_at_work(world: World) -> tuple[Array, Array]:
    """Labour force and people at work, all types, (province,) each [10k persons]."""
    provinces, talents, n = world.provinces, world.talents, world.provinces.n
    people = np.where(talents["alive"], talents["weight"], 0.0)
    immobile = provinces["immobile"].sum(axis=1)
    force = provinces["employed"] + provinces["unemployed"] + immobile
    force = force + np.bincount(talents["province"], people, minlength=n)
    work = provinces["employed"] + immobile * (1 - provinces["unemployment"][:, 0])
    return force, work + np.bincount(talents["province"], people * talents["employed"], minlength=n)


def province_rows(world: World) -> Rows:
    """Rows of the provinces table."""
    provinces, firms, n = world.provinces, world.firms, world.provinces.n
    rows: Rows = {
        "province": world.geography.codes,
        "region": world.geography.region,
        "exports": provinces["exports"],
        "imports": provinces["imports"],
        "fdi": provinces["fdi"],
        "capital_stock": provinces["firm_capital"],
        "consumption": provinces["consumption"],
        "investment": provinces["firm_investment"],
        "government_purchases": government(world),
        "wage_bill": provinces["wage_bill"].sum(axis=1),
        "capital_cost": provinces["capital_cost"],
        "sales": provinces["output"].sum(axis=1),
        "consumer_price": provinces["cpi"],
        "output_price": provinces["deflator"],
        "subsidy_all": provinces["subsidy_all"],
        "subsidy_large": provinces["subsidy_large"],
        "budget_balance": world.ledger.balance[world.accounts.province],
        "firms": np.bincount(firms["province"], firms["alive"], minlength=n),
        "talents": np.bincount(world.talents["province"], world.talents["alive"], minlength=n),
    }
    rows |= product_rows(world) | labour_rows(world) | digital_rows(world)
    rows |= {
        f"growth_{source}": world.growth_sources.get(source, np.zeros(n))
        for source in ("innovation", "frontier", "imitation", "hires", "digital")
    }
    return rows | {f"cost_{lever}": provinces["cost"][:, i] for i, lever in enumerate(LEVERS)}


def product_rows(world: World) -> Rows:
    """GDP of the provinces, and what is measured against it."""
    provinces, population = world.provinces, residents(world)
    nominal = provinces["value_added"].sum(axis=1) + hub_value_added(world)
    real = nominal / provinces["deflator"]
    return {
        "gdp_nominal": nominal,
        "gdp_real": real,
        "population": population,
        "gdp_per_head_real": real / population,
        "rd_intensity": provinces["firm_research"] / nominal,
    }


def labour_rows(world: World) -> Rows:
    """Work and wages in the provinces."""
    force, work = people_at_work(world)
    wage = world.provinces["wage"]
    rows: Rows = {f"wage_{name}": wage[:, kind] for kind, name in enumerate(LABOUR_TYPES)}
    return rows | {"unemployment": 1 - work / force, "employment": work}


def digital_rows(world: World) -> Rows:
    """Digital stages and compute in the provinces."""
    provinces, shares = world.provinces, stage_shares(world)
    rows: Rows = {f"digital_stage_{stage}": shares[:, stage] for stage in range(STAGES)}
    return rows | {
        "digital_stage_mean": shares @ np.arange(STAGES),
        "compute_price": provinces["compute_paid"] / provinces["compute_bought"],
        "compute_used": provinces["compute_used"],
        "compute_capacity": provinces["compute_limit"],
    }


def government(world: World) -> Array:
    """Purchases of province and zone, (province,)."""
    out = world.provinces["government"].copy()
    np.add.at(out, world.zones["province"], world.zones["government"])
    return out


def zone_rows(world: World) -> Rows:
    """Rows of the zones table."""
    zones, places, firms = world.zones, world.places, world.firms
    inside = np.bincount(firms["place"], firms["alive"], minlength=places.n)
    codes = np.array([*world.tech.codes, ""], dtype=object)
    target = np.where(zones["active"][:, None], zones["target"], len(world.tech.codes))
    rows: Rows = {
        "zone": np.array(world.zone_names, dtype=object),
        "province": world.geography.codes[zones["province"]],
        "active": zones["active"],
        "budget_balance": world.ledger.balance[world.accounts.zone],
        "receipts": zones["receipts"],
        "output": places["sales"][zones["place"]].sum(axis=(1, 2)),
        "firms": inside[zones["place"]],
    }
    rows |= {f"target_{slot + 1}": codes[target[:, slot]] for slot in range(TARGETS)}
    return rows | {f"cost_{lever}": zones["cost"][:, i] for i, lever in enumerate(LEVERS)}


def industry_rows(world: World) -> Rows:
    """Rows of the industries table, province by province."""
    provinces, firms = world.provinces, world.firms
    n, k = provinces["output"].shape
    cell = firms["province"].astype(np.int64) * k + firms["industry"]
    inside = np.zeros((n, k))
    np.add.at(
        inside, world.zones["province"], world.places["sales"][world.zones["place"]].sum(axis=2)
    )
    output = provinces["output"]
    share = np.divide(inside, output, out=np.zeros((n, k)), where=output > 0)
    return {
        "province": np.repeat(world.geography.codes, k),
        "industry": np.tile(np.array(world.tech.codes, dtype=object), n),
        "output": output.ravel(),
        "employment": provinces["employment"].ravel(),
        "firms": np.bincount(cell, firms["alive"], minlength=n * k),
        "in_zone_share": share.ravel(),
    }


def firm_rows(world: World) -> Rows:
    """Rows of the firms snapshot."""
    firms, tech, provinces = world.firms, world.tech, world.provinces
    row = np.flatnonzero(firms["alive"])
    table = {name: firms[name][row] for name in firms}
    industry, place = table["industry"], table["place"]
    workers = (provinces["wage"] @ tech.skill.T)[table["province"], industry]
    labour = tech.labour[industry, table["stage"]] / tech.markup[industry]
    labour = labour * world.kept(place, industry)
    return {
        "firm": row,
        "province": world.geography.codes[table["province"]],
        "in_zone": world.places["zone"][place] >= 0,
        "industry": np.array(tech.codes, dtype=object)[industry],
        "owner": np.array(OWNERS, dtype=object)[table["owner"]],
        "weight": table["weight"],
        "age": table["age"],
        "stage": table["stage"],
        "efficiency": table["efficiency"],
        "capital": table["capital"],
        "output": table["revenue"],
        "employment": labour * table["revenue"] / workers,
        "money": world.ledger.balance[table["account"]] / table["weight"],
    }


def talent_rows(world: World) -> Rows:
    """Rows of the talents snapshot."""
    talents, codes = world.talents, world.geography.codes
    row = np.flatnonzero(talents["alive"])
    table = {name: talents[name][row] for name in talents}
    return {
        "talent": row,
        "province": codes[table["province"]],
        "home": codes[table["home"]],
        "type": np.array(TALENT_TYPES, dtype=object)[table["type"]],
        "weight": table["weight"],
        "age": table["age"],
        "human_capital": table["human_capital"],
        "employer": table["employer"],
        "money": world.ledger.balance[table["account"]],
    }
