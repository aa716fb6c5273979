r"""Carbon market: abatement up to the price, and the price that clears a cap.

    cost       k_i a_i^2 / 2 of emitter i, so that it abates a_i = min(p / k_i, e_i) at price p
    price      sum_i min(p / k_i, e_i) = A, what the cap asks for; A / sum(1 / k) if nobody ends
    balance    allowances + offsets = emissions + banked

Sinks sell offsets at rising cost like one more emitter. Allowances that nobody needs are banked
and cover later emissions. Under `price` the public sells allowances without limit at a set price.

Rows of the paper: R1.3b (carbon exchange, sinks), M3.4 (path of a cap).

Source: Montgomery (1972), J. Econ. Theory 5(3): a cap with trade abates at least cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.config.base import Config, param
from sim.mechanisms.water_level import water_level

Array = np.ndarray


class CarbonConfig(Config):
    """Price or quantity of carbon."""

    rule: Literal["price", "cap"] = "price"
    """Whether the price is set, or the quantity and the price clears."""

    price: float = param(96.0, unit="CNY / t", ge=0, le=2000, source="national market 2024; 50-300")
    """Price under `price`."""

    cap: float = param(0.9, unit="share of unabated emissions", ge=0, le=2, source="assumed")
    """Allowances of a period under `cap`."""


@dataclass(frozen=True)
class Sinks:
    """Supply of offsets.

    slope  rise of the cost of an offset with their number > 0 [CNY / t^2]
    limit  most of them in a period >= 0 [t]
    """

    slope: float
    limit: float


@dataclass(frozen=True)
class Cleared:
    """Outcome of a period.

    price       [CNY / t]
    abated      (emitter,) [t]; emissions (emitter,) what is left [t]
    cost        (emitter,) of abatement [CNY]
    offsets, allowances  surrendered or banked [t]
    banked      allowances added to the bank, negative if it is drawn down [t]
    """

    price: float
    abated: Array
    emissions: Array
    cost: Array
    offsets: float
    allowances: float
    banked: float


def abatement(slope: Array, emissions: Array, price: float) -> Array:
    """Abatement up to the price, (emitter,) [t].

    slope      (emitter,) k > 0: rise of marginal cost [CNY / t^2]
    emissions  (emitter,) without abatement >= 0 [t]
    price      >= 0 [CNY / t]
    """
    return np.minimum(price / slope, emissions)


def abatement_cost(slope: Array, abated: Array) -> Array:
    """Cost k a^2 / 2 of abatement, (emitter,) [CNY]."""
    return slope * abated**2 / 2


def clearing_price(slope: Array, emissions: Array, required: float) -> float:
    """Lowest price at which emitters abate what is required [CNY / t].

    required  between 0 and all emissions [t]
    raises    ValueError : more is required than is emitted, or a slope is not positive
    """
    _check(slope, emissions)
    return water_level(1 / slope, emissions, required)


def equal_cuts(emissions: Array, required: float) -> Array:
    """Abatement without trade, the same for all as far as each one emits, (emitter,) [t]."""
    return np.minimum(emissions, water_level(np.ones_like(emissions), emissions, required))


def saving(slope: Array, emissions: Array, required: float) -> float:
    """Share of the cost of equal cuts that trade saves, in [0, 1).

    required  between 0, exclusive, and all emissions [t]
    """
    price = clearing_price(slope, emissions, required)
    traded = abatement_cost(slope, abatement(slope, emissions, price)).sum()
    return float(1 - traded / abatement_cost(slope, equal_cuts(emissions, required)).sum())


def clear(
    cfg: CarbonConfig,
    slope: Array,
    emissions: Array,
    sinks: Sinks | None = None,
    bank: float = 0.0,
) -> Cleared:
    """Market of a period.

    slope      (emitter,) > 0 [CNY / t^2]
    emissions  (emitter,) without abatement >= 0 [t]
    sinks      who sells offsets, if anybody does
    bank       allowances left from earlier periods >= 0 [t]
    raises     ValueError : a number out of these bounds
    """
    _check(slope, emissions)
    if not bank >= 0:
        raise ValueError(f"bank must be >= 0: {bank}")
    if sinks is not None:
        slope, emissions = np.append(slope, sinks.slope), np.append(emissions, sinks.limit)
        _check(slope, emissions)
    emitters = slice(None) if sinks is None else slice(-1)
    unabated = float(emissions[emitters].sum())
    short = unabated - cfg.cap * unabated
    required = max(0.0, short - bank)
    price = cfg.price if cfg.rule == "price" else clearing_price(slope, emissions, required)
    abated = abatement(slope, emissions, price)
    left = (emissions - abated)[emitters]
    offsets = 0.0 if sinks is None else float(abated[-1])
    if cfg.rule == "price":
        uncovered = float(left.sum()) - offsets
        issued, banked = max(0.0, uncovered), max(0.0, -uncovered)
    else:
        issued, banked = cfg.cap * unabated, -min(short, bank)
    cost = abatement_cost(slope, abated)[emitters]
    return Cleared(price, abated[emitters], left, cost, offsets, issued, banked)


def _check(slope: Array, emissions: Array) -> None:
    if slope.shape != emissions.shape:
        raise ValueError(f"slope {slope.shape} and emissions {emissions.shape} must be as long")
    if not ((slope > 0) & np.isfinite(slope)).all():
        raise ValueError(f"slope must be finite and > 0: {slope.tolist()}")
    if not ((emissions >= 0) & np.isfinite(emissions)).all():
        raise ValueError(f"emissions must be finite and >= 0: {emissions.tolist()}")
