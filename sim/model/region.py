"""The model: 31 provinces, 22 zones, firms and talents; `step` is a quarter on one screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
from sim.model.state import RunState, check, settings
from sim.start.build import build
from sim.start.opening import Start
from sim.state.calendar import parse_quarter
from sim.state.flat import Arrays, flatten, restore
from sim.state.rng import Streams

if TYPE_CHECKING:
    import pandas as pd


class RegionModel(mesa.Model):
    """A run of the model.

    `world` holds all state in columns; zones, firms and talents are also Mesa agents, windows on
    rows, unless `views` is off (sweeps do not need them).
    """

    def __init__(
        self,
        config: RegionConfig | None = None,
        seed: int = 1,
        *,
        views: bool = True,
        past: RunState | None = None,
    ) -> None:
        """Build the world of 2012, or take over that of a run with a `past`.

        raises ValueError : the configuration names things that do not exist
        """
        super().__init__(rng=seed)
        self.config = config if config is not None else RegionConfig()
        self.streams = Streams(seed)
        self.gaps: dict[str, float] = {}
        start: Start | RunState
        if past is None:
            first = parse_quarter(self.config.time.start)
            self.world, start = build(self.config, self.streams, first)
            self.recorder = Recorder(self.config)
        else:
            self.world, start, self.gaps = past.world, past, past.gaps
            self.recorder = Recorder(self.config, past.tape)
        self.solution = start.solution
        self.central_receipts = start.central_receipts
        self.views = Views(self) if views else None

    @classmethod
    def resume(
        cls,
        config: RegionConfig,
        seed: int,
        arrays: Mapping[str, np.ndarray],
        *,
        views: bool = False,
    ) -> RegionModel:
        """Model that goes on from a checkpoint, bit for bit as if it had run all along.

        arrays  what `checkpoint` gave, perhaps in a run whose levers differ from now on
        raises StateError : columns are missing, unknown or malformed, or `config` and `seed` have
            another past; see `sim.model.branching.branchable`
        """
        past = restore(RunState, arrays)
        check(past, config, seed)
        return cls(config, seed, views=views, past=past)

    def checkpoint(self) -> Arrays:
        """Columns, by dotted name, of all that the rest of the run and its tables depend on."""
        state = RunState(
            settings=settings(self.config, self.world.clock.last_quarter),
            seed=self.streams.seed,
            world=self.world,
            solution=self.solution,
            central_receipts=self.central_receipts,
            gaps=self.gaps,
            tape=self.recorder.tape(),
        )
        return flatten(state)

    def step(self) -> None:
        """One quarter, or a fraction of it, in this order."""
        world, cfg, at, tax = self.world, self.config, self._stream, self.config.budgets.income_tax
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
