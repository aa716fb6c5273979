"""Which tests ought to see a fault in which module: its own, and those of what is built on it."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]

MORE = {
    "adoption_rules": ("adoption_rules", "digital"),
    "anderson": ("anderson", "equilibrium"),
    "capability": ("capability", "knowledge"),
    "catalogue": ("metrics_registry", "metrics_table"),
    "checks": ("metrics_convergence", "metrics_inequality", "metrics_clustering", "metrics_table"),
    "clustering": ("metrics_clustering",),
    "coagglomeration": ("metrics_coagglomeration",),
    "cohorts": ("cohorts", "symmetry"),
    "compute": ("compute", "compute_market", "compute_tolerance"),
    "compute_capacity": ("compute_capacity", "compute"),
    "compute_exact": ("compute_exact", "compute_market"),
    "compute_hubs": ("compute_hubs", "compute", "region"),
    "compute_interior": ("compute_interior", "compute_market"),
    "compute_market": ("compute_clear", "compute_market"),
    "compute_rules": ("compute_rules", "compute_tolerance"),
    "compute_spread": ("compute_spread", "compute_market"),
    "convergence": ("metrics_convergence", "metrics_log_t"),
    "definitions": ("metrics_definitions", "metrics_table", "metrics_registry"),
    "digital": ("digital", "digital_projects"),
    "digital_projects": ("digital_projects", "digital"),
    "entry_exit": ("entry_exit", "entry_moves"),
    "equilibrium": ("equilibrium", "equilibrium_parts", "equilibrium_cells", "market"),
    "equilibrium_arrays": ("equilibrium", "equilibrium_parts"),
    "equilibrium_iteration": ("equilibrium", "equilibrium_parts", "market"),
    "equilibrium_kernel": ("equilibrium", "equilibrium_parts", "equilibrium_cells"),
    "growth_accounts": ("metrics_growth",),
    "imitation": ("imitation", "imitation_rules", "knowledge"),
    "inequality": ("metrics_inequality",),
    "knowledge": ("knowledge", "knowledge_gains", "region"),
    "market": ("market", "market_accounts", "market_search"),
    "market_parts": ("market_parts", "equilibrium"),
    "markov": ("metrics_markov",),
    "migration": ("migration", "migration_moves"),
    "national": ("metrics_national",),
    "panel": ("metrics_table", "metrics_definitions", "metrics_registry"),
    "payments": ("payments", "payments_rates", "settlement"),
    "peers": ("peers", "digital", "relocation"),
    "production": ("production", "wedges"),
    "profitability": ("profitability", "entry_exit", "founding"),
    "registry": ("metrics_registry",),
    "settlement": ("settlement", "settlement_small", "payments", "wedges"),
    "size_tail": ("metrics_size_tail",),
    "spatial": ("metrics_spatial",),
    "spec": ("metrics_registry",),
    "table": ("metrics_table", "metrics_definitions"),
}
"""Module -> test files, without test_ and .py; a module that is not here has one of its name."""

CASES = {
    "equilibrium_kernel": ("ces", "gains_from_trade"),
}
"""Module -> limit cases that judge it too."""

AT_LOADING = ("parameters", "records")
"""Tests that see what is fixed as a module is loaded."""
WHOLE = ("region", "contracts", "half_steps")
"""Tests that see what any mechanism does to a whole quarter, reads and writes."""

LIMITS = "tests/test_limits.py::test_the_model_meets_theory"


def own_tests(module: str) -> list[str]:
    """Test files for a module such as sim/mechanisms/trade.py.

    raises ValueError : one of them does not exist
    """
    stem = Path(module).stem.removesuffix("_columns")
    paths = [f"tests/test_{name}.py" for name in MORE.get(stem, (stem,))]
    missing = [path for path in paths if not (TESTS.parent / path).exists()]
    if missing:
        raise ValueError(f"{module}: there is no {', '.join(missing)}")
    return paths + [f"{LIMITS}[{name}]" for name in CASES.get(stem, ())]


def shared_tests(module: str) -> list[str]:
    """Test files that judge every module of a folder."""
    names = [*AT_LOADING, *(WHOLE if "mechanisms" in module else ())]
    return [f"tests/test_{name}.py" for name in names]


def tests_of(module: str) -> list[str]:
    """All tests that judge a module."""
    own = own_tests(module)
    return own + [path for path in shared_tests(module) if path not in own]
