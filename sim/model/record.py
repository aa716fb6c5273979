"""What a run writes down, quarter by quarter: raw columns and totals, never metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.model import outputs
from sim.model.rows import Rows, firm_rows, industry_rows, province_rows, talent_rows, zone_rows
from sim.model.tape import Tape, stack, unstack
from sim.state.calendar import parse_quarter, quarter_label
from sim.state.table import Column
from sim.state.world import World

if TYPE_CHECKING:
    from sim.model.config import RegionConfig

Array = np.ndarray


class Recorder:
    """Collects one block of rows per table and quarter."""

    def __init__(self, config: RegionConfig, tape: Tape | None = None) -> None:
        """Recorder of a run, which may have a past recorded on `tape`."""
        self.blocks: dict[str, list[Rows]] = {
            name: [] for name in outputs.TABLES if name != "metrics"
        }
        self.steps: dict[str, list[Rows]] = {}
        self.last = parse_quarter(config.time.end)
        self.snapshots = {parse_quarter(quarter) for quarter in config.record.snapshots}
        if tape is not None:
            self._load(tape)

    def tape(self) -> Tape:
        """What was recorded so far; it shares no memory with the recorder."""
        return Tape(
            {name: stack(blocks) for name, blocks in self.blocks.items()},
            {name: stack(steps) for name, steps in self.steps.items()},
        )

    def _load(self, tape: Tape) -> None:
        """Take over a tape, less the agents at the end of a shorter run, which is not the end."""
        self.blocks = {name: unstack(pile) for name, pile in tape.blocks.items()}
        self.steps = {name: unstack(pile) for name, pile in tape.steps.items()}
        for name in ("firms", "talents"):
            self.blocks[name] = [b for b in self.blocks[name] if self._wanted(b["quarter"])]

    def _wanted(self, label: str) -> bool:
        """Whether agents are written at the end of a quarter."""
        quarter = parse_quarter(label)
        return quarter in self.snapshots or quarter == self.last

    def step(self, world: World) -> None:
        """Take note of a step after its market and settlement; a quarter is written at its end.

        Flows are means over the steps of the quarter, all else is as it stands at its end.
        """
        clock = world.clock
        label = quarter_label(clock.quarter)
        for name, rows in (
            ("provinces", province_rows(world)),
            ("zones", zone_rows(world)),
            ("industries", industry_rows(world)),
        ):
            self.steps.setdefault(name, []).append(_kept(label, rows))
        if not clock.ends_quarter:
            return
        for name, steps in self.steps.items():
            self.blocks[name].append(_quarter(name, steps))
        self.steps = {}
        if self._wanted(label):
            self.snapshot(world, label)

    def snapshot(self, world: World, label: str) -> None:
        """Write all firms and talents alive."""
        self.blocks["firms"].append(_kept(label, firm_rows(world)))
        self.blocks["talents"].append(_kept(label, talent_rows(world)))

    def frames(self, world: World) -> dict[str, pd.DataFrame]:
        """All tables, without the column `run`; agents are shown at the last quarter recorded."""
        blocks = dict(self.blocks)
        label = blocks["provinces"][-1]["quarter"] if blocks["provinces"] else None
        seen = {block["quarter"] for block in blocks["firms"]}
        if label is not None and label not in seen:
            blocks["firms"] = [*blocks["firms"], _kept(label, firm_rows(world))]
            blocks["talents"] = [*blocks["talents"], _kept(label, talent_rows(world))]
        return {name: _frame(name, rows) for name, rows in blocks.items()}


def _kept(label: str, rows: Rows) -> Rows:
    """A block that no longer shares memory with the state."""
    return {"quarter": label} | {name: np.array(values) for name, values in rows.items()}


def _quarter(name: str, steps: list[Rows]) -> Rows:
    """Block of a quarter from the blocks of its steps."""
    block = dict(steps[-1])
    flows = [column for column, spec in outputs.TABLES[name].items() if is_flow(spec)]
    for column in flows if len(steps) > 1 else ():
        block[column] = np.mean([step[column] for step in steps], axis=0)
    return block


def is_flow(spec: Column) -> bool:
    """Whether a column is counted per quarter."""
    return spec.unit.endswith("/ quarter")


def _frame(name: str, blocks: list[Rows]) -> pd.DataFrame:
    """Table of all blocks; without any, its columns are empty but have their type."""
    schema = {column: spec for column, spec in outputs.TABLES[name].items() if column != "run"}
    if not blocks:
        return _empty(schema)
    data: dict[str, Array] = {}
    for column, spec in schema.items():
        joined = np.concatenate([_column(block, column) for block in blocks])
        data[column] = joined.astype(_dtype(spec))
    return pd.DataFrame(data)


def _empty(schema: Mapping[str, Column]) -> pd.DataFrame:
    return pd.DataFrame({column: pd.Series(dtype=_dtype(spec)) for column, spec in schema.items()})


def _dtype(spec: Column) -> Any:
    """Texts are kept as objects: NumPy's own text type has a fixed length."""
    return object if spec.dtype is str else spec.dtype


def _column(block: Rows, column: str) -> Array:
    """Values of a column; the label of the quarter is the same in every row."""
    values = block[column]
    if isinstance(values, np.ndarray):
        return values
    rows = next(len(other) for other in block.values() if isinstance(other, np.ndarray))
    return np.full(rows, values, dtype=object)
