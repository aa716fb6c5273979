"""The model that the commands run. Apart, so that importing it is put off until it is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.runs.engine import Engine


def engine() -> Engine:
    """The model of this package, as the runner sees it."""
    from sim.runs.region import REGION

    return REGION
