"""Whether another process computes what this one would: same program, libraries, arithmetic."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

import sim
from sim import portable
from sim.runs.keys import source_digest
from sim.runs.manifest import LIBRARIES

Traits = Mapping[str, str]
"""What the bytes of a run depend on, besides its config and seed -> how it is in a process."""


@cache
def traits() -> Traits:
    """Traits of this process.

    Once known they stay: a process does not load its modules anew when their files change, and one
    that is older than a change is told by that.
    """
    major, minor, _ = platform.python_version_tuple()
    return {
        "sim": sim.__version__,
        "sources": source_digest()[:12],
        "arithmetic": _arithmetic(),
        "C library": " ".join(filter(None, platform.libc_ver())) or platform.platform(),
        "python": f"{major}.{minor}",
        **{name: version(name) for name in LIBRARIES},
    }


def program() -> str:
    """SHA-256 over the traits of this process: equal ones give the same tables."""
    return hashlib.sha256(json.dumps(traits(), sort_keys=True).encode()).hexdigest()


def differences(there: Traits, here: Traits) -> str:
    """Traits in which a process differs from this one, in words; "" if it does not."""
    return "; ".join(
        f"{name} {there.get(name, 'unknown')} (here {here[name]})"
        for name in here
        if there.get(name) != here[name]
    )


def _arithmetic() -> str:
    """How this process computes; if the processor decides, which one it is."""
    how = portable.floating_point()
    return f"{how} on {_processor()}" if how == portable.OWN else how


def _processor() -> str:
    """The processor and its features, by which libraries choose among variants of a function."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = ("model name", "CPU part", "flags", "Features")
    told = sorted({line for line in lines if line.startswith(names)})
    return f"{platform.machine()} {hashlib.sha256(chr(10).join(told).encode()).hexdigest()[:12]}"
