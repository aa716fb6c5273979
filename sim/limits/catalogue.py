"""All limit cases."""

from __future__ import annotations

from sim.limits import matching
from sim.limits.base import Limit

LIMITS: dict[str, Limit] = {
    "matching": Limit(("L16",), matching.MatchingLimit, matching.measure),
}
"""Limit cases by the name of their module and config file."""
