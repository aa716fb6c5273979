"""Time of the quarterly market: one compiled iteration, a whole search, and what each saves.

A world of the default size: 31 provinces, 22 zones, 14 industries, 5 digital stages, 3 types of
labour. The last lines are ratios within this run, which compare across machines. Run from the
checkout: python -m benchmarks.bench_market
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from sim.mechanisms import equilibrium_iteration
from sim.mechanisms.equilibrium import Market, Solution, by_province, unit_cost
from sim.mechanisms.equilibrium_iteration import Iteration
from tests.market_worlds import begin, changed, technology, world

PROVINCES, ZONES, INDUSTRIES, STAGES, TYPES = 31, 22, 14, 5, 3
EMPTY = 0.6  # share of cells without firms
CHANGE = 0.01  # of each productivity from one quarter to the next
TOLERANCE = 1e-10
REPEATS = 7


def economy(seed: int = 1) -> Market:
    """A market of the default size."""
    tech = technology(INDUSTRIES, STAGES, TYPES, seed)
    hosts = (*range(PROVINCES), *range(ZONES))
    market = world(tech, hosts, seed)
    closed = np.random.default_rng(seed).random(market.efficiency.shape) < EMPTY
    return changed(market, efficiency=np.where(closed, 0.0, market.efficiency))


def search(market: Market, start: Solution) -> Solution:
    """The solution, compute prices given."""
    shape = start.spending.shape
    return Iteration(market, start, 0.5).run(np.ones(shape), np.zeros(shape), TOLERANCE, 5000)


def best(call: Callable[[], object], number: int = 1) -> float:
    """Shortest processor time of a call [ms]."""
    times = []
    for _ in range(REPEATS):
        began = time.process_time()
        for _ in range(number):
            call()
        times.append((time.process_time() - began) / number)
    return 1e3 * min(times)


def vectorised(market: Market, start: Solution, compute: np.ndarray) -> tuple[np.ndarray, ...]:
    """The same iteration in array operations: sales, log spending and log wages."""
    tech, trade, host = market.tech, market.trade, market.host
    home = trade.home

    def access(pi: np.ndarray) -> np.ndarray:
        ratio = (start.spending / pi).T[:, :, None]
        return np.matmul(home, ratio)[:, :, 0].T[host] + trade.exports

    goods = np.exp((np.log(start.price_to_sigma) / (1 - tech.sigma)) @ tech.inputs)
    power = tech.epsilon[:, None] * (1 - tech.capital)[:, None]
    cost = unit_cost(tech, start.wage, goods, compute, market.reference)
    cost += np.log(tech.markup / (1 - tech.capital))[:, None]
    crowding = access(start.price_to_sigma) ** -tech.zeta
    supply = market.efficiency * np.exp(-power * cost)[host] * crowding[:, :, None]
    made = by_province(supply.sum(axis=2), host, market.provinces)
    pi = np.matmul(home.transpose(0, 2, 1), made.T[:, :, None])[:, :, 0].T
    sales = supply * access(pi + trade.imports * trade.world_supply)[:, :, None]
    bill, materials, _ = market.bills(sales)
    consumption = market.demand.propensity * bill.sum(axis=1) + market.demand.other
    spending = consumption[:, None] * market.demand.consumption + market.demand.autonomous
    return sales, np.log(spending + materials @ tech.inputs.T), np.log(bill / market.labour)


def one_iteration(market: Market, start: Solution) -> float:
    """Time of a compiled iteration with its step [ms], from many in one search."""
    shape, count = start.spending.shape, 30
    iteration = Iteration(market, start, 0.5)
    return best(lambda: iteration.run(np.ones(shape), np.zeros(shape), 0.0, count)) / count


def main() -> None:
    """Print times, iterations and ratios."""
    market = economy()
    start = search(market, begin(market))
    noise = np.random.default_rng(2).normal(0, CHANGE, market.efficiency.shape)
    later = changed(market, efficiency=market.efficiency * np.exp(noise))
    ones = np.ones_like(start.spending)
    plain = best(lambda: vectorised(later, start, ones), 20)
    compiled = one_iteration(later, start)
    found, accelerated = search(later, start), best(lambda: search(later, start))
    memory = equilibrium_iteration.MEMORY
    equilibrium_iteration.MEMORY = 0
    damped, slow = search(later, start), best(lambda: search(later, start))
    equilibrium_iteration.MEMORY = memory
    print(f"iteration  numpy {plain:8.2f} ms   compiled    {compiled:6.3f} ms")
    print(f"search    damped {slow:8.2f} ms   accelerated {accelerated:6.2f} ms")
    print(f"iterations       {damped.iterations:8d}      accelerated {found.iterations:6d}")
    print(f"ratio of iterations in time  {plain / compiled:7.1f}")
    print(f"ratio of searches in time    {slow / accelerated:7.1f}")
    print(f"ratio of searches in steps   {damped.iterations / found.iterations:7.1f}")
    print(f"largest difference of wages  {np.abs(damped.wage / found.wage - 1).max():7.0e}")
    once = Iteration(later, start, 0.5).run(ones, np.zeros_like(ones), 0.0, 1).sales
    apart = np.abs(vectorised(later, start, ones)[0] - once).max() / once.max()
    print(f"largest difference of sales  {apart:7.0e}")


if __name__ == "__main__":
    main()
