r"""Identities of every quarter: money and people are conserved, markets clear.

Each identity compares two numbers that must agree to 1e-9 relative; `check` raises with all that
do not.
"""

from __future__ import annotations

import numpy as np

from sim.config.base import Config, param
from sim.mechanisms.migration import residents
from sim.state.ledger import GOODS, LABOUR, SCHEDULER, SECTORS
from sim.state.world import World

Array = np.ndarray

READS = (
    "firms.weight",
    "firms.surplus",
    "talents.alive",
    "talents.province",
    "talents.weight",
    "provinces.population",
    "provinces.immobile",
    "provinces.spending",
    "provinces.output",
    "provinces.value_added",
    "provinces.exports",
    "provinces.imports",
    "provinces.compute_limit",
    "provinces.compute_used",
    "provinces.compute_bought",
    "places.sales",
    "places.export_share",
    "ledger",
)
WRITES = ()


class AccountsConfig(Config):
    """Stock-flow audit."""

    check: bool = False
    """Verify all identities in every quarter (on in tests)."""

    tolerance: float = param(1e-9, unit="relative", ge=1e-14, le=1e-3, source="numerical")
    """Largest relative gap of an identity."""


class AccountingError(RuntimeError):
    """Money, people or goods were created or lost."""


class Audit:
    """Snapshot before a quarter, and the identities after it."""

    def __init__(self, world: World) -> None:
        """Remember money and people at the start of the quarter."""
        self.money = float(world.ledger.balance.sum())
        self.scale = float(np.abs(world.ledger.balance).sum())
        self.people = float(residents(world).sum())
        self.balance = world.ledger.balance.copy()

    def gaps(self, world: World) -> dict[str, float]:
        """Relative gap of every identity."""
        return {
            "sales = home spending - imports + exports": goods_gap(world),
            "wage bill = wages received": account_gap(world, LABOUR, "wages"),
            "compute bought = supplied": compute_gap(world),
            "compute supplied <= capacity": capacity_gap(world),
            "goods account is empty": account_gap(world, GOODS, "sales"),
            "compute account is empty": account_gap(world, SCHEDULER, "compute"),
            "money is conserved": self.money_gap(world),
            "change of balances = receipts - payments": self.balance_gap(world),
            "people are conserved": self.people_gap(world),
            "value added = wages + profits + taxes": value_gap(world),
            "change of rest of the world": world_gap(world),
        }

    def money_gap(self, world: World) -> float:
        """The sum of all balances does not change."""
        return abs(float(world.ledger.balance.sum()) - self.money) / max(self.scale, 1.0)

    def balance_gap(self, world: World) -> float:
        """Every balance changes by what was received less what was spent."""
        ledger = world.ledger
        before = np.zeros(ledger.n)
        before[: self.balance.size] = self.balance
        gap = ledger.balance - before - ledger.received + ledger.spent
        return float(np.abs(gap).max() / max(self.scale, 1.0))

    def people_gap(self, world: World) -> float:
        """Population changes by natural increase and by arrivals from abroad only."""
        now = float(residents(world).sum())
        return abs(now - self.people - world.births - world.arrivals) / now


def goods_gap(world: World) -> float:
    """Sales against home spending less imports plus exports, worst industry."""
    provinces, places = world.provinces, world.places
    sales = provinces["output"].sum(axis=0)
    abroad = (places["sales"].sum(axis=2) * places["export_share"]).sum(axis=0)
    bought = provinces["spending"].sum(axis=0)
    gap = np.abs(sales - bought + world.imports_by_industry - abroad)
    # of an industry that has died out, everything is imported
    return float((gap / np.maximum(sales, bought)).max())


def account_gap(world: World, account: int, kind: str) -> float:
    """A clearing account receives what it pays, relative to the flow named."""
    flow = np.abs(world.ledger.flows[kind]).sum() if kind in world.ledger.flows else 1.0
    gap = world.ledger.received[account] - world.ledger.spent[account]
    return float(abs(gap) / max(flow, 1e-300))


def compute_gap(world: World) -> float:
    """Units bought against units sold."""
    sold = world.provinces["compute_used"].sum()
    return float(abs(world.provinces["compute_bought"].sum() - sold) / sold)


def capacity_gap(world: World) -> float:
    """Units sold above what the hubs could sell in this quarter, relative."""
    over = world.provinces["compute_used"] / world.provinces["compute_limit"] - 1
    return float(max(over.max(), 0.0))


def value_gap(world: World) -> float:
    """Value added against wages and taxes received and the surplus that firms booked.

    Value added comes from the market's cells; wages are what households and talents got, R&D
    wages apart; taxes what governments got; the surplus each firm's own account of the quarter.
    """
    ledger, dt, firms = world.ledger, world.clock.dt, world.firms
    made = world.provinces["value_added"].sum() * dt
    wages = sum(ledger.moved("wages", "labour", sector) for sector in ("household", "talent"))
    wages -= ledger.moved("rd_wages", "firm", "labour")
    taxes = sum(
        ledger.moved(kind, "firm", government)
        for kind in ("vat", "input_fees")
        for government in ("centre", "province", "zone")
    )
    surplus = (firms["surplus"] * firms["weight"]).sum() * dt
    return float(abs(made - wages - taxes - surplus) / made)


def world_gap(world: World) -> float:
    """Change of the rest of the world's balance against its trade, profits and investment."""
    ledger = world.ledger
    row = SECTORS.index("row")
    change = ledger.received[row] - ledger.spent[row]
    paid = {kind: table[:, row].sum() - table[row].sum() for kind, table in ledger.flows.items()}
    named = ("imports", "repatriated_profit", "liquidation", "exports", "equity", "leavers")
    other = sum(amount for kind, amount in paid.items() if kind not in named)
    explained = sum(paid.get(kind, 0.0) for kind in named)
    traded = world.provinces["exports"].sum() + world.provinces["imports"].sum()
    scale = (traded if traded > 0 else world.provinces["output"].sum()) * world.clock.dt
    return float((abs(change - explained) + abs(other)) / scale)


def check(world: World, audit: Audit, cfg: AccountsConfig) -> dict[str, float]:
    """Gaps of all identities in this quarter.

    raises AccountingError : an identity does not hold, naming each that fails
    """
    gaps = audit.gaps(world)
    broken = [f"{name} (gap {gap:.1e})" for name, gap in gaps.items() if not gap <= cfg.tolerance]
    if broken:
        raise AccountingError(f"quarter {world.clock.quarters:g}: " + "; ".join(broken))
    return gaps
