"""Small invented worlds for tests of the market, and one iteration of it in plain NumPy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from sim.mechanisms.equilibrium import Market, base_cost
from sim.mechanisms.equilibrium_iteration import Iteration
from sim.mechanisms.market_parts import Demand, Reference, Solution, Trade, Wedges
from sim.state.technology import Technology

Array = np.ndarray


def technology(industries: int = 3, stages: int = 2, types: int = 2, seed: int = 1) -> Technology:
    """Shares drawn at random; compute displaces labour from stage to stage."""
    draw = np.random.default_rng(seed)
    capital, materials = draw.uniform(0.1, 0.3, industries), draw.uniform(0.2, 0.4, industries)
    compute = 0.01 * (1 + np.arange(stages)) * np.ones((industries, 1))
    skill, inputs = draw.uniform(0.2, 1, (industries, types)), draw.uniform(size=(industries,) * 2)
    return Technology(
        codes=tuple(f"I{k}" for k in range(industries)),
        sigma=draw.uniform(4, 6, industries),
        capital=capital,
        materials=materials,
        labour=(1 - capital - materials)[:, None] - compute,
        compute=compute,
        skill=skill / skill.sum(axis=1, keepdims=True),
        inputs=inputs / inputs.sum(axis=0),
    )


def one_factor(sigma: float = 5.0, capital: float = 0.0) -> Technology:
    """One industry that makes goods out of one kind of labour, and of fixed capital."""
    one = np.ones((1, 1))
    labour = (1 - capital) * one
    k = np.array([capital])
    return Technology(("G",), np.array([sigma]), k, np.zeros(1), labour, 0 * one, one, one)


def freeness(industries: int, provinces: int, cost: float, seed: int = 2) -> Array:
    """Trade freeness, 1 at home, dearer one way than the other, (industry, origin, destination)."""
    distance = np.random.default_rng(seed).uniform(0.5, 1.5, (industries, provinces, provinces))
    return np.exp(-4 * cost * distance * (1 - np.eye(provinces)))


def world(
    tech: Technology, host: tuple[int, ...] = (0, 1, 2, 0), seed: int = 3, **changes: Any
) -> Market:
    """A market whose places have the hosts given; exports, imports and spending are invented."""
    draw = np.random.default_rng(seed)
    n, k, types = max(host) + 1, len(tech.codes), tech.skill.shape[1]
    shares = draw.uniform(0.5, 1, k)
    parts: dict[str, Any] = {
        "tech": tech,
        "trade": Trade(
            freeness(k, n, 0.4),
            draw.uniform(0.2, 0.5, (n, k)),
            draw.uniform(0.2, 0.5, (len(host), k)),
            np.full(k, 0.3),
        ),
        "demand": Demand(
            draw.uniform(1, 2, (n, k)), shares / shares.sum(), 0.6, draw.uniform(1, 2, n),
            draw.uniform(0, 0.1, (n, types)),
        ),
        "reference": Reference(np.linspace(1, 2, types), np.linspace(0.8, 1.2, k), 1.0),
        "efficiency": draw.uniform(1, 3, (len(host), k, tech.labour.shape[1])),
        "labour": draw.uniform(2, 5, (n, types)),
        "host": np.array(host),
    }  # fmt: skip
    return Market(**{**parts, **changes})


def changed(market: Market, **changes: Any) -> Market:
    """The same market with other parts; parts of trade and demand may be named directly."""
    names = ("tech", "trade", "demand", "reference", "efficiency", "labour", "host", "wedges")
    parts = {name: getattr(market, name) for name in names}
    for name, value in changes.items():
        if name in parts:
            parts[name] = value
        else:
            group = "trade" if name in vars(market.trade) else "demand"
            parts[group] = replace(parts[group], **{name: value})
    if parts["wedges"].loss.shape != parts["efficiency"].shape[:2]:
        parts["wedges"] = None  # other places or industries: the rules of 2012
    return Market(**parts)


def wedges(market: Market, seed: int = 4) -> Wedges:
    """Wedges of any size, drawn at random; some places gain."""
    draw, shape = np.random.default_rng(seed), market.efficiency.shape[:2]
    return Wedges(draw.uniform(-0.1, 0.3, shape), draw.uniform(0, 0.2, shape))


def begin(market: Market, noise: float = 0.0, seed: int = 0) -> Solution:
    """A start that knows nothing: ones, or numbers around one."""
    draw = np.random.default_rng(seed)
    places, industries, _ = market.efficiency.shape
    province = (market.provinces, industries)
    return Solution(
        np.exp(noise * draw.normal(size=market.labour.shape)),
        np.ones(market.efficiency.shape),
        np.ones(market.efficiency.shape),
        np.ones((places, industries)),
        np.exp(noise * draw.normal(size=province)),
        np.exp(noise * draw.normal(size=province)),
        np.ones(market.labour.shape),
        np.ones((places, industries)),
    )


def cleared(
    market: Market,
    start: Solution | None = None,
    *,
    compute: float = 1.0,
    hubs: float = 0.01,
    tolerance: float = 1e-13,
) -> Solution:
    """Solution of the market at one price of compute everywhere."""
    shape = (market.provinces, len(market.tech.codes))
    first = begin(market) if start is None else start
    iteration = Iteration(market, first, damping=0.5)
    found = iteration.run(np.full(shape, compute), np.full(shape, hubs), tolerance, 2000)
    assert found.gap < tolerance
    return found


def plain_iteration(
    market: Market, wage: Array, pi: Array, spending: Array, compute: Array, hubs: Array
) -> dict[str, Array]:
    """The equations of the market as they stand in the specification, cell by cell.

    wage (province, type), pi and spending (province, industry): the point
    """
    tech, trade, ref = market.tech, market.trade, market.reference
    goods = np.exp((np.log(pi) / (1 - tech.sigma)) @ tech.inputs)
    home = trade.home.transpose(1, 2, 0)  # origin, destination, industry
    access = np.array([(home[r] * spending / pi).sum(axis=0) for r in market.host]) + trade.exports
    supply = np.zeros(market.efficiency.shape)
    for (o, k, stage), efficiency in np.ndenumerate(market.efficiency):
        r, variable = market.host[o], 1 - tech.capital[k]
        cost = np.exp(base_cost(tech, ref)[k])
        cost *= (1 + market.wedges.loss[o, k]) * (1 + market.wedges.tax[o, k])
        for price, before, share in (
            *zip(wage[r], ref.wage, tech.labour[k, stage] * tech.skill[k], strict=True),
            (goods[r, k], ref.materials[k], tech.materials[k]),
            (compute[r, k], ref.compute, tech.compute[k, stage]),
        ):
            cost *= (price / before) ** (share / variable)
        unit = (tech.markup[k] * cost / variable) ** (-tech.epsilon[k] * variable)
        supply[o, k, stage] = unit * efficiency * access[o, k] ** -tech.zeta[k]
    new_pi = trade.imports * trade.world_supply
    for o, r in enumerate(market.host):
        new_pi = new_pi + home[r] * supply[o].sum(axis=1)
    access = (
        np.array([(home[r] * spending / new_pi).sum(axis=0) for r in market.host]) + trade.exports
    )
    sales = supply * access[:, :, None]
    bill, materials, _ = market.bills(sales)
    consumption = market.demand.propensity * bill.sum(axis=1) + market.demand.other
    wanted = consumption[:, None] * market.demand.consumption + market.demand.autonomous
    wanted = wanted + hubs + materials @ tech.inputs.T
    return {"wage": bill / market.labour, "price_to_sigma": new_pi, "spending": wanted,
            "sales": sales, "supply": supply, "market_access": access}  # fmt: skip
