r"""Compute: fair shares, the money market, pooling, queues, latency, surplus (L14).

    max-min        the level with sum min(d, level) = C
    proportional   x = w C / sum w, by the market with money budgets and by the rule with weights
    pooling        mean unmet demand of a zone, n pool: (s / sqrt n) L(k sqrt n) with normal demand
                   mu, s and capacity mu + k s each; L(z) = phi(z) - z (1 - Phi(z))
    waiting        Erlang C: (a^c / c!) c / (c - a) over the sum of this and a^i / i!, i < c
    latency        share e^{-latency / mean} of jobs
    surplus        optimum of jobs and machines, one to one (assignment), and strong duality

Sources as in `compute_rules`.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, factorial, sqrt

import numpy as np
from pydantic import model_validator
from scipy import optimize, stats

from sim.config.base import Config, param
from sim.limits.base import Row, exact, identity, sampled
from sim.mechanisms import compute, compute_market, compute_rules
from sim.mechanisms.compute import ComputeConfig
from sim.state.rng import Streams

Array = np.ndarray


class ShareLimit(Config):
    """Scarce capacity to be shared."""

    demand: tuple[int, ...] = param((1, 2, 4, 6, 10), unit="units", ge=1, source="definition")
    """Demand of each buyer."""

    weight: tuple[float, ...] = param((1, 1, 2, 3, 5), unit="-", gt=0, source="definition")
    """Money budget or weight of each buyer."""

    capacity: int = param(12, unit="units", gt=0, source="definition")
    """What there is."""

    unit_cost: float = param(0.5, unit="money / unit", gt=0, source="definition")
    """Cost in the market, below budgets over capacity."""

    hubs: int = param(3, unit="hubs", ge=1, source="definition")
    """Hubs that the capacity is divided into, in the ratio 1, 2, ..."""

    @model_validator(mode="after")
    def _scarce(self) -> ShareLimit:
        if sum(self.weight) <= self.unit_cost * self.capacity:
            raise ValueError(f"budgets {self.weight} must exceed unit_cost times capacity")
        return self


class PoolingLimit(Config):
    """Random demand of zones."""

    mean: float = param(1.0, unit="units", gt=0, source="definition")
    """Mean demand mu; at least 3 deviations, so that it is hardly ever cut off at 0."""

    deviation: float = param(0.3, unit="units", gt=0, source="definition")
    """Standard deviation s."""

    margin: float = param(0.5, unit="standard deviations", ge=0, le=2, source="definition")
    """k: capacity of a zone above its mean demand."""

    zones: tuple[int, ...] = param((1, 4, 22), unit="zones", ge=1, source="definition")
    """How many pool."""

    rounds: int = param(20000, unit="draws", ge=100, source="numerical")
    """Periods that are drawn."""

    @model_validator(mode="after")
    def _seldom_cut(self) -> PoolingLimit:
        if self.mean < 3 * self.deviation:
            raise ValueError(f"mean {self.mean} must be at least 3 deviations {self.deviation}")
        return self


class QueueLimit(Config):
    """Jobs that wait, and jobs that will not."""

    arrivals: int = param(18, unit="1 / time", ge=1, source="definition")
    """Rate of arrivals; a server finishes one job per time."""

    servers: int = param(22, unit="servers", ge=1, source="definition")
    """Machines of the hub."""

    latency: float = param(20.0, unit="ms", ge=0, source="definition")
    """Round trip."""

    tolerance: float = param(50.0, unit="ms", gt=0, source="definition")
    """Mean of the exponential round trip that jobs bear."""

    classes: int = param(40, unit="classes", ge=1, le=50, source="numerical")
    """Classes of jobs in the market."""

    @model_validator(mode="after")
    def _steady(self) -> QueueLimit:
        if self.arrivals >= self.servers:
            raise ValueError(f"arrivals {self.arrivals} must be below servers {self.servers}")
        return self


class SurplusLimit(Config):
    """Zones with jobs of a reservation value, and hubs."""

    demand: tuple[int, ...] = param((6, 3), unit="jobs", ge=0, source="definition")
    """Jobs of each zone."""

    capacity: tuple[int, ...] = param((5, 4, 8), unit="jobs", ge=0, source="definition")
    """Jobs that each hub can take."""

    unit_cost: tuple[float, ...] = param((1.0, 0.6, 0.3), unit="money", ge=0, source="definition")
    """Cost of a job at each hub."""

    delivery: tuple[tuple[float, ...], ...] = param(
        ((0.0, 0.25, 0.5), (0.25, 0.0, 0.4)), unit="money", ge=0, source="definition"
    )
    """Latency cost of a job between each zone and hub."""

    reservation: float = param(1.2, unit="money", ge=0, source="definition")
    """Value of a job."""


class ComputeLimit(Config):
    """Allocation of compute."""

    share: ShareLimit = ShareLimit()
    pooling: PoolingLimit = PoolingLimit()
    queue: QueueLimit = QueueLimit()
    surplus: SurplusLimit = SurplusLimit()

    seed: int = param(1, unit="-", ge=0, le=2**31, source="numerical")
    """Random streams."""


def level(demand: tuple[int, ...], capacity: int) -> float:
    """Water level by filling one buyer after another, least demand first."""
    left = capacity
    for done, asked in enumerate(sorted(demand)):
        even = left / (len(demand) - done)
        if asked > even:
            return even
        left -= asked
    return max(demand)


def shares(cfg: ShareLimit) -> Iterator[Row]:
    """Max-min and proportional shares."""
    demand, weight = np.array(cfg.demand, dtype=float), np.array(cfg.weight)
    even = compute_rules.max_min(demand, cfg.capacity)
    value = level(cfg.demand, cfg.capacity)
    for buyer, units in enumerate(even):
        yield exact("L14a", f"max-min share of buyer {buyer}", units, min(demand[buyer], value))
    parts = np.arange(1.0, cfg.hubs + 1)
    cleared = compute_market.clear(
        weight,
        np.full(cfg.hubs, cfg.unit_cost),
        cfg.capacity * parts / parts.sum(),
        np.zeros((weight.size, cfg.hubs)),
    )
    rule = compute_rules.proportional(np.full(weight.size, np.inf), weight, cfg.capacity)
    ways = {"market with budgets": cleared.quantity.sum(axis=1), "rule with weights": rule}
    for way, units in ways.items():
        for buyer, part in enumerate(units):
            value = weight[buyer] * cfg.capacity / weight.sum()
            yield exact("L14b", f"proportional share of buyer {buyer}, {way}", part, value)


def pooling(cfg: PoolingLimit, streams: Streams) -> Iterator[Row]:
    """Unmet demand when zones ration pooled capacity by the max-min rule."""
    capacity = cfg.mean + cfg.margin * cfg.deviation
    for n in cfg.zones:
        draw = streams.at("compute", n)
        shape = (cfg.rounds, n)
        asked = compute_rules.random_demand(cfg.mean, cfg.deviation, shape, draw)
        got = np.array([compute_rules.max_min(each, n * capacity) for each in asked])
        unmet = (asked - got).mean(axis=1)
        # Moments of a normal excess over z: first L(z), second (1 + z^2)(1 - Phi) - z phi.
        spread, z = cfg.deviation / sqrt(n), cfg.margin * sqrt(n)
        density, above = stats.norm.pdf(z), stats.norm.sf(z)
        value = spread * (density - z * above)
        second = spread**2 * ((1 + z**2) * above - z * density)
        error = sqrt((second - value**2) / cfg.rounds)
        yield sampled("L14c", f"unmet demand of a zone, {n} pool", unmet.mean(), value, error)


def queues(cfg: QueueLimit) -> Iterator[Row]:
    """Waiting in a queue of many servers, and jobs that bear the latency."""
    load, c = cfg.arrivals, cfg.servers
    full = load**c / factorial(c) * c / (c - load)
    value = full / (sum(load**i / factorial(i) for i in range(c)) + full)
    model = compute_rules.waiting_probability(load, c)
    yield exact("L14d", f"chance to wait, load {load}, {c} servers", model, value)
    wait = compute_rules.mean_wait(load, 1.0, c)
    yield exact("L14d", "mean wait", wait, value / (c - load))
    served = compute_rules.tolerated(cfg.latency, cfg.tolerance)
    name = f"jobs that bear {cfg.latency:g} ms, mean {cfg.tolerance:g} ms"
    value = exp(-cfg.latency / cfg.tolerance)
    yield exact("L14e", name, float(served), value)
    classes = ComputeConfig(
        latency_tolerance="exponential",
        mean_tolerance=cfg.tolerance,
        tolerance_classes=cfg.classes,
    )
    part = float((compute.bearable(classes) >= cfg.latency).mean())
    half = 0.5 / cfg.classes
    yield Row(
        "L14e", f"{name}, {cfg.classes} classes", part, value, half, "half a class", absolute=True
    )


def assignment(cfg: SurplusLimit) -> float:
    """Largest surplus of single jobs on single machines, by the Hungarian method."""
    zone = np.repeat(np.arange(len(cfg.demand)), cfg.demand)
    hub = np.repeat(np.arange(len(cfg.capacity)), cfg.capacity)
    cost = np.array(cfg.unit_cost)[hub] + np.array(cfg.delivery)[np.ix_(zone, hub)]
    worth = np.maximum(0.0, cfg.reservation - cost)
    return float(worth[optimize.linear_sum_assignment(worth, maximize=True)].sum())


def surplus(cfg: SurplusLimit) -> Iterator[Row]:
    """Market with reservation values: its surplus, and that rents and gains share it out."""
    demand, capacity = np.array(cfg.demand, dtype=float), np.array(cfg.capacity, dtype=float)
    cost, delivery = np.array(cfg.unit_cost), np.array(cfg.delivery)
    reservation = np.full(demand.size, cfg.reservation)
    found = compute_rules.market(demand, reservation, cost, capacity, delivery)
    worth = cfg.reservation - cost - delivery
    total, value = float((found.quantity * worth).sum()), assignment(cfg)
    yield exact("L14f", "surplus of jobs on hubs", total, value)
    shared = found.rent @ capacity + found.gain @ demand
    yield exact("L14f", "surplus as rents and gains", shared, value)
    better = worth - found.rent - found.gain[:, None]
    yield identity("L14g", "no trade is worth more than its rent and gain", max(0.0, better.max()))
    idle = np.abs(found.quantity * better).sum()
    yield identity("L14g", "trade only where it is worth its rent and gain", idle)


def measure(cfg: ComputeLimit) -> Iterator[Row]:
    """Rules of allocation, one by one."""
    yield from shares(cfg.share)
    yield from pooling(cfg.pooling, Streams(cfg.seed))
    yield from queues(cfg.queue)
    yield from surplus(cfg.surplus)
