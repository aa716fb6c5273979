"""The batch script of a job array: what each task does, whatever the files are called."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.runs.errors import ResultsError
from sim.runs.job_array import JobArray

TOY = "experiments/toy.yaml"


@pytest.fixture
def array(tmp_path) -> JobArray:
    """An array in a folder of its own, whose Python prints where it is and what it is told."""
    python = tmp_path / "a python"
    python.write_text('#!/bin/sh\npwd\necho "$GREETING"\nprintf \'<%s>\' "$@"\n')
    python.chmod(0o755)
    return JobArray(
        file=Path("levers.yaml"),
        out=Path("results/levers"),
        folder=tmp_path,
        python=python,
        name="levers",
        shards=12,
        time="01:30:00",
        memory="2G",
        script=Path("levers.sbatch"),
    )


def _task(array: JobArray, number: int) -> tuple[str, str, str]:
    """What Python is told in a task: folder, greeting, words."""
    done = subprocess.run(
        ["bash", "-c", array.text()],
        env={"SLURM_ARRAY_TASK_ID": str(number), "PATH": "/usr/bin:/bin"},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    folder, greeting, words = done.stdout.split("\n")
    return folder, greeting, words


def test_each_task_does_its_shard_and_task_0_puts_them_together(array):
    words = "<-m><sim><experiment><levers.yaml><--out><results/levers><--shard><{}/12>"
    words += "<--jobs><1><--quiet>"
    for number in (1, 12):
        assert _task(array, number) == (str(array.folder), "", words.format(number))
    assert _task(array, 0)[2] == "<-m><sim><merge><results/levers>"
    assert _task(replace(array, max_runs=50), 3)[2].endswith("<--quiet><--max-runs><50>")
    assert _task(replace(array, prologue=["export GREETING='hi there'"]), 1)[1] == "hi there"


@pytest.mark.parametrize("name", ["a b", "it's", '"', "$HOME", "`id`", "; id #", "a\\b", "省.yaml"])
def test_a_name_is_a_name_whatever_is_in_it(array, name):
    folder = array.folder / name
    folder.mkdir()
    array = replace(array, file=Path(name), out=Path(name), folder=folder, script=Path(name))
    where, _, words = _task(array, 1)
    assert where == str(folder)
    assert f"<experiment><{name}><--out><{name}>" in words


@pytest.mark.parametrize("part", ["file", "out", "folder", "python", "script"])
def test_a_name_cannot_break_out_of_its_line(array, part):
    with pytest.raises(ResultsError, match="cannot stand in a script"):
        replace(array, **{part: Path("a\n#SBATCH --uid=0")}).text()


def test_directives_stand_before_the_first_command(array):
    array = replace(array, partition="long", account="me", directives=["--constraint=haswell"])
    head = array.text().partition("\nset -e\n")[0].splitlines()
    assert head[0] == "#!/usr/bin/env bash"
    assert all(line.startswith("#") for line in head)
    wanted = "--array=1-12 --time=01:30:00 --mem=2G --partition=long --account=me"
    for word in [*wanted.split(), "--cpus-per-task=1", "--constraint=haswell"]:
        assert f"#SBATCH {word}" in head
    assert "#SBATCH --mem=4G" in replace(array, memory="4GiB").text()
    assert "#SBATCH --job-name=a_b_c" in replace(array, name="a b\nc").text()


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("time", "an hour"),
        ("memory", "2"),
        ("partition", "a b"),
        ("account", ""),
        ("directives", ["constraint"]),
        ("directives", ["--comment=a\nb"]),
        ("prologue", ["a\nb"]),
    ],
)
def test_an_option_that_is_none_is_refused(array, part, value):
    with pytest.raises(ResultsError, match=r"--\w+: must be .* \(got "):
        replace(array, **{part: value}).text()


def test_a_script_is_replaced_and_nothing_else(array, tmp_path):
    path = tmp_path / "levers.sbatch"
    array.write(path)
    replace(array, shards=3).write(path)
    assert "--array=1-3\n" in path.read_text()
    path.write_text("my notes")
    with pytest.raises(ResultsError, match="name another file"):
        array.write(path)
    assert path.read_text() == "my notes"


def _sbatch(*words: str):
    return CliRunner().invoke(app, ["sbatch", TOY, *words])


def test_the_command_writes_a_script_and_says_how_to_submit_it(tmp_path):
    path = tmp_path / "toy.sbatch"
    done = _sbatch("--shards", "4", "--script", str(path), "--prologue", "module load python")
    assert done.output == (
        f'job=$(sbatch --parsable {path})\nsbatch --array=0 --dependency=afterok:"$job" {path}\n'
    )
    assert f"experiment {TOY} --out results/toy_levers " in path.read_text()
    assert "\nmodule load python\n" in path.read_text()
    shown = _sbatch("--shards", "4", "--out", "elsewhere").output
    assert shown.startswith("#!/usr/bin/env bash\n")
    assert " --out elsewhere " in shown


def test_the_command_refuses_what_no_task_could_do(tmp_path):
    done = _sbatch("--shards", "5")
    assert (done.exit_code, done.output) == (
        2,
        "error: --shards 5: the experiment has 4 runs only\n",
    )
    auto = tmp_path / "auto.yaml"
    text = Path(TOY).read_text().replace("../configs", str(Path("configs").resolve()))
    auto.write_text(text + "replicates: auto\nprecision: {outcome: sigma_gdp_per_head}\n")
    done = CliRunner().invoke(app, ["sbatch", str(auto), "--shards", "2"])
    assert done.exit_code == 2
    assert "auto" in done.output
