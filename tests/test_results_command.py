"""Listing and removing results folders: states are told apart, and files of others stay."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.analysis import pictures
from sim.cli import app
from sim.runs.cache import RunCache
from sim.runs.campaign import Shard
from sim.runs.executors import InProcess
from sim.runs.folder import MANIFEST, locked
from sim.runs.inventory import entries, own_files
from sim.runs.produce import silent
from sim.runs.shards import produce_shard
from sim.runs.task import Outcome
from tests.tiny_experiment import TEXT, load, produce, write

KEY = "0123456789abcdef" * 4


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A folder of results in every state but running."""
    root = tmp_path_factory.mktemp("inventory")
    experiment = load(write(root / "files"))
    broken = load(write(root / "files", TEXT.replace("dose: 1.0", "breaks_seed: 5")))
    where = root / "results"
    produce(experiment, where / "whole", csv=True)
    produce(broken, where / "sub" / "failures")
    produce(experiment, where / "old")
    manifest = json.loads((where / "old" / MANIFEST).read_text())
    (where / "old" / MANIFEST).write_text(json.dumps({**manifest, "format": 1}))
    RunCache(where / "begun").put(KEY, Outcome("failed", error="x"))
    produce_shard(
        experiment, where / "parts", InProcess(), Shard(1, 2), again=False, progress=silent
    )
    return where


@pytest.fixture
def folder(made, tmp_path, monkeypatch) -> Path:
    shutil.copytree(made, tmp_path / "results")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "results"


def _sim(*words: str, typed: str = "") -> str:
    result = CliRunner().invoke(app, ["results", *words], prog_name="sim", input=typed)
    assert result.exit_code == 0, result.output
    return result.output


def _listed(*words: str) -> list[str]:
    return [line.split()[0] for line in _sim(*words).splitlines()[1:-2]]


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_every_state_is_told_apart(folder):
    found = {entry.name: entry for entry in entries(folder)}
    assert {name: entry.state for name, entry in found.items()} == {
        "whole": "complete",
        "sub/failures": "complete",
        "old": "unreadable",
        "begun": "broken off",
        "parts": "shards",
    }
    with locked(folder / "whole"):
        assert {entry.name: entry.state for entry in entries(folder)}["whole"] == "running"
    failures = found["sub/failures"]
    assert (failures.done, failures.failed, failures.kind) == (5, 1, "experiment")
    assert failures.scenarios == ("none", "lever", "both")
    assert (found["begun"].done, found["parts"].done) == (1, 3)


def test_files_that_a_running_sweep_removes_meanwhile_are_left_out(folder, monkeypatch):
    def all_and_one_more(*words):
        yield from own_files(*words)
        yield words[0] / f".{KEY}.1.part"

    before = entries(folder)
    monkeypatch.setattr("sim.runs.inventory.own_files", all_and_one_more)
    assert entries(folder) == before


def test_kept_runs_may_be_removed_while_they_are_listed(folder):
    RunCache(folder / "begun").put("f" * 64, Outcome("failed", error="x"))
    files = own_files(folder / "begun")
    assert next(files).name in {KEY, "f" * 64}
    shutil.rmtree(folder / "begun" / ".runs")
    assert list(files) == []


def test_an_interrupted_writing_is_broken_off(folder):
    manifest = json.loads((folder / "whole" / MANIFEST).read_text())
    (folder / "whole" / MANIFEST).write_text(json.dumps({**manifest, "complete": False}))
    assert {entry.name: entry.state for entry in entries(folder)}["whole"] == "broken off"


def test_size_is_that_of_all_files_of_the_package(folder):
    (folder / "whole" / "notes.txt").write_text("mine" * 1000)
    sizes = {entry.name: entry.size for entry in entries(folder)}
    for name, size in sizes.items():
        ours = [path for path in (folder / name).rglob("*") if path.is_file()]
        assert size == sum(path.stat().st_size for path in ours if path.name != "notes.txt")


@pytest.mark.usefixtures("folder")
def test_the_list_shows_runs_scenarios_and_totals():
    text = _sim()
    assert re.search(r"sub/failures +experiment +5 +1 .*complete +none, lever, both", text)
    assert re.search(r"\n5 results, 15 runs done, 1 failed, .* kB\n$", text)


