"""All that a run is made of between two steps, and its form as flat columns: a checkpoint."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sim.config.values import differences, plain
from sim.mechanisms.market_parts import Solution
from sim.model.branching import trunk
from sim.model.config import RegionConfig
from sim.model.tape import Tape
from sim.state.calendar import parse_quarter, quarter_label
from sim.state.flat import StateError
from sim.state.world import World


@dataclass
class RunState:
    """A run between two steps; `sim.state.flat` makes columns of it and back."""

    settings: str
    """Config as far as it has shaped the run, as JSON."""
    seed: int
    """Seed of all random streams."""
    world: World
    """Tables, ledger, clock and what is fixed for the run."""
    solution: Solution
    """Market of the last step, from which that of the next is sought."""
    central_receipts: float
    """Receipts of the centre in the last step [100m CNY / quarter]."""
    gaps: dict[str, float]
    """Accounting identity -> gap in the last step; empty where they are not checked."""
    tape: Tape
    """Rows recorded so far."""


def settings(config: RegionConfig, quarter: int) -> str:
    """What `RunState.settings` holds of a config at the end of `quarter` (number)."""
    return json.dumps(plain(trunk(config, quarter)))


def check(state: RunState, config: RegionConfig, seed: int) -> None:
    """See that a run of `config` under `seed` has the past of `state`.

    raises StateError : it has another seed, ends earlier, or other settings acted; they are named
    """
    last = state.world.clock.last_quarter
    if seed != state.seed:
        raise StateError(f"the checkpoint is of seed {state.seed}, not {seed}")
    if parse_quarter(config.time.end) < last:
        label = quarter_label(last)
        raise StateError(f"time.end: {config.time.end} is before {label}, of the checkpoint")
    here = json.loads(settings(config, last))
    wrong = [".".join(path) for path, *_ in differences(json.loads(state.settings), here)]
    if wrong:
        raise StateError(
            f"the checkpoint at the end of {quarter_label(last)} comes from a run with another "
            f"{', '.join(wrong)}"
        )
