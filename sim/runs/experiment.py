"""Experiments: scenarios of one base config, at the points of a design, under the same seeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sim.config.document import Document
from sim.config.errors import Place
from sim.config.load import validate
from sim.config.overrides import apply_overrides
from sim.config.values import differences, digest, dump, plain
from sim.runs.designs import AnyDesign, TableDesign, ZippedDesign
from sim.runs.engine import Engine
from sim.runs.experiment_config import ExperimentConfig
from sim.runs.task import Task
from sim.state.calendar import parse_quarter, quarter_label

BRANCH = "branch"
"""Word in a scenario that stands for the quarter after the branch; its name in a point."""

Changes = Mapping[str, Any]
"""Dotted name of a setting -> its value."""


@dataclass(frozen=True)
class Experiment:
    """An experiment whose settings are known to exist.

    spec       what the file says
    engine     model that is run
    common     base config with the changes that hold in every run, as written
    scenarios  dotted changes of each scenario, in the order of the file
    places     scenario -> dotted name -> where the change was written
    points     dotted changes of each point of the design; of a branching experiment, the quarter
               under `branch` too
    at         where the values of each point were written
    """

    spec: ExperimentConfig
    engine: Engine
    common: Document
    scenarios: Mapping[str, Changes]
    places: Mapping[str, Mapping[str, Place]]
    points: Sequence[Changes]
    at: Sequence[Mapping[str, Place]]
    _hashes: dict[tuple[str, int], str] = field(default_factory=dict)
    _own: dict[str, dict[str, Any]] = field(default_factory=dict)

    def config(self, scenario: str, point: int = 0) -> Any:
        """Resolved config of a scenario at a point.

        raises ConfigError : the two do not go together
        """
        branch = self.points[point].get(BRANCH)
        changes = {
            name: after(branch) if value == BRANCH and branch else value
            for name, value in self.scenarios[scenario].items()
        }
        document = apply_overrides(
            self._at_point(point), changes, schema=self.engine.schema, places=self.places[scenario]
        )
        return validate(document.values, self.engine.schema, document.where)

    def burn_in(self, point: int) -> Any:
        """Resolved config of the run that all scenarios of a point share until they branch."""
        document = self._at_point(point)
        return validate(document.values, self.engine.schema, document.where)

    def branch(self, point: int) -> str:
        """Quarter at whose end the scenarios of a point branch; "" if they do not."""
        return str(self.points[point].get(BRANCH, ""))

    def config_hash(self, scenario: str, point: int) -> str:
        """SHA-256 of a resolved config, remembered."""
        known = self._hashes.get((scenario, point))
        if known is None:
            known = self._hashes[scenario, point] = digest(self.config(scenario, point))
        return known

    def seeds(self, count: int | None = None) -> range:
        """Seeds that every scenario meets; `count` of them, or as many as the file says."""
        first = self.spec.seeds.first
        return range(first, first + (self.spec.seeds.count if count is None else count))

    def size(self, seeds: int | None = None) -> int:
        """Number of runs under a number of seeds, or under that of the file."""
        return len(self.seeds(seeds)) * len(self.points) * len(self.scenarios)

    def widest(self) -> int:
        """Number of runs in the largest round of seeds: so many can be done at the same time."""
        aim = self.spec.precision
        return self.size(max(self.spec.seeds.count, aim.round if aim else 0))

    def tasks(self, seeds: range | None = None) -> Iterator[Task]:
        """Runs to do, seed by seed and point by point.

        An experiment broken off is still balanced, and more seeds do not move the ordinals.
        """
        run = 0
        for seed in seeds or self.seeds():
            for point in range(len(self.points)):
                for scenario in self.scenarios:
                    yield Task(run, scenario, point, seed)
                    run += 1

    def parameters(self, scenario: str, point: int = 0) -> dict[str, Any]:
        """What a run changes in the base config: dotted name -> value.

        Changes of a scenario are taken from the resolved configs, so that they do not depend on
        how a file writes them.
        """
        return {**self.points[point], **self._own_changes(scenario)}

    def resolved(self) -> str:
        """The experiment as a file that needs no other: base and changes spelt out."""
        return dump(
            self.spec.model_copy(
                update={
                    "base": plain(self._base()),
                    "set": {},
                    "design": self._design(),
                    "scenarios": {name: self._own_changes(name) for name in self.scenarios},
                    "max_runs": max(self.spec.max_runs, self.size()),  # allowed once
                }
            )
        )

    def _design(self) -> AnyDesign:
        """The design, a table spelt out."""
        design = self.spec.design
        if not isinstance(design, TableDesign):
            return design
        names = [name for name in self.points[0] if name != BRANCH]
        points = self.points[:: max(1, len(self.spec.branches()))]
        settings = {name: tuple(point[name] for point in points) for name in names}
        return ZippedDesign(kind="zipped", settings=settings, seed=design.seed)

    def _own_changes(self, scenario: str) -> dict[str, Any]:
        """Changes of a scenario, whatever the point, as the model reads them; remembered."""
        if scenario not in self._own:
            changes = dict(self.scenarios[scenario])
            if BRANCH not in changes.values():
                document = apply_overrides(self.common, changes, schema=self.engine.schema)
                config = validate(document.values, self.engine.schema, document.where)
                found = differences(plain(self._base()), plain(config))
                changes = {".".join(path): value for path, _, value in found}
            self._own[scenario] = changes
        return self._own[scenario]

    def _base(self) -> Any:
        """Base config with the changes that hold in every run."""
        return validate(self.common.values, self.engine.schema, self.common.where)

    def _at_point(self, point: int) -> Document:
        changes = {name: value for name, value in self.points[point].items() if name != BRANCH}
        places = self.at[point // max(1, len(self.spec.branches()))]
        return apply_overrides(self.common, changes, schema=self.engine.schema, places=places)


@lru_cache
def after(quarter: str) -> str:
    """Label of the quarter that follows."""
    return quarter_label(parse_quarter(quarter) + 1)
