"""What a design is made of, read off its coordinates: Morris trajectories, Saltelli blocks."""

from __future__ import annotations

import numpy as np

CLOSE = 1e-9
"""Coordinates in the unit cube nearer than this are the same."""


def trajectories(x: np.ndarray) -> np.ndarray | None:
    """Whether rows follow each other as Morris trajectories: one setting moves at a time.

    x        (points, settings) coordinates in the unit cube, in the order of the design
    returns  (trajectories, settings) which setting moves in each step; None if x is no such design
    """
    points, settings = x.shape
    if points == 0 or points % (settings + 1):
        return None
    moved = np.abs(np.diff(_blocks(x, settings + 1), axis=1)) > CLOSE
    once = (moved.sum(axis=1) == 1).all() and (moved.sum(axis=2) == 1).all()
    return moved.argmax(axis=2) if once else None


def saltelli_size(x: np.ndarray) -> int | None:
    """Points in a Saltelli block: settings + 2, or 2 settings + 2 with those for pairs.

    A block is the row A, then A with one setting after the other taken from B, then, for pairs,
    B with one after the other taken from A, then B.

    x        (points, settings) coordinates in the unit cube, in the order of the design
    returns  size of a block; None if x is no such design
    Source: Saltelli (2002), Computer Physics Communications 145(2).
    """
    points, settings = x.shape
    for size in (settings + 2, 2 * settings + 2):
        if points == 0 or points % size:
            continue
        blocks = _blocks(x, size)
        first, last = blocks[:, :1], blocks[:, -1:]
        own = np.eye(settings, dtype=bool)
        mixed = [np.where(own, last, first)]
        if size == 2 * settings + 2:
            mixed.append(np.where(own, first, last))
        wanted = np.concatenate([first, *mixed, last], axis=1)
        if np.allclose(blocks, wanted, rtol=0, atol=CLOSE):
            return size
    return None


def complete_blocks(y: np.ndarray, size: int) -> np.ndarray:
    """Which blocks of `size` consecutive points have a number at every point.

    y        (points,) outcome, NaN where a run failed
    returns  (blocks,) bool
    """
    return np.isfinite(y).reshape(-1, size).all(axis=1)


def _blocks(x: np.ndarray, size: int) -> np.ndarray:
    return x.reshape(-1, size, x.shape[1])
