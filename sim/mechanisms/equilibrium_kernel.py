r"""One iteration of the quarterly market, compiled: wages, prices and spending to their images.

Start from wages w, price sums Pi and spending E:

    MA_ok = sum_d phi_od E_dk / Pi_dk + exports,    S_okD at (w, Pi, MA),
    Pi'_dk = sum_o phi_od S_ok + imports,           MA'_ok at (E, Pi'),
    X_okD = S_okD MA'_ok,    w'_rs = payments to labour / labour,    E' = spending out of X

Since MA' and Pi' belong together, sales = spending - imports + exports at every iterate. Loops
run in a fixed order: the same numbers give the same bits. Cells without firms are skipped.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

Array = np.ndarray


class Supply(NamedTuple):
    """Supply by cell; r provinces, o places, k industries, D digital stages, s labour types."""

    host: Array  # (o,) row of the host province
    log_shift: Array  # (o, k, D) ln of supply at 2012 input prices and MA = 1; -inf without firms
    by_labour: Array  # (k, D) elasticity of supply to the price of labour, times -1
    by_compute: Array  # (k, D) ... to the price of compute
    by_materials: Array  # (k,) ... to the price of materials
    zeta: Array  # (k,) ... to market access


class Given(NamedTuple):
    """What else an iteration takes as given."""

    price_power: Array  # (k,) 1 / (1 - sigma)
    skill: Array  # (k, s) shares of labour types in the wage bill
    inputs: Array  # (from k, to k) composition of intermediates
    labour_paid: Array  # (k, D) payments to labour over sales
    materials_paid: Array  # (k,) payments for materials over sales
    log_wage: Array  # (s,) ln wages of 2012, national mean
    log_materials: Array  # (k,) ln price of intermediates of 2012, national mean
    home: Array  # (k, r, d) trade freeness
    home_to: Array  # (k, d, r) the same, transposed
    imports: Array  # (k, d) imports in the price sum
    exports: Array  # (o, k) exports in market access
    labour: Array  # (r, s) efficiency units at work
    rd_wages: Array  # (r, s) wages paid for R&D [100m CNY / quarter]
    consumed: Array  # (k,) household spending out of a unit of wages
    fixed: Array  # (k, r) spending that does not move within the quarter [100m CNY / quarter]
    bought: Array  # (k, r) whether anything is bought at all
    log_compute: Array  # (k, r) ln price of compute over that of 2012


class Work(NamedTuple):
    """Outcome of the last iteration."""

    access: Array  # (o, k) market access
    pi: Array  # (k, d) price sums
    spending: Array  # (k, d)
    supply: Array  # (o, k, D)
    sales: Array  # (o, k, D)
    change: Array  # (o, k) relative change of sales against the iteration before
    bill: Array  # (r, s) wages paid
    paid: Array  # (2, k, r) payments for labour and for materials


def _market_access(host: Array, given: Given, spending: Array, pi: Array, access: Array) -> None:
    """MA of every place from spending and price sums (k, d), into access (o, k)."""
    industries, provinces = spending.shape
    home = np.zeros(provinces)
    for k in range(industries):
        home[:] = 0.0
        for d in range(provinces):
            ratio = spending[k, d] / pi[k, d]
            for r in range(provinces):
                home[r] += given.home_to[k, d, r] * ratio
        for o in range(access.shape[0]):
            access[o, k] = home[host[o]] + given.exports[o, k]


def _price_sums(host: Array, given: Given, supply: Array, pi: Array) -> None:
    """Pi from supply (o, k, D), into pi (k, d)."""
    industries, provinces = pi.shape
    local = np.zeros((industries, provinces))
    for o in range(supply.shape[0]):
        for k in range(industries):
            for stage in range(supply.shape[2]):
                local[k, host[o]] += supply[o, k, stage]
    pi[:] = given.imports
    for k in range(industries):
        for r in range(provinces):
            for d in range(provinces):
                pi[k, d] += given.home[k, r, d] * local[k, r]


def _log_goods(given: Given, log_pi: Array) -> Array:
    """Log price of each industry's bundle of intermediates over that of 2012, (k, r)."""
    industries, provinces = log_pi.shape
    out = np.zeros((industries, provinces))
    for k in range(industries):
        out[k] = -given.log_materials[k]
        for j in range(industries):
            weight = given.inputs[j, k] * given.price_power[j]
            for r in range(provinces):
                out[k, r] += weight * log_pi[j, r]
    return out


def _log_labour(given: Given, log_wage: Array) -> Array:
    """Log price of each industry's mix of labour types over that of 2012, (k, r)."""
    provinces, types = log_wage.shape
    out = np.zeros((given.skill.shape[0], provinces))
    for k in range(out.shape[0]):
        for r in range(provinces):
            for s in range(types):
                out[k, r] += given.skill[k, s] * (log_wage[r, s] - given.log_wage[s])
    return out


