"""Every module whose mutants are run has tests that ought to see them."""

import importlib.util
from pathlib import Path

import sim

ROOT = Path(sim.__file__).parents[1]


def test_every_module_has_tests_of_its_own():
    path = ROOT / "tests" / "mutation" / "targets.py"
    spec = importlib.util.spec_from_file_location("targets", path)
    targets = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(targets)
    for folder in ("mechanisms", "metrics"):
        for module in (ROOT / "sim" / folder).glob("[!_]*.py"):
            found = targets.tests_of(str(module.relative_to(ROOT)))
            assert found
            assert all((ROOT / name).exists() for name in found)
