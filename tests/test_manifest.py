"""Provenance of results: versions, platform, commit, and whether the tree was clean."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np

import sim
from sim.runs.manifest import git_state, provenance


def test_git_state_tells_a_clean_from_a_dirty_tree_and_no_repository(tmp_path):
    top = tmp_path.resolve()
    assert git_state(top) is None
    git = ["git", "-C", str(top), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    assert git_state(top) is None
    (top / "file").write_text("1")
    subprocess.run([*git, "add", "file"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "first"], check=True)
    state = git_state(top)
    assert state is not None
    assert len(state["commit"]) == 40
    assert not state["dirty"]
    (top / "file").write_text("2")
    assert git_state(top) == {"commit": state["commit"], "dirty": True}
    (top / "inner").mkdir()
    assert git_state(top / "inner") is None


def test_git_state_is_none_without_git(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_state(Path(sim.__file__).resolve().parent.parent) is None


def test_provenance_names_versions_seeds_and_platform():
    manifest = provenance("run", "abc", [3, 4])
    assert manifest["version"] == sim.__version__
    assert manifest["seeds"] == [3, 4]
    assert manifest["config_hash"] == "abc"
    assert manifest["libraries"]["numpy"] == np.__version__
    assert "SALib" in manifest["libraries"]  # it draws the points of designs
    assert set(manifest) >= {"python", "platform", "git"}


def test_the_version_is_that_of_the_project_file():
    project = Path(sim.__file__).resolve().parent.parent / "pyproject.toml"
    assert f'version = "{sim.__version__}"' in project.read_text()
