r"""Anderson acceleration of a fixed point x = F(x), safeguarded.

With residuals f_n = F(x_n) - x_n and differences dX, dF of the last few points,

    x_{n+1} = x_n + f_n - (dX + dF) gamma,    gamma = argmin |f_n - dF gamma|

A step that ends far above the best gap reached so far is taken back: the plain step is done
instead and the memory starts anew, so that a plain iteration which converges is never spoilt.

Source: Anderson (1965), J. ACM 12(4); Walker and Ni (2011), SIAM J. Numer. Anal. 49(4).
"""

from __future__ import annotations

import numpy as np
from numba import njit

Array = np.ndarray

GROWTH = 2.0
"""Largest gap after an accelerated step, relative to the best gap of the memory."""

DEPENDENT = 1e-11
"""Squared sine of the angle below which a difference adds nothing to the newer ones."""


def _project(columns: Array, vector: Array, out: Array) -> None:
    """Inner products of `vector` (size,) with the columns (size, memory), into out (memory,)."""
    out[:] = 0.0
    for i in range(columns.shape[0]):
        value = vector[i]
        for j in range(columns.shape[1]):
            out[j] += columns[i, j] * value


def _coefficients(gram: Array, right: Array, order: Array) -> Array:
    """Least-squares coefficients by Cholesky, newest difference first.

    gram   (memory, memory) inner products of the differences; right (memory,) with the residual
    order  columns in use, newest first
    returns (memory,) 0 for a difference that depends on newer ones, and for those not in use
    """
    n = order.size
    factor = np.zeros((n, n))
    half = np.zeros(n)
    for i in range(n):
        row = order[i]
        pivot = gram[row, row]
        value = right[row]
        for j in range(i):
            if factor[j, j] > 0.0:
                total = gram[row, order[j]]
                for m in range(j):
                    total -= factor[i, m] * factor[j, m]
                factor[i, j] = total / factor[j, j]
                pivot -= factor[i, j] ** 2
                value -= factor[i, j] * half[j]
        if pivot > DEPENDENT * gram[row, row]:
            factor[i, i] = np.sqrt(pivot)
            half[i] = value / factor[i, i]
        else:
            factor[i, :] = 0.0
    out = np.zeros(right.size)
    for i in range(n - 1, -1, -1):
        if factor[i, i] > 0.0:
            total = half[i]
            for j in range(i + 1, n):
                total -= factor[j, i] * out[order[j]]
            out[order[i]] = total / factor[i, i]
    return out


def _remember(
    changes: Array, both: Array, gram: Array, slot: int, moved: Array, changed: Array
) -> None:
    """Store a difference of points and residuals, each (size,), in column `slot`."""
    for i in range(moved.size):
        changes[i, slot] = changed[i]
        both[i, slot] = moved[i] + changed[i]
    row = np.zeros(gram.shape[0])
    project(changes, changed, row)
    gram[slot, :] = row
    gram[:, slot] = row


def _combine(plain: Array, both: Array, gamma: Array) -> Array:
    """`plain` (size,) less the columns of `both` (size, memory) weighted by gamma (memory,)."""
    out = plain.copy()
    for i in range(both.shape[0]):
        for j in range(both.shape[1]):
            out[i] -= both[i, j] * gamma[j]
    return out


project = njit(cache=True)(_project)
remember = njit(cache=True)(_remember)
coefficients = njit(cache=True)(_coefficients)
combine = njit(cache=True)(_combine)


class Anderson:
    """Steps towards a fixed point, one residual at a time."""

    def __init__(self, size: int, memory: int) -> None:
        """For points of `size` numbers; keeps the last `memory` differences (0: plain steps)."""
        self._changes = np.zeros((size, memory))
        self._both = np.zeros((size, memory))
        self._gram = np.zeros((memory, memory))
        self._order = np.zeros(0, dtype=np.int64)
        self._last: tuple[Array, Array] | None = None
        self._plain: Array | None = None
        self._best = np.inf

    def cut(self) -> None:
        """The function changes a little: no difference across now, the memory stays."""
        self._last, self._plain, self._best = None, None, np.inf

    def step(self, point: Array, residual: Array, gap: float) -> Array:
        """Where to go from `point`.

        residual  (size,) F(point) - point; gap its size in the caller's measure
        returns   (size,) next point: accelerated, or the plain one of the point before
        """
        if self._plain is not None and not gap <= GROWTH * self._best:
            back = self._plain
            self._order = self._order[:0]
            self.cut()
            return back
        self._best = min(self._best, gap)
        if self._last is not None:
            self._remember(point - self._last[0], residual - self._last[1])
        self._last = point, residual
        plain = point + residual
        if not self._order.size:
            return plain
        self._plain = plain
        right = np.empty(self._gram.shape[0])
        project(self._changes, residual, right)
        return combine(plain, self._both, coefficients(self._gram, right, self._order))

    def _remember(self, moved: Array, changed: Array) -> None:
        """Store a difference over the oldest one."""
        memory = self._gram.shape[0]
        if not memory:
            return
        full = self._order.size == memory
        slot = int(self._order[-1]) if full else self._order.size
        self._order = np.concatenate([[slot], self._order[: memory - 1]])
        remember(self._changes, self._both, self._gram, slot, moved, changed)
