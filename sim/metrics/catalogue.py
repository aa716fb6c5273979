"""Every metric of a run by name: how it is computed, its unit, label and meaning."""

from __future__ import annotations

from collections.abc import Mapping

from sim.metrics import definitions as of
from sim.metrics.convergence import coefficient_of_variation, sigma_convergence
from sim.metrics.inequality import gini
from sim.metrics.spec import BY_INDUSTRY, MetricSpec

_REAL = ("provinces.gdp_real", "provinces.population")
_NOMINAL = ("provinces.gdp_nominal", "provinces.population")
_JOBS = ("industries.employment",)
_FIRMS = ("firms.employment", "firms.herfindahl")

_DISPARITY: Mapping[str, MetricSpec] = {
    "sigma_gdp_per_head": MetricSpec(
        of.of_logs(sigma_convergence),
        "log points",
        "sigma of real GDP per head",
        "standard deviation over provinces of log real GDP per head, each province alike",
        _REAL,
    ),
    "sigma_gdp_per_head_nominal": MetricSpec(
        of.of_logs(sigma_convergence, "gdp_nominal"),
        "log points",
        "sigma of nominal GDP per head",
        "standard deviation over provinces of log GDP per head at current prices",
        _NOMINAL,
    ),
    "sigma_gdp_per_head_weighted": MetricSpec(
        of.of_logs(sigma_convergence, weighted=True),
        "log points",
        "sigma of real GDP per head, by population",
        "standard deviation of log real GDP per head, provinces weighted by population",
        _REAL,
    ),
    "cv_gdp_per_head": MetricSpec(
        of.of_shares(coefficient_of_variation),
        "-",
        "variation of real GDP per head",
        "standard deviation over mean of real GDP per head, each province alike",
        _REAL,
    ),
    "cv_gdp_per_head_weighted": MetricSpec(
        of.of_shares(coefficient_of_variation, weighted=True),
        "-",
        "variation of real GDP per head, by population",
        "standard deviation over mean of real GDP per head, weighted by population (Williamson)",
        _REAL,
    ),
    "theil_gdp_per_head": MetricSpec(
        of.theil_part("total"),
        "-",
        "Theil T of real GDP per head",
        "Theil's T over provinces, weighted by population; theil_between + theil_within",
        _REAL,
    ),
    "theil_between": MetricSpec(
        of.theil_part("between"),
        "-",
        "Theil T between macro-regions",
        "part of Theil's T that remains if every province had the mean of east, central or west",
        _REAL,
    ),
    "theil_within": MetricSpec(
        of.theil_part("within"),
        "-",
        "Theil T within macro-regions",
        "part of Theil's T from differences inside east, central and west",
        _REAL,
    ),
    "gini_gdp_per_head": MetricSpec(
        of.of_shares(gini, weighted=True),
        "-",
        "Gini of real GDP per head",
        "Gini coefficient over provinces, weighted by population",
        _REAL,
    ),
    "gdp_per_head_east_west_ratio": MetricSpec(
        of.region_ratio("east", "west"),
        "-",
        "GDP per head, east over west",
        "real GDP per head of the east over that of the west",
        _REAL,
    ),
    "gdp_per_head_east_central_ratio": MetricSpec(
        of.region_ratio("east", "central"),
        "-",
        "GDP per head, east over central",
        "real GDP per head of the east over that of the central region",
        _REAL,
    ),
    "beta_speed": MetricSpec(
        of.beta("speed"),
        "1 / year",
        "speed of beta-convergence",
        "share of the gap in log real GDP per head closed in a year, since the first quarter",
        _REAL,
    ),
    "beta_half_life": MetricSpec(
        of.beta("half_life"),
        "years",
        "half-life of the gap",
        "time in which beta-convergence halves the gap; no row while the gap widens",
        _REAL,
    ),
    "beta_standard_error": MetricSpec(
        of.beta("standard_error"),
        "1 / year",
        "standard error of beta",
        "standard error of beta_speed by the delta method on OLS",
        _REAL,
    ),
    "moran_gdp_per_head": MetricSpec(
        of.moran_of_gdp,
        "-",
        "Moran's I of real GDP per head",
        "likeness of land neighbours (row-standardised); -1/(n-1) expected by chance",
        (*_REAL, "contiguity"),
    ),
}

