"""Every file that ships can be used: configs, experiments, and what the documentation names."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from typer.main import get_command
from typer.testing import CliRunner

import sim
from sim.cli import app

ROOT = Path(sim.__file__).resolve().parent.parent
FILES = sorted([*ROOT.glob("configs/**/*.yaml"), *ROOT.glob("experiments/**/*.yaml")])
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("[!.]*/README.md"), *ROOT.glob("docs/*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def _checked(file: Path) -> None:
    result = CliRunner().invoke(app, ["check", str(file)])
    assert result.exit_code == 0, result.output


def _blocks(page: Path, language: str) -> list[str]:
    """Code blocks of a page in one language; commands have none."""
    return [text for kind, text in FENCE.findall(page.read_text("utf-8")) if kind == language]


def _commands() -> list[str]:
    blocks = [block.replace("\\\n", "") for page in PAGES for block in _blocks(page, "")]
    lines = [line for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("sim ")]


def test_there_are_files_to_check():
    assert {"baseline.yaml", "toy.yaml", "headline_levers.yaml"} <= {each.name for each in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_file_can_be_run(file):
    _checked(file)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_results_of_no_two_files_share_a_folder(file):
    def folder(path: Path) -> str:
        return str(YAML(typ="safe").load(path).get("name", path.stem))

    assert [each for each in FILES if folder(each) == folder(file)] == [file]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_configs_shown_in_a_page_can_be_run(page, tmp_path):
    for folder in ("configs", "experiments"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    # a page in one of these folders shows files beside it, any other page files at the top
    here = tmp_path / page.parent.name if (tmp_path / page.parent.name).is_dir() else tmp_path
    for number, text in enumerate(_blocks(page, "yaml")):
        if text.startswith("#") or "extends:" in text:
            file = here / f"shown_{number}.yaml"
            file.write_text(text)
            _checked(file)


def test_commands_of_the_documentation_exist():
    known = get_command(app).commands
    commands = [shlex.split(line, comments=True) for line in _commands()]
    assert {words[1] for words in commands} <= set(known)
    for words in commands:
        options = {name for each in known[words[1]].params for name in each.opts}
        assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_files_named_in_a_page_exist(page):
    text = page.read_text("utf-8")
    links = {page.parent / link for link in re.findall(r"\]\(([^)#:]+)\)", text)}
    named = {
        ROOT / path for path in re.findall(r"\b(?:configs|experiments|sim|docs)/[\w./]+\b", text)
    }
    example = {"sim/policies/rd_grant.py"}  # what the reader is to write
    missing = {path for path in links | named if not path.exists()}
    assert {str(path.relative_to(ROOT)) for path in missing} <= example


def test_modules_named_in_the_documentation_exist():
    modules = {each.name for each in ROOT.glob("sim/**/*.py")}
    text = (ROOT / "docs" / "model.md").read_text("utf-8")
    named = {Path(path).name for path in re.findall(r"`([\w/]+\.py)`", text)}
    assert named
    assert named <= modules
