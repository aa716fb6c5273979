r"""Carbon market: the price that clears a cap, and what trade saves (L18).

With cost k a^2 / 2 and nobody at the end of its emissions the price is A / sum(1 / k), each abates
p / k, and trade saves 1 - (p^2 / 2) sum(1 / k) / sum(k (A / n)^2 / 2) of the cost of equal cuts.
Where some abate all they emit the price is (A - what those emit) / sum(1 / k) over the others: of
all sets of emitters, that at which the first pay more than their last ton and the others less.

Source: Montgomery (1972), J. Econ. Theory 5(3).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from pydantic import model_validator

from sim.config.base import Config, param
from sim.limits.base import EXACT, Row, exact, identity
from sim.mechanisms import carbon
from sim.mechanisms.carbon import CarbonConfig, Sinks

Array = np.ndarray


class CarbonLimit(Config):
    """Emitters with rising cost of abatement."""

    slope: tuple[float, ...] = param((1, 2, 4), unit="CNY / t^2", gt=0, source="definition")
    """k: rise of marginal cost of each emitter."""

    required: float = param(7.0, unit="t", gt=0, source="definition")
    """A: abatement that the cap asks for."""

    large: float = param(10.0, unit="t", gt=0, source="definition")
    """Emissions of each where nobody ends."""

    small: tuple[float, ...] = param((2.5, 3, 9), unit="t", gt=0, source="definition")
    """Emissions of each where some abate all."""

    sink_slope: float = param(3.0, unit="CNY / t^2", gt=0, source="definition")
    """Rise of the cost of an offset."""

    sink_limit: float = param(1.0, unit="t", gt=0, source="definition")
    """Most offsets there are."""

    bank: float = param(1.0, unit="t", ge=0, source="definition")
    """Allowances left from earlier."""

    @model_validator(mode="after")
    def _inside(self) -> CarbonLimit:
        """Refuse a case in which the closed form does not hold, or nothing can."""
        if self.required / sum(1 / k for k in self.slope) > self.large * min(self.slope):
            raise ValueError(f"large {self.large} must be more than any emitter abates")
        if self.bank >= self.required:
            raise ValueError(f"bank {self.bank} must be less than required {self.required}")
        if self.required > sum(self.small):
            raise ValueError(f"required {self.required} must be at most small {self.small} in all")
        return self


def cornered_price(slope: Array, emissions: Array, required: float) -> float:
    """Price at which some emitters abate all they emit, by trial of every set of them."""
    for chosen in product((False, True), repeat=slope.size):
        ended = np.array(chosen)
        if ended.all():
            return float((slope * emissions).max())
        price = (required - emissions[ended].sum()) / (1 / slope[~ended]).sum()
        last = slope * emissions
        if (last[ended] <= price).all() and (last[~ended] > price).all():
            return float(price)
    raise ValueError(f"no set of emitters fits the requirement {required}")


def inside(cfg: CarbonLimit) -> Iterator[Row]:
    """A cap, and the price that asks for the same."""
    k = np.array(cfg.slope)
    emissions = np.full(k.size, cfg.large)
    cap = CarbonConfig(rule="cap", cap=1 - cfg.required / emissions.sum())
    found = carbon.clear(cap, k, emissions)
    price = cfg.required / (1 / k).sum()
    yield exact("L18a", f"price, abatement of {cfg.required:g}", found.price, price)
    for emitter, slope in enumerate(k):
        name = f"abatement of emitter {emitter}"
        yield exact("L18b", name, found.abated[emitter], price / slope)
    cost = price**2 / 2 * (1 / k).sum()
    yield exact("L18c", "cost of abatement", found.cost.sum(), cost)
    equal = (k * (cfg.required / k.size) ** 2 / 2).sum()
    saved = carbon.saving(k, emissions, cfg.required)
    name = "share of the cost of equal cuts that trade saves"
    yield Row("L18d", name, saved, float(1 - cost / equal), EXACT, "rounding", absolute=True)
    taxed = carbon.clear(CarbonConfig(rule="price", price=price), k, emissions)
    left = emissions.sum() - cfg.required
    yield exact("L18e", "emissions at that price without a cap", taxed.emissions.sum(), left)


def corners(cfg: CarbonLimit) -> Iterator[Row]:
    """Emitters that abate all they emit, sinks, and a bank; the allowances add up."""
    k, emissions = np.array(cfg.slope), np.array(cfg.small)
    total = float(emissions.sum())
    cap = CarbonConfig(rule="cap", cap=1 - cfg.required / total)
    found = carbon.clear(cap, k, emissions)
    name = f"price, emissions {', '.join(f'{e:g}' for e in emissions)}"
    yield exact("L18f", name, found.price, cornered_price(k, emissions, cfg.required))
    sinks = Sinks(cfg.sink_slope, cfg.sink_limit)
    eased = carbon.clear(cap, k, emissions, sinks, cfg.bank)
    slopes, limits = np.append(k, sinks.slope), np.append(emissions, sinks.limit)
    price = cornered_price(slopes, limits, cfg.required - cfg.bank)
    yield exact("L18g", "price with sinks and a bank", eased.price, price)
    drawn = eased.banked + cfg.bank
    yield identity("L18g", "the bank is used up where the cap binds", drawn, total)
    cases = {"cap": found, "cap, sinks and bank": eased}
    for rule in ("cap", "price"):
        loose = CarbonConfig(rule=rule, cap=1.2, price=price)
        cases[f"loose {rule}"] = carbon.clear(loose, k, emissions, sinks, cfg.bank)
    for case, each in cases.items():
        gap = each.allowances + each.offsets - each.emissions.sum() - each.banked
        yield identity("L18h", f"allowances + offsets = emissions + banked, {case}", gap, total)


def measure(cfg: CarbonLimit) -> Iterator[Row]:
    """The market without and with corners."""
    yield from inside(cfg)
    yield from corners(cfg)
