"""What the architecture test holds the package to: layers, sizes, and exceptions with reasons."""

from __future__ import annotations

LAYERS: dict[str, str] = {
    "portable": "",
    "data": "",
    "config": "",
    "state": "config data",
    "mechanisms": "config state",
    "policies": "config state",
    "start": "config data state mechanisms",
    "metrics": "state",
    "model": "config state mechanisms policies start",
    "runs": "portable config state start metrics model",
    "figures": "data state metrics model runs",
    "terminal": "config runs",
    "limits": "config state mechanisms start metrics model runs figures terminal",
    "default_engine": "runs",
    "listings": "config metrics runs",
    "comparison": "metrics figures",
    "growth": "metrics runs figures terminal",
    "reference": "metrics terminal default_engine listings",
    "schema": "runs default_engine",
    "export": "config data state mechanisms policies start metrics model runs",
    "analysis": "config metrics runs figures terminal default_engine",
    "experiments": "runs figures analysis terminal default_engine",
    "results_command": "runs figures analysis terminal",
    "reproduction": "runs terminal default_engine experiments",
    "slurm_command": "runs figures default_engine experiments",
    "worker_command": "portable runs",
    "api": "config model runs terminal",
    "cli": "config runs figures limits terminal default_engine listings comparison growth"
    " analysis experiments export portable reference reproduction results_command schema"
    " slurm_command worker_command",
    "__main__": "cli portable",
    "adapters": "config metrics model runs start",
    "": "api",
}
"""Packages and modules at the top of `sim`, from the bottom up -> what each may import."""

UPWARD = {
    ("sim.config.base", "sim.state.calendar"): "labels of quarters, which know nothing of the rest",
    ("sim.export.project", "sim"): "the folder and the version of the package",
    ("sim.limits.run", "sim"): "the folder of the package",
    ("sim.runs.alike", "sim"): "the version of the package",
    ("sim.runs.folder", "sim"): "the version of the package",
    ("sim.runs.keys", "sim"): "the folder of the package",
    ("sim.runs.manifest", "sim"): "the version of the package",
}
"""Imports against the layers -> why they do no harm."""

TYPES_ONLY = {
    **{
        (f"sim.start.{name}", "sim.model.config"): "annotates an argument: the config of a run"
        for name in ("build", "efficiencies", "final_demand", "inversion", "opening")
    },
    ("sim.mechanisms.imitation", "sim.mechanisms.knowledge"): "annotates the config it is part of",
}
"""Imports under TYPE_CHECKING that the layers and the order of mechanisms forbid -> why."""

FILE_LIMIT, FUNCTION_LIMIT = 250, 40

LONG_FILES = {
    "tests/lever_outcomes.py": (259, "a table of cases"),
    "tests/test_cluster.py": (260, "one cluster, started once for all of them"),
    "tests/test_compute_market.py": (323, "one kernel, many kinds of failure"),
    "tests/test_provenance.py": (263, "tables of schemas and of exceptions"),
}
"""Files above the limit -> their size and why."""

LONG_FUNCTIONS = {
    "sim/mechanisms/compute_interior.py advance": (53, "one step of the solver, equation by line"),
    "sim/mechanisms/compute_market.py clear": (46, "a third is the docstring with shapes"),
    "sim/metrics/growth_accounts.py growth_accounts": (46, "one frame, column by column"),
    "sim/experiments.py experiment": (47, "a line for every option, and the help"),
    "sim/model/region.py step": (54, "the order of a quarter on one screen"),
}
"""Functions above the limit -> their size and why."""
