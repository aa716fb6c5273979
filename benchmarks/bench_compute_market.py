"""Time of one clearing of the compute market, from scratch and from an earlier clearing.

62 buyers (31 provinces, interactive and batch) and 62 nodes (local and pooled). The last line is
the ratio of both within this run, which compares across machines. Run from the checkout:
python -m benchmarks.bench_compute_market
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from sim.mechanisms.compute_market import Clearing, clear

PROVINCES = 31
MARKETS = 20
REPEATS = 7
HUB_SHARE = 0.26
LATENCY = 20  # round trip that interactive work bears [ms]
CHANGE = 1e-3  # of each budget between two clearings, as from one market iteration to the next

Market = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def market(seed: int) -> Market:
    """A market like the national one: budget, unit cost, capacity, delivery."""
    draw = np.random.default_rng(seed)
    spending = draw.lognormal(0.0, 1.0, PROVINCES)
    cost = np.exp(draw.normal(0.0, 0.3, PROVINCES))
    hub = np.where(draw.random(PROVINCES) < HUB_SHARE, 5.0, 1.0)
    own = spending / cost * hub * np.exp(draw.normal(0.0, 0.3, PROVINCES))
    shared = draw.choice([0.1, 0.5, 0.9])
    place = draw.uniform(0.0, 3000.0, (PROVINCES, 2))
    distance = np.linalg.norm(place[:, None] - place, axis=2)
    fee = 0.02 + 5e-5 * distance
    local = np.where(np.eye(PROVINCES, dtype=bool), 0.0, np.inf)
    delivery = np.block(
        [[local, np.where(2 + 0.015 * distance <= LATENCY, fee, np.inf)], [local, fee]]
    )
    budget = np.concatenate((0.4 * spending, 0.6 * spending)) * draw.choice([0.5, 1.0, 2.0])
    return budget, np.tile(cost, 2), np.concatenate((own * (1 - shared), own * shared)), delivery


def best(call: Callable[[], Clearing]) -> float:
    """Shortest time of a call [ms]: what the call costs when nothing else runs."""
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return 1e3 * min(times)


def main() -> None:
    """Print median times over random markets and their ratio."""
    scratch, again = [], []
    for seed in range(MARKETS):
        budget, cost, capacity, delivery = market(seed)
        earlier = clear(budget, cost, capacity, delivery)
        moved = budget * (1 + CHANGE * np.random.default_rng(seed).normal(size=budget.size))
        scratch.append(best(lambda: clear(moved, cost, capacity, delivery)))  # noqa: B023
        again.append(best(lambda: clear(moved, cost, capacity, delivery, earlier)))  # noqa: B023
    cold, warm = float(np.median(scratch)), float(np.median(again))
    print(f"from scratch             {cold:6.2f} ms (median of {MARKETS} markets)")
    print(f"from an earlier clearing {warm:6.2f} ms")
    print(f"ratio                    {cold / warm:6.2f}")


if __name__ == "__main__":
    main()
