"""The ledger: every account in one array, and the one way money moves."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

SECTORS = (
    "centre",
    "bank",
    "row",
    "goods",
    "labour",
    "scheduler",
    "province",
    "zone",
    "household",
    "hub",
    "firm",
    "talent",
)
"""Kinds of holders; goods and labour are clearing accounts that are empty after each quarter."""

CENTRE, BANK, ROW, GOODS, LABOUR, SCHEDULER = range(6)
"""Ledger rows of the holders of which there is one."""


class Ledger:
    """Signed balances [100m CNY]; a loan is a negative balance.

    Money moves only through `pay`. `flows[kind]` holds what moved in the current quarter from each
    sector to each other, shape (sectors, sectors).
    """

    PARTS = ("balance", "received", "spent", "sector")
    """Columns, one entry per account."""

    def __init__(self) -> None:
        """Open the accounts of which there is one of each."""
        self._balance = np.zeros(64)
        self._received = np.zeros(64)
        self._spent = np.zeros(64)
        self._sector = np.zeros(64, dtype=np.int64)
        self.n = 0
        self.flows: dict[str, np.ndarray] = {}
        for name in SECTORS[:6]:
            self.open(name, 1)

    @classmethod
    def of(cls, columns: Mapping[str, np.ndarray], flows: dict[str, np.ndarray]) -> Ledger:
        """Ledger that holds `columns`, one array (accounts,) for each of `PARTS`, as its own.

        raises ValueError : they differ in length
        """
        if len({columns[part].shape for part in cls.PARTS}) > 1:
            raise ValueError("the columns of the ledger differ in length")
        ledger = cls()
        ledger.n, ledger.flows = len(columns["balance"]), flows
        for part in cls.PARTS:
            setattr(ledger, f"_{part}", columns[part])
        return ledger

    def columns(self) -> dict[str, np.ndarray]:
        """Columns by name, (accounts,) each, views."""
        return {part: getattr(self, f"_{part}")[: self.n] for part in self.PARTS}

    @property
    def balance(self) -> np.ndarray:
        """Balances, shape (accounts,), a view."""
        return self._balance[: self.n]

    @property
    def received(self) -> np.ndarray:
        """Money each account got in this quarter, (accounts,), a view."""
        return self._received[: self.n]

    @property
    def spent(self) -> np.ndarray:
        """Money each account paid in this quarter, (accounts,), a view."""
        return self._spent[: self.n]

    def open(self, sector: str, count: int) -> np.ndarray:
        """Open `count` empty accounts of a sector; returns their (count,) row numbers."""
        rows = np.arange(self.n, self.n + count)
        self.n += count
        if self.n > len(self._balance):
            grow = max(self.n, 2 * len(self._balance)) - len(self._balance)
            for part in self.PARTS:
                old = getattr(self, f"_{part}")
                setattr(self, f"_{part}", np.concatenate([old, np.zeros(grow, dtype=old.dtype)]))
        self._sector[rows] = SECTORS.index(sector)
        return rows

    def endow(self, rows: np.ndarray, amount: np.ndarray) -> None:
        """Money held when history starts; the only money that comes from nowhere."""
        np.add.at(self._balance, rows, amount)

    def pay(
        self,
        source: np.ndarray | int,
        target: np.ndarray | int,
        amount: np.ndarray | float,
        kind: str,
    ) -> None:
        """Move `amount` [100m CNY] from `source` to `target` accounts; they broadcast.

        raises ValueError : an amount is not finite
        """
        shape = np.broadcast_shapes(np.shape(source), np.shape(target), np.shape(amount))
        amount = np.broadcast_to(np.asarray(amount, float), shape)
        if not np.isfinite(amount).all():
            raise ValueError(f"payment {kind!r} is not finite")
        for column, rows, moved in (
            (self._balance, source, -amount),
            (self._balance, target, amount),
            (self._spent, source, amount),
            (self._received, target, amount),
        ):
            _add(column, rows, moved)
        pair = np.broadcast_to(self._sector[source] * len(SECTORS) + self._sector[target], shape)
        moved = np.bincount(pair.ravel(), amount.ravel(), minlength=len(SECTORS) ** 2)
        table = moved.reshape(len(SECTORS), len(SECTORS))
        self.flows[kind] = self.flows.get(kind, 0.0) + table

    def start_quarter(self) -> None:
        """Forget the flows of the last quarter."""
        self.flows = {}
        self._received[:] = 0.0
        self._spent[:] = 0.0

    def moved(self, kind: str, source: str, target: str) -> float:
        """Money of a kind that went from one sector to another in this quarter."""
        if kind not in self.flows:
            return 0.0
        return float(self.flows[kind][SECTORS.index(source), SECTORS.index(target)])

    def net(self, sector: str) -> float:
        """Receipts less payments of a sector in this quarter."""
        row = SECTORS.index(sector)
        return float(sum(table[:, row].sum() - table[row].sum() for table in self.flows.values()))

    def held(self, sector: str) -> float:
        """Sum of the balances of a sector."""
        return float(self.balance[self._sector[: self.n] == SECTORS.index(sector)].sum())


def _add(column: np.ndarray, rows: np.ndarray | int, amount: np.ndarray) -> None:
    """Add amounts to rows of a column, in place; they broadcast, and rows may repeat."""
    if np.ndim(rows) == 0:
        column[rows] += amount.sum()
    else:
        np.add.at(column, rows, amount)
