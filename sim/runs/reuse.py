"""Runs of an earlier experiment in the same folder, taken over where what made them is the same."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sim.runs.assembly import Failure
from sim.runs.campaign import Campaign
from sim.runs.changes import damaged
from sim.runs.folder import MANIFEST, read_manifest, read_table
from sim.runs.keys import run_key
from sim.runs.parcel import pack_tables
from sim.runs.schema import without_run
from sim.runs.stored import StoredTable
from sim.runs.task import DONE, Outcome, Task


def finished(
    folder: Path, config_hash: str, program: str, *, csv: bool
) -> tuple[Failure, ...] | None:
    """Failed runs of a folder that holds just what would be written into it; None if it does not.

    Files that are gone or were changed since are written again.

    config_hash  SHA-256 of the experiment
    program      SHA-256 of what runs it, see `sim.runs.alike.program`
    csv          whether tables are wanted as text too
    """
    manifest = _manifest(folder)
    if (manifest.get("config_hash"), manifest.get("program")) != (config_hash, program):
        return None
    if csv != (folder / "runs.csv").exists() or damaged(folder, manifest):
        return None
    runs = read_table(folder, "runs")
    return tuple(
        Failure(
            Task(row["run"], row["scenario"], row["point"], row["seed"]),
            row["status"],
            row["error"],
            row["traceback"],
        )
        for row in runs[runs["status"] != DONE].to_dict("records")
    )


def reuse(folder: Path, campaign: Campaign) -> tuple[str, ...]:
    """Put runs from the finished tables of a folder into the cache, if they are wanted again.

    A run is in all tables, so none is taken once one table is not the file that was written.

    returns  what the user should know, a sentence each
    """
    manifest = _manifest(folder)
    if manifest.get("program") != campaign.program:
        return ()
    hashes = manifest.get("sha256", {})
    stored = {name: digest for name, digest in hashes.items() if name.endswith(".parquet")}
    spoilt = damaged(folder, {"sha256": stored})
    if spoilt:
        return (f"{'; '.join(spoilt)}: no run was taken from the tables that were there",)
    seconds = manifest.get("run_seconds", [])
    scenarios, points = campaign.experiment.scenarios, range(len(campaign.experiment.points))
    wanted = {campaign.experiment.config_hash(name, at) for name in scenarios for at in points}
    with ExitStack() as files:
        tables = {
            name: files.enter_context(StoredTable(folder / f"{name}.parquet"))
            for name in campaign.experiment.engine.tables
            if f"{name}.parquet" in stored
        }
        for row in read_table(folder, "runs").to_dict("records"):
            if row["config_hash"] not in wanted or row["seed"] not in campaign.most:
                continue
            key = run_key(row["config_hash"], row["seed"], campaign.program)
            if campaign.cache.status(key) is None:
                took = seconds[row["run"]] if row["run"] < len(seconds) else 0.0
                campaign.cache.put(key, _outcome(tables, campaign, row, took))
    return ()


def _outcome(
    files: Mapping[str, StoredTable], campaign: Campaign, row: Mapping[Hashable, Any], took: float
) -> Outcome:
    """What became of a run, read from the tables of the folder."""
    if row["status"] != DONE:
        return Outcome(row["status"], b"", row["error"], row["traceback"], took)
    schemas = campaign.experiment.engine.tables
    tables = {
        name: without_run(file.rows(row["run"]), schemas[name]) for name, file in files.items()
    }
    return Outcome(DONE, pack_tables(tables), "", "", took)


def _manifest(folder: Path) -> dict[str, Any]:
    """Manifest of a folder with finished results, {} if it has none."""
    if not (folder / MANIFEST).exists():
        return {}
    manifest = read_manifest(folder, complete=False)
    return manifest if manifest.get("complete") else {}
