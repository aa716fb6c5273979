r"""Reform of institutions: an index moves with effort and decays without it.

    dq = [kappa effort (cap - q) - decay q] dt

with the exact solution q' = q* + (q - q*) exp(-(kappa effort + decay) dt), where
q* = kappa effort cap / (kappa effort + decay); steps of any length come to the same.

Rows of the paper: P3.1c (own reform power is limited: the cap).
"""

from __future__ import annotations

import numpy as np

from sim.config.base import Config, param

Array = np.ndarray


class ReformConfig(Config):
    """Speed of reform."""

    speed: float = param(
        0.15, unit="1 / year at effort 1", ge=0, le=2, source="assumed; model specification"
    )
    """kappa: share of the way to the cap that effort covers."""

    decay: float = param(0.005, unit="1 / year", ge=0, le=1, source="assumed; model specification")
    """Loss of what is not kept up."""


def reformed(index: Array, effort: Array, cap: Array, cfg: ReformConfig, years: float) -> Array:
    """Institution indices after `years`; all arguments broadcast.

    index   in [0, 1], 1 = frontier;  cap in [0, 1] set by upper law
    effort  >= 0, 1 = the mean over zones and indices
    """
    push = np.asarray(cfg.speed * effort)
    rate = push + cfg.decay
    rest = np.divide(push * cap, rate, out=np.zeros(np.broadcast(rate, cap).shape), where=rate > 0)
    return np.asarray(rest + (index - rest) * np.exp(-rate * years))
