"""Which tests ought to see a fault in which module: its own, and those of what is built on it."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]

MORE = {
    "adoption_rules": ("adoption_rules", "digital"),
    "anderson": ("anderson", "equilibrium"),
    "capability": ("capability", "knowledge"),
    "catalogue": ("metrics_registry", "metrics_table"),
    "checks": ("metrics_convergence", "metrics_inequality", "metrics_clustering"),
    "clustering": ("metrics_clustering",),
    "coagglomeration": ("metrics_clustering",),
    "cohorts": ("cohorts", "symmetry"),
    "compute": ("compute", "compute_market"),
    "compute_capacity": ("compute_capacity", "compute"),
    "compute_exact": ("compute_market",),
    "compute_hubs": ("compute", "region"),
    "compute_interior": ("compute_market",),
    "compute_market": ("compute_market",),
    "compute_spread": ("compute_market",),
    "convergence": ("metrics_convergence",),
    "definitions": ("metrics_table", "metrics_registry"),
    "digital_projects": ("digital", "region"),
    "equilibrium": ("equilibrium", "equilibrium_cells", "market"),
    "equilibrium_arrays": ("equilibrium",),
    "equilibrium_iteration": ("equilibrium", "market"),
    "equilibrium_kernel": ("equilibrium", "equilibrium_cells", "market", "limits"),
    "growth_accounts": ("metrics_growth",),
    "imitation": ("imitation", "knowledge"),
    "inequality": ("metrics_inequality",),
    "knowledge": ("knowledge", "region"),
    "market_parts": ("equilibrium",),
    "markov": ("metrics_markov",),
    "national": ("metrics_national",),
    "panel": ("metrics_table", "metrics_registry"),
    "payments": ("settlement", "region"),
    "peers": ("digital", "relocation", "region"),
    "profitability": ("entry_exit", "founding", "start"),
    "registry": ("metrics_registry",),
    "settlement": ("settlement", "region"),
    "size_tail": ("metrics_size_tail",),
    "spatial": ("metrics_spatial",),
    "spec": ("metrics_registry",),
    "table": ("metrics_table",),
}
"""Module -> test files, without test_ and .py; a module that is not here has one of its name."""

EVERYWHERE = ("parameters", "contracts")
"""Tests that see what a mechanism reads and writes."""


def tests_of(module: str) -> list[str]:
    """Test files for a module such as sim/mechanisms/trade.py; the quickest first."""
    stem = Path(module).stem.removesuffix("_columns")
    names = list(MORE.get(stem, (stem,)))
    if "mechanisms" in module:
        names += [name for name in ("region", *EVERYWHERE) if name not in names]
    paths = [f"tests/test_{name}.py" for name in names]
    missing = [path for path in paths if not (TESTS.parent / path).exists()]
    if missing:
        raise ValueError(f"{module}: there is no {', '.join(missing)}")
    return paths
