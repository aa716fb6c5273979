"""The command on the toy world, killed again and again, ends with the tables of one left alone."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.runs.cache import RunCache
from sim.runs.folder import read_table
from tests.tiny_experiment import tables

ROOT = Path(__file__).resolve().parent.parent
RUNS, KILLS = 200, 10

pytestmark = pytest.mark.slow


def _experiment(folder: Path) -> Path:
    """The toy experiment with a hundred seeds, in a smaller and shorter world."""
    text = (ROOT / "experiments" / "toy.yaml").read_text()
    text = text.replace("base: ../configs/toy.yaml", f"base: {ROOT / 'configs' / 'toy.yaml'}")
    text = text.replace("seeds: {first: 1, count: 2}", f"seeds: {{first: 1, count: {RUNS // 2}}}")
    assert f"count: {RUNS // 2}" in text
    assert str(ROOT) in text
    text = text.replace("figures: [regions, sigma, effects]\n", "")
    text += "set: {time.end: 2014Q2, population.firms: 150, population.talents: 200}\n"
    (folder / "many.yaml").write_text(text)
    return folder / "many.yaml"


def _words(file: Path, out: Path) -> list[str]:
    return [sys.executable, "-m", "sim", "experiment", str(file), "--out", str(out), "--jobs", "2"]


def test_a_sweep_killed_ten_times_ends_with_the_tables_of_one_left_alone(tmp_path):
    file, draw = _experiment(tmp_path), random.Random(2026)  # noqa: S311 - moments, no secret
    start = time.monotonic()
    subprocess.run(_words(file, tmp_path / "whole"), check=True, cwd=ROOT)
    whole = time.monotonic() - start
    out, kept = tmp_path / "out", [0]
    for _ in range(KILLS):
        with subprocess.Popen(_words(file, out), cwd=ROOT, start_new_session=True) as process:
            time.sleep(draw.uniform(0.05, 0.35) * whole)
            if draw.random() < 0.5:  # the command alone, or its workers with it
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        if (out / "manifest.json").exists():
            break
        kept.append(len(list(RunCache(out).keys())))
        assert kept[-1] >= kept[-2], "a run that was kept is gone"
    subprocess.run(_words(file, out), check=True, cwd=ROOT)
    assert tables(out) == tables(tmp_path / "whole")
    assert (read_table(out, "runs")["status"] == "done").all()
    assert len(read_table(out, "runs")) == RUNS
    assert len(kept) > KILLS // 2, "the sweep was over before it could be killed often"
