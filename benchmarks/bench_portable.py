"""What the same bytes on every machine cost: a run at default scale, with the baseline and native.

    python benchmarks/bench_portable.py

Three pairs of processes, one after the other; each compiles first, then times 96 quarters with and
without levers. Prints seconds of processor time, in which other load of the machine shows less, the
ratio within a pair, and the median of the ratios.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path

from sim.portable import BASELINE, NATIVE, STARTED, environment

PAIRS = 3
CHILD = """
import bench_step as bench, time

def run(name, seed, until=None):
    settings = bench.validate(bench.CASES[name], bench.RegionConfig)
    start = time.process_time()
    model = bench.RegionModel(settings, seed, views=False)
    model.run(until)
    model.frames()
    return time.process_time() - start

run("all levers", 2, "2013Q2")
print(run("baseline", 1), run("all levers", 1))
"""


def seconds(settings: dict[str, str]) -> list[float]:
    """Processor time of both cases in a process of its own."""
    here = Path(__file__).resolve().parent
    paths = os.pathsep.join([str(here), str(here.parent)])
    words = [sys.executable, "-c", CHILD]
    told = subprocess.check_output(words, env={**settings, "PYTHONPATH": paths}, text=True)
    return [float(word) for word in told.split()]


def main() -> None:
    """Measure and print."""
    ours = {*BASELINE, NATIVE, STARTED}
    bare = {name: value for name, value in os.environ.items() if name not in ours}
    ratios = []
    for _ in range(PAIRS):
        same, native = seconds(environment(bare)), seconds(environment({**bare, NATIVE: "1"}))
        ratios.append([one / other for one, other in zip(same, native, strict=True)])
        print("same bytes", *(f"{each:6.2f} s" for each in same), end="   ")
        print("native", *(f"{each:6.2f} s" for each in native), end="   ")
        print("ratio", *(f"{each:5.3f}" for each in ratios[-1]))
    medians = [statistics.median(each) for each in zip(*ratios, strict=True)]
    print("median ratio", *(f"{each:5.3f}" for each in medians))


if __name__ == "__main__":
    main()
