"""Co-agglomeration: whether plants of different industries share provinces beyond chance."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.metrics.checks import non_negative, shares
from sim.metrics.clustering import ellison_glaeser, raw_concentration, spread

LEAST_INDUSTRIES = 2


def pairwise_coagglomeration(activity: Any, benchmark: Any) -> np.ndarray:
    """Likeness of where two industries are: sum (s_i - x)(s_j - x) / (1 - sum x^2).

    Its expectation is 0 if the plants of one industry choose without regard to the other's, and
    the chance that two plants, one of each, go together if that is how they choose.

    activity   (..., industries, provinces)  size of each industry, >= 0 [any]
    benchmark  (provinces,) or (..., provinces)  size of all industries, >= 0 [any]
    returns    (..., industries, industries)  symmetric; on the diagonal an industry with itself,
               its raw concentration over 1 - sum x^2 [-]
    raises ValueError : a number is out of range, an industry without activity, shapes do not
        match, fewer than two industries, or all of the benchmark in one province
    Source: Ellison, Glaeser and Kerr (2010), Amer. Econ. Rev. 100(3).
    """
    table, reference = _group(activity, benchmark)
    apart = shares(table, "activity of an industry") - reference[..., np.newaxis, :]
    return apart @ np.swapaxes(apart, -1, -2) / spread(reference)[..., np.newaxis, np.newaxis]


def coagglomeration(activity: Any, benchmark: Any, herfindahl_of_plants: Any) -> np.ndarray:
    """Concentration of a group of industries beyond that of its members.

    gamma_c = [G / (1 - sum x^2) - sum w_j^2 (H_j + gamma_j (1 - H_j))] / (1 - sum w_j^2)

    with w_j the industries' shares in the group, G the raw concentration of the group, H_j and
    gamma_j the Herfindahl and Ellison-Glaeser index of an industry. It is the mean of
    `pairwise_coagglomeration` over pairs of industries with weights w_i w_j.

    activity   (..., industries, provinces)  size of each industry, >= 0 [any]
    benchmark  (provinces,) or (..., provinces)  size of all industries, >= 0 [any]
    herfindahl_of_plants  (..., industries)  see `plant_herfindahl`; in (0, 1) [-]
    returns    (...,)  0 if plants heed only their own industry, as large as the industries' own
               indices if they heed all of the group alike [-]
    raises ValueError : see `pairwise_coagglomeration` and `ellison_glaeser`
    Source: Ellison and Glaeser (1997), J. Polit. Econ. 105(5).
    """
    table, reference = _group(activity, benchmark)
    plants = np.asarray(herfindahl_of_plants, dtype=float)
    each = np.broadcast_to(reference[..., np.newaxis, :], table.shape)
    own = ellison_glaeser(table, each, plants)
    square = shares(table.sum(axis=-1), "activity") ** 2
    members = (square * (plants + own * (1.0 - plants))).sum(axis=-1)
    group = raw_concentration(table.sum(axis=-2), reference) / spread(reference)
    return (group - members) / (1.0 - square.sum(axis=-1))


def _group(activity: Any, benchmark: Any) -> tuple[np.ndarray, np.ndarray]:
    """Activity of a group of industries, and shares of the provinces in the benchmark."""
    table, reference = non_negative(activity, "activity"), shares(benchmark, "benchmark")
    industries = table.shape[-2] if table.ndim > 1 else 1
    if industries < LEAST_INDUSTRIES:
        raise ValueError(f"activity has shape {table.shape}, with fewer than two industries")
    if reference.shape not in ((*table.shape[:-2], table.shape[-1]), table.shape[-1:]):
        raise ValueError(f"activity has shape {table.shape}, benchmark {reference.shape}")
    return table, reference
