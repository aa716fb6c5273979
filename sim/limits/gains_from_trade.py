r"""One industry, labour that is paid what its firms sell (L7; Krugman 1980).

    gains      real wage change = lambda_ii change^(-1 / (sigma - 1))   (Arkolakis et al. 2012)
    wages      w^sigma ~ A^(sigma - 1) MA,    sales = w L
    mobility   Lambda = w' + Z (w' + 1) / ((sigma - 1)(1 + Z)), Z = (1 - phi)/(1 + (R - 1) phi),
               w' = [(1 + Z)(1 + gamma (sigma - 1)) - 1] / [1 + (1 + Z)(sigma - 1)]:
               people answer an amenity by theta / (1 - theta Lambda)

Firms are in proportion to labour, which owns them; mobile people live off the local externality
A = L^gamma (Allen and Arkolakis 2014). The start's inversion recovers A from wages and labour.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.config.base import Config, param
from sim.limits import theory
from sim.limits.base import Row, exact, threshold
from sim.mechanisms.equilibrium import Market
from sim.mechanisms.market_parts import Closure, Solution
from sim.mechanisms.production import local_externality
from sim.mechanisms.trade import freeness
from sim.start.trade_inversion import invert
from sim.state.rng import Streams

Array = np.ndarray

SETTLED = 1e-15
"""Largest change of a stock at which people have settled."""

MOVES = 20_000
"""Moves after which they have not."""


class GainsFromTradeLimit(Config):
    """Regions drawn at random, and equidistant ones between which people move."""

    sigma: float = param(5.0, unit="-", gt=1, le=20, source="LIMITS L7")
    """Elasticity of substitution."""

    regions: int = param(6, unit="regions", ge=2, le=60, source="LIMITS L7")
    """Regions of the random economy."""

    cut: float = param(0.2, unit="share of tau - 1", gt=0, lt=1, source="LIMITS L7a")
    """Fall of trade costs."""

    seed: int = param(1, unit="seed", ge=0, le=2**31, source="definition")
    """Seed of labour, efficiency and trade costs."""

    externality: float = param(0.1, unit="elasticity", ge=0, le=0.5, source="LIMITS L7g")
    """gamma."""

    freeness: float = param(0.2, unit="-", gt=0, lt=1, source="LIMITS L7g")
    """phi between the regions that people move between."""

    places: int = param(22, unit="regions", ge=2, le=60, source="LIMITS L7g")
    """R: number of those regions."""

    theta: float = param(1.5, unit="-", gt=0, le=20, source="LIMITS L7g")
    """Weight of utility in the choice of where to live; the state must be stable."""


def market_of(labour: Array, efficiency: Array, home: Array, sigma: float) -> Market:
    """Economy of regions with labour and efficiency (region,) and freeness (1, region, region)."""
    tech, n = theory.industry(sigma), labour.size
    return theory.economy(
        tech,
        home,
        theory.supply_of_firms(tech, labour / sigma, efficiency),
        labour[:, None],
        1.0,
        Closure(profit_to=np.eye(n), nominal=float(n)),
    )


def income(market: Market, found: Solution) -> Array:
    """Wages and profit of a unit of labour, (region,)."""
    return found.wage[:, 0] + theory.profit(market, found) / market.labour[:, 0]


def measure(cfg: GainsFromTradeLimit) -> Iterator[Row]:
    """Gains, wages, inversion, borders; then mobility."""
    draw = Streams(cfg.seed).at("gains_from_trade", 0)
    n = cfg.regions
    labour, efficiency = draw.uniform(0.5, 2, n), draw.uniform(0.8, 1.3, n)
    excess = draw.uniform(0.2, 1.5, (n, n))
    excess = np.sqrt(excess * excess.T) * (1 - np.eye(n))
    yield from gains(cfg, labour, efficiency, excess)
    yield from wages(cfg, labour, efficiency, (1 + excess)[None] ** (1 - cfg.sigma))
    yield from borders(cfg)
    yield from mobility(cfg)


def gains(
    cfg: GainsFromTradeLimit, labour: Array, efficiency: Array, excess: Array
) -> Iterator[Row]:
    """L7a: real wages before and after trade costs fall; excess tau - 1 (region, region)."""
    real, own = [], []
    for tau in (1 + excess, 1 + (1 - cfg.cut) * excess):
        market = market_of(labour, efficiency, tau[None] ** (1 - cfg.sigma), cfg.sigma)
        found = theory.solve(market)
        real.append(income(market, found) / theory.price_index(market, found))
        own.append(found.supply[:, 0, 0] / found.price_to_sigma[:, 0])
    value = (own[1] / own[0]) ** (-1 / (cfg.sigma - 1))
    for place, (model, formula) in enumerate(zip(real[1] / real[0], value, strict=True), start=1):
        yield exact("L7a", f"real wage change, region {place}", model, formula)


def wages(cfg: GainsFromTradeLimit, labour: Array, efficiency: Array, home: Array) -> Iterator[Row]:
    """L7b, c, h: sales, the wage equation, and efficiency recovered by the start's inversion."""
    sigma = cfg.sigma
    market = market_of(labour, efficiency, home, sigma)
    found = theory.solve(market)
    earned, sales = income(market, found), found.sales[:, 0]
    constant = earned**sigma / (efficiency ** (sigma - 1) * found.market_access[:, 0])
    zero = np.zeros(1)
    supply = invert(
        sales, found.spending, zero, zero, home, np.ones((1, labour.size, 1)), np.ones(1)
    ).supply
    power = (supply[:, 0] / labour) ** (1 / (sigma - 1)) * earned
    for place in range(1, labour.size):
        pair = f"region {place + 1} over region 1"
        share = sales[place, 0] / sales[0, 0]
        paid = (earned * labour)[place] / (earned * labour)[0]
        yield exact("L7b", f"sales as income, {pair}", share, paid)
        yield exact("L7c", f"wage equation, {pair}", constant[place] / constant[0], 1.0)
        value = efficiency[place] / efficiency[0]
        yield exact("L7h", f"efficiency from wages, {pair}", power[place] / power[0], value)


