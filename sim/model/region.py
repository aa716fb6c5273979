"""The model: 31 provinces, 22 zones, firms and talents; `step` is a quarter on one screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import mesa
import numpy as np

from sim import policies
from sim.mechanisms import (
    accounts,
    budgets,
    compute_capacity,
    dependence,
    digital,
    entry_exit,
    firm_growth,
    foreign_entry,
    foreign_talent,
    infrastructure,
    institutions,
    investment,
    knowledge,
    market,
    matching,
    migration,
    planning,
    production,
    relocation,
    settlement,
    trade,
    training,
    wedges,
    zones,
)
from sim.model.agents import Views
from sim.model.config import RegionConfig
from sim.model.record import Recorder
from sim.start.build import build
from sim.state.calendar import parse_quarter
from sim.state.rng import Streams

if TYPE_CHECKING:
    import pandas as pd


class RegionModel(mesa.Model):
    """A run of the model.

    `world` holds all state in columns; zones, firms and talents are also Mesa agents, windows on
    rows, unless `views` is off (sweeps do not need them).
    """

    def __init__(
        self, config: RegionConfig | None = None, seed: int = 1, *, views: bool = True
    ) -> None:
        """Build the world of 2012.

        raises ValueError : the configuration names things that do not exist
        """
        super().__init__(rng=seed)
        self.config = config if config is not None else RegionConfig()
        self.streams = Streams(seed)
        self.world, start = build(self.config, self.streams, parse_quarter(self.config.time.start))
        self.solution = start.solution
        self.central_receipts = start.central_receipts
        self.views = Views(self) if views else None
        self.recorder = Recorder(self.config)
        self.gaps: dict[str, float] = {}

    def step(self) -> None:
        """One quarter, or a fraction of it, in this order."""
        world, cfg, at = self.world, self.config, self._stream
        tax = cfg.budgets.income_tax
        audit = accounts.Audit(world)
        world.begin_step()
        founded = zones.apply(world, cfg.zones, at("zones"))
        compute_capacity.begin(world, cfg.compute, at("compute"))
        policies.refund(world, cfg.policies)
        institutions.apply(world, cfg.institutions)
        wedges.begin(world, cfg.wedges)
        policies.apply_all(world, cfg.policies)
        wedges.apply(world, cfg.wedges)
        freeness = trade.compute(world, cfg.trade)
        investment.plan(world, cfg.investment)
        knowledge.plan(world, cfg.knowledge)
        budgets.plan(world, cfg.budgets)
        matching.apply(world, cfg.matching, at("matching"))
        self.solution = market.apply(
            world, cfg.market, cfg.compute, cfg.production, tax, freeness, self.solution
        )
        self.central_receipts = settlement.apply(
            world,
            cfg.settlement,
            cfg.budgets,
            cfg.investment,
            cfg.market.propensity,
            cfg.market.deposit_share,
            self.central_receipts,
        )
        investment.install(world, cfg.investment)
        infrastructure.apply(world, cfg.infrastructure)
        compute_capacity.build(world, cfg.compute)
        digital.apply(
            world, cfg.digital, cfg.production, cfg.investment, cfg.budgets, at("digital")
        )
        made = knowledge.apply(world, cfg.knowledge, cfg.dependence, at("knowledge"))
        dependence.apply(world, cfg.dependence, made)
        foreign_entry.apply(world, cfg.foreign_entry)
        firm_growth.apply(world, cfg.firm_growth, cfg.production, at("firm_growth"))
        entry_exit.apply(world, cfg.entry_exit, cfg.investment, cfg.foreign_entry, at("entry_exit"))
        relocation.apply(world, cfg.relocation, at("relocation"))
        migration.apply(world, cfg.migration, tax, at("migration"))
        foreign_talent.apply(world, cfg.foreign_talent, tax, at("foreign_talent"))
        training.apply(world, cfg.training, at("training"))
        planning.apply(world, cfg.planning, founded, at("planning"))
        production.update_externality(world, cfg.production)
        self.recorder.step(world)
        if cfg.accounts.check:
            self.gaps = accounts.check(world, audit, cfg.accounts)
        if self.views is not None:
            self.views.sync()
        world.clock.step += 1

    def _stream(self, name: str) -> np.random.Generator:
        """Random stream of a mechanism in the current step."""
        return self.streams.at(name, self.world.clock.step)

    @property
    def steps_total(self) -> int:
        """Steps from the start to the end of the configured time."""
        time = self.config.time
        quarters = parse_quarter(time.end) - parse_quarter(time.start) + 1
        return quarters * time.steps_per_quarter

    def run(
        self, until: str | None = None, progress: Callable[[int, int], None] | None = None
    ) -> None:
        """Step to the end of quarter `until`, inclusive; by default to the configured end."""
        total = self.steps_total
        if until is not None:
            quarters = parse_quarter(until) - parse_quarter(self.config.time.start) + 1
            total = quarters * self.config.time.steps_per_quarter
        while self.world.clock.step < total:
            self.step()
            if progress is not None:
                progress(self.world.clock.step, total)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Tables of what was recorded, see `sim.model.outputs`."""
        return self.recorder.frames(self.world)
