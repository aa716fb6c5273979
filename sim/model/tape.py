"""The rows a run has recorded so far, as columns: what a checkpoint keeps of the recorder."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.model.rows import Rows

Array = np.ndarray


@dataclass
class Stack:
    """Blocks of one table, one below the other."""

    quarters: tuple[str, ...]
    """Quarter of each block."""
    rows: Array
    """(block,) rows of each block."""
    columns: dict[str, Array]
    """(rows of all blocks,) by column."""


@dataclass
class Tape:
    """What a recorder holds."""

    blocks: dict[str, Stack]
    """Table -> quarters that are complete."""
    steps: dict[str, Stack]
    """Table -> steps of the quarter that is not."""


def stack(blocks: list[Rows]) -> Stack:
    """Columns of blocks that all have the same columns.

    raises ValueError : the dtype of a column differs between blocks
    """
    names = [name for name in blocks[0] if name != "quarter"] if blocks else []
    columns = {}
    for name in names:
        if len({block[name].dtype for block in blocks}) > 1:
            raise ValueError(f"recorded column {name} changes its dtype between quarters")
        columns[name] = np.concatenate([block[name] for block in blocks])
    rows = np.array([len(block[names[0]]) for block in blocks], dtype=np.int64)
    return Stack(tuple(block["quarter"] for block in blocks), rows, columns)


def unstack(pile: Stack) -> list[Rows]:
    """Blocks again, the inverse of `stack`."""
    bounds = np.concatenate([[0], np.cumsum(pile.rows)])
    return [
        {"quarter": quarter} | {name: values[low:high] for name, values in pile.columns.items()}
        for quarter, low, high in zip(pile.quarters, bounds, bounds[1:], strict=False)
    ]
