"""Experiments from a notebook or a script: processes that import nothing of either."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import sim
from sim.api import _watch
from sim.runs.errors import ResultsError

ROOT = Path(__file__).resolve().parent.parent
TEXT = """\
question: Does it work from a script?
base: BASE
set: {time.end: 2012Q2, population.firms: 100, population.talents: 150}
scenarios:
  baseline: {}
  few: {market.max_iterations: 10}
seeds: {first: 1, count: 2}
outcomes: [gdp_real_national]
"""
SCRIPT = """\
import sim
results = sim.experiment("few.yaml", "out", jobs=2)
print(results.runs()["status"].tolist())
"""


@pytest.fixture
def folder(tmp_path):
    text = TEXT.replace("BASE", str(ROOT / "configs" / "toy.yaml"))
    (tmp_path / "few.yaml").write_text(text)
    return tmp_path


def test_a_script_without_a_main_guard_may_do_an_experiment(folder):
    (folder / "script.py").write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "['done', 'failed', 'done', 'failed']", done.stderr


def test_what_is_wrong_is_the_error_of_the_command(folder):
    (folder / "taken").write_text("")
    with pytest.raises(ResultsError, match="cannot write results there"):
        sim.experiment(folder / "few.yaml", folder / "taken", jobs=1)


class Sweep:
    """A process that has one run done, then two, then writes tables, then ends."""

    def __init__(self, returncode: int) -> None:
        self.returncode, self.kept = returncode, iter([["a"], ["a", "b"], []])
        self.asked = 0

    def communicate(self, timeout):
        self.asked += 1
        if self.asked <= 3:
            raise subprocess.TimeoutExpired("sim", timeout)
        return b"", b"told"

    def keys(self):
        return next(self.kept)

    def terminate(self):
        pass


@pytest.mark.parametrize(("code", "end"), [(0, [(4, 4)]), (1, [(4, 4)]), (2, [])])
def test_the_bar_never_goes_back_and_ends_full_unless_the_sweep_did_not_end(code, end):
    shown, sweep = [], Sweep(code)
    assert _watch(sweep, sweep, 4, lambda *at: shown.append(at)) == "told"
    assert shown == [(1, 4), (2, 4), (2, 4), *end]
