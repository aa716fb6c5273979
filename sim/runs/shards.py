"""An experiment in parts, for job arrays: each shard by itself, then all put together.

A shard is a folder of its own below the results folder, so that shards may be done at the same
time on machines that share a disk, or apart and copied together.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.runs.alike import differences, program, traits
from sim.runs.cache import RunCache
from sim.runs.campaign import Campaign, Shard
from sim.runs.engine import Engine, Progress
from sim.runs.errors import ResultsError
from sim.runs.executors import Executor
from sim.runs.experiment import Experiment
from sim.runs.folder import LOCK, claim, locked, part, write_text
from sim.runs.produce import LostError, Report, assemble, experiment_hash, tidied, writing
from sim.runs.replay import stored_experiment
from sim.runs.sweep import stoppable
from sim.runs.task import DONE, Outcome

FOLDER = "shards"
HEAD = "shard.json"
EXPERIMENT = "experiment.yaml"


def parse_shard(text: str, experiment: Experiment) -> Shard:
    """Shard that `text`, such as 3/8, names.

    raises ResultsError : it names none, or the experiment cannot be done in shards
    """
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise ResultsError(f"--shard {text}: must be I/N with 1 <= I <= N, e.g. 3/8")
    if experiment.spec.replicates == "auto":
        raise ResultsError(
            "--shard: `replicates: auto` decides from all runs together whether more are needed; "
            "do it without shards, or fix the number of seeds"
        )
    return Shard(int(match[1]), int(match[2]))


@stoppable()
def produce_shard(
    experiment: Experiment,
    folder: Path,
    executor: Executor,
    shard: Shard,
    *,
    again: bool,
    progress: Progress,
) -> str:
    """Do the runs of one shard that are missing; returns what to tell the user.

    raises ResultsError : the folder cannot be written, or not all of it (the runs are kept)
    raises StoppedError : a signal came (the runs are kept)
    """
    here = folder / FOLDER / f"{shard.number}-of-{shard.of}"
    campaign = Campaign(experiment, RunCache(here), program())
    head = {"config_hash": experiment_hash(experiment), "traits": dict(traits())}
    claim(folder)
    with locked(here), writing(here):
        write_text(here / EXPERIMENT, experiment.resolved())
        write_text(here / HEAD, json.dumps({**head, "complete": False}))
        if again:
            campaign.cache.forget_failures()
        campaign.do(executor, progress, shard)
        write_text(here / HEAD, json.dumps({**head, "complete": True}))
    return f"shard {shard.number} of {shard.of} is done; when all are: sim merge {folder}"


@stoppable()
def merge_shards(folder: Path, engine: Engine, *, csv: bool) -> tuple[Report, Experiment]:
    """Write the results folder of an experiment whose shards are all done.

    Outcomes are read where the shards keep them, and removed once they are in tables.

    raises ResultsError : a shard is missing, unfinished, at work, of another experiment or program,
                          or an outcome is damaged, or the folder cannot be written
    raises StoppedError : a signal came (the shards are as they were)
    """
    start = time.perf_counter()
    parts = _parts(folder)
    with locked(folder), writing(folder):
        refuse_busy(parts)
        experiment = stored_experiment(parts[0], engine)
        for each in parts:
            _fits(each, experiment_hash(experiment))
        campaign = Campaign(experiment, _Together(folder, parts), program())
        claim(folder)
        try:
            failures = assemble(campaign, folder, experiment.seeds(), start, (), csv=csv)
        except LostError as lost:
            where = parts[lost.task.run % len(parts)]
            raise ResultsError(
                f"{where}: run {lost.task.run} is damaged or gone; {_command(where)} does it again"
            ) from None
        notes = (*tidied(replace(campaign, cache=RunCache(folder))), *_removed(parts))
    return Report(failures, time.perf_counter() - start, notes), experiment


class _Together(RunCache):
    """Outcomes of several shards, read where they are.

    Where shards have the same run with unlike ends, one that ended well is taken.
    """

    def __init__(self, folder: Path, parts: Sequence[Path]) -> None:
        super().__init__(folder)
        self._holders: dict[str, list[RunCache]] = {}
        for cache in map(RunCache, parts):
            for key in cache.keys():  # noqa: SIM118 - no dict
                self._holders.setdefault(key, []).append(cache)

    def get(self, key: str) -> Outcome | None:
        """Outcome of a key in the first shard where it ended well, or else in the first."""
        found = [outcome for cache in self._holders.get(key, ()) if (outcome := cache.get(key))]
        return next((each for each in found if each.status == DONE), found[0] if found else None)


def refuse_busy(parts: Sequence[Path]) -> None:
    """See that no process is at work on one of these shards.

    One after the other: as many locks at once could be more than the files a process may open.

    raises ResultsError : one is
    """
    for each in parts:
        with locked(each):
            pass


def _empty(here: Path) -> None:
    """Remove what the package wrote into the folder of a shard, but for its lock."""
    cache = RunCache(here)
    cache.discard(cache.keys())
    for name in (HEAD, EXPERIMENT):
        (here / name).unlink(missing_ok=True)
        part(here, name).unlink(missing_ok=True)


def _removed(parts: Sequence[Path]) -> tuple[str, ...]:
    """Remove shards, but for files of others; returns what to tell the user."""
    told = []
    for each in parts:
        try:
            with locked(each):
                _empty(each)
        except ResultsError:
            told.append(f"{each}: was begun again meanwhile, and left as it is")
            continue
        (each / LOCK).unlink(missing_ok=True)
        with suppress(OSError):  # it holds files of others
            each.rmdir()
    with suppress(OSError):
        parts[0].parent.rmdir()
    return tuple(told)


def _parts(folder: Path) -> list[Path]:
    """Folders of the shards, in order; all of them are there."""
    found = {
        (int(match[1]), int(match[2])): path
        for path in (folder / FOLDER).glob("*")
        if (match := re.fullmatch(r"(\d+)-of-(\d+)", path.name))
    }
    if not found:
        raise ResultsError(f"{folder}: holds no shards; make them with sim experiment --shard I/N")
    totals = sorted({of for _, of in found})
    if len(totals) > 1:
        raise ResultsError(
            f"{folder / FOLDER}: holds shards of different divisions (in "
            f"{', '.join(map(str, totals))} parts); remove those that do not belong"
        )
    missing = [str(i) for i in range(1, totals[0] + 1) if (i, totals[0]) not in found]
    if missing:
        raise ResultsError(
            f"{folder}: shards {', '.join(missing)} of {totals[0]} are missing; do each with "
            f"sim experiment FILE --shard I/{totals[0]}"
        )
    return [found[i, totals[0]] for i in range(1, totals[0] + 1)]


def _command(where: Path) -> str:
    """What does the runs of a shard that are missing."""
    number, of = where.name.split("-of-")
    return f"sim experiment FILE --shard {number}/{of}"


def _fits(where: Path, config_hash: str) -> None:
    """Refuse a shard that is not at its end, of another experiment, or done otherwise than here."""
    head: dict[str, Any] = {}
    with suppress(OSError, ValueError):  # not there, or damaged: doing the shard again mends it
        head = json.loads((where / HEAD).read_text(encoding="utf-8"))
    if not head.get("complete"):
        raise ResultsError(f"{where}: not at its end; go on with {_command(where)}")
    if head["config_hash"] != config_hash:
        raise ResultsError(f"{where}: belongs to another experiment than the first shard")
    unlike = differences(head.get("traits", {}), traits())
    if unlike:
        raise ResultsError(
            f"{where}: done by another program or arithmetic than this one: {unlike}; merge with "
            "that one, or do all shards with this one"
        )
