r"""Wedges: what rules, charges and missing inputs add to the variable cost of firms.

    kappa_res,ok = (1 + c_k (1 - DR_o)) / (1 + c_k) - 1,   c_k = contract risk x asset specificity
    kappa_tax,ok = charge on inputs (tariff, fees), paid to the government of the place
    kappa_i      = bottleneck chi_i (1 - supply of critical inputs from abroad)

kappa_res counts from 2012, whose contract risk is part of efficiency: better courts (DR > 0) make
it negative, most where assets are specific (Nunn 2007). How wedges enter prices and payments stands
in `equilibrium`, the wedge of a single firm in `production`.

Rows of the paper: P4.4 (dispute resolution), P4.1 (fees and tariffs), P2.3c (critical inputs).
"""

from __future__ import annotations

import numpy as np

from sim.config.base import Config, param
from sim.state.world import World

Array = np.ndarray

READS = (
    "firms.alive",
    "firms.place",
    "firms.industry",
    "firms.foreign_input",
    "places.critical_supply",
    "places.dispute_resolution",
    "zones.active",
)
WRITES = (
    "firms.wedge",
    "places.critical_supply",
    "places.wedge_loss",
    "places.wedge_tax",
)


class WedgesConfig(Config):
    """What is added to the cost of firms."""

    contract_risk: float = param(
        0.05, unit="share of variable cost", ge=0, le=0.3, source="assumed"
    )
    """Cost of unsafe contracts in 2012 to a firm whose assets are wholly specific."""

    charge: float = param(
        0.0, unit="share of variable cost", ge=0, le=0.3, source="scenario; 0 as in 2012"
    )
    """kappa_tax of firms outside zones: tariffs on inputs and fees, beyond those of 2012."""

    charge_in_zones: float = param(
        0.0, unit="share of variable cost", ge=0, le=0.3, source="scenario; 0 as in 2012"
    )
    """kappa_tax of firms in zones."""

    bottleneck: float = param(0.5, unit="share of variable cost", ge=0, le=5, source="assumed")
    """Loss of a firm that has all critical inputs from abroad when none can be had."""

    supply: dict[str, float] = param(
        {}, unit="share of need", ge=0, le=1, source="scenario; 1 where not given: nothing is short"
    )
    """Critical inputs from abroad that an industry can have."""


def contract_loss(resolution: Array, specificity: Array, risk: float) -> Array:
    """kappa_res of 2012's contract risk at an index, relative to that at index 0.

    resolution (place,) index DR since 2012, specificity (industry,); returns (place, industry) <= 0
    """
    base = risk * specificity
    return (1 + base * (1 - resolution[:, None])) / (1 + base) - 1


def shortage_loss(dependence: Array, supply: Array, bottleneck: float) -> Array:
    """kappa_i of a firm with share chi of critical inputs from abroad, of which `supply` is met."""
    return bottleneck * dependence * (1 - supply)


def begin(world: World, cfg: WedgesConfig) -> None:
    """Set charges and the supply of critical inputs to their base, before levers write."""
    places, acting = world.places, world.open_places(outside=False)
    places["wedge_tax"] = np.where(acting, cfg.charge_in_zones, cfg.charge)[:, None]
    places["critical_supply"] = [cfg.supply.get(code, 1.0) for code in world.tech.codes]


def apply(world: World, cfg: WedgesConfig) -> None:
    """Set what firms lose at the rules and the supply of this quarter."""
    firms, places = world.firms, world.places
    places["wedge_loss"] = contract_loss(
        places["dispute_resolution"], world.exposure.specificity, cfg.contract_risk
    )
    if (places["critical_supply"] < 1).any():
        supply = places["critical_supply"][firms["place"], firms["industry"]]
        loss = shortage_loss(firms["foreign_input"], supply, cfg.bottleneck)
        firms["wedge"] = np.where(firms["alive"], loss, 0.0)
    else:
        firms["wedge"] = 0.0
