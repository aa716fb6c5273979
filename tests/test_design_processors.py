"""The points of a design are the same on old and new processors."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.runs import distributions
from sim.runs.design import points
from tests.design_file import SAMPLED, example

SHARES = (np.arange(20_000) + 0.5) / 20_000
PLAIN = {
    "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F",
    "PYTHONHASHSEED": "7",
}
"""NumPy and the C library without the instructions of newer processors; another order of sets."""


def digests() -> list[str]:
    """Of a plain exponential, of every distribution that needs one, and of every design."""
    made = [
        np.exp(np.log(0.1) * (1 - SHARES)),
        distributions.log_uniform(SHARES, 0.1, 30.1),
        distributions.normal(SHARES, 0.3, 0.1, -np.inf, np.inf),
        distributions.lognormal(SHARES, 0.3, 0.1, 0.1, 0.7),
    ]
    texts = [json.dumps(array.tolist()) for array in made]
    texts += [json.dumps(points(*example(kind))) for kind in SAMPLED]
    return [hashlib.sha256(text.encode()).hexdigest() for text in texts]


def test_another_processor_makes_the_same_points():
    root = Path(sim.__file__).resolve().parent.parent
    code = f"import json; from {__name__} import digests; print(json.dumps(digests()))"
    there = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env={**os.environ, **PLAIN, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
        cwd=root,
    )
    exponential, *mine = digests()
    their_exponential, *theirs = json.loads(there.stdout)
    assert mine == theirs
    if exponential == their_exponential:
        pytest.skip("this processor has none of the newer instructions: nothing was tried")
