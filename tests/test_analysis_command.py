"""`sim sensitivity` at a terminal: the best point run again, pictures, refusals."""

from __future__ import annotations

import shlex
import shutil
import warnings

import numpy as np
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from sim.analysis import pictures, report
from sim.analysis.best import as_words, best
from sim.analysis.command import sensitivity
from sim.analysis.sweep import open_sweep
from sim.config.overrides import _parsed
from sim.config.values import digest
from sim.default_engine import engine
from sim.runs.single import load_run
from sim.terminal import Commands
from tests.invented_sweep import (
    OUTCOMES,
    SETTINGS,
    TWO,
    design_of,
    linear,
    values_of,
    write_sweep,
    write_sweeps,
)

THEIL, UNEMPLOYMENT = OUTCOMES
app = typer.Typer(cls=Commands)
app.command()(sensitivity)
app.command("other")(lambda: None)


def run(*words):
    return CliRunner().invoke(app, ["sensitivity", *map(str, words)])


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return write_sweeps(tmp_path_factory.mktemp("sweeps"))


# best


def test_the_best_point_is_the_one_with_the_largest_mean_of_those_that_are_whole():
    table = pd.DataFrame([[1.0, 3.0], [9.0, np.nan], [4.0, 2.0]], index=[10, 11, 12])
    found = best(table, maximise=True)
    assert (found.point, found.mean, found.seeds, found.among) == (12, 3, 2, 2)
    assert found.high - 3 == pytest.approx(12.7062 * 1, rel=1e-4)  # t(1), standard error 1
    assert best(table, maximise=False).point == 10
    assert np.isnan(best(table[[0]], maximise=True).low)
    with pytest.raises(ValueError, match="no point has all"):
        best(pd.DataFrame([[1.0, np.nan], [np.nan, 1.0]]).iloc[:0], maximise=True)


@pytest.mark.parametrize("base", ["file", "whole"])
def test_the_line_of_the_best_point_runs_its_config_again(tmp_path, base):
    """Its --set words give the very config that the parameters of the run give."""
    config = load_run("configs/toy.yaml", engine()).config
    document = {"base": "configs/toy.yaml" if base == "file" else config.model_dump(mode="json")}
    x = design_of("latin_hypercube", 12)
    folder = write_sweep(tmp_path / "a", "table", x=x, noise=0, document=document, scenarios=TWO)
    result = run(folder, "--best", THEIL, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    lines = [line for line in result.output.splitlines() if line.startswith("sim run")]
    assert len(lines) == len(TWO)
    words = shlex.split(lines[0])
    changes = [word for word in words if "=" in word]
    point = int(np.argmax(linear(x)))
    wanted = dict(zip(SETTINGS, values_of(x)[point].tolist(), strict=True))
    again = load_run(words[2], engine(), changes, seed=int(words[words.index("--seed") + 1]))
    direct = load_run("configs/toy.yaml", engine(), wanted)
    assert digest(again.config) == digest(direct.config)
    assert f"point {point}," in result.output
    assert (tmp_path / "out" / "base.yaml").exists() == (base == "whole")
    worst = run(folder, "--worst", THEIL, "--out", tmp_path / "out").output
    assert f"point {int(np.argmin(linear(x)))}," in worst


def test_words_keep_types_apart():
    values = {"a.b": 1.5e-7, "c": "2014Q1", "d": True, "e": [1, 2], "f": {"dose": 1.0}, "g": None}
    assert dict(_parsed(as_words(values)[1::2])) == values


# pictures


@pytest.mark.parametrize("name", ["morris", "latin_hypercube"])
def test_every_picture_is_drawn_into_the_folder_asked_for(folders, tmp_path, name):
    before = sorted(folders[name].rglob("*"))
    heat = ["--x", SETTINGS[0], "--y", SETTINGS[1]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = run(folders[name], "--outcome", THEIL, *heat, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    stems = ["ranking", "response", "heatmap"] + ["morris"] * (name == "morris")
    drawn = sorted(path.name for path in (tmp_path / "figures").iterdir())
    assert [each.partition("-")[0] for each in drawn] == sorted(stems)
    assert sorted(folders[name].rglob("*")) == before


@pytest.mark.parametrize("name", ["sobol", "factorial"])
def test_the_ranking_shows_the_table(folders, tmp_path, name):
    shown = report.prepare(open_sweep(folders[name]), [THEIL], "last", effect=False)
    table, _ = report.analyse(shown, tmp_path)
    ((title, figure),) = pictures.index_pictures(shown, table)
    assert title == f"ranking-{THEIL}"
    ax = figure.axes[0]
    main = "ST" if name == "sobol" else "SRC"
    rows = table[(table["index"] == main) & (table["scenario"] == "baseline")]
    sizes = rows.set_index("setting")["estimate"].abs().sort_values(ascending=False)
    labels = [text.get_text() for text in ax.get_yticklabels()]
    assert labels == [".".join(each.split(".")[-2:]) for each in sizes.index]
    dots = {line.get_label(): line.get_xdata() for line in ax.lines}
    drawn = next(np.asarray(x, float) for text, x in dots.items() if text.startswith(main))
    assert np.abs(drawn) == pytest.approx(sizes.to_numpy())
    note = figure.get_supxlabel()
    assert ("31 blocks, 1 left out" if name == "sobol" else "64 points.") in note


def test_shares_are_drawn_in_per_cent_and_axes_have_units(folders):
    shown = report.prepare(open_sweep(folders["factorial"]), [UNEMPLOYMENT], "last", effect=False)
    ((_, figure),) = pictures.response_pictures(shown)
    axes = figure.axes
    assert "[% of" in axes[0].get_ylabel()
    assert axes[0].get_xlabel() == "migration.distance_cost [utility / ln(1+km/300)]"
    curve = axes[0].lines[0].get_ydata()
    wanted = shown.numbers[shown.numbers["scenario"] == "baseline"]
    x = shown.sweep.x[wanted["point"], 0]
    means = [100 * wanted.loc[x == level, "value"].mean() for level in np.unique(x)]
    assert curve == pytest.approx(means)


def test_discard_removes_what_was_written_and_nothing_else(folders, tmp_path):
    folder = shutil.copytree(folders["factorial"], tmp_path / "copy")
    before = {path.name for path in folder.iterdir()}
    assert run(folder, "--outcome", THEIL, "--format", "svg").exit_code == 0
    (folder / "figures" / "theil.png").touch()
    pictures.discard(folder)
    assert {path.name for path in folder.iterdir()} == before | {"figures"}
    assert [path.name for path in (folder / "figures").iterdir()] == ["theil.png"]


# refusals


def test_mistakes_end_in_one_message_and_exit_code_2(folders, tmp_path):
    folder = folders["factorial"]
    single = folders["sobol"]
    for words, message in {
        (tmp_path,): "not a results folder",
        (folder, "--outcome", "teil_gdp_per_head"): "did you mean theil_gdp_per_head?",
        (folder, "--statistic", "median"): "there are last, mean",
        (folder, "--method", "sobl"): "did you mean sobol?",
        (folder, "--method", "sobol"): "the points do not form Saltelli blocks",
        (folder, "--x", SETTINGS[0]): "needs two settings",
        (folder, "--x", SETTINGS[0], "--y", "migration.cost"): "no setting of the design",
        (single, "--effect"): "an effect needs two scenarios",
        (folder, "--best", THEIL): "names no base config",
    }.items():
        result = run(*words, *([] if words[0] == tmp_path else ["--out", tmp_path / "o"]))
        assert result.exit_code == 2, (words, result.output)
        assert message in result.output, (words, result.output)
