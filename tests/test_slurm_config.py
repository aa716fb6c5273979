"""Files for `--cluster`: mistakes are told before anything is submitted."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from sim.config.document import read
from sim.config.errors import ConfigError
from sim.config.load import validate
from sim.runs.cluster import slurm
from sim.runs.errors import ResultsError
from sim.runs.slurm_config import MEMORY, TIME, SlurmConfig, checked

EXAMPLE = Path(__file__).parent.parent / "configs" / "clusters" / "slurm.yaml"


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "cluster.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("jobs: 2\n", "interface"),
        ("interface: lo\njob: 2\n", "jobs"),
        ("interface: lo\njobs: 0\n", ">= 1"),
        ("interface: lo\nprocesses: 1.5\n", "whole number"),
        ("interface: lo\nmemory: 2 gigabytes\n", "e.g. 2G"),
        ("interface: lo\nmemory: 2\n", "text"),
        ("interface: lo\nwalltime: an hour\n", "hours:minutes:seconds"),
        ("interface: lo; reboot\n", "letters"),
        ("interface: lo\nqueue: a b\n", "letters"),
        ('interface: lo\nprologue: ["a\\nb"]\n', "one line"),
        ('interface: lo\ndirectives: ["constraint=haswell"]\n', "option of sbatch"),
        ("interface: lo\nlog_folder: my logs\n", "no spaces"),
        ("interface: lo\npatience: 0\n", "> 0"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path, text, said):
    path = _file(tmp_path, text)
    with pytest.raises(ConfigError) as refused:
        slurm(path)
    assert f"{path}:{text.count(chr(10))}: " in str(refused.value)
    assert said in str(refused.value)


@pytest.mark.parametrize("text", ["30", "30:00", "1:30:00", "2-12", "2-12:30:00"])
def test_times_as_slurm_writes_them(text):
    assert checked(text, TIME) == text


@pytest.mark.parametrize("text", ["2G", "500M", "4GB", "4GiB"])
def test_memory_as_slurm_and_dask_write_it(text):
    assert checked(text, MEMORY) == text


def test_the_example_is_good():
    document = read(EXAMPLE)
    spec = validate(document.values, SlurmConfig, document.where)
    assert set(document.values) == set(SlurmConfig.model_fields), "the example shows every setting"
    assert spec.jobs * spec.processes > 1


def test_without_slurm_is_told(tmp_path, monkeypatch):
    pytest.importorskip("dask_jobqueue")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ResultsError, match="no sbatch"):
        slurm(_file(tmp_path, "interface: lo\n"))


def test_an_unknown_interface_is_told(tmp_path, monkeypatch):
    _refusing_sbatch(tmp_path, monkeypatch)
    with pytest.raises(ResultsError, match="'none0' is not a valid network interface"):
        slurm(_file(tmp_path, "interface: none0\n"))


def _refusing_sbatch(tmp_path: Path, monkeypatch) -> Path:
    """A program sbatch that keeps the script it is given and refuses it; returns where."""
    pytest.importorskip("dask_jobqueue")
    program, kept = tmp_path / "bin" / "sbatch", tmp_path / "script"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ncat > {kept}\necho 'error: no such partition' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    return kept


def test_jobs_that_slurm_refuses_are_told_at_once(tmp_path, monkeypatch):
    kept = _refusing_sbatch(tmp_path, monkeypatch)
    text = (
        "interface: lo\njobs: 3\nprocesses: 4\nmemory: 8G\nwalltime: 02:30:00\nqueue: long\n"
        "account: me\nprologue: [module load python]\ndirectives: [--constraint=haswell]\n"
        f"log_folder: {tmp_path}/logs\n"
    )
    with pytest.raises(ResultsError, match="SLURM refuses the jobs: error: no such partition"):
        slurm(_file(tmp_path, text))
    script = kept.read_text()
    for line in ("-p long", "-A me", "--cpus-per-task=4", "--mem=8G", "-t 02:30:00"):
        assert f"#SBATCH {line}\n" in script
    assert "#SBATCH --constraint=haswell\n" in script
    assert "\nmodule load python\n" in script
    assert f"{sys.executable} -m sim.portable -m distributed.cli.dask_worker tcp://" in script
    for word in ("--nthreads 1", "--nworkers 4", "--interface lo", "--no-dashboard"):
        assert word in script
