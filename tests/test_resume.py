"""A sweep that is broken off: what is kept, and that it ends as one that was not."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.runs.cache import RunCache
from sim.runs.errors import ResultsError
from sim.runs.executors import InProcess
from sim.runs.folder import read_manifest, read_table
from sim.runs.produce import produce_experiment
from sim.runs.sweep import StoppedError
from sim.runs.task import Job
from tests.tiny_experiment import TEXT, load, produce, tables, write

MANY = TEXT.replace("seeds: {first: 5, count: 2}", "seeds: {first: 5, count: 20}")


class BreaksOff(InProcess):
    """Does so many jobs, then what it was told to do."""

    def __init__(self, jobs: int, problem: BaseException) -> None:
        self.left, self.problem, self.done = jobs, problem, 0

    def submit(self, job: Job):
        if self.done == self.left:
            raise self.problem
        self.done += 1
        return super().submit(job)


@pytest.mark.parametrize("after", [0, 1, 7, 59])
def test_what_is_done_is_not_done_again_and_the_end_is_the_same(tmp_path, after):
    experiment = load(write(tmp_path, MANY))
    produce(experiment, tmp_path / "whole")
    with pytest.raises(StoppedError):
        produce_experiment(
            experiment, tmp_path / "out", BreaksOff(after, StoppedError(signal.SIGTERM))
        )
    assert not (tmp_path / "out" / "runs.parquet").exists()
    counting = BreaksOff(1000, RuntimeError())
    produce_experiment(experiment, tmp_path / "out", counting)
    assert 60 - after <= counting.done <= 60 - after + 2  # those ahead may be lost, no more
    assert tables(tmp_path / "out") == tables(tmp_path / "whole")
    assert not RunCache(tmp_path / "out").folder.exists()


def test_a_damaged_file_costs_its_own_run_only(tmp_path):
    experiment = load(write(tmp_path, MANY))
    produce(experiment, tmp_path / "whole")
    with pytest.raises(StoppedError):
        produce_experiment(
            experiment, tmp_path / "out", BreaksOff(30, StoppedError(signal.SIGTERM))
        )
    cache = RunCache(tmp_path / "out")
    kept = list(cache.keys())
    cut, flipped, emptied = (cache.path(key) for key in kept[:3])
    cut.write_bytes(cut.read_bytes()[:-40])
    middle = bytearray(flipped.read_bytes())
    middle[len(middle) // 2] ^= 1
    flipped.write_bytes(middle)
    emptied.write_bytes(b"")
    counting = BreaksOff(1000, RuntimeError())
    produce_experiment(experiment, tmp_path / "out", counting)
    assert counting.done == 60 - len(kept) + 3
    assert tables(tmp_path / "out") == tables(tmp_path / "whole")


def test_a_finished_experiment_is_not_done_again_and_more_seeds_are_added_to_it(tmp_path):
    produce(load(write(tmp_path / "a", MANY)), tmp_path / "whole")
    produce(load(write(tmp_path / "b", TEXT)), tmp_path / "out")
    before = tables(tmp_path / "out")
    nothing = BreaksOff(0, RuntimeError("a run was done again"))
    report = produce_experiment(load(write(tmp_path / "b", TEXT)), tmp_path / "out", nothing)
    assert "nothing to do" in report.notes[0]
    assert tables(tmp_path / "out") == before
    counting = BreaksOff(1000, RuntimeError())
    longer = MANY.replace("question", "name: tiny_levers\nquestion")
    produce_experiment(load(write(tmp_path / "c", longer)), tmp_path / "out", counting)
    assert counting.done == 60 - 6
    assert tables(tmp_path / "out") == tables(tmp_path / "whole")


def test_nothing_is_reused_once_the_program_has_changed(tmp_path, monkeypatch):
    experiment = load(write(tmp_path, TEXT))
    produce(experiment, tmp_path / "out")
    monkeypatch.setattr("sim.runs.produce.program", lambda: "another")
    counting = BreaksOff(1000, RuntimeError())
    produce_experiment(experiment, tmp_path / "out", counting)
    assert counting.done == 6


def test_failed_runs_are_kept_as_they_are_unless_asked_for(tmp_path):
    broken = load(write(tmp_path, TEXT.replace("price: 3.0", "policies.lever.breaks_seed: 5")))
    first = produce(broken, tmp_path / "out")
    assert [each.task.run for each in first.failures] == [2]
    counting = BreaksOff(1000, RuntimeError())
    again = produce_experiment(broken, tmp_path / "out", counting)
    assert (counting.done, again.failures) == (0, first.failures)
    produce_experiment(broken, tmp_path / "out", counting, again=True)
    assert counting.done == 1


def test_a_disk_that_is_full_ends_with_what_is_kept(tmp_path, monkeypatch):
    experiment = load(write(tmp_path, MANY))
    produce(experiment, tmp_path / "whole")
    put, calls = RunCache.put, []

    def full(self, key, outcome):
        calls.append(key)
        if len(calls) == 12:
            raise OSError(28, "No space left on device")
        put(self, key, outcome)

    monkeypatch.setattr(RunCache, "put", full)
    with pytest.raises(ResultsError, match=r"No space left on device.*same command"):
        produce(experiment, tmp_path / "out")
    monkeypatch.setattr(RunCache, "put", put)
    counting = BreaksOff(1000, RuntimeError())
    produce_experiment(experiment, tmp_path / "out", counting)
    assert counting.done == 60 - 11
    assert tables(tmp_path / "out") == tables(tmp_path / "whole")


def test_an_interrupted_sweep_is_balanced(tmp_path):
    experiment = load(write(tmp_path, MANY))
    done = list(experiment.tasks())[:31]
    for scenario in experiment.scenarios:
        assert abs(sum(task.scenario == scenario for task in done) - 31 / 3) < 1


def _command(folder: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "tests.tiny_command", str(folder), *words]


def _small_disk(folder: Path, size: str) -> bool:
    """Whether a small file system could be put at `folder`."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)],
        check=False,
        capture_output=True,
    )
    return done.returncode == 0


