"""All limit cases."""

from __future__ import annotations

from sim.limits import (
    adoption,
    attribution,
    carbon,
    ces,
    clustering,
    compute,
    core_periphery,
    firm_growth,
    footloose_capital,
    footloose_entrepreneur,
    gains_from_trade,
    inequality,
    knowledge,
    matching,
    migration,
    option,
    planning,
    steady_states,
)
from sim.limits.base import Limit

LIMITS: dict[str, Limit] = {
    "ces": Limit(("L1",), ces.CesLimit, ces.measure),
    "footloose_entrepreneur": Limit(
        ("L2", "L3", "L4"), footloose_entrepreneur.EntrepreneurLimit, footloose_entrepreneur.measure
    ),
    "core_periphery": Limit(("L5",), core_periphery.CorePeripheryLimit, core_periphery.measure),
    "footloose_capital": Limit(
        ("L6",), footloose_capital.FootlooseCapitalLimit, footloose_capital.measure
    ),
    "gains_from_trade": Limit(
        ("L7",), gains_from_trade.GainsFromTradeLimit, gains_from_trade.measure
    ),
    "knowledge": Limit(("L9", "L10"), knowledge.KnowledgeLimit, knowledge.measure),
    "firm_growth": Limit(("L11", "L19"), firm_growth.FirmGrowthLimit, firm_growth.measure),
    "steady_states": Limit(("L22",), steady_states.SteadyStatesLimit, steady_states.measure),
    "clustering": Limit(("L12",), clustering.ClusteringLimit, clustering.measure),
    "planning": Limit(("L13",), planning.PlanningLimit, planning.measure),
    "migration": Limit(("L15",), migration.MigrationLimit, migration.measure),
    "matching": Limit(("L16",), matching.MatchingLimit, matching.measure),
    "option": Limit(("L17",), option.OptionLimit, option.measure),
    "inequality": Limit(("L20",), inequality.InequalityLimit, inequality.measure),
    "attribution": Limit(("L21",), attribution.AttributionLimit, attribution.measure),
    "adoption": Limit(("L8",), adoption.AdoptionLimit, adoption.measure),
    "compute": Limit(("L14",), compute.ComputeLimit, compute.measure),
    "carbon": Limit(("L18",), carbon.CarbonLimit, carbon.measure),
}
"""Limit cases by the name of their module and config file."""
