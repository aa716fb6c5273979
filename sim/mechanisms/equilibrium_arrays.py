"""Arrays of the compiled market: r provinces, o places, k industries, D stages, s labour types."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

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
    kept: Array  # (o, k) share of these payments that sellers get, the rest is charged
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
    fixed_wage: Array  # (s,) wage held: the numeraire takes what labour is left
    surplus: Array  # (k,) profit over sales that is spent within the quarter
    profit_to: Array  # (r, r) share of the profit made in a column that is income in a row
    nominal: float  # total spending it is held to; 0 if a price elsewhere anchors it


class Work(NamedTuple):
    """Outcome of the last iteration."""

    access: Array  # (o, k) market access
    pi: Array  # (k, d) price sums
    spending: Array  # (k, d)
    supply: Array  # (o, k, D)
    sales: Array  # (o, k, D)
    change: Array  # (o, k) relative change of sales against the iteration before
    bill: Array  # (r, s) wages paid
    paid: Array  # (3, k, r) payments for labour and for materials; profit spent at once
    labour: Array  # (k, r) log price of labour
    goods: Array  # (k, r) log price of intermediates
    local: Array  # (k, r) sums by province
