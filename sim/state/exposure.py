"""How far each industry is exposed to institutions and to critical inputs from abroad."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from sim.state.columns import TECHNOLOGIES
from sim.state.industries import IndustryConfig

Array = np.ndarray


@dataclass(frozen=True)
class Exposure:
    """One entry per industry.

    service        bool, services opening applies to it
    cross_border   cost t^S of selling services across the border in 2012 [ln cost]
    digital        share of its exports that can be delivered over a network
    technology     row of `TECHNOLOGIES`, the class by which its knowledge is protected
    specificity    mean asset specificity: what a broken contract would cost
    foreign_input  share chi of critical inputs that came from abroad in 2012
    """

    service: Array
    cross_border: Array
    digital: Array
    technology: Array
    specificity: Array
    foreign_input: Array


def exposure(industries: Iterable[IndustryConfig]) -> Exposure:
    """Exposure of the configured industries."""
    entries = list(industries)
    return Exposure(
        service=np.array([e.service for e in entries]),
        cross_border=np.array([e.cross_border for e in entries]),
        digital=np.array([e.digital_delivery for e in entries]),
        technology=np.array([TECHNOLOGIES.index(e.technology) for e in entries]),
        specificity=np.array([e.specificity for e in entries]),
        foreign_input=np.array([e.foreign_input for e in entries]),
    )
