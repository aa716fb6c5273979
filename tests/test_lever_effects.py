"""Each lever moves what it should, harms what it may, and does nothing without its mechanism.

Twenty paired seeds: an effect counts when its 95 % interval excludes zero. The outcomes were
chosen on seeds 1 to 20; the test is on others.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context

import numpy as np
import pytest
from scipy import stats

from tests.lever_outcomes import CASES, lever, merged, outcomes

SEEDS = range(21, 41)
VANISHED = 0.05
"""A frozen effect is below this share of the live one, or its interval holds zero."""

pytestmark = pytest.mark.slow


@cache
def sample(name: str | None, frozen: str | None) -> dict[str, np.ndarray]:
    """Outcomes over the seeds: a lever or none, the mechanism of a lever frozen or live."""
    settings = {} if name is None else lever(name)
    if frozen is not None:
        settings = merged(settings, CASES[frozen].frozen)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        rows = list(pool.map(outcomes, SEEDS, [settings] * len(SEEDS)))
    return {key: np.array([row[key] for row in rows]) for key in rows[0]}


def interval(difference: np.ndarray) -> tuple[float, float, float]:
    """Mean and 95 % t-interval of paired differences."""
    mean = float(difference.mean())
    error = float(difference.std(ddof=1) / np.sqrt(difference.size))
    half = float(stats.t.ppf(0.975, difference.size - 1)) * error
    return mean, mean - half, mean + half


def effect(name: str, outcome: str, frozen: str | None = None) -> tuple[float, float, float]:
    """Effect of a lever on an outcome."""
    return interval(sample(name, frozen)[outcome] - sample(None, frozen)[outcome])


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("channel", ["direct", "adverse"])
def test_effect_exceeds_its_interval(name: str, channel: str) -> None:
    outcome, sign = getattr(CASES[name], channel)
    mean, low, high = effect(name, outcome)
    nearest = low if sign > 0 else -high
    assert nearest > 0, f"{outcome}: {mean:.3g} [{low:.3g}, {high:.3g}], expected sign {sign:+d}"


@pytest.mark.parametrize("name", CASES)
def test_effect_vanishes_without_its_mechanism(name: str) -> None:
    outcome, _ = CASES[name].direct
    live, (mean, low, high) = effect(name, outcome)[0], effect(name, outcome, frozen=name)
    gone = low <= 0 <= high or abs(mean) < VANISHED * abs(live)
    assert gone, (
        f"{outcome}: {mean:.3g} [{low:.3g}, {high:.3g}] with the mechanism frozen, {live:.3g} live"
    )
