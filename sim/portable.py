"""The same bytes on every x86-64 machine: processes that use the instructions all of them have.

NumPy, the C library, OpenBLAS and Numba each look at the processor when they are loaded and choose
among variants of exp, log, pow or a matrix product that round differently in the last digit. An
agent-based model carries a last digit into decisions, so two machines drift apart. Every one of
them can be told by the environment to keep to the instructions that x86-64 processors have had
since 2008, so the command `sim` starts itself anew with these settings before it imports any.

    SIM_NATIVE=1 sim run ...                    as fast as this processor can, with its own bytes
    python -m sim.portable -m pytest            Python with these settings, for any other program
    eval "$(python -m sim.portable)"            the settings, for a shell

Elsewhere than on Linux on x86-64 only the number of threads is set. The bytes still depend on the
versions of the libraries and of the C library, which the manifest records.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

NATIVE = "SIM_NATIVE"
"""Variable that, when not empty, leaves the choice to the processor."""

STARTED = "SIM_STARTED_ANEW"
"""Variable with the id of a process that has started itself anew: it does so once."""

HWCAPS = "glibc.cpu.hwcaps=" + ",".join(
    f"-{name}{suffix}"
    for suffix in ("", "_Usable")  # the second is the spelling before glibc 2.33
    for name in ("AVX", "AVX2", "FMA", "FMA4")  # what the variants of libm are chosen by
)

OWN = "native"
"""How a process computes if the processor decides: with bytes of its own."""

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
"""One thread per process unless the user says otherwise: runs are what is parallel."""


def numpy_features(version: str) -> str:
    """Names by which NumPy knows the instructions above the baseline.

    version  of NumPy, such as "2.4.6": 2.4 replaced single features by levels
    """
    major, minor = (int(part) for part in version.split(".")[:2])
    if (major, minor) >= (2, 4):
        return "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"
    return (  # NumPy 2.1 warns that it knows no AVX512_SPR, a warning that Python hides
        "AVX F16C FMA3 AVX2 AVX512F AVX512CD AVX512_KNL AVX512_KNM AVX512_SKX AVX512_CLX"
        " AVX512_CNL AVX512_ICL AVX512_SPR"
    )


def _numpy_version() -> str:
    """Version of the installed NumPy, read without importing it: then it would be too late."""
    spec = find_spec("numpy")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("NumPy is not installed", name="numpy")
    text = Path(spec.origin).with_name("version.py").read_text("utf-8")
    found = re.search(r"^(?:version|short_version|__version__) = ['\"]([\d.]+)", text, re.MULTILINE)
    if found is None:
        raise ImportError(f"{spec.origin}: NumPy does not tell its version", name="numpy")
    return found[1]


BASELINE: dict[str, str] = {
    "NPY_DISABLE_CPU_FEATURES": numpy_features(_numpy_version()),
    "GLIBC_TUNABLES": HWCAPS,
    "OPENBLAS_CORETYPE": "Nehalem",
    "OPENBLAS_NUM_THREADS": "1",  # threads would split sums
    "NUMBA_CPU_NAME": "nehalem",
    "NUMBA_CPU_FEATURES": "",  # none beyond those of the name
    "NUMBA_DISABLE_INTEL_SVML": "1",  # where it is installed, it looks at the processor itself
    "ARROW_USER_SIMD_LEVEL": "NONE",
}
"""Environment variable -> value; other tunables of the C library are kept beside ours."""


def applies() -> bool:
    """Whether this platform has the baseline: Linux on x86-64."""
    return sys.platform == "linux" and os.uname().machine == "x86_64"


def environment(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Environment for a process that shall give the same bytes on every machine.

    given    what to add to; None takes that of this process. SIM_NATIVE is heeded.
    """
    given = os.environ if given is None else given
    threads = {name: given.get(name, "1") for name in THREADS}
    if given.get(NATIVE) or not applies():
        return {**given, **threads}
    return {**threads, **_baseline(given)}


def is_set(given: Mapping[str, str] | None = None) -> bool:
    """Whether an environment holds the settings of the baseline.

    given  None takes what this process was started with: the C library reads no later change
    """
    given = _at_start() if given is None else given
    return _baseline(given) == dict(given)


def floating_point() -> str:
    """How this process computes: "x86-64 baseline", or "native" if the processor decides."""
    return "x86-64 baseline" if applies() and is_set() else OWN


def ensure() -> None:
    """Go on in a process with the settings of the baseline, which replaces this one if need be.

    Process id, standard streams, working directory and arguments stay. Threads are pinned in any
    case. Nothing is replaced with SIM_NATIVE=1, on other platforms and in an interactive session.
    """
    wanted = environment()
    process = str(os.getpid())  # the same after it was replaced
    os.environ.update({name: wanted[name] for name in THREADS})
    native = wanted.get(NATIVE) or not applies() or hasattr(sys, "ps1") or not sys.executable
    tried = wanted.get(STARTED) == process  # in vain if a wrapper takes the settings away
    if not (native or tried or is_set()):
        _replace(sys.orig_argv[1:], {**wanted, STARTED: process})


def _baseline(given: Mapping[str, str]) -> dict[str, str]:
    """The environment with the settings of the baseline."""
    # NumPy refuses to be told both ways.
    kept = {name: value for name, value in given.items() if name != "NPY_ENABLE_CPU_FEATURES"}
    tunables = given.get("GLIBC_TUNABLES", "").split(":")
    others = [each for each in tunables if each and not each.startswith("glibc.cpu.hwcaps=")]
    return {**kept, **BASELINE, "GLIBC_TUNABLES": ":".join([*others, HWCAPS])}


def _at_start() -> dict[str, str]:
    """Environment with which this process was started."""
    try:
        entries = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        return dict(os.environ)
    pairs = (os.fsdecode(entry).partition("=") for entry in entries if entry)
    return {name: value for name, _, value in pairs}


def _replace(words: list[str], environment_: Mapping[str, str]) -> None:
    """Replace this process by Python with other arguments and environment."""
    os.execve(sys.executable, [sys.executable, *words], environment_)  # noqa: S606 - no shell


def main(words: list[str]) -> None:
    """Run Python with `words` under the baseline; without words print the settings for a shell."""
    if words:
        _replace(words, environment())
    changed = {name: value for name, value in environment().items() if name in BASELINE}
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in changed.items()]
    sys.stdout.write("".join(lines))


if __name__ == "__main__":
    main(sys.argv[1:])
