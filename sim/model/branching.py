"""Which runs share a past: settings that may differ between a burn-in and its branches.

A lever leaves no trace before it starts, so runs that differ only in levers which have not acted
yet are the same run bit for bit up to then.
"""

from __future__ import annotations

import json
from typing import Any

from sim.config.values import differences, plain
from sim.model.config import RecordConfig, RegionConfig
from sim.policies import PoliciesConfig
from sim.policies.base import LeverConfig
from sim.state.calendar import parse_quarter, quarter_label

_LONGEST = 60
"""Characters of a setting that a message shows."""


def idle(lever: LeverConfig, start: int, last: int) -> bool:
    """Whether a lever does nothing in the quarters (numbers) `start` to `last`, inclusive."""
    first = max(parse_quarter(lever.start), start)
    end = last if lever.end is None else min(parse_quarter(lever.end) - 1, last)
    return lever.dose == 0 or first > end


def trunk(config: RegionConfig, quarter: int) -> RegionConfig:
    """The config as far as it shapes a run up to the end of `quarter` (number), all else default.

    Runs with equal trunks are equal so far, so its `digest` names a burn-in they can share.
    """
    start, levers = parse_quarter(config.time.start), PoliciesConfig()
    acted = {
        name: lever
        for name in PoliciesConfig.model_fields
        if not idle(lever := getattr(config.policies, name), start, quarter)
    }
    return config.model_copy(
        update={
            "name": RegionConfig.model_fields["name"].default,
            "description": "",
            "time": config.time.model_copy(update={"end": quarter_label(quarter)}),
            "record": RecordConfig(snapshots=tuple(sorted(_snapshots(config, quarter)))),
            "policies": levers.model_copy(update=acted),
        }
    )


def branchable(base: RegionConfig, other: RegionConfig, quarter: str) -> list[str]:
    """Why a run of `other` may not continue from a run of `base` at the end of `quarter`.

    returns  a message per setting in the way, with its dotted name; empty if there is none
    raises ValueError : `quarter` is no label of a quarter
    """
    last = parse_quarter(quarter)
    problems = [
        f"time.end: {cfg.time.end} of the {run} is before {quarter}, the quarter of the branch"
        for run, cfg in (("base run", base), ("branch", other))
        if parse_quarter(cfg.time.end) < last
    ]
    if missing := _snapshots(base, last) ^ _snapshots(other, last):
        names = ", ".join(sorted(missing))
        problems.append(f"record.snapshots: {names} not in both runs, but not after {quarter}")
    for path, one, two in differences(plain(base), plain(other)):
        if path[0] not in {"name", "description", "record"} and path != ("time", "end"):
            problems += _problem(base, other, quarter, path, (one, two))
    return problems


def _problem(
    base: RegionConfig,
    other: RegionConfig,
    quarter: str,
    path: tuple[str, ...],
    values: tuple[Any, Any],
) -> list[str]:
    """What is wrong with a setting that differs; nothing if it is one of a lever at rest."""
    one, two = (json.dumps(value, ensure_ascii=False)[:_LONGEST] for value in values)
    reason = f"acts before the end of {quarter}, so it must be the same in both"
    if path[0] == "policies":
        start, last = parse_quarter(base.time.start), parse_quarter(quarter)
        levers = {run: getattr(cfg.policies, path[1]) for run, cfg in _runs(base, other)}
        acting = {run: each for run, each in levers.items() if not idle(each, start, last)}
        if not acting:
            return []
        where = " and ".join(f"in the {run} from {each.start}" for run, each in acting.items())
        reason = f"the lever acts {where}, which is not after {quarter}"
    return [f"{'.'.join(path)}: {two} instead of {one}; {reason}"]


def _runs(base: RegionConfig, other: RegionConfig) -> tuple[tuple[str, RegionConfig], ...]:
    return ("base run", base), ("branch", other)


def _snapshots(config: RegionConfig, last: int) -> set[str]:
    """Quarters up to number `last` at whose end agents are written."""
    return {quarter for quarter in config.record.snapshots if parse_quarter(quarter) <= last}
