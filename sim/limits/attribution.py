r"""Attribution of a joint effect to levers: Shapley values (L21; Shapley 1953).

Levers that multiply, v(S) = prod(1 + x_i) - 1, have the interaction prod x_i in every coalition,
and it is shared alike, so that the part of lever i is

    phi_i = x_i sum_k e_k(x without x_i) / (k + 1)

with e_k the elementary symmetric polynomials: x + x (y + z) / 2 + x y z / 3 of three levers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations

from sim.config.base import Config, param
from sim.limits.base import Row, exact
from sim.runs import attribution


class AttributionLimit(Config):
    """Levers whose effects multiply."""

    effects: dict[str, float] = param(
        {"digital": 0.06, "compute": 0.03, "coordination": 0.04},
        unit="share of the outcome",
        gt=-1,
        le=10,
        source="definition",
    )
    """Effect of each lever alone."""


def part(own: float, others: list[float]) -> float:
    """Shapley value of a lever of effect `own` beside `others`."""
    sizes = range(len(others) + 1)
    return own * sum(
        math.fsum(math.prod(chosen) for chosen in combinations(others, size)) / (size + 1)
        for size in sizes
    )


def measure(cfg: AttributionLimit) -> Iterator[Row]:
    """Parts of all levers, their sum and their joint interaction."""
    levers = list(cfg.effects)
    value = {
        frozenset(chosen): math.prod(1 + cfg.effects[lever] for lever in chosen) - 1
        for size in range(len(levers) + 1)
        for chosen in combinations(levers, size)
    }
    parts = attribution.shapley(value, levers)
    total = math.prod(1 + effect for effect in cfg.effects.values()) - 1
    yield exact("L21a", "sum of the parts", math.fsum(parts.values()), total)
    for lever in levers:
        others = [effect for other, effect in cfg.effects.items() if other != lever]
        yield exact("L21b", f"part of {lever}", parts[lever], part(cfg.effects[lever], others))
    together = attribution.interaction(value, levers)
    yield exact("L21c", "interaction of all levers", together, math.prod(cfg.effects.values()))