def borders(cfg: GainsFromTradeLimit) -> Iterator[Row]:
    """L7d, e: a border that divides trade by five, and a tariff of ten per cent."""
    for case, name, cost, value in (
        ("L7d", "trade over a border of cost ln 5 / (sigma - 1)", np.log(5) / (cfg.sigma - 1), 0.2),
        ("L7e", "trade at 10 % higher cost", np.log(1.1), 1.1 ** (1 - cfg.sigma)),
    ):
        model = freeness(
            np.zeros((1, 1)), np.full((1, 1), cost), np.zeros(1), np.array([cfg.sigma]), 300.0
        )
        yield exact(case, name, model.item(), value)


def utilities(people: Array, cfg: GainsFromTradeLimit, phi: float) -> Array:
    """Log real wage by region, with firms and the externality following people, (region,)."""
    home = theory.equidistant(people.size, phi)
    market = market_of(people, local_externality(people, cfg.externality), home, cfg.sigma)
    found = theory.solve(market)
    return np.log(income(market, found) / theory.price_index(market, found))


def settle(cfg: GainsFromTradeLimit, amenity: Array) -> Array:
    """People by region once nobody wants to move, (region,), mean 1.

    raises RuntimeError : they do not settle
    """
    n = cfg.places
    people = np.ones(n)
    for _ in range(MOVES):
        value = cfg.theta * (utilities(people, cfg, cfg.freeness) + amenity)
        after = theory.after_choice(people, value, 0.5)
        if np.abs(after - people).max() < SETTLED * n:
            return after
        people = after
    raise RuntimeError("people did not settle: theta is above its critical value")


def attraction(cfg: GainsFromTradeLimit, phi: float) -> float:
    """Lambda: elasticity of the real wage to a region's people, at symmetry."""
    sigma, gamma, n = cfg.sigma, cfg.externality, cfg.places
    z = (1 - phi) / (1 + (n - 1) * phi)
    rise = ((1 + z) * (1 + gamma * (sigma - 1)) - 1) / (1 + (1 + z) * (sigma - 1))
    return rise + z * (rise + 1) / ((sigma - 1) * (1 + z))


def slope(cfg: GainsFromTradeLimit, phi: float) -> float:
    """The same elasticity in the model, from a small surplus of people in one region."""
    people = theory.disturbed(cfg.places) * cfg.places
    value = utilities(people, cfg, phi)
    return float((value[0] - value[1]) / (np.log(people[0]) - np.log(people[1])))


def mobility(cfg: GainsFromTradeLimit) -> Iterator[Row]:
    """L7f, g: agglomeration and how people answer an amenity."""
    value = attraction(cfg, cfg.freeness)
    yield threshold("L7f", "Lambda", slope(cfg, cfg.freeness), value)
    closed = cfg.externality + 1 / (cfg.sigma - 1)
    yield threshold("L7f", "Lambda in autarky", slope(cfg, 1e-12), closed)
    amenity = np.zeros(cfg.places)
    amenity[0] = theory.PERTURBATION
    amenity -= amenity.mean()
    people = settle(cfg, amenity)
    answer = float((np.log(people[0]) - np.log(people[1])) / (amenity[0] - amenity[1]))
    yield threshold("L7g", "answer to an amenity", answer, cfg.theta / (1 - cfg.theta * value))