_NATION: Mapping[str, MetricSpec] = {
    "gdp_real_national": MetricSpec(
        of.total("gdp_real"),
        "100m CNY (2012) / quarter",
        "national real GDP",
        "sum of provincial GDP at 2012 prices",
        _REAL[:1],
    ),
    "gdp_nominal_national": MetricSpec(
        of.total("gdp_nominal"),
        "100m CNY / quarter",
        "national nominal GDP",
        "sum of provincial GDP at current prices",
        _NOMINAL[:1],
    ),
    "growth_real_yoy": MetricSpec(
        of.growth_real,
        "share / year",
        "growth of real GDP",
        "national real GDP against the same quarter of the year before",
        _REAL[:1],
    ),
    "herfindahl_provinces": MetricSpec(
        of.provinces_herfindahl,
        "-",
        "Herfindahl index of provinces",
        "sum of squared shares of provinces in national real GDP",
        _REAL[:1],
    ),
    "digital_stage_mean_national": MetricSpec(
        of.mean_rate("digital_stage_mean", "gdp_real"),
        "stage (0-4)",
        "mean digital stage",
        "mean digital stage of firms, provinces weighted by real GDP",
        ("provinces.digital_stage_mean", "provinces.gdp_real"),
    ),
    "unemployment_national": MetricSpec(
        of.mean_rate("unemployment", "population"),
        "share of labour force",
        "unemployment",
        "unemployment rate, provinces weighted by population",
        ("provinces.unemployment", "provinces.population"),
    ),
    "rd_intensity_national": MetricSpec(
        of.mean_rate("rd_intensity", "gdp_nominal"),
        "share of GDP",
        "R&D intensity",
        "national R&D spending over nominal GDP",
        ("provinces.rd_intensity", "provinces.gdp_nominal"),
    ),
    "exports_share": MetricSpec(
        of.share_of("exports", "gdp_nominal"),
        "share of GDP",
        "exports over GDP",
        "exports to the rest of the world over nominal GDP",
        ("provinces.exports", "provinces.gdp_nominal"),
    ),
    "compute_utilisation": MetricSpec(
        of.share_of("compute_used", "compute_capacity"),
        "share of capacity",
        "compute utilisation",
        "compute sold over compute that all hubs could sell",
        ("provinces.compute_used", "provinces.compute_capacity"),
    ),
}

_INDUSTRY: Mapping[str, MetricSpec] = {
    "krugman_index_mean": MetricSpec(
        of.krugman_mean,
        "-",
        "mean Krugman index",
        "specialisation of provinces in employment against the nation (0 alike, below 2), mean",
        _JOBS,
    ),
    "herfindahl_province_mean": MetricSpec(
        of.diversity_mean,
        "-",
        "mean Herfindahl index of industries",
        "sum of squared shares of industries in a province's employment, mean over provinces",
        _JOBS,
    ),
    f"herfindahl_industry_{BY_INDUSTRY}": MetricSpec(
        of.industry_herfindahl,
        "-",
        "Herfindahl index of provinces",
        "sum of squared shares of provinces in the employment of the industry",
        _JOBS,
    ),
    f"locational_gini_{BY_INDUSTRY}": MetricSpec(
        of.industry_gini,
        "-",
        "locational Gini",
        "concentration of the industry's employment relative to all employment",
        _JOBS,
    ),
    "locational_gini_mean": MetricSpec(
        of.mean_over_industries(of.industry_gini, "industries.employment"),
        "-",
        "mean locational Gini",
        "locational Gini, mean over industries weighted by employment",
        _JOBS,
    ),
    f"herfindahl_plants_{BY_INDUSTRY}": MetricSpec(
        of.plants_herfindahl,
        "-",
        "Herfindahl index of plants",
        "sum of squared shares of plants in the employment of the industry, at snapshots of firms",
        _FIRMS,
    ),
    f"ellison_glaeser_{BY_INDUSTRY}": MetricSpec(
        of.industry_ellison_glaeser,
        "-",
        "Ellison-Glaeser index",
        "concentration of the industry beyond chance and plant size, at snapshots of firms",
        _FIRMS,
    ),
    "ellison_glaeser_mean": MetricSpec(
        of.mean_over_industries(of.industry_ellison_glaeser, "firms.employment"),
        "-",
        "mean Ellison-Glaeser index",
        "Ellison-Glaeser index, mean over industries weighted by employment",
        _FIRMS,
    ),
}

METRICS: Mapping[str, MetricSpec] = {**_DISPARITY, **_NATION, **_INDUSTRY}
