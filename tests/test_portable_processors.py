"""The same bytes on other processors, emulated by qemu-user: `make portable`.

Four minutes on two idle cores, most of them for compiling under emulation.

An emulated process must not start others, since those would run on the real processor: the settings
are therefore given from outside, and the run stays in one process.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sim import portable
from sim.model.outputs import TABLES
from sim.policies import PoliciesConfig
from tests.test_portable import ROOT, bare

QEMU = "qemu-x86_64"
REAL, NEHALEM, HASWELL = "", "Nehalem", "Haswell"
"""This processor, one of 2008 without AVX, and one of 2013 with AVX2 and FMA."""

SETTINGS = {
    "population.firms": 200,
    "population.talents": 300,
    **{f"policies.{name}.dose": 1.0 for name in PoliciesConfig.model_fields},
    **{f"policies.{name}.start": "2012Q2" for name in PoliciesConfig.model_fields},
}
"""Few agents, every mechanism: until 2013Q4 zones are founded and all levers act."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not portable.applies(), reason="not Linux on x86-64"),
    pytest.mark.skipif(
        shutil.which(QEMU) is None,
        reason=f"NOT RUN: {QEMU} is missing (Debian: apt-get install qemu-user)",
    ),
]


def tables(folder: Path, processor: str, seed: int, *, settings: bool) -> dict[str, str]:
    """SHA-256 of each table of the toy run.

    seed      of Python's hashes
    settings  whether the process is started with the baseline, or free to choose
    """
    free = {**bare(), portable.NATIVE: "1"}
    environment = portable.environment(bare()) if settings else free
    environment |= {
        "NUMBA_CACHE_DIR": str(folder / "cache"),  # what one has compiled no other shall run
        "PYTHONHASHSEED": str(seed),  # nor may the order of a set matter
    }
    changes = [f"--set={name}={value}" for name, value in SETTINGS.items()]
    words = [sys.executable, "-m", "sim", "run", "configs/toy.yaml", "--until=2013Q4", *changes]
    done = subprocess.run(
        [*([QEMU, "-cpu", processor] if processor else []), *words, "--out", str(folder / "out")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    files = {name: folder / "out" / f"{name}.parquet" for name in TABLES}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> dict[tuple[str, bool], dict[str, str]]:
    """(processor, whether with settings) -> hashes of the tables; two at a time."""
    cases = [(NEHALEM, False), (NEHALEM, True), (HASWELL, True), (REAL, False), (REAL, True)]
    with ThreadPoolExecutor(2) as pool:
        jobs = [
            pool.submit(tables, tmp_path_factory.mktemp("run"), processor, seed, settings=told)
            for seed, (processor, told) in enumerate(cases, 1)
        ]
        return dict(zip(cases, [job.result() for job in jobs], strict=True))


def test_without_the_settings_processors_differ(runs):
    """Else the next test would show nothing: the run would not depend on the processor."""
    if not {"avx2", "fma"} <= set(Path("/proc/cpuinfo").read_text("utf-8").split()):
        pytest.skip("NOT RUN: this processor has no more instructions than the baseline")
    free, old = runs[REAL, False], runs[NEHALEM, False]
    assert {name for name in TABLES if free[name] != old[name]} >= {"provinces", "firms"}


def test_with_the_settings_they_give_the_same_bytes(runs):
    assert runs[REAL, True] == runs[NEHALEM, True]
    assert runs[REAL, True] == runs[HASWELL, True]


def test_the_oldest_processor_gives_them_without_settings(runs):
    """The settings take away what it has not, and nothing else."""
    assert runs[NEHALEM, False] == runs[NEHALEM, True]