@pytest.mark.usefixtures("folder")
def test_filters_and_order():
    assert _listed() == ["begun", "old", "parts", "sub/failures", "whole"]
    assert _listed("--filter", "fail") == ["sub/failures"]
    assert _listed("--status", "shards") == ["parts"]
    assert _listed("--failed") == ["sub/failures"]
    assert _listed("--sort", "size")[0] == "whole"
    assert _listed("--sort", "runs")[:2] == ["sub/failures", "whole"]
    assert _sim("--filter", "nothing").startswith("no results")


@pytest.mark.parametrize("name", ["whole", "begun", "old", "parts", "sub/failures"])
def test_what_is_deleted_is_gone_and_the_rest_stays(folder, name):
    others = {each for each in _files(folder) if not each.startswith(f"{name}/")}
    assert f"removed results/{name}" in _sim("--delete", name, "--yes")
    assert not (folder / name).exists()
    assert _files(folder) == others


def test_files_of_others_stay_with_their_folder(folder):
    whole, outside = folder / "whole", folder.parent / "outside"
    outside.mkdir()
    mine = {"notes.txt", "figures/mine.png", ".runs/ab/mine", "shards/mine/config.yaml"}
    for name in mine:
        (whole / name).parent.mkdir(parents=True, exist_ok=True)
        (whole / name).write_text("mine")
    (outside / KEY).write_text("mine")
    (whole / ".runs" / KEY[:2]).symlink_to(outside)
    (whole / "empty").mkdir()
    assert "left there: .runs, empty, figures, notes.txt, shards" in _sim(
        "--delete", "whole", "--yes"
    )
    assert _files(whole) - {f".runs/{KEY[:2]}/{KEY}"} == mine
    assert (outside / KEY).read_text() == "mine"


def test_a_link_is_neither_listed_nor_removed(folder):
    (folder / "link").symlink_to(folder / "whole")
    assert "link" not in {entry.name for entry in entries(folder)}
    (folder / "whole" / "effects.csv").unlink()
    (folder / "whole" / "effects.csv").symlink_to(folder / "old" / "effects.csv")
    assert folder / "whole" / "effects.csv" not in set(own_files(folder / "whole"))


def test_it_asks_before_it_removes(folder):
    said = _sim("--delete", "whole", "--delete", "begun", typed="n\ny\n")
    assert "6 runs" in said
    assert (folder / "whole" / MANIFEST).exists()
    assert not (folder / "begun").exists()


def test_what_is_written_now_is_not_removed(folder):
    before = _files(folder)
    with locked(folder / "whole"):
        result = CliRunner().invoke(app, ["results", "--delete", "whole", "--yes"])
    assert (result.exit_code, "another process" in result.output) == (2, True)
    assert _files(folder) == before


def test_a_shard_at_work_is_not_removed(folder):
    before = _files(folder)
    with locked(folder / "parts" / "shards" / "1-of-2"):
        result = CliRunner().invoke(app, ["results", "--delete", "parts", "--yes"])
    assert (result.exit_code, "another process" in result.output) == (2, True)
    assert _files(folder) - {"parts/.lock"} == before


def test_a_name_that_is_none_removes_nothing(folder):
    before = _files(folder)
    for name, says in (("whoel", "did you mean whole?"), ("../results/whole", "no results folder")):
        result = CliRunner().invoke(app, ["results", "--delete", "old", "--delete", name, "--yes"])
        assert (result.exit_code, says in result.output) == (2, True)
    assert _files(folder) == before


def test_figures_are_results_too(folder):
    (folder / "whole" / "figures").mkdir()
    for name in ("figures/sigma.png", "figures/response-sigma.svg", *pictures.FILES):
        (folder / "whole" / name).write_bytes(b"")
    _sim("--delete", "whole", "--yes")
    assert not (folder / "whole").exists()


@pytest.mark.parametrize("content", ["{", "[]", '{"package": "other"}'])
def test_a_manifest_of_others_is_no_results_folder(folder, content):
    (folder / "whole" / MANIFEST).write_text(content)
    assert "whole" not in {entry.name for entry in entries(folder)}


def test_a_folder_that_is_not_there_is_told(folder):
    result = CliRunner().invoke(app, ["results", str(folder / "nowhere")])
    assert (result.exit_code, "no such folder" in result.output) == (2, True)