def _fill_supply(
    cells: Supply, labour: Array, goods: Array, compute: Array, access: Array, supply: Array
) -> None:
    """S_okD at log input prices (k, r) and market access (o, k), into supply (o, k, D)."""
    places, industries, stages = supply.shape
    for o in range(places):
        r = cells.host[o]
        for k in range(industries):
            common, ready = 0.0, False
            for stage in range(stages):
                supply[o, k, stage] = 0.0
                if cells.log_shift[o, k, stage] > -np.inf:
                    if not ready:
                        common = cells.by_materials[k] * goods[k, r]
                        common += cells.zeta[k] * np.log(access[o, k])
                        ready = True
                    supply[o, k, stage] = np.exp(
                        cells.log_shift[o, k, stage]
                        - cells.by_labour[k, stage] * labour[k, r]
                        - cells.by_compute[k, stage] * compute[k, r]
                        - common
                    )


def _sell(host: Array, given: Given, work: Work) -> None:
    """Sales, their change, and what firms pay for labour and materials, into `work`."""
    work.paid[:] = 0.0
    places, industries, stages = work.supply.shape
    for o in range(places):
        r = host[o]
        for k in range(industries):
            total, moved = 0.0, 0.0
            for stage in range(stages):
                sales = 0.0  # without firms, even where access is infinite
                if work.supply[o, k, stage] > 0.0:
                    sales = work.supply[o, k, stage] * work.access[o, k]
                moved += abs(sales - work.sales[o, k, stage])
                total += sales
                work.sales[o, k, stage] = sales
                work.paid[0, k, r] += sales * given.labour_paid[k, stage]
            work.paid[1, k, r] += total * given.materials_paid[k]
            work.change[o, k] = moved / total if total > 0.0 else 0.0


def _pay(given: Given, work: Work, log_wage: Array) -> None:
    """Wage bills into `work`, and the log of the wages that they would be, (r, s)."""
    work.bill[:] = given.rd_wages
    for k in range(given.skill.shape[0]):
        for r in range(log_wage.shape[0]):
            for s in range(log_wage.shape[1]):
                work.bill[r, s] += work.paid[0, k, r] * given.skill[k, s]
    for r in range(log_wage.shape[0]):
        for s in range(log_wage.shape[1]):
            log_wage[r, s] = np.log(work.bill[r, s] / given.labour[r, s])


def _spend(given: Given, work: Work, log_spending: Array) -> None:
    """Log of what households, firms and governments then spend, (k, r); 0 if nothing."""
    industries, provinces = log_spending.shape
    for k in range(industries):
        for r in range(provinces):
            log_spending[k, r] = given.fixed[k, r]
            for s in range(work.bill.shape[1]):
                log_spending[k, r] += given.consumed[k] * work.bill[r, s]
        for j in range(industries):
            for r in range(provinces):
                log_spending[k, r] += given.inputs[k, j] * work.paid[1, j, r]
        for r in range(provinces):
            log_spending[k, r] = np.log(log_spending[k, r]) if given.bought[k, r] else 0.0


compiled = njit(cache=True, error_model="numpy")  # a price sum of 0 shows as an infinite gap
market_access = compiled(_market_access)
price_sums = compiled(_price_sums)
log_goods = compiled(_log_goods)
log_labour = compiled(_log_labour)
fill_supply = compiled(_fill_supply)
sell = compiled(_sell)
pay = compiled(_pay)
spend = compiled(_spend)


def _iteration(cells: Supply, given: Given, work: Work, point: Array, image: Array) -> None:
    """Image of a point under the market.

    point, image  logs of wages (r, s), price sums (k, d) and spending (k, d), one after the other
    `work` receives the quantities of the point itself.
    """
    provinces, types = work.bill.shape
    industries = work.pi.shape[0]
    a, b = provinces * types, provinces * (types + industries)
    log_pi = point[a:b].reshape((industries, provinces))
    log_spending = point[b:].reshape((industries, provinces))
    for k in range(industries):
        for d in range(provinces):
            work.pi[k, d] = np.exp(log_pi[k, d])
            work.spending[k, d] = np.exp(log_spending[k, d]) if given.bought[k, d] else 0.0
    market_access(cells.host, given, work.spending, work.pi, work.access)
    labour = log_labour(given, point[:a].reshape((provinces, types)))
    goods = log_goods(given, log_pi)
    fill_supply(cells, labour, goods, given.log_compute, work.access, work.supply)
    price_sums(cells.host, given, work.supply, work.pi)
    market_access(cells.host, given, work.spending, work.pi, work.access)
    sell(cells.host, given, work)
    pay(given, work, image[:a].reshape((provinces, types)))
    spend(given, work, image[b:].reshape((industries, provinces)))
    image[a:b] = np.log(work.pi).ravel()


iteration = compiled(_iteration)
