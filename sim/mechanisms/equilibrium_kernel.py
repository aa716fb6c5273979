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
    labour: Array  # (k, r) log price of labour
    goods: Array  # (k, r) log price of intermediates
    local: Array  # (k, r) sums by province


def _market_access(host: Array, given: Given, work: Work) -> None:
    """MA of every place from spending and price sums."""
    industries, provinces = work.pi.shape
    for k in range(industries):
        for r in range(provinces):
            work.local[k, r] = 0.0
        for d in range(provinces):
            ratio = work.spending[k, d] / work.pi[k, d]
            for r in range(provinces):
                work.local[k, r] += given.home_to[k, d, r] * ratio
        for o in range(host.size):
            work.access[o, k] = work.local[k, host[o]] + given.exports[o, k]


def _price_sums(host: Array, given: Given, work: Work) -> None:
    """Pi from supply."""
    industries, provinces = work.pi.shape
    for k in range(industries):
        for d in range(provinces):
            work.local[k, d] = 0.0
            work.pi[k, d] = given.imports[k, d]
        for o in range(host.size):
            for stage in range(work.supply.shape[2]):
                work.local[k, host[o]] += work.supply[o, k, stage]
        for r in range(provinces):
            for d in range(provinces):
                work.pi[k, d] += given.home[k, r, d] * work.local[k, r]


def _input_prices(given: Given, work: Work, log_wage: Array, log_pi: Array) -> None:
    """Log prices of each industry's labour and intermediates over those of 2012."""
    industries, provinces = log_pi.shape
    for k in range(industries):
        for r in range(provinces):
            work.labour[k, r] = 0.0
            work.goods[k, r] = -given.log_materials[k]
            for s in range(log_wage.shape[1]):
                work.labour[k, r] += given.skill[k, s] * (log_wage[r, s] - given.log_wage[s])
        for j in range(industries):
            weight = given.inputs[j, k] * given.price_power[j]
            for r in range(provinces):
                work.goods[k, r] += weight * log_pi[j, r]


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
    places, industries, stages = work.supply.shape
    for k in range(industries):
        for r in range(work.pi.shape[1]):
            work.paid[0, k, r] = work.paid[1, k, r] = 0.0
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
    for r in range(log_wage.shape[0]):
        for s in range(log_wage.shape[1]):
            bill = given.rd_wages[r, s]
            for k in range(given.skill.shape[0]):
                bill += work.paid[0, k, r] * given.skill[k, s]
            work.bill[r, s] = bill
            log_wage[r, s] = np.log(bill / given.labour[r, s])


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
input_prices = compiled(_input_prices)
fill_supply = compiled(_fill_supply)
sell = compiled(_sell)
pay = compiled(_pay)
spend = compiled(_spend)


def _iteration(
    cells: Supply,
    given: Given,
    work: Work,
    log_wage: Array,
    logs: Array,
    new_log_wage: Array,
    new_logs: Array,
) -> None:
    """Image of a point under the market; `work` receives the quantities of the point.

    log_wage (r, s), logs (2, k, d) of price sums and of spending: the point; then its image
    """
    for k in range(logs.shape[1]):
        for d in range(logs.shape[2]):
            work.pi[k, d] = np.exp(logs[0, k, d])
            work.spending[k, d] = np.exp(logs[1, k, d]) if given.bought[k, d] else 0.0
    market_access(cells.host, given, work)
    input_prices(given, work, log_wage, logs[0])
    fill_supply(cells, work.labour, work.goods, given.log_compute, work.access, work.supply)
    price_sums(cells.host, given, work)
    market_access(cells.host, given, work)
    sell(cells.host, given, work)
    pay(given, work, new_log_wage)
    spend(given, work, new_logs[1])
    for k in range(logs.shape[1]):
        for d in range(logs.shape[2]):
            new_logs[0, k, d] = np.log(work.pi[k, d])


iteration = compiled(_iteration)
