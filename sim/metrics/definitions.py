"""The metrics of a run as functions of its `Panel`: which columns, which weights, when defined.

Every function here returns (quarters,), or (quarters, industries) where it says so, with NaN for
a quarter in which the metric does not exist. Numbers that cannot be right (NaN or negative GDP,
population or employment) raise ValueError instead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.metrics import clustering, convergence, inequality, national, spatial
from sim.metrics.checks import non_negative, positive
from sim.metrics.panel import Panel

Metric = Callable[[Panel], np.ndarray]

LEAST_QUARTERS = 8
EQUAL_STARTS = 1e-9  # relative spread of initial incomes below which beta means nothing


def gdp_per_head(panel: Panel, gdp: str = "gdp_real") -> np.ndarray:
    """GDP per head, (quarters, provinces) [10k CNY / person / quarter]."""
    total = non_negative(panel[f"provinces.{gdp}"], gdp)
    return total / positive(panel["provinces.population"], "population")


def of_logs(
    function: Callable[..., np.ndarray], gdp: str = "gdp_real", *, weighted: bool = False
) -> Metric:
    """Metric of GDP per head that exists while every province has some GDP."""
    return _of_income(function, gdp, weighted=weighted, rule=np.all)


def of_shares(
    function: Callable[..., np.ndarray], gdp: str = "gdp_real", *, weighted: bool = False
) -> Metric:
    """Metric of GDP per head that exists while any province has some GDP."""
    return _of_income(function, gdp, weighted=weighted, rule=np.any)


def _of_income(
    function: Callable[..., np.ndarray], gdp: str, *, weighted: bool, rule: Callable[..., Any]
) -> Metric:
    def metric(panel: Panel) -> np.ndarray:
        income = gdp_per_head(panel, gdp)
        valid = rule(income > 0, axis=-1)
        if weighted:
            return _where(valid, function, income, panel["provinces.population"])
        return _where(valid, function, income)

    return metric


def _where(
    valid: np.ndarray, function: Callable[..., np.ndarray], *arrays: np.ndarray
) -> np.ndarray:
    """`function` of the entries of `arrays` where `valid`, NaN elsewhere; shape of `valid`."""
    result = np.full(valid.shape, np.nan)
    if valid.any():
        result[valid] = function(*(array[valid] for array in arrays))
    return result


def theil_part(name: str) -> Metric:
    """Part `name` (total, between, within) of Theil's T over macro-regions, by population."""

    def metric(panel: Panel) -> np.ndarray:
        def part(income: np.ndarray, population: np.ndarray) -> np.ndarray:
            parts = inequality.theil_decomposition(income, panel.regions, population)
            return parts._asdict()[name]

        return of_shares(part, weighted=True)(panel)

    return metric


def beta(field: str) -> Metric:
    """Field (speed, standard_error, half_life) of absolute beta-convergence since the start."""

    def metric(panel: Panel) -> np.ndarray:
        income = gdp_per_head(panel)
        start = income[0]
        elapsed = panel.quarters - panel.quarters[0]
        valid = (elapsed >= LEAST_QUARTERS) & (income > 0).all(axis=-1) & (start > 0).all()
        valid &= start.size >= convergence.LEAST_PROVINCES
        valid &= np.ptp(start) > EQUAL_STARTS * start.max()

        def path(end: np.ndarray, years: np.ndarray) -> np.ndarray:
            return vars(convergence.beta_path(start, end, years))[field]

        result = _where(valid, path, income, elapsed / national.QUARTERS_PER_YEAR)
        return np.where(np.isinf(result), np.nan, result)  # a gap that widens has no half-life

    return metric


def region_ratio(first: str, second: str) -> Metric:
    """Real GDP per head of macro-region `first` over that of `second`."""

    def metric(panel: Panel) -> np.ndarray:
        one, other = panel.regions == first, panel.regions == second
        gdp = non_negative(panel["provinces.gdp_real"], "gdp_real")
        valid = (gdp[:, other] > 0).any(axis=-1) & one.any()
        population = panel["provinces.population"]
        return _where(
            valid,
            lambda total, people: national.region_ratio(total, people, one, other),
            gdp,
            population,
        )

    return metric


def total(column: str) -> Metric:
    """Sum of a column of the provinces."""
    return lambda panel: non_negative(panel[f"provinces.{column}"], column).sum(axis=-1)


