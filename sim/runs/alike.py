"""Whether another process computes what this one would: same program, libraries, arithmetic."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version

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
        "arithmetic": portable.floating_point(),
        "python": f"{major}.{minor}",
        **{name: version(name) for name in LIBRARIES},
    }


def differences(there: Traits, here: Traits) -> str:
    """Traits in which a process differs from this one, in words; "" if it does not."""
    return "; ".join(
        f"{name} {there.get(name, 'unknown')} (here {here[name]})"
        for name in here
        if there.get(name) != here[name]
    )
