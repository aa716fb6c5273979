"""Draws from discrete distributions with given uniforms, so that every row has its own."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def draw_rows(weight: Array, group: Array, wanted: Array, u: Array) -> Array:
    """Row drawn for each seeker among the rows of its group, in proportion to weight.

    weight  (rows,) >= 0;  group (rows,) whole number >= 0, the group of each row
    wanted  (seekers,) group a seeker draws from;  u (seekers,) uniforms in [0, 1)
    returns (seekers,) rows, -1 where the group has no weight
    """
    order = np.argsort(group, kind="stable")
    ladder = np.concatenate([[0.0], np.cumsum(weight[order])])
    groups = max(group.max(initial=-1), wanted.max(initial=-1)) + 1
    bound = np.concatenate([[0], np.cumsum(np.bincount(group, minlength=groups))])
    low, high = ladder[bound[wanted]], ladder[bound[wanted + 1]]
    # rounding must not reach past the last row with weight
    last = np.searchsorted(ladder, ladder[bound[1:]], side="left") - 1
    spot = np.searchsorted(ladder, low + u * (high - low), side="right") - 1
    spot = np.minimum(spot, last[wanted])
    return np.where(high > low, order[np.clip(spot, 0, len(order) - 1)], -1)


def draw_columns(chance: Array, row: Array, u: Array) -> Array:
    """Column drawn for each seeker from the probabilities of its row.

    chance  (rows, columns), rows sum to 1;  row, u  (seekers,)
    returns (seekers,) columns
    """
    ladder = np.cumsum(chance, axis=1)
    ladder /= ladder[:, -1:]
    # one sorted array for all rows: row r occupies [r, r + 1]
    flat = (ladder + np.arange(len(ladder))[:, None]).ravel()
    spot = np.searchsorted(flat, row + u, side="right") - row * chance.shape[1]
    return np.clip(spot, 0, chance.shape[1] - 1)
