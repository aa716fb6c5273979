"""The scripts in examples/ run as they stand, and print a line for each run they do."""

from __future__ import annotations

import ast
import runpy
from pathlib import Path

import pytest

import sim
from tests.tiny_experiment import TEXT, load, produce, write

ROOT = Path(sim.__file__).parent.parent
LINES = {"mesa_batch": 1 + 4, "salib_morris": 1 + 2, "ema_exploration": 1 + 4}


@pytest.mark.parametrize("name", list(LINES))
def test_an_example_of_a_tool_prints_its_table(name, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    runpy.run_path(f"examples/{name}.py", run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == LINES[name]
    assert "nan" not in "".join(lines).lower()


def test_the_example_that_opens_results_asks_twice_and_gets_the_same(tmp_path, monkeypatch, capsys):
    text = TEXT.replace("2012Q4", "2016Q4")
    produce(load(write(tmp_path, text)), tmp_path / "results" / "toy_levers")
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(ROOT / "examples" / "open_results.py"), run_name="__main__")
    said = capsys.readouterr().out
    shown = dict(
        line.split() for line in said.splitlines() if line[:5] in ("both ", "lever", "none ")
    )
    asked = dict(ast.literal_eval(said.splitlines()[-1]))
    assert {name: float(value) for name, value in shown.items()} == pytest.approx(asked, rel=1e-5)


def test_every_example_is_listed_and_tried():
    scripts = {path.stem for path in (ROOT / "examples").glob("*.py")}
    assert scripts == {*LINES, "open_results"}
    readme = (ROOT / "examples" / "README.md").read_text("utf-8")
    assert all(f"`{name}.py`" in readme for name in scripts)
