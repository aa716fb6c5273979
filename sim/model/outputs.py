"""The output tables of a run: every column with dtype, unit and meaning.

The schema feeds the Parquet metadata, the axis labels of the figures and `sim columns`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.state.columns import LEVERS
from sim.state.table import Column

PROVINCES: Mapping[str, Column] = {
    "run": Column(np.int32, "-", "ordinal of the run in its folder"),
    "quarter": Column(str, "quarter", "calendar quarter, e.g. 2012Q1"),
    "province": Column(np.int32, "adm code", "administrative code of the province"),
    "region": Column(str, "-", "macro-region: east, central or west"),
    "gdp_nominal": Column(float, "100m CNY / quarter", "value added at current prices"),
    "gdp_real": Column(float, "100m CNY (2012) / quarter", "value added at chained 2012 prices"),
    "population": Column(float, "10k persons", "resident population, end of quarter"),
    "gdp_per_head_real": Column(float, "10k CNY (2012) / person / quarter", "real GDP per head"),
    "wage_g": Column(float, "10k CNY / efficiency unit / quarter", "wage of general labour"),
    "wage_e": Column(
        float, "10k CNY / efficiency unit / quarter", "wage of engineers and technicians"
    ),
    "wage_a": Column(float, "10k CNY / efficiency unit / quarter", "wage of AI and science staff"),
    "unemployment": Column(float, "share of labour force", "unemployment rate over all types"),
    "digital_stage_mean": Column(float, "stage (0-4)", "mean digital stage of firms, weighted"),
    "rd_intensity": Column(float, "share of GDP", "R&D spending over nominal GDP"),
    **{
        f"digital_stage_{stage}": Column(float, "share of firms", f"firms at digital stage {stage}")
        for stage in range(5)
    },
    "exports": Column(float, "100m CNY / quarter", "exports to the rest of the world"),
    "imports": Column(float, "100m CNY / quarter", "imports from the rest of the world"),
    "fdi": Column(float, "100m CNY / quarter", "foreign direct investment, actual inflow"),
    "compute_price": Column(float, "2012 mean unit cost", "mean price firms pay for compute"),
    "compute_used": Column(float, "units / quarter", "compute sold by the hubs of the province"),
    "compute_capacity": Column(
        float, "units / quarter", "compute the hubs of the province can sell"
    ),
    "growth_innovation": Column(
        float, "ln efficiency / quarter", "growth of firms' efficiency by own R&D"
    ),
    "growth_frontier": Column(
        float, "ln efficiency / quarter", "larger steps because the frontier leads"
    ),
    "growth_imitation": Column(
        float, "ln efficiency / quarter", "growth of efficiency by imitation"
    ),
    "growth_hires": Column(float, "ln efficiency / quarter", "growth of efficiency by hires"),
    "growth_digital": Column(
        float, "ln efficiency / quarter", "growth of efficiency by digital stages"
    ),
    "capital_stock": Column(float, "100m CNY (2012)", "fixed capital of firms"),
    "employment": Column(float, "10k persons", "people at work, all types"),
    "consumption": Column(float, "100m CNY / quarter", "household consumption"),
    "investment": Column(float, "100m CNY / quarter", "investment of firms"),
    "government_purchases": Column(float, "100m CNY / quarter", "purchases of province and zone"),
    "wage_bill": Column(float, "100m CNY / quarter", "wages paid by firms, R&D included"),
    "capital_cost": Column(float, "100m CNY / quarter", "cost share of capital in sales"),
    "sales": Column(float, "100m CNY / quarter", "sales of firms"),
    "consumer_price": Column(float, "2012 mean = 1", "consumer price index"),
    "output_price": Column(float, "2012Q1 = 1", "chained price index of output"),
    "subsidy_all": Column(float, "100m CNY / quarter", "adoption subsidies granted to firms"),
    "subsidy_large": Column(
        float, "100m CNY / quarter", "part of them granted to firms above mean revenue"
    ),
    **{
        f"cost_{lever}": Column(
            float, "100m CNY / quarter", f"paid by province or centre for {lever}"
        )
        for lever in LEVERS
    },
    "budget_balance": Column(float, "100m CNY", "money the province holds (debt if negative)"),
    "firms": Column(np.int32, "agents", "firm agents alive"),
    "talents": Column(np.int32, "agents", "talent agents living in the province"),
}

ZONES: Mapping[str, Column] = {
    "run": PROVINCES["run"],
    "quarter": PROVINCES["quarter"],
    "zone": Column(str, "-", "name of the pilot free trade zone"),
    "province": PROVINCES["province"],
    "active": Column(bool, "-", "founded and acting"),
    "budget_balance": Column(
        float, "100m CNY", "money the zone government holds (debt if negative)"
    ),
    "receipts": Column(float, "100m CNY / quarter", "receipts of the zone government"),
    "output": Column(float, "100m CNY / quarter", "sales of firms inside the zone"),
    "firms": Column(np.int32, "agents", "firm agents inside the zone"),
    "target_1": Column(str, "-", "first target industry of the plan, empty before founding"),
    "target_2": Column(str, "-", "second target industry of the plan"),
    "target_3": Column(str, "-", "third target industry of the plan"),
    **{
        f"cost_{lever}": Column(float, "100m CNY / quarter", f"paid by the zone for {lever}")
        for lever in LEVERS
    },
}

INDUSTRIES: Mapping[str, Column] = {
    "run": PROVINCES["run"],
    "quarter": PROVINCES["quarter"],
    "province": PROVINCES["province"],
    "industry": Column(str, "-", "industry code"),
    "output": Column(float, "100m CNY / quarter", "sales at current prices"),
    "employment": Column(float, "10k persons", "workers, all types"),
    "firms": PROVINCES["firms"],
    "in_zone_share": Column(float, "share of output", "output made inside the zone"),
}

FIRMS: Mapping[str, Column] = {
    "run": PROVINCES["run"],
    "quarter": PROVINCES["quarter"],
    "firm": Column(np.int64, "-", "row of the firm, its identity within a run"),
    "province": PROVINCES["province"],
    "in_zone": Column(bool, "-", "works inside the zone"),
    "industry": INDUSTRIES["industry"],
    "owner": Column(str, "-", "private, state or foreign"),
    "weight": Column(float, "firms", "firms the agent stands for"),
    "age": Column(float, "years", "years since birth"),
    "stage": Column(np.int32, "stage (0-4)", "digital stage"),
    "efficiency": Column(float, "-", "efficiency A"),
    "capital": Column(float, "100m CNY (2012)", "fixed capital of one firm"),
    "output": Column(float, "100m CNY / quarter", "sales of one firm"),
    "employment": Column(float, "10k persons", "workers of one firm"),
    "money": Column(float, "100m CNY", "money of one firm (loan if negative)"),
}

TALENTS: Mapping[str, Column] = {
    "run": PROVINCES["run"],
    "quarter": PROVINCES["quarter"],
    "talent": Column(np.int64, "-", "row of the talent, its identity within a run"),
    "province": PROVINCES["province"],
    "home": Column(np.int32, "adm code", "province the person came from"),
    "type": Column(str, "-", "e, a or f"),
    "weight": Column(float, "10k persons", "persons the agent stands for"),
    "age": Column(float, "years", "age"),
    "human_capital": Column(float, "efficiency units", "labour services of one person"),
    "employer": Column(np.int64, "row of firms", "firm that employs the person, -1 for none"),
    "money": Column(float, "100m CNY", "money of all persons the agent stands for"),
}

METRICS: Mapping[str, Column] = {
    "run": PROVINCES["run"],
    "quarter": PROVINCES["quarter"],
    "metric": Column(str, "-", "name of the metric, see `sim columns metrics`"),
    "value": Column(float, "see metric", "value of the metric"),
}

TABLES: Mapping[str, Mapping[str, Column]] = {
    "provinces": PROVINCES,
    "zones": ZONES,
    "industries": INDUSTRIES,
    "metrics": METRICS,
    "firms": FIRMS,
    "talents": TALENTS,
}
"""All output tables."""
