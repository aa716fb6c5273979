"""An experiment in parts, for job arrays: each shard by itself, then all put together.

A shard is a folder of its own below the results folder, so that shards may be done at the same
time on machines that share a disk, or apart and copied together.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from pathlib import Path
from typing import Any

from sim.runs.alike import differences, program, traits
from sim.runs.cache import RunCache
from sim.runs.campaign import Campaign, Shard
from sim.runs.engine import Engine, Progress
from sim.runs.errors import ResultsError
from sim.runs.executors import Executor
from sim.runs.experiment import Experiment
from sim.runs.folder import claim, locked, write_text
from sim.runs.produce import Report, assemble, experiment_hash, tidied, writing
from sim.runs.replay import stored_experiment

FOLDER = "shards"
HEAD = "shard.json"


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
        write_text(here / "experiment.yaml", experiment.resolved())
        write_text(here / HEAD, json.dumps({**head, "complete": False}))
        if again:
            campaign.cache.forget_failures()
        campaign.do(executor, progress, shard)
        write_text(here / HEAD, json.dumps({**head, "complete": True}))
    return f"shard {shard.number} of {shard.of} is done; when all are: sim merge {folder}"


def merge_shards(folder: Path, engine: Engine, *, csv: bool) -> tuple[Report, Experiment]:
    """Write the results folder of an experiment whose shards are all done.

    raises ResultsError : a shard is missing, unfinished, of another experiment or program
    """
    start = time.perf_counter()
    parts = _parts(folder)
    experiment = stored_experiment(parts[0], engine)
    campaign = Campaign(experiment, RunCache(folder), program())
    for part in parts:
        _fits(part, experiment_hash(experiment))
    with locked(folder):
        claim(folder)
        for part in parts:
            campaign.cache.take(RunCache(part))
        failures = assemble(campaign, folder, experiment.seeds(), start, (), csv=csv)
        notes = tidied(campaign)
        shutil.rmtree(folder / FOLDER)
    return Report(failures, time.perf_counter() - start, notes), experiment


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


def _fits(part: Path, config_hash: str) -> None:
    """Refuse a shard that is not at its end, of another experiment, or done otherwise than here."""
    head: dict[str, Any] = {}
    if (part / HEAD).exists():
        head = json.loads((part / HEAD).read_text(encoding="utf-8"))
    if not head.get("complete"):
        number, of = part.name.split("-of-")
        raise ResultsError(
            f"{part}: not at its end; go on with sim experiment FILE --shard {number}/{of}"
        )
    if head["config_hash"] != config_hash:
        raise ResultsError(f"{part}: belongs to another experiment than the first shard")
    unlike = differences(head.get("traits", {}), traits())
    if unlike:
        raise ResultsError(
            f"{part}: done by another program or arithmetic than this one: {unlike}; merge with "
            "that one, or do all shards with this one"
        )
