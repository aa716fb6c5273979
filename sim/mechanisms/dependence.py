r"""Core technology: dependence of firms on critical inputs from abroad, and public research on it.

    chi_i <- chi_i (1 - b)^[innovated] (1 - r)^[radically] exp(-l G_alg dt)
    G_alg  = g H / (H + h),   H' = H exp(-d dt) + outlay dt

chi_i is the share of critical inputs (chips, algorithms) that a firm gets from abroad, that of its
industry in 2012. It falls when the firm innovates, and for all with public algorithm research,
which also raises the hazard of innovations by G_alg (`knowledge`). The centre orders that research
where science staff is and pays a quarter later. What dependence costs when inputs are short stands
in `wedges`.

Rows of the paper: M1.1 (gap in core technology), P2.3c (reliance on foreign algorithms and chips),
R1.1a (breakthroughs), R2.2d (public research on algorithms).
"""

from __future__ import annotations

import numpy as np

from sim.config.base import Config, param
from sim.state.world import World

Array = np.ndarray

READS = (
    "firms.foreign_input",
    "provinces.central_next",
    "provinces.orders_next",
)
WRITES = ("firms.foreign_input", "provinces.central_next", "provinces.orders_next")


class DependenceConfig(Config):
    """Critical inputs from abroad, and public research on algorithms."""

    outlay: float = param(
        0.0, unit="100m CNY / year", ge=0, le=100000, source="scenario; none by default"
    )
    """What the centre spends on public algorithm research."""

    decay: float = param(
        0.15, unit="1 / year", ge=0, le=1, source="usual depreciation of R&D; Hall et al. (2010)"
    )
    """d: ageing of that research."""

    most: float = param(0.2, unit="share of innovation hazard", ge=0, le=2, source="assumed")
    """g: rise of the innovation hazard that no amount of research exceeds."""

    half: float = param(5000.0, unit="100m CNY", gt=0, le=100000, source="assumed")
    """h: stock of research at which half of that is reached."""

    breakthrough: float = param(0.02, unit="share of chi", ge=0, le=1, source="assumed")
    """b: fall of a firm's dependence when it innovates."""

    radical: float = param(0.5, unit="share of chi", ge=0, le=1, source="assumed")
    """r: further fall where the innovation is radical."""

    spread: float = param(0.5, unit="1 / year", ge=0, le=5, source="assumed")
    """l: speed at which dependence falls per unit of G_alg."""


def algorithm_gain(stock: float, cfg: DependenceConfig) -> float:
    """G_alg at a stock of public research [100m CNY]; 0 without any, below `most`."""
    return cfg.most * stock / (stock + cfg.half)


def left(gain: float, years: float, cfg: DependenceConfig) -> float:
    """Share of everyone's dependence that is left after `years` at G_alg = `gain`."""
    return float(np.exp(-cfg.spread * gain * years))


def order_research(world: World, cfg: DependenceConfig) -> None:
    """The centre orders research in proportion to science staff; the stock grows and ages."""
    years = world.clock.years_per_step
    world.algorithms *= float(np.exp(-cfg.decay * years))
    if cfg.outlay == 0:
        return
    science = world.baseline.science
    amount = cfg.outlay / 4 * science / science.sum()
    world.provinces["central_next"] += amount
    world.place_order(np.arange(world.provinces.n), amount, "research")
    world.algorithms += cfg.outlay * years


def apply(world: World, cfg: DependenceConfig, made: tuple[Array, Array]) -> None:
    """Dependence after this quarter's innovations.

    made  rows of firms that innovated, and of those whose innovation was radical, each once
    """
    chi, (innovated, radical) = world.firms["foreign_input"], made
    chi[innovated] *= 1 - cfg.breakthrough
    chi[radical] *= 1 - cfg.radical
    chi *= left(algorithm_gain(world.algorithms, cfg), world.clock.years_per_step, cfg)
    order_research(world, cfg)
