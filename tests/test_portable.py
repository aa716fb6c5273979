"""The same bytes on every x86-64 machine: settings, the start anew, and other processors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sim
from sim import portable

ROOT = Path(sim.__file__).resolve().parent.parent
SSE = {"SSSE3", "SSE41", "POPCNT", "SSE42"}
"""Instructions of the baseline that NumPy before 2.4 chooses at run time."""

pytestmark = pytest.mark.skipif(not portable.applies(), reason="not Linux on x86-64")

LIBRARIES = """\
import hashlib, json, math
import numba.core.registry, numpy, pyarrow, threadpoolctl
from numpy._core._multiarray_umath import __cpu_dispatch__ as chosen, __cpu_features__ as has

grid = [0.37 * k + 0.011 for k in range(1, 2000)]
libm = [f(x) for x in grid for f in (math.exp, math.sin, math.log, lambda x: x ** 1.7)
        if x < 700]
blas = [each for each in threadpoolctl.threadpool_info() if each["user_api"] == "blas"]
print(json.dumps({
    "NumPy": sorted(name for name in chosen if has[name]),
    "C library": hashlib.sha256(repr(libm).encode()).hexdigest(),
    "OpenBLAS": sorted({each["architecture"] for each in blas}),
    "threads": sorted({each["num_threads"] for each in blas}),
    "Numba": numba.core.registry.cpu_target.target_context.codegen().magic_tuple()[1:],
    "Arrow": pyarrow.runtime_info().simd_level,
}))
"""
"""What each library has chosen; of the C library, what it computes."""


def bare() -> dict[str, str]:
    """The environment of this process without any setting of the baseline."""
    ours = {*portable.BASELINE, *portable.THREADS, portable.NATIVE, portable.STARTED}
    return {**{k: v for k, v in os.environ.items() if k not in ours}, "PYTHONPATH": str(ROOT)}


def choices(environment: dict[str, str]) -> dict[str, object]:
    words = [sys.executable, "-c", LIBRARIES]
    return json.loads(subprocess.check_output(words, env=environment, text=True))


def test_every_library_keeps_to_the_baseline_and_would_not_by_itself():
    told, free = choices(portable.environment(bare())), choices(bare())
    assert set(told["NumPy"]) <= SSE
    assert told["OpenBLAS"] == ["Nehalem"]
    assert told["threads"] == [1]
    assert told["Numba"] == ["nehalem", ""]
    assert told["Arrow"] == "none"
    flags = Path("/proc/cpuinfo").read_text("utf-8").split()
    if {"avx2", "fma"} <= set(flags):
        assert [name for name in set(told) - {"threads"} if told[name] == free[name]] == []


def test_the_names_for_numpy_are_those_of_the_installed_version():
    chosen = np._core._multiarray_umath.__cpu_dispatch__
    assert set(portable.BASELINE["NPY_DISABLE_CPU_FEATURES"].split()) >= set(chosen) - SSE
    assert portable._numpy_version() == np.__version__


@pytest.mark.parametrize(
    ("version", "has", "has_not"),
    [("2.1.3", "AVX2", "X86_V3"), ("2.3.0rc1", "FMA3", "X86_V4"), ("2.4.0", "X86_V3", "AVX2")],
)
def test_numpy_named_single_instructions_before_2_4(version, has, has_not):
    names = portable.numpy_features(version).split()
    assert has in names
    assert has_not not in names


def test_the_environment_is_complete_and_stays():
    once = portable.environment({"HOME": "/root", "OMP_NUM_THREADS": "3"})
    assert portable.is_set(once)
    assert portable.environment(once) == once
    threads = {"OMP_NUM_THREADS": "3", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    assert once == {"HOME": "/root", **portable.BASELINE, **threads}


@pytest.mark.parametrize("name", portable.BASELINE)
def test_each_setting_counts(name):
    whole = portable.environment({})
    assert not portable.is_set({each: value for each, value in whole.items() if each != name})
    assert not portable.is_set({**whole, name: "another"})


def test_other_tunables_stay_and_what_contradicts_goes():
    given = {
        "GLIBC_TUNABLES": "glibc.malloc.check=1:glibc.cpu.hwcaps=-SSE4_2",
        "NPY_ENABLE_CPU_FEATURES": "AVX2",
    }
    made = portable.environment(given)
    assert made["GLIBC_TUNABLES"] == f"glibc.malloc.check=1:{portable.HWCAPS}"
    assert "NPY_ENABLE_CPU_FEATURES" not in made
    assert portable.is_set(made)
    assert not portable.is_set({**made, "NPY_ENABLE_CPU_FEATURES": "AVX2"})


def test_native_pins_threads_and_nothing_else():
    given = {portable.NATIVE: "1", "OMP_NUM_THREADS": "2"}
    threads = {"OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    assert portable.environment(given) == {**given, **threads}


@pytest.fixture
def replaced(monkeypatch):
    """Arguments of every replacement of this process, none of which happens."""
    calls: list[tuple] = []
    monkeypatch.setattr("os.execve", lambda *words: calls.append(words))
    monkeypatch.setattr("os.environ", bare())
    monkeypatch.setattr(portable, "_at_start", bare)
    monkeypatch.setattr("sys.executable", "/somewhere/python")
    monkeypatch.setattr("sys.orig_argv", ["python", "-X", "utf8", "-m", "sim", "run", "a b.yaml"])
    return calls


def test_the_process_starts_anew_with_its_own_arguments(replaced):
    portable.ensure()
    ((program, words, environment),) = replaced
    assert program == "/somewhere/python"
    assert words == [program, "-X", "utf8", "-m", "sim", "run", "a b.yaml"]
    started = {portable.STARTED: str(os.getpid())}
    assert environment == {**portable.environment(bare()), **started}


@pytest.mark.parametrize("reason", ["set", "native", "tried", "platform", "session", "embedded"])
def test_it_does_not_where_it_need_or_must_not(replaced, monkeypatch, reason):
    if reason == "set":
        monkeypatch.setattr(portable, "_at_start", lambda: portable.environment(bare()))
    elif reason == "native":
        os.environ[portable.NATIVE] = "1"
    elif reason == "tried":
        os.environ[portable.STARTED] = str(os.getpid())
    elif reason == "platform":
        monkeypatch.setattr("sys.platform", "darwin")
    elif reason == "session":
        monkeypatch.setattr("sys.ps1", ">>> ", raising=False)
    else:
        monkeypatch.setattr("sys.executable", "")
    portable.ensure()
    assert replaced == []
    assert [os.environ[name] for name in portable.THREADS] == ["1", "1", "1"]
    assert portable.floating_point() == ("x86-64 baseline" if reason == "set" else "native")


SCRIPT = """\
import os, sys
from sim.portable import ensure, floating_point
ensure()
ensure()
print(os.getpid(), floating_point(), sys.argv[1:], sys.flags.utf8_mode, sys.stdin.read())
sys.exit(7)
"""


@pytest.mark.parametrize(
    ("more", "expected"), [({}, "x86-64 baseline"), ({portable.NATIVE: "1"}, "native")]
)
def test_id_arguments_streams_and_exit_code_stay(more, expected):
    words = [sys.executable, "-X", "utf8", "-c", SCRIPT, "a b", "--c"]
    with subprocess.Popen(
        words,
        env={**bare(), **more},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        printed, _ = process.communicate("hello")
    assert printed == f"{process.pid} {expected} ['a b', '--c'] 1 hello\n"
    assert process.returncode == 7


def test_the_command_starts_anew_before_it_imports_numpy():
    """So it costs one bare start, not a second import of everything."""
    script = """if True:
        import os, sys
        os.execve = lambda *_: sys.exit("numpy" in sys.modules)
        from sim.__main__ import main
        main()"""
    words = [sys.executable, "-c", script]
    assert subprocess.run(words, env=bare(), check=False).returncode == 0


def test_a_change_after_the_start_does_not_count(monkeypatch):
    """The C library has read its tunables by then."""
    before = portable.floating_point()
    for name in portable.BASELINE:
        monkeypatch.setenv(name, "another")
    assert portable.floating_point() == before


@pytest.mark.parametrize(
    "line",
    [
        'eval "$(python -m sim.portable)" && exec python -c "$0"',
        'exec python -m sim.portable -c "$0"',
    ],
)
def test_other_programs_get_the_settings(line):
    script = "from sim.portable import floating_point; print(floating_point())"
    told = subprocess.check_output(
        ["sh", "-c", line.replace("python", f"'{sys.executable}'"), script], env=bare(), text=True
    )
    assert told == "x86-64 baseline\n"