def test_a_real_disk_that_is_full_and_then_has_room(tmp_path):
    disk = tmp_path / "disk"
    if not _small_disk(disk, "256k"):
        pytest.skip("NOT RUN: a small file system can only be mounted by root")
    try:
        experiment = load(write(tmp_path, MANY))
        produce(experiment, tmp_path / "whole")
        filler = disk / "filler"
        filler.write_bytes(bytes(100_000))
        with pytest.raises(ResultsError, match="No space left on device"):
            produce(experiment, disk / "out")
        kept = len(list(RunCache(disk / "out").keys()))
        assert 0 < kept < 60
        filler.unlink()
        subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
        counting = BreaksOff(1000, RuntimeError())
        produce_experiment(experiment, disk / "out", counting)
        assert counting.done == 60 - kept
        assert tables(disk / "out") == tables(tmp_path / "whole")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_signals_end_a_command_and_the_same_command_goes_on(tmp_path, number):
    file = write(tmp_path, MANY)
    produce(load(file), tmp_path / "whole")
    out = tmp_path / "out"
    words = _command(file, str(out))
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        _wait_for_runs(out, 5)
        process.send_signal(number)
        _, told = process.communicate(timeout=60)
    assert not (out / "runs.parquet").exists()
    if number != signal.SIGKILL:
        assert process.returncode == 128 + number
        assert "same command goes on" in told
    assert list(RunCache(out).keys())
    subprocess.run(words, check=True, capture_output=True)
    assert tables(out) == tables(tmp_path / "whole")
    assert read_manifest(out)["complete"]
    assert len(read_table(out, "runs")) == 60


def _wait_for_runs(out: Path, number: int) -> None:
    deadline = time.monotonic() + 60
    while len(list(RunCache(out).keys())) < number:
        assert time.monotonic() < deadline, "no run was done"
        time.sleep(0.01)


def test_a_folder_that_cannot_be_written_is_told_before_any_run(tmp_path):
    if os.geteuid() == 0 and not shutil.which("chattr"):
        pytest.skip("NOT RUN: root writes everywhere, and there is no chattr")
    folder = tmp_path / "readonly"
    folder.mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(ResultsError, match="cannot write results there"):
        produce_experiment(
            load(write(tmp_path)), tmp_path / "file" / "out", BreaksOff(0, RuntimeError())
        )
