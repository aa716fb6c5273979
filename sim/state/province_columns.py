"""Columns of the provinces table: unit and meaning of every property; units as in `columns`."""

from __future__ import annotations

from collections.abc import Mapping

from sim.state.columns import INDUSTRY, LEVER_COST
from sim.state.table import Column

_LABOUR = ("labour",)
_PARTNER = ("partner",)

PROVINCES: Mapping[str, Column] = {
    "population": Column(float, "10k persons", "general population (talents apart)"),
    "participation": Column(float, "share", "labour force over population"),
    "employed": Column(float, "10k persons", "general labour at work"),
    "unemployed": Column(float, "10k persons", "general labour without work"),
    "immobile": Column(
        float, "10k persons", "residents of a type who never move", per=_LABOUR, default=0.0
    ),
    "amenity": Column(
        float,
        "ln units of wage",
        "what makes a province attractive beyond wages",
        per=_LABOUR,
        default=0.0,
    ),
    "open": Column(float, "index 0-1", "openness to newcomers (residence permits)"),
    "movers": Column(
        float, "10k persons", "earlier movers from here to the partner", per=_PARTNER, default=0.0
    ),
    "labour": Column(float, "efficiency units", "labour services at work", per=_LABOUR),
    "wage": Column(float, "10k CNY / unit / quarter", "wage per efficiency unit", per=_LABOUR),
    "wage_bill": Column(float, "100m CNY / quarter", "wages paid", per=_LABOUR),
    "rd_wages": Column(
        float, "100m CNY / quarter", "part of the wage bill paid for R&D", per=_LABOUR, default=0.0
    ),
    "unemployment": Column(float, "share", "unemployment rate", per=_LABOUR, default=0.0),
    "price": Column(float, "2012 mean = 1", "price index of an industry's goods", per=INDUSTRY),
    "price_to_sigma": Column(float, "-", "price index to the power 1 - sigma", per=INDUSTRY),
    "spending": Column(
        float, "100m CNY / quarter", "spending on an industry's goods", per=INDUSTRY
    ),
    "cpi": Column(float, "2012 mean = 1", "consumer price index", default=1.0),
    "investment_price": Column(float, "2012 mean = 1", "price index of capital goods", default=1.0),
    "deflator": Column(float, "2012Q1 = 1", "chained price index of output", default=1.0),
    "output": Column(float, "100m CNY / quarter", "sales of an industry", per=INDUSTRY),
    "value_added": Column(float, "100m CNY / quarter", "value added of an industry", per=INDUSTRY),
    "employment_2012": Column(
        float, "10k persons", "employment of an industry in 2012", per=INDUSTRY
    ),
    "employment": Column(float, "10k persons", "employment of an industry", per=INDUSTRY),
    "externality": Column(float, "-", "local externality G", per=INDUSTRY, default=1.0),
    "household_income": Column(
        float, "100m CNY / quarter", "non-wage income of last quarter", default=0.0
    ),
    "consumption": Column(float, "100m CNY / quarter", "household consumption"),
    "firm_investment": Column(float, "100m CNY / quarter", "investment of firms", default=0.0),
    "firm_research": Column(float, "100m CNY / quarter", "R&D spending of firms", default=0.0),
    "firm_capital": Column(
        float, "100m CNY (2012)", "fixed capital of firms, end of quarter", default=0.0
    ),
    "government": Column(
        float, "100m CNY / quarter", "planned purchases of the province", default=0.0
    ),
    "orders": Column(
        float, "100m CNY / quarter", "outlays ordered last quarter", per=INDUSTRY, default=0.0
    ),
    "orders_next": Column(
        float, "100m CNY / quarter", "outlays ordered in this quarter", per=INDUSTRY, default=0.0
    ),
    "receipts": Column(
        float, "100m CNY / quarter", "receipts of the government, last quarter", default=0.0
    ),
    "transfer_share": Column(
        float, "share of central receipts", "standing transfer from the centre"
    ),
    "infrastructure": Column(float, "index 0-1", "digital infrastructure INF"),
    "infrastructure_2012": Column(float, "index 0-1", "digital infrastructure when history starts"),
    "digital_mean": Column(float, "stage (0-4)", "mean digital stage of firms", default=0.0),
    "exports": Column(float, "100m CNY / quarter", "exports"),
    "imports": Column(float, "100m CNY / quarter", "imports"),
    "fdi": Column(float, "100m CNY / quarter", "foreign direct investment", default=0.0),
    "compute_capacity": Column(float, "units / quarter", "compute the hubs can sell"),
    "compute_limit": Column(float, "units / quarter", "capacity when the quarter's market cleared"),
    "compute_used": Column(float, "units / quarter", "compute the hubs sold", default=0.0),
    "compute_cost": Column(float, "2012 mean = 1", "unit cost of compute made here", default=1.0),
    "compute_rent": Column(
        float, "100m CNY / quarter", "scarcity rent earned by the hubs", default=0.0
    ),
    "compute_bought": Column(float, "units / quarter", "compute the firms bought", default=0.0),
    "subsidy_all": Column(
        float, "100m CNY / quarter", "adoption subsidies granted to firms", default=0.0
    ),
    "subsidy_large": Column(
        float, "100m CNY / quarter", "part granted to firms above mean revenue", default=0.0
    ),
    "capital_cost": Column(float, "100m CNY / quarter", "cost share of capital, alpha_K X / m"),
    "compute_paid": Column(
        float, "100m CNY / quarter", "spending of the firms on compute", default=0.0
    ),
    "compute_revenue": Column(float, "100m CNY / quarter", "sales of the hubs", default=0.0),
    "compute_delivery": Column(
        float, "100m CNY / quarter", "network cost of the hubs' sales", default=0.0
    ),
    "compute_fee": Column(
        float, "100m CNY / quarter", "fee to the national scheduler", default=0.0
    ),
    "compute_power": Column(
        float, "100m CNY / quarter", "electricity the hubs bought", default=0.0
    ),
    "compute_wear": Column(float, "100m CNY / quarter", "amortisation the hubs spent", default=0.0),
    "hub_order": Column(
        float, "100m CNY / quarter", "capacity ordered by the hubs' owners", default=0.0
    ),
    "central_next": Column(
        float, "100m CNY / quarter", "outlay of the centre to be paid next quarter", default=0.0
    ),
    "hub_next": Column(
        float, "100m CNY / quarter", "capacity the hubs' owners pay next quarter", default=0.0
    ),
    "central_order": Column(
        float, "100m CNY / quarter", "outlay ordered by the centre", default=0.0
    ),
    "cost": LEVER_COST,
    "compute_price": Column(
        float, "2012 mean = 1", "price of compute for an industry", per=INDUSTRY, default=1.0
    ),
    "hub": Column(bool, "-", "a national compute hub is open", default=False),
    "compute_shared": Column(
        float, "share", "policy: capacity offered to the national pool", default=0.0
    ),
    "compute_build": Column(
        float, "share of 2012 capacity / quarter", "policy: capacity the centre adds", default=0.0
    ),
    "programme_next": Column(
        float, "100m CNY / quarter", "programme outlays to be paid next quarter", default=0.0
    ),
    "programme_order": Column(
        float, "100m CNY / quarter", "programme outlays ordered by the province", default=0.0
    ),
    "compute_build_local": Column(
        float, "0 or 1", "policy: the province pays for the capacity the lever adds", default=0.0
    ),
    "reimbursed": Column(
        float, "100m CNY / quarter", "policy: lever costs that the centre takes over", default=0.0
    ),
    "infrastructure_push": Column(
        float, "index / quarter", "policy: extra digital infrastructure", default=0.0
    ),
    "barrier_cut": Column(
        float, "dose 0-1", "policy: border barriers cut with the partner", per=_PARTNER, default=0.0
    ),
    "knowledge_link": Column(
        float, "dose 0-1", "policy: knowledge shared with the partner", per=_PARTNER, default=0.0
    ),
}
