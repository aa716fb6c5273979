"""ro-crate-metadata.json: the export as an RO-Crate 1.1 with the profile Process Run Crate 0.5.

https://w3id.org/ro/wfrun/process/0.5: an action (the run) with its instrument (this software), its
objects (settings and data) and its results (the tables).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

from sim.export.layout import CODE, Item
from sim.export.project import Author, Project
from sim.export.results import Results
from sim.runs.folder import sha256

METADATA = "ro-crate-metadata.json"
VERSION = "1.1"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
ACTION = "#run"
SOFTWARE = "#sim"

TERMS = {
    "sha256": "http://schema.org/sha256",
    "environment": "https://w3id.org/ro/terms/workflow-run#environment",
}
"""Terms that RO-Crate 1.1 does not define; they stand in the file, to be read without network."""


def crate(
    results: Results, about: Project, items: Sequence[Item], stage: Path, agent: Author | None
) -> dict[str, Any]:
    """Content of the metadata file, JSON-LD in flattened form.

    items  files that stand below `stage` already
    agent  who ran the model; None for the authors of the software
    """
    graph = ROCrate(version=VERSION)
    graph.metadata.extra_terms.update(TERMS)
    people = [_person(graph, each) for each in ([agent] if agent else about.authors)]
    licence = _entity(
        graph,
        f"https://spdx.org/licenses/{about.licence}",
        {"@type": "CreativeWork", "name": about.licence, "description": "licence of all files"},
    )
    files = {item.path: _file(graph, item, stage) for item in items}
    _code(graph, about)
    action = _action(graph, results, people, software=_software(graph, results, about))
    for property_, role in (("object", "input"), ("result", "result")):
        action[property_] = _one([files[item.path] for item in items if item.role == role])
    _describe_root(graph, results, about)
    graph.root_dataset["author"] = _one(people)
    graph.root_dataset["license"] = licence
    graph.root_dataset["mentions"] = action
    return dict(graph.metadata.generate())


def _entity(graph: ROCrate, identity: str, properties: Mapping[str, Any]) -> ContextEntity:
    return graph.add(ContextEntity(graph, identity, properties=dict(properties)))


def _one(values: Sequence[Any]) -> Any:
    """A single value by itself, as RO-Crate 1.1 asks for; several as a list."""
    return values[0] if len(values) == 1 else list(values)


def _describe_root(graph: ROCrate, results: Results, about: Project) -> None:
    root = graph.root_dataset
    manifest = results.manifest
    root["name"] = f"{results.name}: results of {about.citation['title']}"
    root["description"] = (
        f"{about.abstract} This archive holds one {results.recipe.removesuffix('.yaml')} "
        f"(SHA-256 {manifest['config_hash']}), with code, data, documents and results."
    )
    root["datePublished"] = results.finished.date().isoformat()
    root["keywords"] = ", ".join(about.keywords)
    root["conformsTo"] = _entity(
        graph,
        PROFILE,
        {
            "@type": "CreativeWork",
            "name": "Process Run Crate",
            "version": PROFILE.rpartition("/")[2],
        },
    )


def _person(graph: ROCrate, author: Author) -> ContextEntity:
    identity = author.orcid or "#" + "-".join(author.name.lower().split())
    names = {"givenName": author.given, "familyName": author.family}
    given = {name: value for name, value in names.items() if value}
    return _entity(graph, identity, {"@type": author.kind, "name": author.name, **given})


def _file(graph: ROCrate, item: Item, stage: Path) -> Any:
    path = stage / item.path
    return graph.add_file(
        dest_path=item.path,
        properties={
            "name": path.name,
            "description": item.about,
            "encodingFormat": item.media,
            "contentSize": str(path.stat().st_size),
            "sha256": sha256(path),
        },
    )


def _code(graph: ROCrate, about: Project) -> None:
    graph.add_dataset(
        dest_path=f"{CODE}/",
        properties={
            "name": "code",
            "description": f"sources of sim {about.version}: package, tests, configs, packages",
        },
    )


def _software(graph: ROCrate, results: Results, about: Project) -> ContextEntity:
    """The version that made the results, with the versions of what it used."""
    manifest = results.manifest
    used = {"python": manifest["python"], **manifest["libraries"]}
    properties: dict[str, Any] = {
        "@type": "SoftwareApplication",
        "name": "sim",
        "description": about.summary,
        "softwareVersion": manifest["version"],
        "softwareRequirements": [_library(graph, *each) for each in sorted(used.items())],
    }
    git = manifest.get("git") or {}
    if git:
        properties["identifier"] = f"git commit {git['commit']}"
    if about.repository:
        properties["url"] = about.repository
    return _entity(graph, about.repository or SOFTWARE, properties)


def _library(graph: ROCrate, name: str, version: str) -> ContextEntity:
    address = f"https://pypi.org/project/{name}/{version}/"
    if name == "python":
        address = f"https://www.python.org/downloads/release/python-{version.replace('.', '')}/"
    properties = {"@type": "SoftwareApplication", "name": name, "softwareVersion": version}
    return _entity(graph, address, {**properties, "url": address})


def _action(
    graph: ROCrate, results: Results, people: Sequence[ContextEntity], software: ContextEntity
) -> ContextEntity:
    manifest = results.manifest
    failed = results.failed
    told = f"{failed} run{'s' * (failed > 1)}"
    properties = {
        "@type": "CreateAction",
        "name": f"{results.command}: {results.name}",
        "description": (
            f"{results.command} on {manifest['platform']['system']}, seeds "
            f"{', '.join(str(each) for each in manifest['seeds'])}"
            + (f"; {told} failed, see runs.parquet" if failed else "")
        ),
        "startTime": results.started.isoformat(),
        "endTime": results.finished.isoformat(),
        "actionStatus": "http://schema.org/CompletedActionStatus",
        "instrument": software,
        "agent": _one(people),
    }
    variables = manifest.get("environment", {})
    if variables:
        properties["environment"] = [
            _entity(
                graph, f"#{name}", {"@type": "PropertyValue", "name": name, "value": str(value)}
            )
            for name, value in sorted(variables.items())
        ]
    return _entity(graph, ACTION, properties)
