"""Every figure by name: what it shows, and how it is built from a results folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from sim.data import provinces as province_facts
from sim.figures import adoption, effects, heatmap, maps, paths, style, tidy, zones
from sim.figures.results import NotRecordedError, Results
from sim.figures.style import Stroke
from sim.metrics import location_quotients, metric_spec
from sim.model import outputs


@dataclass(frozen=True)
class FigureSpec:
    """Declaration of one figure.

    build     from results to a figure; raises NotRecordedError if the runs lack what it shows
    meaning   what it shows, in a few words
    compares  whether it needs at least two scenarios
    """

    build: Callable[[Results], Figure]
    meaning: str
    compares: bool = False


def _strokes(results: Results) -> dict[str, Stroke]:
    return style.strokes(results.scenarios, results.baseline)


def _baseline(frame: pd.DataFrame, results: Results) -> pd.DataFrame:
    return frame[frame["scenario"] == results.baseline]


def _metric_paths(results: Results, name: str, title: str) -> Figure:
    """Level and paired difference of a metric; a share is drawn in per cent."""
    spec, series = metric_spec(name), results.metric(name)
    unit = change = spec.unit
    if unit.startswith("share"):
        series = series.assign(value=100 * series["value"])
        unit, change = tidy.percent_unit(unit), "% points"
    return paths.scenario_figure(
        series,
        title=title,
        label=spec.label,
        unit=unit,
        difference_unit=change,
        strokes=_strokes(results),
        baseline=results.baseline,
    )


def sigma(results: Results) -> Figure:
    """Sigma-convergence of real GDP per head."""
    return _metric_paths(
        results, "sigma_gdp_per_head", "Dispersion of real GDP per head between provinces"
    )


def theil(results: Results) -> Figure:
    """Theil index of real GDP per head."""
    return _metric_paths(
        results, "theil_gdp_per_head", "Inequality of real GDP per head between provinces"
    )


def growth(results: Results) -> Figure:
    """Growth of national real GDP."""
    return _metric_paths(results, "growth_real_yoy", "National growth against the year before")


def regions(results: Results) -> Figure:
    """Real GDP per head by macro-region."""
    return paths.region_figure(
        tidy.gdp_per_head(results.provinces),
        title="Real GDP per head by macro-region",
        label="real GDP per head",
        unit=tidy.annual_unit(outputs.PROVINCES["gdp_per_head_real"].unit),
        strokes=_strokes(results),
        baseline=results.baseline,
    )


def wages(results: Results) -> Figure:
    """Real wage of general labour by macro-region."""
    frame = results.table("provinces", needs=("wage_g", "consumer_price"))
    unit = tidy.annual_unit(outputs.PROVINCES["wage_g"].unit)
    return paths.region_figure(
        tidy.real_wage(frame),
        title="Real wage of general labour by macro-region",
        label="wage at 2012 consumer prices",
        unit=unit.replace("CNY", "CNY (2012)"),
        strokes=_strokes(results),
        baseline=results.baseline,
    )


def unemployment(results: Results) -> Figure:
    """Unemployment by macro-region."""
    frame = results.table("provinces", needs=("unemployment",))
    rates = tidy.weighted_mean(frame, "unemployment", "population", by=("region",))
    return paths.region_figure(
        rates.assign(value=100 * rates["value"]),
        title="Unemployment by macro-region",
        label="unemployment",
        unit=tidy.percent_unit(outputs.PROVINCES["unemployment"].unit),
        strokes=_strokes(results),
        baseline=results.baseline,
        kind="absolute",
        from_zero=False,
    )


def province_map(results: Results) -> Figure:
    """Level and growth of real GDP per head in every province."""
    active = results.zones[results.zones["active"]]
    last = active[active["quarter"] == active["quarter"].max()]
    return maps.province_map(
        _baseline(results.provinces, results),
        _tiles(results),
        marked=set(last["province"]),
        unit=tidy.annual_unit(outputs.PROVINCES["gdp_per_head_real"].unit),
    )


def effect_map(results: Results) -> Figure:
    """Effect of every scenario on real GDP per head in every province."""
    return maps.effect_map(
        results.provinces, _tiles(results), strokes=_strokes(results), baseline=results.baseline
    )


def _tiles(results: Results) -> pd.DataFrame:
    """Tiles of all provinces; those that are not in the results stay empty.

    raises NotRecordedError : a province has no place on the map, as in an invented world
    """
    facts = province_facts()
    codes = pd.unique(results.provinces["province"])
    strangers = [str(code) for code in codes if code not in facts.index]
    if strangers:
        raise NotRecordedError(f"no place on the map of China for province {', '.join(strangers)}")
    return facts


def quotients(results: Results) -> Figure:
    """Location quotients of employment in the last quarter."""
    rows = _baseline(results.table("industries", needs=("employment",)), results)
    last = rows["quarter"].max()
    keys = ["quarter", "province", "industry"]
    cells = rows[rows["quarter"] == last].groupby(keys, sort=False, as_index=False)
    mean = cells["employment"].mean()
    table = location_quotients({"industries": mean}, last)
    facts = province_facts()
    named = {code: f"{facts.province[code]}  {facts.iso[code][-2:]}" for code in facts.index}
    keyed = results.provinces.drop_duplicates("province").set_index("province")
    return heatmap.quotient_figure(
        table,
        {int(code): region for code, region in zip(keyed.index, keyed["region"], strict=True)},
        provinces={code: named.get(code, str(code)) for code in table.index},
        industries=results.industry_names,
        quarter=last,
    )


def stages(results: Results) -> Figure:
    """Firms by digital stage."""
    frame = results.table("provinces", needs=adoption.STAGE_COLUMNS)
    return adoption.adoption_figure(frame, strokes=_strokes(results))


def forest(results: Results) -> Figure:
    """Paired effects with 95 % intervals."""
    table = results.effects
    names = pd.unique(table["outcome"])
    labels = {name: metric_spec(name).label for name in names}
    others = {key: each for key, each in _strokes(results).items() if key != results.baseline}
    return effects.forest_figure(table, labels=labels, strokes=others)


def budgets(results: Results) -> Figure:
    """Balance of the zone governments."""
    frame = results.table("zones", needs=("budget_balance",))
    if not frame["active"].any():
        raise NotRecordedError(f"{results.folder}: no zone is active")
    return zones.zone_figure(
        frame.assign(value=frame["budget_balance"]),
        title="Money held by the zone governments",
        label="balance",
        unit=outputs.ZONES["budget_balance"].unit,
        strokes=_strokes(results),
    )


FIGURES: Mapping[str, FigureSpec] = {
    "regions": FigureSpec(regions, "real GDP per head by macro-region over time"),
    "growth": FigureSpec(growth, "national real growth over time"),
    "sigma": FigureSpec(sigma, "sigma-convergence over time"),
    "theil": FigureSpec(theil, "Theil index over time"),
    "effects": FigureSpec(forest, "paired effects on outcomes with intervals", compares=True),
    "map": FigureSpec(province_map, "real GDP per head by province, level and growth"),
    "effect_map": FigureSpec(effect_map, "effect on real GDP per head by province", compares=True),
    "location_quotients": FigureSpec(quotients, "specialisation of provinces in industries"),
    "adoption": FigureSpec(stages, "firms by digital stage over time"),
    "wages": FigureSpec(wages, "real wage of general labour by macro-region"),
    "unemployment": FigureSpec(unemployment, "unemployment by macro-region"),
    "zones": FigureSpec(budgets, "balance of the zone governments"),
}
COMPARES: Mapping[str, bool] = {name: each.compares for name, each in FIGURES.items()}
"""Name of a figure -> whether it needs at least two scenarios."""
