"""Experiments on a real SLURM (`make slurm`): the bytes of one process, cancelled or not."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from sim.runs.cache import RunCache
from sim.runs.folder import sha256

psutil = pytest.importorskip("psutil")  # comes with distributed
ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 180.0
"""Seconds for anything that SLURM is asked for."""
CLUSTER = """\
interface: lo
jobs: 2
memory: 1G
walltime: 00:10:00
patience: 120
log_folder: {logs}
"""


def _answers() -> bool:
    """Whether there is a SLURM."""
    if shutil.which("sinfo") is None:
        return False
    return subprocess.run(["sinfo"], capture_output=True, check=False).returncode == 0


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not _answers(), reason="NOT RUN: no SLURM answers; make slurm starts one"),
]


def _sim(*words: object, **options) -> subprocess.Popen[str]:
    """The command `sim`."""
    return subprocess.Popen(
        [sys.executable, "-m", "sim", *map(str, words)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )


def _done(process: subprocess.Popen[str]) -> str:
    told, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, told
    return told


def _said(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


def _until(holds: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"{what} took too long; squeue: {_said('squeue')}"
        time.sleep(0.1)


def _queue(*options: str) -> list[str]:
    return _said("squeue", "--noheader", "--format=%i", *options).split()


def _tables(folder: Path) -> dict[str, str]:
    """SHA-256 of every table."""
    return {path.name: sha256(path) for path in [*folder.glob("*.parquet"), *folder.glob("*.csv")]}


@pytest.fixture(scope="module")
def experiment(tmp_path_factory) -> Path:
    """Twenty-four runs of a second."""
    text = (ROOT / "experiments" / "toy.yaml").read_text()
    text = text.replace("../configs", str(ROOT / "configs")).replace("count: 2", "count: 12")
    path = tmp_path_factory.mktemp("experiment") / "twelve seeds.yaml"
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def serial(experiment) -> dict[str, str]:
    """Tables of the experiment done by one process."""
    out = experiment.parent / "serial"
    _done(_sim("experiment", experiment, "--out", out, "--jobs", 1, "--quiet"))
    assert {"runs.parquet", "provinces.parquet", "effects.csv"} <= set(_tables(out))
    return _tables(out)


@pytest.fixture
def cluster(tmp_path) -> Path:
    path = tmp_path / "cluster.yaml"
    path.write_text(CLUSTER.format(logs=tmp_path / "logs"))
    return path


def _finished(folder: Path) -> int:
    """Runs that are kept in a folder so far."""
    return len(list(RunCache(folder).keys()))


def test_dask_jobs_give_the_bytes_also_when_one_is_cancelled(tmp_path, experiment, serial, cluster):
    out = tmp_path / "out"
    process = _sim("experiment", experiment, "--out", out, "--cluster", cluster, "--quiet")
    _until(lambda: _finished(out) >= 3, "the first runs")
    before = _queue("--states=RUNNING")
    assert len(before) == 2, "both jobs do runs"
    assert _addresses_of_jobs() == {"127.0.0.1"}
    _said("scancel", before[0])
    _until(lambda: set(_queue()) - set(before), "a new job for the one cancelled")
    assert process.poll() is None, "the sweep went on meanwhile"
    _done(process)
    assert _tables(out) == serial
    _until(lambda: not _queue(), "the end of the jobs")


def test_ctrl_c_cancels_the_jobs_and_the_same_command_goes_on(
    tmp_path, experiment, serial, cluster
):
    out = tmp_path / "out"
    words = ("experiment", experiment, "--out", out, "--cluster", cluster, "--quiet")
    process = _sim(*words)
    _until(lambda: _finished(out) >= 3, "the first runs")
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + signal.SIGINT
    assert "finished runs are kept" in told
    _until(lambda: not _queue(), "the end of the jobs")
    assert 3 <= _finished(out) < 24
    _done(_sim(*words))
    assert _tables(out) == serial


def _addresses_of_jobs() -> set[str]:
    """Addresses on which processes of jobs wait for others."""
    jobs = set(_queue())
    found = set()
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("SLURM_JOB_ID") in jobs:
                sockets = process.net_connections("inet")
                found |= {each.laddr.ip for each in sockets if each.status == psutil.CONN_LISTEN}
    return found


def _array(tmp_path: Path, experiment: Path, shards: int) -> tuple[Path, Path]:
    """Batch script and results folder."""
    script, out = tmp_path / "an array.sbatch", tmp_path / "out folder"
    options = ("--shards", shards, "--mem", "1G", "--time", "00:10:00")
    _done(_sim("sbatch", experiment, "--out", out, *options, "--script", script))
    return script, out


def test_a_job_array_gives_the_bytes_by_the_two_lines_that_the_script_tells(
    tmp_path, experiment, serial
):
    script, out = _array(tmp_path, experiment, 4)
    lines = [line for line in script.read_text().splitlines() if line.startswith("#   ")]
    commands = "\n".join(["set -e", *(line.removeprefix("#") for line in lines)])
    subprocess.run(["bash", "-c", commands], cwd=tmp_path, check=True)
    assert len(_queue("--array")) == 5
    _until(lambda: not _queue(), "the array")
    assert _tables(out) == serial
    logs = [path.read_text() for path in tmp_path.glob("toy_levers-*_*.out")]
    assert sum("is done" in log for log in logs) == 4
    assert sum("results in" in log for log in logs) == 1


def test_a_task_cancelled_midway_goes_on_when_it_is_submitted_again(tmp_path, experiment, serial):
    script, out = _array(tmp_path, experiment, 2)
    shard = out / "shards" / "1-of-2"
    job = _said("sbatch", "--parsable", f"--chdir={tmp_path}", str(script))
    _until(lambda: _finished(shard) >= 2, "the first runs")
    _said("scancel", f"{job}_1")
    _until(lambda: not _queue(), "the other task")
    kept = _finished(shard)
    assert 2 <= kept < 12
    merging = _sim("merge", out)
    told, _ = merging.communicate(timeout=PATIENCE)
    assert merging.returncode == 2
    assert "--shard 1/2" in told
    again = _said("sbatch", "--parsable", f"--chdir={tmp_path}", "--array=1", str(script))
    depends = f"--dependency=afterok:{again}"
    _said("sbatch", f"--chdir={tmp_path}", "--array=0", depends, str(script))
    _until(lambda: not _queue(), "the rest")
    assert _tables(out) == serial


def test_jobs_that_no_node_could_hold_are_refused_at_once(tmp_path, experiment, cluster):
    cluster.write_text(cluster.read_text().replace("memory: 1G", "memory: 999T"))
    process = _sim("experiment", experiment, "--out", tmp_path, "--cluster", cluster, "--quiet")
    told, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert told.startswith("error: --cluster: SLURM refuses the jobs")
    assert _queue() == []


def test_the_daemons_listen_on_loopback_only():
    config = dict(
        [part.strip() for part in line.split("=", 1)]
        for line in _said("scontrol", "show", "config").splitlines()
        if "=" in line
    )
    if config["ClusterName"] != "loopback":
        pytest.skip("NOT RUN: this SLURM was not started by make slurm")
    ports = {int(config["SlurmctldPort"]), int(config["SlurmdPort"])}
    found = [(address, port) for address, port in _listening() if port in ports]
    assert sorted(port for _, port in found) == sorted(ports)
    assert {address for address, _ in found} == {"0100007F"}


def _listening() -> list[tuple[str, int]]:
    """Address and port of all sockets of TCP that wait for others, see proc(5)."""
    lines = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path("/proc/net", name).read_text().splitlines()[1:]
    ]
    local = [words[1].split(":") for words in lines if words[3] == "0A"]
    return [(address, int(port, 16)) for address, port in local]
