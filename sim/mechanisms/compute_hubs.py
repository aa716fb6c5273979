"""Compute hubs within a quarter: posted costs, cleared sales, and what hubs buy for them."""

from __future__ import annotations

import numpy as np

from sim.mechanisms import compute
from sim.mechanisms.compute import Cleared, ComputeConfig
from sim.mechanisms.compute_market import Clearing
from sim.state.world import World

Array = np.ndarray


class Hubs:
    """Supply of compute in this quarter; only spending on it moves."""

    def __init__(
        self, world: World, cfg: ComputeConfig, electricity_price: Array, goods_price: Array
    ) -> None:
        """Post unit costs at these prices of electricity and capital goods, (province,)."""
        self._world, self._cfg = world, cfg
        self.cost = compute.unit_cost(world, cfg, electricity_price, goods_price)
        self.electricity = compute.electricity_part(world, cfg, electricity_price, goods_price)
        self._earlier: Clearing | None = None

    def clear(self, spending: Array) -> Cleared:
        """Prices and sales of compute at the spending of each province's industries."""
        cleared = compute.clear_market(self._world, self._cfg, self.cost, spending, self._earlier)
        self._earlier = cleared.pooled
        return cleared

    def accounts(self, cleared: Cleared) -> HubAccounts:
        """What hubs spend on what they sold."""
        outlay = self.cost * cleared.sold
        return HubAccounts(
            self.electricity * outlay, (1 - self.electricity) * outlay, cleared.delivery
        )


class HubAccounts:
    """Spending of the hubs that goes with a cleared compute market, (province,) each."""

    def __init__(self, power: Array, wear: Array, delivery: Array) -> None:
        """Electricity, capital goods that wear off, and network services."""
        self.power, self.wear, self.delivery = power, wear, delivery

    def spending(self, shares: dict[str, Array]) -> Array:
        """Spending by industry at the industry shares of each purpose, (province, industry)."""
        return (
            self.power[:, None] * shares["electricity"]
            + self.wear[:, None] * shares["investment"]
            + self.delivery[:, None] * shares["network"]
        )
