r"""One iteration of the quarterly market, compiled: wages, prices and spending to their images.

Start from wages w, price sums Pi and spending E:

    MA_ok = sum_d phi_od E_dk / Pi_dk + exports,    S_okD at (w, Pi, MA),
    Pi'_dk = sum_o phi_od S_ok + imports,           MA'_ok at (E, Pi'),
    X_okD = S_okD MA'_ok,    w'_rs = payments to labour / labour,    E' = spending out of X

Since MA' and Pi' belong together, sales = spending - imports + exports at every iterate. Loops
run in a fixed order: the same numbers give the same bits. Cells without firms are skipped.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.mechanisms.equilibrium_arrays import Given, Supply, Work

Array = np.ndarray


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
            work.paid[0, k, r] = work.paid[1, k, r] = work.paid[2, k, r] = 0.0
    for o in range(places):
        r = host[o]
        for k in range(industries):
            total, moved, kept = 0.0, 0.0, given.kept[o, k]
            for stage in range(stages):
                sales = 0.0  # without firms, even where access is infinite
                if work.supply[o, k, stage] > 0.0:
                    sales = work.supply[o, k, stage] * work.access[o, k]
                moved += abs(sales - work.sales[o, k, stage])
                total += sales
                work.sales[o, k, stage] = sales
                work.paid[0, k, r] += sales * given.labour_paid[k, stage] * kept
            work.paid[1, k, r] += total * given.materials_paid[k] * kept
            work.paid[2, k, r] += total * given.surplus[k]
            work.change[o, k] = moved / total if total > 0.0 else 0.0


def _pay(given: Given, work: Work, log_wage: Array) -> None:
    """Wage bills into `work`, and the log of the wages that they would be, (r, s)."""
    for r in range(log_wage.shape[0]):
        for s in range(log_wage.shape[1]):
            bill = given.rd_wages[r, s]
            for k in range(given.skill.shape[0]):
                bill += work.paid[0, k, r] * given.skill[k, s]
            if given.fixed_wage[s]:
                log_wage[r, s] = given.log_wage[s]
                work.bill[r, s] = given.labour[r, s] * np.exp(given.log_wage[s])
            else:
                log_wage[r, s] = np.log(bill / given.labour[r, s])
                work.bill[r, s] = bill


def _share_profit(given: Given, work: Work) -> None:
    """Profit that is spent within the quarter, to where its owners live, into `work.local[0]`."""
    industries, provinces = work.pi.shape
    for r in range(provinces):
        work.local[0, r] = 0.0
        for j in range(industries):
            if given.surplus[j] > 0.0:
                for d in range(provinces):
                    work.local[0, r] += given.profit_to[r, d] * work.paid[2, j, d]


def _spend(given: Given, work: Work, log_spending: Array) -> None:
    """Log of what households, firms and governments then spend, (k, r); 0 if nothing."""
    industries, provinces = log_spending.shape
    share_profit(given, work)
    total = 0.0
    for k in range(industries):
        for r in range(provinces):
            log_spending[k, r] = given.fixed[k, r]
            for s in range(work.bill.shape[1]):
                log_spending[k, r] += given.consumed[k] * work.bill[r, s]
            log_spending[k, r] += given.consumed[k] * work.local[0, r]
        for j in range(industries):
            for r in range(provinces):
                log_spending[k, r] += given.inputs[k, j] * work.paid[1, j, r]
        for r in range(provinces):
            total += log_spending[k, r]
    scale = given.nominal / total if given.nominal > 0.0 else 1.0
    for k in range(industries):
        for r in range(provinces):
            spent = log_spending[k, r] * scale
            log_spending[k, r] = np.log(spent) if given.bought[k, r] else 0.0


compiled = njit(cache=True, error_model="numpy")  # a price sum of 0 shows as an infinite gap
market_access = compiled(_market_access)
price_sums = compiled(_price_sums)
input_prices = compiled(_input_prices)
fill_supply = compiled(_fill_supply)
sell = compiled(_sell)
pay = compiled(_pay)
share_profit = compiled(_share_profit)
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
