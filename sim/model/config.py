"""The configuration of a run: one section per mechanism."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from sim.config.base import Config, Quarter, param, unknown_name
from sim.mechanisms.accounts import AccountsConfig
from sim.mechanisms.budgets import BudgetsConfig
from sim.mechanisms.compute import ComputeConfig
from sim.mechanisms.dependence import DependenceConfig
from sim.mechanisms.digital import DigitalConfig
from sim.mechanisms.entry_exit import EntryExitConfig
from sim.mechanisms.firm_growth import FirmGrowthConfig
from sim.mechanisms.foreign_entry import ForeignEntryConfig
from sim.mechanisms.foreign_talent import ForeignTalentConfig
from sim.mechanisms.infrastructure import InfrastructureConfig
from sim.mechanisms.institutions import InstitutionsConfig
from sim.mechanisms.investment import InvestmentConfig
from sim.mechanisms.knowledge import KnowledgeConfig
from sim.mechanisms.market import MarketConfig
from sim.mechanisms.matching import MatchingConfig
from sim.mechanisms.migration import MigrationConfig
from sim.mechanisms.planning import PlanningConfig
from sim.mechanisms.production import ProductionConfig
from sim.mechanisms.relocation import RelocationConfig
from sim.mechanisms.settlement import SettlementConfig
from sim.mechanisms.trade import TradeConfig
from sim.mechanisms.training import TrainingConfig
from sim.mechanisms.wedges import WedgesConfig
from sim.mechanisms.zones import ZonesConfig
from sim.policies import PoliciesConfig
from sim.policies.base import provinces_named
from sim.start.config import GeographyConfig, PopulationConfig
from sim.state.calendar import parse_quarter
from sim.state.industries import Industries


class TimeConfig(Config):
    """Calendar of a run."""

    start: Literal["2012Q1"] = "2012Q1"
    """First quarter; the figures are those of 2012."""

    end: Quarter = "2035Q4"
    """Last quarter."""

    steps_per_quarter: int = param(1, unit="steps", ge=1, le=64, source="numerical")
    """Steps of a quarter; more make the model slower and its timing finer."""

    @model_validator(mode="after")
    def _in_order(self) -> TimeConfig:
        if parse_quarter(self.end) < parse_quarter(self.start):
            raise ValueError(f"end {self.end} is before the start {self.start}")
        return self


class RecordConfig(Config):
    """What a run writes down."""

    snapshots: tuple[Quarter, ...] = ()
    """Quarters at whose end all firms and talents are written; the last quarter always is."""


class RegionConfig(Config):
    """A run of the model, complete."""

    name: str = "run"
    """Name of the results folder."""

    description: str = ""
    """What the run is for."""

    time: TimeConfig = TimeConfig()
    geography: GeographyConfig = GeographyConfig()
    population: PopulationConfig = PopulationConfig()
    industries: Industries = Field(default_factory=dict)
    production: ProductionConfig = ProductionConfig()
    trade: TradeConfig = TradeConfig()
    market: MarketConfig = MarketConfig()
    matching: MatchingConfig = MatchingConfig()
    migration: MigrationConfig = MigrationConfig()
    foreign_talent: ForeignTalentConfig = ForeignTalentConfig()
    training: TrainingConfig = TrainingConfig()
    compute: ComputeConfig = ComputeConfig()
    digital: DigitalConfig = DigitalConfig()
    knowledge: KnowledgeConfig = KnowledgeConfig()
    investment: InvestmentConfig = InvestmentConfig()
    firm_growth: FirmGrowthConfig = FirmGrowthConfig()
    dependence: DependenceConfig = DependenceConfig()
    entry_exit: EntryExitConfig = EntryExitConfig()
    foreign_entry: ForeignEntryConfig = ForeignEntryConfig()
    relocation: RelocationConfig = RelocationConfig()
    zones: ZonesConfig = ZonesConfig()
    institutions: InstitutionsConfig = InstitutionsConfig()
    wedges: WedgesConfig = WedgesConfig()
    infrastructure: InfrastructureConfig = InfrastructureConfig()
    budgets: BudgetsConfig = BudgetsConfig()
    settlement: SettlementConfig = SettlementConfig()
    planning: PlanningConfig = PlanningConfig()
    accounts: AccountsConfig = AccountsConfig()
    record: RecordConfig = RecordConfig()
    policies: PoliciesConfig = PoliciesConfig()

    @model_validator(mode="after")
    def _alike_provinces_have_alike_people(self) -> RegionConfig:
        if self.population.alike and self.geography.equidistant is None:
            raise ValueError("population.alike needs provinces that are: geography.equidistant")
        return self

    @model_validator(mode="after")
    def _rules_name_industries(self) -> RegionConfig:
        services = [code for code, entry in self.industries.items() if entry.service]
        rules = self.institutions
        for path, named, known in (
            ("institutions.outside.services_opening", rules.outside.services_opening, services),
            ("institutions.zones.services_opening", rules.zones.services_opening, services),
            ("wedges.supply", self.wedges.supply, list(self.industries)),
            ("trade.export_cost", self.trade.export_cost, list(self.industries)),
        ):
            for code in set(named) - set(known):
                raise unknown_name(code, known, (*path.split("."), code))
        return self

    @model_validator(mode="after")
    def _levers_name_provinces(self) -> RegionConfig:
        names, codes = self.geography.names_and_codes()
        known = {name.lower() for name in names} | {str(code) for code in codes}
        for lever in PoliciesConfig.model_fields:
            for path, name in provinces_named(getattr(self.policies, lever)):
                if str(name).lower() not in known:
                    raise unknown_name(name, names, ("policies", lever, *path))
        return self
