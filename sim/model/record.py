"""What a run writes down, quarter by quarter: raw columns and totals, never metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.mechanisms.migration import residents
from sim.model import outputs
from sim.state.calendar import parse_quarter, quarter_label
from sim.state.columns import LEVERS, OWNERS, STAGES, TALENT_TYPES
from sim.state.world import World

if TYPE_CHECKING:
    from sim.model.config import RegionConfig

Array = np.ndarray
Rows = dict[str, Any]


class Recorder:
    """Collects one block of rows per table and quarter."""

    def __init__(self, world: World, config: RegionConfig) -> None:
        """Recorder of a run."""
        self.config = config
        self.blocks: dict[str, list[Rows]] = {
            name: [] for name in outputs.TABLES if name != "metrics"
        }
        self.last = parse_quarter(config.time.end)
        self.snapshots = {parse_quarter(quarter) for quarter in config.record.snapshots}

    def quarter(self, world: World) -> None:
        """Record the quarter after its market and settlement, at the last step of the quarter."""
        clock = world.clock
        if clock.start + int((clock.step + 1) * clock.dt + 1e-9) == clock.quarter:
            return
        label = quarter_label(clock.quarter)
        for name, rows in (
            ("provinces", province_rows(world)),
            ("zones", zone_rows(world)),
            ("industries", industry_rows(world)),
        ):
            self.blocks[name].append(_kept(label, rows))
        if clock.quarter in self.snapshots or clock.quarter == self.last:
            self.snapshot(world, label)

    def snapshot(self, world: World, label: str) -> None:
        """Write all firms and talents alive."""
        self.blocks["firms"].append(_kept(label, firm_rows(world)))
        self.blocks["talents"].append(_kept(label, talent_rows(world)))

    def frames(self, world: World) -> dict[str, pd.DataFrame]:
        """All tables, without the column `run`."""
        if not self.blocks["firms"] and self.blocks["provinces"]:
            self.snapshot(world, self.blocks["provinces"][-1]["quarter"])
        return {name: _frame(name, blocks) for name, blocks in self.blocks.items()}


def _kept(label: str, rows: Rows) -> Rows:
    """A block that no longer shares memory with the state."""
    return {"quarter": label} | {name: np.array(values) for name, values in rows.items()}


def _frame(name: str, blocks: list[Rows]) -> pd.DataFrame:
    schema = {column: spec for column, spec in outputs.TABLES[name].items() if column != "run"}
    if not blocks:
        return pd.DataFrame(
            {
                column: pd.Series(dtype=object if spec.dtype is str else spec.dtype)
                for column, spec in schema.items()
            }
        )
    sizes = [
        len(next(value for value in block.values() if isinstance(value, np.ndarray)))
        for block in blocks
    ]
    data = {}
    for column, spec in schema.items():
        parts = [
            np.full(size, block[column], dtype=object if isinstance(block[column], str) else None)
            if not isinstance(block[column], np.ndarray)
            else block[column]
            for block, size in zip(blocks, sizes, strict=True)
        ]
        joined = np.concatenate(parts)
        data[column] = joined.astype(object if spec.dtype is str else spec.dtype)
    return pd.DataFrame(data)


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
    population = residents(world)
    hubs = hub_value_added(world)
    nominal = provinces["value_added"].sum(axis=1) + hubs
    real = nominal / provinces["deflator"]
    force, work = people_at_work(world)
    shares = stage_shares(world)
    rows: Rows = {
        "province": world.geography.codes,
        "region": world.geography.region,
        "gdp_nominal": nominal,
        "gdp_real": real,
        "population": population,
        "gdp_per_head_real": real / population,
        "unemployment": 1 - work / force,
        "employment": work,
        "digital_stage_mean": shares @ np.arange(STAGES),
        "rd_intensity": provinces["firm_research"] / nominal,
        "exports": provinces["exports"],
        "imports": provinces["imports"],
        "fdi": provinces["fdi"],
        "compute_price": provinces["compute_paid"] / provinces["compute_bought"],
        "compute_used": provinces["compute_used"],
        "compute_capacity": provinces["compute_limit"],
        "capital_stock": provinces["firm_capital"],
        "consumption": provinces["consumption"],
        "investment": provinces["firm_investment"],
        "government_purchases": government(world),
        "consumer_price": provinces["cpi"],
        "budget_balance": world.ledger.balance[world.accounts.province],
        "firms": np.bincount(firms["province"], firms["alive"], minlength=n),
        "talents": np.bincount(world.talents["province"], world.talents["alive"], minlength=n),
    }
    rows |= {f"wage_{name}": provinces["wage"][:, s] for s, name in enumerate("gea")}
    rows |= {f"digital_stage_{stage}": shares[:, stage] for stage in range(STAGES)}
    rows |= {
        f"growth_{source}": world.growth_sources.get(source, np.zeros(n))
        for source in ("innovation", "frontier", "imitation", "hires")
    }
    return rows | {f"cost_{lever}": provinces["cost"][:, i] for i, lever in enumerate(LEVERS)}


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
    rows |= {f"target_{slot + 1}": codes[target[:, slot]] for slot in range(3)}
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
