r"""Calendar of the pilot free trade zones: founding at the true dates.

When a zone is founded, existing tradable firms of the host are counted into it until a share of
the host's output is reached; from then on part of the host's entrants may settle inside.

Rows of the paper: P1.0 (central, western and border zones), M2.2 (the zone as a pivot).
"""

from __future__ import annotations

import numpy as np

from sim.config.base import Config, param
from sim.state.world import World

Array = np.ndarray

READS = (
    "firms.alive",
    "firms.province",
    "firms.industry",
    "firms.weight",
    "firms.revenue",
    "places.entry_base",
    "zones.province",
    "zones.place",
    "zones.founded",
    "zones.active",
)
WRITES = ("firms.place", "places.entry_base", "zones.active")


class ZonesConfig(Config):
    """Zones and their size."""

    frozen: bool = False
    """No zone is ever founded."""

    start_share: float = param(
        0.03, unit="share of host output", ge=0.005, le=0.08, source="assumed; .5-8 %"
    )
    """Output of the host that is inside the zone when it is founded."""

    entry_share: float = param(
        0.06, unit="share of entrants", ge=0, le=0.5, source="assumed: twice the output share"
    )
    """Entrants of the host that settle in the zone at equal profit."""


def count_in(world: World, zone: int, cfg: ZonesConfig, order: Array) -> None:
    """Count existing tradable firms of the host into a new zone.

    order  (firms,) uniforms: firms are counted in by rising number until the share is reached
    """
    firms = world.firms
    host = world.zones["province"][zone]
    sales = np.where(
        firms["alive"] & (firms["province"] == host), firms["revenue"] * firms["weight"], 0.0
    )
    fitting = np.flatnonzero((sales > 0) & world.tradable[firms["industry"]])
    target, due = cfg.start_share * sales.sum(), 0.0
    for industry in np.unique(firms["industry"][fitting]):
        group = fitting[firms["industry"][fitting] == industry]
        group = group[np.argsort(order[group])]
        # whole agents are counted in; what one industry misses falls due in the next
        due += target * sales[group].sum() / sales[fitting].sum()
        inside = np.cumsum(sales[group]) - 0.5 * sales[group] <= due
        due -= sales[group[inside]].sum()
        firms["place"][group[inside]] = world.zones["place"][zone]


def apply(world: World, cfg: ZonesConfig, draw: np.random.Generator) -> Array:
    """Found the zones whose time has come; returns their rows."""
    zones, places = world.zones, world.places
    order = draw.random(world.firms.n)
    due = (zones["founded"] <= world.clock.quarter) & ~zones["active"] & (not cfg.frozen)
    for zone in np.flatnonzero(due):
        count_in(world, int(zone), cfg, order)
        host, place = zones["province"][zone], zones["place"][zone]
        moved = cfg.entry_share * places["entry_base"][host] * world.tradable
        places["entry_base"][place] = moved
        places["entry_base"][host] -= moved
    zones["active"] |= due
    return np.flatnonzero(due)
