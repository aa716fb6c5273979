"""Time and memory of a run at default scale: 96 quarters, after compilation, on one core.

    make bench

Prints the baseline, the baseline with every identity checked, and a run with all levers, in
seconds and relative to the baseline of the same call.
"""

from __future__ import annotations

import resource
import time

from sim.config import validate
from sim.model.config import RegionConfig
from sim.model.region import RegionModel
from sim.policies import PoliciesConfig

LEVERS = {name: {"dose": 1.0, "start": "2013Q1"} for name in PoliciesConfig.model_fields}
CASES = {
    "baseline": {},
    "identities checked": {"accounts": {"check": True}},
    "all levers": {"policies": LEVERS},
}


def seconds(settings: dict[str, object]) -> float:
    """Wall time of a whole run, its tables included."""
    start = time.perf_counter()
    model = RegionModel(validate(settings, RegionConfig), 1, views=False)
    model.run()
    model.frames()
    return time.perf_counter() - start


def main() -> None:
    """Compile, measure, print."""
    RegionModel(validate(CASES["all levers"], RegionConfig), 2, views=False).run("2013Q2")
    base = 0.0
    for name, settings in CASES.items():
        taken = seconds(settings)
        base = base or taken
        print(f"{name:20} {taken:6.2f} s  {taken / base:5.2f}")
    print(f"{'memory':20} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:6.2f} GB")


if __name__ == "__main__":
    main()
