"""Columns of the state tables: unit and meaning of every property an agent or place has.

Money is in 100m CNY, people in 10k persons, flows are per quarter, ages in years. Firm columns are
per firm; an agent stands for `weight` such firms, and its ledger account holds the money of all.
Columns of provinces stand in `sim.state.province_columns`.
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

TECHNOLOGIES = ("traditional", "algorithm", "data", "quantum")
"""Classes of technology by which intellectual property is protected."""

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
    "foreign_input": Column(
        float, "share", "critical inputs (chips, algorithms) that come from abroad", default=0.0
    ),
    "wedge": Column(
        float, "share of variable cost", "real loss of this firm alone, kappa_i", default=0.0
    ),
    "age": Column(float, "years", "years since birth"),
    "account": Column(np.int64, "row of the ledger", "where its money is"),
    "revenue": Column(
        float, "100m CNY / quarter", "sales of one firm in the last quarter", default=0.0
    ),
    "price": Column(float, "-", "quality-adjusted price in the last quarter"),
    "profit": Column(
        float, "100m CNY / quarter", "profit of one firm before profit tax", default=0.0
    ),
    "surplus": Column(
        float,
        "100m CNY / quarter",
        "sales of one firm less materials, compute, wages of production and value-added tax",
        default=0.0,
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

INDUSTRY = ("industry",)
"""Dimension of columns with one entry per industry."""

LEVER_COST = Column(
    float,
    "100m CNY / quarter",
    "fiscal cost of a lever in this quarter",
    per=("lever",),
    default=0.0,
)

_CLASS = ("firm_class",)
_TECHNOLOGY = ("technology",)

PLACES: Mapping[str, Column] = {
    "province": Column(np.int32, "row of provinces", "host province"),
    "zone": Column(np.int32, "row of zones", "zone of the place, -1 outside zones", default=-1),
    "market_access": Column(
        float, "100m CNY / quarter", "market access MA", per=INDUSTRY, default=1.0
    ),
    "supply": Column(
        float, "-", "supply S: sum of quality times price to 1 - sigma", per=("industry", "stage")
    ),
    "sales": Column(
        float, "100m CNY / quarter", "sales of a cell", per=("industry", "stage"), default=0.0
    ),
    "export_share": Column(float, "share", "exports over sales", per=INDUSTRY, default=0.0),
    "entry_base": Column(
        float, "share", "share of entrants at equal profit (2012)", per=INDUSTRY, default=0.0
    ),
    "plan_bonus": Column(
        float, "0 or 1", "industry is a target of the zone's plan", per=INDUSTRY, default=0.0
    ),
    "radical": Column(float, "firms", "firms that radical innovations will found", default=0.0),
    "customs": Column(float, "index since 2012", "ease of customs", default=0.0),
    "fair_competition": Column(float, "index since 2012", "fair competition FC", default=0.0),
    "dispute_resolution": Column(float, "index since 2012", "dispute resolution DR", default=0.0),
    "talent_services": Column(float, "index since 2012", "services for talent TL", default=0.0),
    "tax_competitiveness": Column(float, "index since 2012", "competitive taxes TX", default=0.0),
    "data_rules": Column(float, "index since 2012", "rules of digital trade DT", default=0.0),
    "services_opening": Column(
        float, "index since 2012", "opening of services SO", per=INDUSTRY, default=0.0
    ),
    "protection": Column(
        float,
        "index since 2012",
        "protection of intellectual property IP",
        per=_TECHNOLOGY,
        default=0.0,
    ),
    "critical_supply": Column(
        float,
        "share of need",
        "foreign critical inputs that can be had",
        per=INDUSTRY,
        default=1.0,
    ),
    "wedge_loss": Column(
        float,
        "share of variable cost",
        "real loss since 2012, kappa_res",
        per=INDUSTRY,
        default=0.0,
    ),
    "wedge_tax": Column(
        float, "share of variable cost", "charged on inputs, kappa_tax", per=INDUSTRY, default=0.0
    ),
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
    "reimbursed": Column(
        float, "100m CNY / quarter", "policy: lever costs that the centre takes over", default=0.0
    ),
    "government": Column(float, "100m CNY / quarter", "planned purchases of the zone", default=0.0),
    "cost": LEVER_COST,
    "joint_planning": Column(float, "dose 0-1", "policy: targets assigned jointly", default=0.0),
}
