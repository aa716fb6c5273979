"""Accelerated iteration of the quarterly market towards its fixed point."""

from __future__ import annotations

import numpy as np

from sim.mechanisms.anderson import Anderson
from sim.mechanisms.equilibrium import Market
from sim.mechanisms.equilibrium_arrays import Work
from sim.mechanisms.equilibrium_kernel import iteration
from sim.mechanisms.market_parts import Solution

Array = np.ndarray

MEMORY = 8
"""Earlier iterations that the acceleration learns from."""


class Iteration:
    """Fixed point of a market for wages, price sums and spending, in logs.

    It goes on over changes of compute prices: what it learnt about the market stays useful.
    """

    def __init__(self, market: Market, start: Solution, damping: float) -> None:
        """Begin at `start`; damping: how far wages move towards their image in a plain step."""
        self.market, self.iterations = market, 0
        places, industries, stages = market.efficiency.shape
        provinces, types = market.labour.shape
        self._work = Work(
            access=np.zeros((places, industries)),
            pi=np.zeros((industries, provinces)),
            spending=np.zeros((industries, provinces)),
            supply=np.zeros((places, industries, stages)),
            sales=start.sales.copy(),
            change=np.zeros((places, industries)),
            bill=np.zeros((provinces, types)),
            paid=np.zeros((3, industries, provinces)),
            labour=np.zeros((industries, provinces)),
            goods=np.zeros((industries, provinces)),
            local=np.zeros((industries, provinces)),
        )
        spent = np.where(start.spending > 0, start.spending, 1.0)
        parts = (start.wage, start.price_to_sigma.T, spent.T)
        self._point = np.concatenate([np.log(part).ravel() for part in parts])
        self._wages = market.labour.size
        self._step = np.ones(self._point.size)
        self._step[: self._wages] = damping
        self._mixer = Anderson(self._point.size, MEMORY)

    def run(
        self, compute_price: Array, hub_spending: Array, tolerance: float, limit: int
    ) -> Solution:
        """At most `limit` iterations at given compute prices, fewer if the gap closes.

        compute_price, hub_spending  (province, industry)
        returns  the last iterate; its `gap` tells whether it is a solution
        """
        given = self.market.given(compute_price, hub_spending)
        self._mixer.cut()
        point, image = self._point, np.empty_like(self._point)
        residual, gap = np.zeros_like(point), np.inf
        for _ in range(limit):
            point = self._point
            iteration(
                self.market.cells, given, self._work, *self._parts(point), *self._parts(image)
            )
            self.iterations += 1
            residual = image - point
            gap = float(np.maximum(np.abs(residual).max(), self._work.change.max()))
            if gap < tolerance or not np.isfinite(gap):
                break
            self._point = self._mixer.step(point, self._step * residual, gap)
        return self._solution(point, residual, gap)

    def _parts(self, point: Array) -> tuple[Array, Array]:
        """Views: wages (province, type); price sums and spending (2, industry, province)."""
        wages = point[: self._wages].reshape(self._work.bill.shape)
        return wages, point[self._wages :].reshape(2, *self._work.pi.shape)

    def _solution(self, point: Array, residual: Array, gap: float) -> Solution:
        """The iterate at a point, with the change of each cell."""
        work = self._work
        change = np.abs(self._parts(residual)[1]).max(axis=0).T
        return Solution(
            wage=np.exp(self._parts(point)[0]),
            sales=work.sales.copy(),
            supply=work.supply.copy(),
            market_access=work.access.copy(),
            price_to_sigma=work.pi.T.copy(),
            spending=work.spending.T.copy(),
            wage_bill=work.bill.copy(),
            gap_sales=np.maximum(work.change, change[self.market.host]),
            gap=gap,
            iterations=self.iterations,
        )
