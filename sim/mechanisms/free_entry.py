r"""Free entry: firms come until operating profit just pays the fixed labour they need.

    n' = n [profit / (n w F)]^(1 - exp(-speed dt))

At rest a firm's profit is w F. With spending mu on the industry and constant elasticity sigma it
is mu L / (sigma n), so that n = mu L / (sigma F) (Krugman 1980, Am. Econ. Rev. 70(5)).
"""

from __future__ import annotations

import numpy as np

from sim.config.base import Config, param

Array = np.ndarray


class FreeEntryConfig(Config):
    """Fixed labour of firms, and how fast their number follows profit."""

    fixed_labour: float = param(0.2, unit="10k persons per firm", gt=0, le=100, source="assumed")
    """F: labour a firm needs before it makes anything."""

    speed: float = param(2.0, unit="1 / year", gt=0, le=10, source="assumed")
    """Speed of entry at a given excess of profit."""


def fixed_cost(wage: Array, cfg: FreeEntryConfig) -> Array:
    """Fixed cost of one firm [100m CNY]; wage [100m CNY per 10k persons]."""
    return np.asarray(wage * cfg.fixed_labour)


def entered(number: Array, profit: Array, wage: Array, cfg: FreeEntryConfig, years: float) -> Array:
    """Firms after `years` of entry, or exit, at given profit.

    number  (cells,) firms > 0
    profit  (cells,) operating profit of all of them > 0 [100m CNY]
    wage    (cells,) of the fixed labour > 0, in the money and time of profit
    """
    excess = profit / (number * fixed_cost(wage, cfg))
    return np.asarray(number * excess ** -np.expm1(-cfg.speed * years))
