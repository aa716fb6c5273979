"""Reading an experiment file: everything that can be wrong with it is told before any run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from sim.config.document import Document
from sim.config.errors import ConfigError, Problem
from sim.runs.design import places, points
from sim.runs.draft import Draft, flat_changes, load_draft, problem_at
from sim.runs.engine import Engine
from sim.runs.estimate import trial
from sim.runs.experiment import BRANCH, Experiment


def load_experiment(
    path: Path,
    engine: Engine,
    figures: Mapping[str, bool] | None = None,
    *,
    max_runs: int | None = None,
) -> Experiment:
    """Experiment of a file, with the config of every scenario at every point checked.

    figures   names that the file may list under `figures` -> whether it takes two scenarios; None
              if they do not matter
    max_runs  runs above which it is refused, instead of the number in the file
    raises ConfigError : anything in the file, its base, a scenario or the design cannot be used
    """
    draft = load_draft(path, engine, figures)
    spec, document = draft.spec, draft.document
    most = spec.max_runs if max_runs is None else max_runs
    if draft.runs > most:
        raise ConfigError(_too_many(draft, most))
    changes, written = {}, {}
    for name, values in spec.scenarios.items():
        changes[name], written[name] = flat_changes(document, ("scenarios", name), values)
    design = spec.design, spec.uncertainties
    every = [{BRANCH: quarter} for quarter in spec.branches()] or [{}]
    experiment = Experiment(
        spec,
        engine,
        draft.common,
        changes,
        written,
        [{**point, **branch} for point in points(*design, draft.folder) for branch in every],
        places(*design, document, draft.folder),
    )
    _check_points_hold(experiment)
    _check_configs(experiment, document)
    return experiment


def _check_points_hold(experiment: Experiment) -> None:
    """Refuse a scenario that sets what the design varies: all its points would be the same run.

    raises ConfigError : a setting is changed by both, or a section around it by one
    """
    varied = [name for name in experiment.points[0] if name != BRANCH]
    problems = [
        Problem(
            f"the design varies {varies}, so a scenario cannot set it",
            *experiment.places[scenario][name],
            name,
        )
        for scenario, changes in experiment.scenarios.items()
        for name in changes
        for varies in varied
        if f"{varies}.".startswith(f"{name}.") or f"{name}.".startswith(f"{varies}.")
    ]
    if problems:
        raise ConfigError(*problems)


def _check_configs(experiment: Experiment, document: Document) -> None:
    """Resolve every config once, and see that those that branch may.

    raises ConfigError : a scenario and a point do not go together
    """
    for point in range(len(experiment.points)):
        quarter = experiment.branch(point)
        for scenario in experiment.scenarios:
            experiment.config_hash(scenario, point)
            if not quarter or experiment.engine.branchable is None:
                continue
            one, other = experiment.burn_in(point), experiment.config(scenario, point)
            problems = experiment.engine.branchable(one, other, quarter)
            if problems:
                at = ("scenarios", scenario)
                raise ConfigError(*(problem_at(document, at, each) for each in problems))


def _too_many(draft: Draft, most: int) -> Problem:
    """A design larger than is allowed, told before it is made, with what it would take."""
    takes = trial(draft.engine, draft.base()).told(draft.runs, os.cpu_count() or 1)
    problem, allowed = f"the design asks for {draft.runs:,} runs: {takes}", f"at most {most:,}"
    return problem_at(draft.document, ("max_runs",), problem, f"{allowed}; or set max_runs higher")
