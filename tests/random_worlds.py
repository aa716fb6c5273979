"""Random small worlds for hypothesis: geography, agents, parameters, levers, length of a step."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

import sim.config
from sim import data
from sim.mechanisms.institutions import INDICES
from sim.model.config import RegionConfig
from sim.policies import PoliciesConfig
from sim.state.calendar import parse_quarter, quarter_label
from sim.state.columns import TECHNOLOGIES

Settings = dict[str, Any]

LEVERS = sorted(PoliciesConfig.model_fields)

FIRST, QUARTERS = parse_quarter("2012Q1"), 20
LAST = quarter_label(FIRST + QUARTERS - 1)

PARAMETERS = (
    "trade.border",
    "trade.coordination_effect",
    "trade.exports",
    "trade.imports",
    "trade.world_inflation",
    "market.propensity",
    "market.deposit_share",
    "matching.separation",
    "matching.finding",
    "matching.digital_finding",
    "budgets.income_tax",
    "budgets.profit_tax",
    "budgets.central_vat",
    "budgets.programme_cap",
    "budgets.debt_limit",
    "settlement.payout",
    "settlement.deposit_interest",
    "settlement.loan_interest",
    "investment.interest",
    "investment.credit_small",
    "investment.adjustment",
    "training.natural_growth",
    "foreign_talent.arrival",
    "foreign_talent.departure",
    "migration.distance_cost",
    "relocation.reconsider",
    "entry_exit.small_factor",
    "compute.utilisation",
    "compute.outage_hazard",
    "digital.peer_hazard",
    "production.externality",
    "zones.start_share",
    "wedges.contract_risk",
    "wedges.charge",
    "wedges.charge_in_zones",
    "wedges.bottleneck",
    "dependence.outlay",
    "foreign_entry.spillover",
    "foreign_entry.frontier_share",
    "trade.facilitation",
    "trade.fair_effect",
)
"""Settings that are drawn from anywhere within their bounds."""


def bounds(section: Any, name: str) -> tuple[float, float]:
    """Smallest and largest value of a setting; an open bound is left by a hair."""
    limits = section.model_fields[name].json_schema_extra["bounds"]
    low = limits["ge"] if "ge" in limits else limits["gt"] + (limits["le"] - limits["gt"]) / 1000
    return low, limits["le"]


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    """From one bound to the other, both included, in a thousand even steps."""
    return st.integers(0, 1000).map(lambda step: min(high, low + (high - low) * step / 1000))


def quarters() -> st.SearchStrategy[str]:
    return st.integers(FIRST, FIRST + QUARTERS - 1).map(quarter_label)


def real() -> st.SearchStrategy[Settings]:
    names = st.sampled_from(list(data.provinces()["province"]))
    return st.fixed_dictionaries(
        {"provinces": st.lists(names, min_size=1, max_size=5, unique=True)}
    )


def equidistant() -> st.SearchStrategy[Settings]:
    alike = {
        "count": st.integers(1, 4),
        "distance": numbers(0, 5000),
        "gateway": numbers(0, 5000),
        "zone": st.none() | quarters(),
    }
    return st.fixed_dictionaries({"equidistant": st.fixed_dictionaries(alike)})


@st.composite
def invented(draw: st.DrawFn) -> Settings:
    names = ["Aland", "Beland", "Celand", "Deland"][: draw(st.integers(1, 4))]
    one = {
        "region": st.sampled_from(["east", "central", "west"]),
        "x": numbers(-3000, 3000),
        "y": numbers(-3000, 3000),
        "gdp": numbers(0.1, 10),
        "population": numbers(0.1, 10),
        "gateway": numbers(0, 5000),
        "zone": st.none() | quarters(),
        "hub": st.none() | quarters(),
    }
    made = {name: draw(st.fixed_dictionaries(one)) for name in names}
    for place, name in enumerate(names[1:], start=1):
        made[name]["neighbours"] = draw(st.lists(st.sampled_from(names[:place]), unique=True))
    return {"invented": made}


def geographies() -> st.SearchStrategy[Settings]:
    return st.one_of(real(), equidistant(), invented())


@st.composite
def lever(draw: st.DrawFn, name: str, provinces: list[str]) -> Settings:
    start = draw(st.integers(FIRST, FIRST + QUARTERS - 1))
    length = draw(st.none() | st.integers(1, QUARTERS))
    named = st.sampled_from(provinces)
    entries = {
        "dose": draw(numbers(0, 1)),
        "start": quarter_label(start),
        "end": None if length is None else quarter_label(start + length),
        "phase_in": draw(st.integers(0, 12)),
        "scope": draw(st.sampled_from(["zone", "province"])),
        "payer": draw(st.sampled_from(["local", "centre"])),
        "targets": draw(
            st.sampled_from(["zones", "all", "east", "central", "west"])
            | st.lists(named, min_size=1, unique=True)
        ),
    }
    if name in ("digital_subsidy", "sme_credit"):
        kinds = st.lists(st.sampled_from(["small", "large"]), unique=True)
        entries["firm_classes"] = draw(kinds)
    if name.startswith("coordination"):
        ways = ["none", "neighbours", "macro_region", "hub_and_spoke", "full", "custom"]
        entries["topology"] = draw(st.sampled_from(ways))
        entries["pairs"] = draw(st.lists(st.tuples(named, named), max_size=3))
        entries["link_cost"] = draw(numbers(0, 0.01))
    return entries


@st.composite
def parameters(draw: st.DrawFn) -> Settings:
    out: Settings = {}
    for path in draw(st.lists(st.sampled_from(PARAMETERS), max_size=4, unique=True)):
        section, name = path.split(".")
        low, high = bounds(RegionConfig.model_fields[section].annotation, name)
        out.setdefault(section, {})[name] = draw(numbers(low, high))
    codes = list(data.industry_accounts().index)
    for code in draw(st.lists(st.sampled_from(codes), max_size=3, unique=True)):
        # MODEL: 4-8; wider here, but a markup of 2 and more leaves other shares no room
        out.setdefault("industries", {})[code] = {"sigma": draw(numbers(3, 12))}
    return out


@st.composite
def rules(draw: st.DrawFn) -> Settings:
    index = numbers(0, 1)
    codes = list(data.industry_accounts().index)
    services = st.sampled_from(["S1", "S2", "S3"])
    places = dict.fromkeys(INDICES, index) | {
        "services_opening": st.dictionaries(services, index),
        "protection": st.dictionaries(st.sampled_from(TECHNOLOGIES), index),
    }
    one = st.fixed_dictionaries({}, optional=places)
    supply = st.dictionaries(st.sampled_from(codes), index, max_size=3)
    return {
        "institutions": draw(st.fixed_dictionaries({"outside": one, "zones": one})),
        "wedges": {"supply": draw(supply)},
    }


@st.composite
def worlds(draw: st.DrawFn) -> Settings:
    geography = draw(geographies())
    settings_ = draw(rules())
    for section, entries in draw(parameters()).items():
        settings_.setdefault(section, {}).update(entries)
    cfg = sim.config.validate({"geography": geography}, RegionConfig)
    provinces = cfg.geography.names_and_codes()[0]
    chosen = draw(st.lists(st.sampled_from(LEVERS), max_size=len(LEVERS), unique=True))
    return settings_ | {
        "geography": geography,
        "population": {
            "firms": draw(st.integers(50, 300)),
            "talents": draw(st.integers(50, 200)),
            "least_firms": draw(st.integers(1, 4)),
            "least_talents": draw(st.integers(1, 4)),
        },
        "time": {"end": LAST, "steps_per_quarter": draw(st.integers(1, 2))},
        "accounts": {"check": True},
        "policies": {name: draw(lever(name, provinces)) for name in chosen},
    }
