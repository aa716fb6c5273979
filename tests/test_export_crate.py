"""The metadata of an export: a flat graph that names every file, its hash, and what made it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

import sim
from sim.cli import app
from sim.export.archive import export_results
from sim.export.crate import METADATA, PROFILE
from sim.export.folder import CHECKSUMS
from sim.export.layout import CODE
from sim.export.people import person
from sim.runs.folder import sha256
from tests import archived_results

ROOT = Path(sim.__file__).resolve().parent.parent
VALIDATOR = ROOT / ".venv-crate" / "bin" / "python"


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    top = tmp_path_factory.mktemp("crate")
    results = archived_results.write(top / "tiny")
    export_results(results, top / "out")
    return top / "out"


def graph_of(folder):
    content = json.loads((folder / METADATA).read_text("utf-8"))
    return {entity["@id"]: entity for entity in content["@graph"]}


@pytest.fixture(scope="module")
def graph(export):
    return graph_of(export)


def references(entity):
    """Identities that an entity points to."""
    for value in entity.values():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                assert set(each) == {"@id"}, "an entity inside an entity: not flattened"
                yield each["@id"]


def listed(value):
    return [each["@id"] for each in (value if isinstance(value, list) else [value])]


def test_the_graph_is_flat_and_every_reference_is_met(export, graph):
    content = json.loads((export / METADATA).read_text("utf-8"))
    assert len(graph) == len(content["@graph"]), "an identity occurs twice"
    known = {*graph, "https://w3id.org/ro/crate/1.1"}
    assert {each for entity in graph.values() for each in references(entity)} <= known


def test_every_file_listed_is_there_with_its_hash_and_size(export, graph):
    files = [entity for entity in graph.values() if entity["@type"] == "File"]
    assert len(files) > 10
    for entity in files:
        path = export / entity["@id"]
        assert entity["sha256"] == sha256(path), entity["@id"]
        assert entity["contentSize"] == str(path.stat().st_size)
        assert entity["description"]


def test_every_file_is_listed_by_itself_or_as_part_of_the_code(export, graph):
    present = {path.relative_to(export).as_posix() for path in export.rglob("*") if path.is_file()}
    alone = {name for name in present if not name.startswith(f"{CODE}/")}
    assert alone - {METADATA, CHECKSUMS} == {
        name for name, entity in graph.items() if entity["@type"] == "File"
    }
    assert set(listed(graph["./"]["hasPart"])) == (alone - {METADATA, CHECKSUMS}) | {f"{CODE}/"}
    needed = {"sim/cli.py", "sim/data/provinces.csv", "sim/export/odd.md", "pyproject.toml"}
    needed |= {"requirements.txt", "configs/toy.yaml", "tests/__init__.py", ".ci/find-python"}
    assert {f"{CODE}/{name}" for name in needed} <= present
    assert not [name for name in present if "__pycache__" in name or name.endswith(".pyc")]


def test_the_root_has_what_the_profile_asks_for(graph):
    root = graph["./"]
    assert graph[METADATA]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert root["conformsTo"] == {"@id": PROFILE}
    assert graph[PROFILE]["@type"] == "CreativeWork"
    assert root["mentions"] == {"@id": "#run"}
    assert graph[root["license"]["@id"]]["name"] == "MIT"
    assert graph[root["author"]["@id"]]["name"] == "The sim authors"
    assert root["datePublished"] == "2023-11-14"
    assert {"name", "description", "keywords"} <= set(root)


def test_the_run_has_instrument_objects_results_and_times(graph):
    action = graph["#run"]
    software = graph[action["instrument"]["@id"]]
    assert (software["@type"], software["softwareVersion"]) == ("SoftwareApplication", "0.1.0")
    used = [graph[each] for each in listed(software["softwareRequirements"])]
    assert {(each["name"], each["softwareVersion"]) for each in used} == {
        ("python", "3.11.7"),
        ("numpy", "2.1.0"),
        ("mesa", "3.3.1"),
    }
    assert {"results/config.yaml", "data/provinces.csv"} <= set(listed(action["object"]))
    assert set(listed(action["result"])) == {
        "results/figures/sigma.png",
        "results/manifest.json",
        "results/provinces.parquet",
        "results/runs.parquet",
    }
    start, end = (datetime.fromisoformat(action[name]) for name in ("startTime", "endTime"))
    assert end.timestamp() == archived_results.FINISHED
    assert (end - start).total_seconds() == 9
    assert graph[action["agent"]["@id"]]["@type"] == "Organization"
    assert "environment" not in action
    assert "failed" not in action["description"]


def test_who_ran_it_and_what_the_manifest_says_of_times_and_variables_is_kept(tmp_path):
    times = {"started": "2024-01-01T00:00:00+00:00", "finished": "2024-01-01T06:00:00+00:00"}
    variables = {"NPY_DISABLE_CPU_FEATURES": "X86_V3"}
    results = archived_results.write(
        tmp_path / "tiny", environment=variables, status="failed", git=None, **times
    )
    notes = export_results(results, tmp_path / "out", agent=person("Ada Lovelace", ""))
    assert any("not known" in note for note in notes)
    graph = graph_of(tmp_path / "out")
    action = graph["#run"]
    assert (action["startTime"], action["endTime"]) == (times["started"], times["finished"])
    variable = graph[action["environment"][0]["@id"]]
    assert (variable["name"], variable["value"]) == ("NPY_DISABLE_CPU_FEATURES", "X86_V3")
    assert "1 run failed" in action["description"]
    text = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "- runs that failed: 1, see `results/runs.parquet`" in text
    agent = graph[action["agent"]["@id"]]
    assert (agent["@type"], agent["familyName"]) == ("Person", "Lovelace")


def test_the_readme_says_how_to_run_it_and_what_differs(export):
    text = (export / "README.md").read_text("utf-8")
    assert "sim run results/config.yaml --out again" in text
    assert "0" * 40 in text
    assert "- note: the code exported is of commit " in text
    assert "failed" not in text


@pytest.mark.slow
def test_a_real_run_validates_and_the_exported_code_gives_its_tables_again(tmp_path):
    """The validator lives in an environment of its own: `make crate` makes it."""
    if not VALIDATOR.is_file():
        pytest.skip(f"NOT VALIDATED: no {VALIDATOR}; run `make crate`")
    results, out = tmp_path / "toy", tmp_path / "out"
    done = CliRunner().invoke(app, ["run", str(ROOT / "configs/toy.yaml"), "--out", str(results)])
    assert done.exit_code == 0, done.output
    export_results(results, out, archive=True)
    script = str(ROOT / "tests" / "crate_validation.py")
    for crate in (out, out / "archive.zip"):
        _run([str(VALIDATOR), script, str(crate)], {"PYTHONPATH": ""})
    broken = json.loads((out / METADATA).read_text("utf-8"))
    for entity in broken["@graph"]:
        entity.pop("instrument", None)
    (out / METADATA).write_text(json.dumps(broken), "utf-8")
    with pytest.raises(AssertionError, match="MUST have an instrument"):
        _run([str(VALIDATOR), script, str(out)], {"PYTHONPATH": ""})

    again = tmp_path / "again"
    words = ["run", str(out / "results/config.yaml"), "--out", str(again)]
    _run([sys.executable, "-m", "sim", *words], {"PYTHONPATH": str(out / CODE)}, tmp_path)
    for path in results.glob("*.parquet"):
        assert sha256(path) == sha256(again / path.name)


def _run(words, variables, folder=ROOT):
    done = subprocess.run(
        words,
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
