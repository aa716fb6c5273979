"""Mesa agents as windows on rows: zones, firms and talents for inspection and pictures.

State lives in columns; an agent holds a table and a row number and no state of its own. Rules
never touch agents.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mesa
import numpy as np

from sim.state.columns import FIRMS, TALENTS, ZONES
from sim.state.table import Column, Table


class Cell:
    """Descriptor: attribute of an agent = entry of a column."""

    def __init__(self, column: str) -> None:
        """Attribute for `column`."""
        self.column = column

    def __get__(self, agent: RowView | None, owner: type) -> Any:
        """Entry of the agent's row."""
        return self if agent is None else agent.table[self.column][agent.row]

    def __set__(self, agent: RowView, value: Any) -> None:
        """Write through to the column."""
        agent.table[self.column][agent.row] = value


class RowView(mesa.Agent):
    """A Mesa agent without state of its own: a table and a row."""

    def __init_subclass__(cls, schema: Mapping[str, Column]) -> None:
        """Give the class one attribute per column of its schema."""
        super().__init_subclass__()
        for column in schema:
            setattr(cls, column, Cell(column))

    def __init__(self, model: mesa.Model, table: Table, row: int) -> None:
        """Window on `row` of `table`."""
        self.table, self.row = table, row
        super().__init__(model)
        self.sealed = True  # from here a misspelt column raises

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a column or an attribute of Mesa's own.

        raises AttributeError : the name is neither
        """
        if "sealed" in self.__dict__ and not hasattr(self, name):
            raise AttributeError(f"{type(self).__name__} has no column {name!r}")
        super().__setattr__(name, value)


class Zone(RowView, schema=ZONES):
    """A pilot free trade zone."""


class Firm(RowView, schema=FIRMS):
    """A firm."""


class Talent(RowView, schema=TALENTS):
    """An engineer, a scientist, or foreign high-end talent."""


class Views:
    """The agents of a model, kept in step with births and deaths."""

    def __init__(self, model: Any) -> None:
        """Create agents for all zones and for all firms and talents alive."""
        self.model = model
        self.zones = self._create(Zone, model.world.zones, np.arange(model.world.zones.n))
        self.firms: dict[int, RowView] = {}
        self.talents: dict[int, RowView] = {}
        self.sync()

    def _create(self, kind: type[RowView], table: Table, rows: np.ndarray) -> dict[int, RowView]:
        return {int(row): kind(self.model, table, int(row)) for row in rows}

    def _sync(self, views: dict[int, RowView], kind: type[RowView], table: Table) -> None:
        alive = table["alive"]
        for row in [row for row in views if not alive[row]]:
            views.pop(row).remove()
        # rows are never reused, so everything new lies past the highest known row
        known = max(views, default=-1)
        fresh = np.flatnonzero(alive[known + 1 :]) + known + 1
        views.update(self._create(kind, table, fresh))

    def sync(self) -> None:
        """Remove agents that died and add those that were born."""
        self._sync(self.firms, Firm, self.model.world.firms)
        self._sync(self.talents, Talent, self.model.world.talents)