def mean_rate(column: str, weight: str) -> Metric:
    """Provincial rate weighted by `weight`; undefined while a province has no such rate."""

    def metric(panel: Panel) -> np.ndarray:
        rate, size = panel[f"provinces.{column}"], panel[f"provinces.{weight}"]
        valid = (np.isfinite(rate) & (size > 0)).all(axis=-1)
        return _where(valid, national.weighted_mean, rate, size)

    return metric


def share_of(part: str, whole: str) -> Metric:
    """Sum of one column of the provinces over the sum of another."""

    def metric(panel: Panel) -> np.ndarray:
        above, below = panel[f"provinces.{part}"], panel[f"provinces.{whole}"]
        return _where(below.sum(axis=-1) > 0, national.ratio_of_totals, above, below)

    return metric


def growth_real(panel: Panel) -> np.ndarray:
    """Growth of national real GDP against the same quarter of the year before."""
    return national.growth_over_year(panel.quarters, total("gdp_real")(panel))


def provinces_herfindahl(panel: Panel) -> np.ndarray:
    """Herfindahl index of the provinces' shares in national real GDP."""
    gdp = non_negative(panel["provinces.gdp_real"], "gdp_real")
    return _where(gdp.sum(axis=-1) > 0, clustering.herfindahl, gdp)


def moran_of_gdp(panel: Panel) -> np.ndarray:
    """Moran's I of real GDP per head on land borders; undefined if all are equally rich."""
    income = gdp_per_head(panel)
    weights = panel["contiguity"]
    valid = np.ptp(income, axis=-1) > EQUAL_STARTS * income.max(axis=-1)
    return _where(valid, lambda values: spatial.moran(values, weights), income)


def krugman_mean(panel: Panel) -> np.ndarray:
    """Mean over provinces of the Krugman index of employment."""
    jobs = non_negative(panel["industries.employment"], "employment")
    valid = (jobs.sum(axis=-1) > 0).all(axis=-1)
    return _where(valid, lambda table: clustering.krugman_index(table).mean(axis=-1), jobs)


def diversity_mean(panel: Panel) -> np.ndarray:
    """Mean over provinces of the Herfindahl index of their industries' employment."""
    jobs = non_negative(panel["industries.employment"], "employment")
    valid = (jobs.sum(axis=-1) > 0).all(axis=-1)
    return _where(valid, lambda table: clustering.herfindahl(table).mean(axis=-1), jobs)


def _by_industry(panel: Panel, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Employment by industry and of all industries, both (quarters, industries, provinces)."""
    jobs = np.swapaxes(panel[column], 1, 2)
    everything = jobs.sum(axis=1, keepdims=True)
    return jobs, np.broadcast_to(everything, jobs.shape)


def industry_herfindahl(panel: Panel) -> np.ndarray:
    """Herfindahl index of provinces in an industry's employment, (quarters, industries)."""
    jobs, _ = _by_industry(panel, "industries.employment")
    valid = non_negative(jobs, "employment").sum(axis=-1) > 0
    return _where(valid, clustering.herfindahl, jobs)


def industry_gini(panel: Panel) -> np.ndarray:
    """Locational Gini of employment, (quarters, industries)."""
    jobs, everything = _by_industry(panel, "industries.employment")
    valid = (non_negative(jobs, "employment").sum(axis=-1) > 0) & (everything > 0).all(axis=-1)
    return _where(valid, clustering.locational_gini, jobs, everything)


def industry_ellison_glaeser(panel: Panel) -> np.ndarray:
    """Ellison-Glaeser index of employment from the snapshots of firms, (quarters, industries)."""
    jobs, everything = _by_industry(panel, "firms.employment")
    plants = panel["firms.herfindahl"]
    valid = (plants > 0) & (plants < 1) & ((everything > 0).sum(axis=-1) > 1)
    return _where(valid, clustering.ellison_glaeser, jobs, everything, plants)


def plants_herfindahl(panel: Panel) -> np.ndarray:
    """Herfindahl index of plants from the snapshots of firms, (quarters, industries)."""
    return panel["firms.herfindahl"]


def mean_over_industries(by_industry: Metric, column: str) -> Metric:
    """Mean of a metric by industry, weighted by employment, over industries that have one."""

    def metric(panel: Panel) -> np.ndarray:
        values = by_industry(panel)
        jobs = np.where(np.isnan(values), 0.0, panel[column].sum(axis=1))
        weighted = (jobs * np.nan_to_num(values)).sum(axis=-1)
        total_jobs = jobs.sum(axis=-1)
        return np.where(total_jobs > 0, weighted / np.where(total_jobs > 0, total_jobs, 1), np.nan)

    return metric
