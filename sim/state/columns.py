"""Columns of the state tables: unit and meaning of every property an agent or place has.

Money is in 100m CNY, people in 10k persons, flows are per quarter, ages in years. Firm columns are
per firm; an agent stands for `weight` such firms, and its ledger account holds the money of all.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.state.table import Column

LABOUR_TYPES = ("g", "e", "a")
"""General labour, engineers and technicians, AI and science; foreign talent (f) works as type a."""

TALENT_TYPES = ("g", "e", "a", "f")
"""Type codes 0..3 of a person; talent agents are of types 1..3."""

OWNERS = ("private", "state", "foreign")

FIRM_CLASSES = ("small", "large")

STAGES = 5
"""Digital stages: 0 none, 1 digitised, 2 networked, 3 intelligent, 4 chain-wide."""

FIRMS: Mapping[str, Column] = {
    "alive": Column(bool, "-", "still operating", default=False),
    "province": Column(np.int32, "row of provinces", "where the firm works"),
    "place": Column(np.int32, "row of places", "province outside its zone, or the zone"),
    "industry": Column(np.int32, "row of industries", "what the firm makes"),
    "owner": Column(np.int32, "0 private, 1 state, 2 foreign", "who owns the firm"),
    "weight": Column(float, "firms", "firms this agent stands for"),
    "efficiency": Column(float, "-", "efficiency A in the production function"),
    "capital": Column(float, "100m CNY (2012)", "fixed capital of one firm", default=0.0),
    "founding_capital": Column(
        float, "100m CNY (2012)", "capital still to be bought at birth", default=0.0
    ),
    "stage": Column(np.int32, "stage (0-4)", "digital stage", default=0),
    "disruption": Column(
        float, "quarters", "quarters of adoption disruption still to come", default=0.0
    ),
    "specificity": Column(float, "share", "asset specificity: how sunk the equipment is"),
    "rd_share": Column(float, "share of revenue", "R&D spending the firm aims at"),
    "position": Column(float, "-", "place on the technology line (capability)"),
    "age": Column(float, "years", "years since birth"),
    "account": Column(np.int64, "row of the ledger", "where its money is"),
    "revenue": Column(
        float, "100m CNY / quarter", "sales of one firm in the last quarter", default=0.0
    ),
    "price": Column(float, "-", "quality-adjusted price in the last quarter"),
    "profit": Column(
        float, "100m CNY / quarter", "profit of one firm before profit tax", default=0.0
    ),
    "investment": Column(
        float, "100m CNY / quarter", "planned investment of one firm", default=0.0
    ),
    "rd_spending": Column(float, "100m CNY / quarter", "planned R&D of one firm", default=0.0),
    "order": Column(
        float, "100m CNY / quarter", "outlay ordered, to be paid next quarter", default=0.0
    ),
    "subsidy_due": Column(
        float, "100m CNY / quarter", "share of the order a government pays", default=0.0
    ),
    "loss_quarters": Column(float, "quarters", "quarters in a row with a loss", default=0.0),
    "large": Column(bool, "-", "revenue above the mean of its industry", default=False),
}

TALENTS: Mapping[str, Column] = {
    "alive": Column(bool, "-", "still in the labour force", default=False),
    "province": Column(np.int32, "row of provinces", "where the person lives"),
    "type": Column(np.int32, "1 e, 2 a, 3 f", "engineer, AI and science, foreign high-end"),
    "human_capital": Column(float, "efficiency units", "labour services of one person"),
    "employed": Column(bool, "-", "has work", default=False),
    "employer": Column(
        np.int64, "row of firms", "firm that employs the person, -1 for none", default=-1
    ),
    "former": Column(
        np.int64, "row of firms", "employer before the current spell, -1 for none", default=-1
    ),
    "age": Column(float, "years", "age of the person"),
    "home": Column(np.int32, "row of provinces", "where the person came from"),
    "weight": Column(float, "10k persons", "persons this agent stands for"),
    "account": Column(np.int64, "row of the ledger", "where their money is"),
}

LEVERS = (
    "digital_subsidy",
    "sme_credit",
    "digital_infrastructure",
    "compute_sharing",
    "compute_investment",
    "coordination_barriers",
    "coordination_knowledge",
    "coordination_planning",
)
"""Policy levers, in the order of their cost columns."""

_LABOUR = ("labour",)
_INDUSTRY = ("industry",)
_PARTNER = ("partner",)
_CLASS = ("firm_class",)
_LEVER = ("lever",)
_COST = Column(
    float, "100m CNY / quarter", "fiscal cost of a lever in this quarter", per=_LEVER, default=0.0
)

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
    "price": Column(float, "2012 mean = 1", "price index of an industry's goods", per=_INDUSTRY),
    "price_to_sigma": Column(float, "-", "price index to the power 1 - sigma", per=_INDUSTRY),
    "spending": Column(
        float, "100m CNY / quarter", "spending on an industry's goods", per=_INDUSTRY
    ),
    "cpi": Column(float, "2012 mean = 1", "consumer price index", default=1.0),
    "investment_price": Column(float, "2012 mean = 1", "price index of capital goods", default=1.0),
    "deflator": Column(float, "2012Q1 = 1", "chained price index of output", default=1.0),
    "output": Column(float, "100m CNY / quarter", "sales of an industry", per=_INDUSTRY),
    "value_added": Column(float, "100m CNY / quarter", "value added of an industry", per=_INDUSTRY),
    "employment_2012": Column(
        float, "10k persons", "employment of an industry in 2012", per=_INDUSTRY
    ),
    "employment": Column(float, "10k persons", "employment of an industry", per=_INDUSTRY),
    "externality": Column(float, "-", "local externality G", per=_INDUSTRY, default=1.0),
    "household_income": Column(
        float, "100m CNY / quarter", "non-wage income of last quarter", default=0.0
    ),
    "household_deposits": Column(float, "100m CNY", "deposits of all residents", default=0.0),
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
        float, "100m CNY / quarter", "outlays ordered last quarter", per=_INDUSTRY, default=0.0
    ),
    "orders_next": Column(
        float, "100m CNY / quarter", "outlays ordered in this quarter", per=_INDUSTRY, default=0.0
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
    "cost": _COST,
    "compute_price": Column(
        float, "2012 mean = 1", "price of compute for an industry", per=_INDUSTRY, default=1.0
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

PLACES: Mapping[str, Column] = {
    "province": Column(np.int32, "row of provinces", "host province"),
    "zone": Column(np.int32, "row of zones", "zone of the place, -1 outside zones", default=-1),
    "market_access": Column(
        float, "100m CNY / quarter", "market access MA", per=_INDUSTRY, default=1.0
    ),
    "supply": Column(
        float, "-", "supply S: sum of quality times price to 1 - sigma", per=("industry", "stage")
    ),
    "sales": Column(
        float, "100m CNY / quarter", "sales of a cell", per=("industry", "stage"), default=0.0
    ),
    "export_share": Column(float, "share", "exports over sales", per=_INDUSTRY, default=0.0),
    "entry_base": Column(
        float, "share", "share of entrants at equal profit (2012)", per=_INDUSTRY, default=0.0
    ),
    "plan_bonus": Column(
        float, "0 or 1", "industry is a target of the zone's plan", per=_INDUSTRY, default=0.0
    ),
    "radical": Column(float, "firms", "firms that radical innovations will found", default=0.0),
    "adoption_subsidy": Column(
        float, "share", "policy: adoption cost paid", per=_CLASS, default=0.0
    ),
    "guarantee": Column(
        float, "share", "policy: share of loans guaranteed", per=_CLASS, default=0.0
    ),
}

ZONES: Mapping[str, Column] = {
    "province": Column(np.int32, "row of provinces", "host province"),
    "place": Column(np.int32, "row of places", "the zone as a place of production"),
    "founded": Column(np.int64, "quarter number", "quarter of founding"),
    "active": Column(bool, "-", "founded and acting", default=False),
    "land_border": Column(bool, "-", "on a land border", default=False),
    "account": Column(np.int64, "row of the ledger", "where its money is"),
    "receipts": Column(float, "100m CNY / quarter", "receipts of last quarter", default=0.0),
    "target": Column(np.int32, "row of industries", "industries the plan names", per=("target",)),
    "government": Column(float, "100m CNY / quarter", "planned purchases of the zone", default=0.0),
    "cost": _COST,
    "joint_planning": Column(float, "dose 0-1", "policy: targets assigned jointly", default=0.0),
}
