"""Specialisation of provinces and concentration of industries."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.metrics.checks import non_negative, positive, shares
from sim.metrics.inequality import gini


def location_quotient(activity: Any) -> np.ndarray:
    """Share of an industry in a province over its share in the nation.

    activity  (..., provinces, industries)  employment or output >= 0 [any]
    returns   (..., provinces, industries)  1 where a province is like the nation [-]
    raises ValueError : a number is negative or not finite; a province or an industry is empty
    Source: Florence (1939), Report on the Location of Industry, PEP.
    """
    table = non_negative(activity, "activity")
    local = shares(table, "activity of a province")
    national = shares(table.sum(axis=-2), "activity")
    if (national <= 0).any():
        raise ValueError("an industry without activity has no location quotient")
    return local / national[..., np.newaxis, :]


def krugman_index(activity: Any) -> np.ndarray:
    """Specialisation of each province: sum over industries of |its share - the nation's share|.

    activity  (..., provinces, industries)  employment or output >= 0 [any]
    returns   (..., provinces)  0 like the nation, below 2 nothing in common with it [-]
    raises ValueError : a number is negative or not finite; a province is empty
    Source: Krugman (1991), Geography and Trade, MIT Press; here against the whole nation.
    """
    table = non_negative(activity, "activity")
    local = shares(table, "activity of a province")
    national = shares(table.sum(axis=-2), "activity")
    return np.abs(local - national[..., np.newaxis, :]).sum(axis=-1)


def herfindahl(amounts: Any) -> np.ndarray:
    """Sum of squared shares: of provinces in an industry, or of industries in a province.

    amounts  (..., parts)  >= 0 [any]
    returns  (...,)  from 1 / parts (equal parts) to 1 (one part) [-]
    raises ValueError : a number is negative or not finite, or all are zero
    Source: Hirschman (1964), Amer. Econ. Rev. 54(5).
    """
    return (shares(amounts, "amounts") ** 2).sum(axis=-1)


def plant_herfindahl(size: Any, weight: Any) -> float:
    """Herfindahl index of the plants of an industry: H = sum of w (x / X)^2 with X = sum of w x.

    Each firm agent stands for `weight` plants of equal size, so one agent of weight 10 gives
    the same index as ten agents of weight 1. (The plants of one agent share a province; while
    agents move, an Ellison-Glaeser index with this H exceeds that of free plants by at most the
    Herfindahl index of the agents.)

    size    (firms,)  employment or output of one plant, >= 0 [any]
    weight  (firms,)  plants the agent stands for, > 0 [plants]
    returns in (0, 1] if weights are at least 1 [-]
    raises ValueError : shapes differ, a number is out of range, or all sizes are zero
    Source: Ellison and Glaeser (1997), J. Polit. Econ. 105(5).
    """
    plant, count = non_negative(size, "size"), positive(weight, "weight")
    if plant.shape != count.shape or plant.ndim != 1:
        raise ValueError(f"size has shape {plant.shape}, weight {count.shape}")
    total = (count * plant).sum()
    if total <= 0:
        raise ValueError("size adds up to zero")
    return float((count * (plant / total) ** 2).sum())


def locational_gini(activity: Any, benchmark: Any) -> np.ndarray:
    """Concentration of an industry relative to a benchmark, usually all industries.

    The Lorenz curve cumulates the industry over the benchmark, provinces in order of their
    location quotient; so it is the Gini of the quotients weighted by the benchmark. Twice the
    area is reported: Krugman's own figure, the area, is half of it.

    activity   (..., provinces)  size of the industry, >= 0 [any]
    benchmark  (provinces,) or (..., provinces)  size of all industries, > 0 [any]
    returns    (...,)  0 spread like the benchmark, below 1 [-]
    raises ValueError : a number is out of range or not finite, no activity, shapes do not match
    Source: Krugman (1991), Geography and Trade, MIT Press, appendix B.
    """
    industry = shares(activity, "activity")
    reference = shares(positive(benchmark, "benchmark"), "benchmark")
    if reference.shape not in (industry.shape, industry.shape[-1:]):
        raise ValueError(f"activity has shape {industry.shape}, benchmark {reference.shape}")
    return gini(industry / reference, reference)


def ellison_glaeser(activity: Any, benchmark: Any, herfindahl_of_plants: Any) -> np.ndarray:
    """Concentration of an industry beyond what its lumpy plants would show by chance.

    gamma = (G / (1 - sum x^2) - H) / (1 - H), with G = sum (s - x)^2 over provinces; s the
    industry's shares, x the benchmark's. Its expectation is 0 if every plant chose its province
    independently with probabilities x.

    activity   (..., provinces)  size of the industry, >= 0 [any]
    benchmark  (provinces,) or (..., provinces)  size of all industries, >= 0 [any]
    herfindahl_of_plants  (...,)  see `plant_herfindahl`; in (0, 1) [-]
    returns    (...,)  0 as by chance, 1 expected if plants only move together; negative: spread
               more evenly than by chance [-]
    raises ValueError : a number is out of range, shapes do not match, no activity, all of the
        benchmark in one province, or one plant is the industry (H = 1)
    Source: Ellison and Glaeser (1997), J. Polit. Econ. 105(5), eq. 5.
    """
    _, reference = _industry_and_benchmark(activity, benchmark)
    raw = raw_concentration(activity, benchmark) / spread(reference)
    return _beyond_plants(raw, herfindahl_of_plants)


def raw_concentration(activity: Any, benchmark: Any) -> np.ndarray:
    """Distance of an industry from the benchmark: G = sum (s - x)^2 over provinces.

    Of plants thrown at random G expects (1 - sum x^2) H, with H their Herfindahl index.

    activity   (..., provinces)  size of the industry, >= 0 [any]
    benchmark  (provinces,) or (..., provinces)  size of all industries, >= 0 [any]
    returns    (...,)  0 spread like the benchmark, below 2 [-]
    raises ValueError : a number is out of range, no activity, or shapes do not match
    Source: Ellison and Glaeser (1997), J. Polit. Econ. 105(5).
    """
    industry, reference = _industry_and_benchmark(activity, benchmark)
    return ((industry - reference) ** 2).sum(axis=-1)


def maurel_sedillot(activity: Any, benchmark: Any, herfindahl_of_plants: Any) -> np.ndarray:
    """Concentration of an industry by the chance that two plants share a province.

    gamma = ((sum s^2 - sum x^2) / (1 - sum x^2) - H) / (1 - H), in the notation of
    `ellison_glaeser`. Both expect the same; this one also rises if the industry leans to large
    provinces and falls if it leans to small ones.

    activity   (..., provinces)  size of the industry, >= 0 [any]
    benchmark  (provinces,) or (..., provinces)  size of all industries, >= 0 [any]
    herfindahl_of_plants  (...,)  see `plant_herfindahl`; in (0, 1) [-]
    returns    (...,)  0 as by chance, 1 if all plants share a province; negative: they avoid each
               other [-]
    raises ValueError : see `ellison_glaeser`
    Source: Maurel and Sedillot (1999), Reg. Sci. Urban Econ. 29(5).
    """
    industry, reference = _industry_and_benchmark(activity, benchmark)
    raw = (industry**2).sum(axis=-1) - (reference**2).sum(axis=-1)
    return _beyond_plants(raw / spread(reference), herfindahl_of_plants)


def spread(reference: np.ndarray) -> np.ndarray:
    """Chance 1 - sum x^2 that two picks from the benchmark differ in province.

    reference  (..., provinces)  shares
    raises ValueError : all of the benchmark is in one province
    """
    chance = 1.0 - (reference**2).sum(axis=-1)
    if (chance <= 0).any():
        raise ValueError("all of the benchmark is in one province")
    return chance


def _industry_and_benchmark(activity: Any, benchmark: Any) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the provinces in an industry and in the benchmark."""
    industry, reference = shares(activity, "activity"), shares(benchmark, "benchmark")
    if reference.shape not in (industry.shape, industry.shape[-1:]):
        raise ValueError(f"activity has shape {industry.shape}, benchmark {reference.shape}")
    return industry, reference


def _beyond_plants(raw: np.ndarray, herfindahl_of_plants: Any) -> np.ndarray:
    """(raw - H) / (1 - H): what is left of a concentration that lumpy plants do not explain."""
    plants = np.asarray(herfindahl_of_plants, dtype=float)
    if plants.shape not in ((), raw.shape):
        raise ValueError(f"{raw.shape} industries have plants of shape {plants.shape}")
    if not ((plants > 0) & (plants < 1)).all():
        raise ValueError("the Herfindahl index of plants must lie between 0 and 1")
    return (raw - plants) / (1.0 - plants)
