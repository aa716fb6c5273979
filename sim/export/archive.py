"""From a results folder to its export."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from sim.export.crate import METADATA, crate
from sim.export.folder import ARCHIVE, pack, staged, write_checksums
from sim.export.layout import code, items
from sim.export.odd import odd
from sim.export.project import Author, Project, project
from sim.export.results import Results, open_results
from sim.runs.errors import ResultsError
from sim.runs.manifest import git_state


def export_results(
    folder: Path, out: Path, *, agent: Author | None = None, archive: bool = False
) -> list[str]:
    """Write the export of the results in `folder` to `out`.

    agent    who ran the model; None for the authors of the software
    archive  pack the export into one zip too
    returns  what a reader must be told: differences between the code exported and the code run
    raises ResultsError : the results or the folder cannot be used
    """
    results, about = open_results(folder), project()
    if out.resolve().is_relative_to(folder.resolve()):
        raise ResultsError(f"{out}: lies inside the results it would hold; choose another --out")
    warnings = differences(results, about)
    notes = "".join(f"- note: {each}\n" for each in warnings)
    described = items(results, about, odd(), notes)
    with staged(out) as stage:
        for item in described:
            _put(stage / item.path, item.source)
        for name, source in code(about):
            _put(stage / name, source)
        content = crate(results, about, described, stage, agent)
        _put(stage / METADATA, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
        write_checksums(stage)
        if archive:
            pack(stage, stage / ARCHIVE)
    return warnings


def differences(results: Results, about: Project) -> list[str]:
    """In what the code at hand may differ from the code that made the results."""
    made, now = results.manifest.get("git"), git_state(about.root)
    found = []
    if results.manifest["version"] != about.version:
        found.append(
            f"the results are of version {results.manifest['version']}, "
            f"the code exported is version {about.version}"
        )
    if made is None:
        found.append("the commit of the code that made the results is not known")
    elif made["dirty"]:
        found.append(f"the code that made the results differed from its commit {made['commit']}")
    if now is None:
        found.append("the commit of the code exported is not known")
    elif now["dirty"]:
        found.append(f"the code exported differs from its commit {now['commit']}")
    if made and now and made["commit"] != now["commit"]:
        found.append(f"the code exported is of commit {now['commit']}")
    return found


def _put(path: Path, source: Path | str) -> None:
    """Write a file of the export: a copy of a file, or a text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(source, Path):
        shutil.copyfile(source, path)
    else:
        path.write_text(source, encoding="utf-8", newline="\n")
