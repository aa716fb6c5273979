"""Why results done again may differ; that their folder stays as it was; and the command."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

import sim
from sim.cli import app
from sim.runs.errors import ResultsError
from sim.runs.executors import InProcess
from sim.runs.folder import MANIFEST, locked, read_table
from sim.runs.reproduce import reproduce
from sim.runs.rerun import risky
from sim.runs.sweep import StoppedError
from sim.runs.verdicts import DIFFERENT, IDENTICAL
from tests.again import again, make, other, verdicts
from tests.tiny_experiment import TEXT
from tests.tiny_model import engine

ROOT = Path(sim.__file__).parent.parent


@pytest.fixture
def made(tmp_path):
    """Makes results, see `make`."""
    return partial(make, tmp_path)


@pytest.fixture(autouse=True)
def scratch(tmp_path, monkeypatch) -> Path:
    """Temporary folder of the system."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


# Why.


def _as_if(folder: Path, **entries) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, **entries}))


def test_a_time_at_which_results_were_written_is_no_reason(made):
    folder = made()
    _as_if(folder, finished="2024-01-01T00:00:00+00:00", wall_seconds=9.0)
    assert [reason for reason in again(folder).reasons if "dirty tree" not in reason] == []


def test_what_has_changed_since_is_listed(made):
    folder = made()
    stored = json.loads((folder / MANIFEST).read_text())
    _as_if(
        folder,
        python="3.10.1",
        libraries={**stored["libraries"], "numpy": "1.0"},
        platform={**stored["platform"], "processor": "abacus"},
        source="0" * 64,
        git={"commit": "1" * 40, "dirty": True},
        dispatch="baseline",
    )
    reasons = "\n".join(again(folder).reasons)
    for text in (
        "python was 3.10.1, is 3.1",
        "libraries.numpy was 1.0, is ",
        "platform.processor was abacus",
        "source of the package (SHA-256) was 000000000000, is ",
        "git.commit was 111111111111",
        "made by files that are in no commit",
        "dispatch was baseline, is not recorded",
    ):
        assert text in reasons
    assert "wall_seconds" not in reasons


def test_a_table_that_was_changed_by_hand_is_told(made):
    folder = made()
    zones = read_table(folder, "zones").assign(active=True)
    zones.to_parquet(folder / "zones.parquet")
    outcome = again(folder)
    assert verdicts(outcome)["zones"] == DIFFERENT
    assert any("zones.parquet was changed after" in reason for reason in outcome.reasons)


# The folder.


def test_what_is_done_again_is_gone_even_if_it_is_broken_off(made, scratch):
    folder = made()

    def stopped(*_):
        assert len(list(scratch.iterdir())) == 1
        raise StoppedError(15)

    with pytest.raises(StoppedError):
        reproduce(folder, engine(), InProcess(), progress=stopped)
    assert not list(scratch.iterdir())


def test_an_archive_that_cannot_be_written_is_done_again(made, monkeypatch):
    folder = made()
    before = sorted(folder.iterdir())

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    def progress(*_):
        assert sorted(folder.iterdir()) == before

    monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    assert again(folder, progress=progress).verdict == IDENTICAL


def test_a_folder_that_is_being_written_is_not_read(made):
    folder = made()
    with (
        locked(folder),
        pytest.raises(
            ResultsError, match=r"another process is writing results there; wait for it$"
        ),
    ):
        again(folder)


def test_a_temporary_folder_that_cannot_be_written_is_told(made, scratch):
    folder = made()
    scratch.rmdir()
    with pytest.raises(ResultsError, match=r"cannot write: No such file.*; set TMPDIR to"):
        again(folder)


def test_runs_that_may_have_to_be_ended_are_done_in_processes(made, monkeypatch):
    """A run that hangs, or kills its process, would take the command along."""
    started = []

    class Pool(InProcess):
        def __init__(self, workers: int) -> None:
            started.append(workers)

    monkeypatch.setattr("sim.runs.executors.LocalProcesses", Pool)
    monkeypatch.setattr("sim.default_engine.engine", engine)
    folder = made(TEXT + "timeout: 60\n")
    command = ["reproduce", str(folder), "--sample", "1", "--jobs", "1"]
    assert CliRunner().invoke(app, command, prog_name="sim").exit_code == 0
    assert started == [1]


@pytest.mark.parametrize("status", ["killed", "timed out", "failed"])
def test_a_run_that_was_ended_by_force_is_a_risk(made, status):
    folder = made()
    runs = read_table(folder, "runs")
    assert not risky(folder, runs)
    runs.loc[3, "status"] = status
    assert risky(folder, runs) == (status != "failed")


def test_what_cannot_be_read_is_told(tmp_path, made, scratch):
    with pytest.raises(ResultsError, match="no such results folder"):
        reproduce(tmp_path / "nowhere", engine(), InProcess())
    folder = made()
    (folder / "zones.parquet").write_text("not Parquet")
    with pytest.raises(ResultsError, match="not readable"):
        reproduce(folder, engine(), InProcess())
    assert not list(scratch.iterdir())


@pytest.mark.parametrize(
    ("how", "code", "says"),
    [
        ({}, 0, "identical; 3 of 6 runs"),
        ({"factor": 1 + 1e-12}, 3, "statistically equal; 3 of 6 runs"),
        ({"factor": 2.0}, 1, "different; 3 of 6 runs"),
    ],
)
def test_the_command_ends_with_the_code_of_its_verdict(made, monkeypatch, how, code, says):
    folder = made()
    monkeypatch.setattr("sim.default_engine.engine", lambda: other(**how))
    words = ["reproduce", str(folder), "--sample", "3", "--jobs", "1"]
    result = CliRunner().invoke(app, words, prog_name="sim")
    assert says in result.output
    assert result.exit_code == code


# From end to end.


def _sim(package: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """The command of the package in a folder, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "sim", *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(package)},
        cwd=package,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_constant_changed_in_the_code_is_told_by_a_copy_of_the_package(tmp_path):
    toy, out, copy = ROOT / "configs" / "toy.yaml", tmp_path / "out", tmp_path / "copy"
    assert _sim(ROOT, "run", toy, "--until", "2012Q3", "--out", out).returncode == 0
    same = _sim(ROOT, "reproduce", out)
    assert (same.returncode, "out: identical; 1 of 1 runs" in same.stdout) == (0, True)
    shutil.copytree(ROOT / "sim", copy / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    path = copy / "sim" / "mechanisms" / "migration.py"
    code = path.read_text("utf-8")
    assert code.count("distance / 300.0") == 1
    path.write_text(code.replace("distance / 300.0", "distance / 200.0"), "utf-8")
    other_code = _sim(copy, "reproduce", out)
    assert other_code.returncode == 1, other_code.stderr
    assert "out: different; 1 of 1 runs" in other_code.stdout
    assert "provinces   different" in other_code.stdout
    assert "first differ in 2012Q1 (run 0)" in other_code.stdout
    assert "source of the package (SHA-256) was" in other_code.stdout
