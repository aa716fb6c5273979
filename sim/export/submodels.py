"""The modules that the ODD document describes, and what each says of itself."""

from __future__ import annotations

import inspect
from types import ModuleType

from sim.mechanisms import (
    accounts,
    adoption_rules,
    budgets,
    compute,
    compute_capacity,
    compute_market,
    dependence,
    digital,
    entry_exit,
    equilibrium,
    firm_growth,
    foreign_entry,
    foreign_talent,
    imitation,
    infrastructure,
    institutions,
    investment,
    knowledge,
    market,
    matching,
    migration,
    planning,
    production,
    relocation,
    settlement,
    trade,
    training,
    wedges,
    zones,
)

_MODULES = (
    *(accounts, adoption_rules, budgets, compute, compute_capacity, compute_market, dependence),
    *(digital, entry_exit, equilibrium, firm_growth, foreign_entry, foreign_talent, imitation),
    *(infrastructure, institutions, investment, knowledge, market, matching, migration, planning),
    *(production, relocation, settlement, trade, training, wedges, zones),
)
SUBMODELS = {module.__name__.rpartition(".")[2]: module for module in _MODULES}
"""Name of a mechanism -> its module."""


def text(module: ModuleType) -> str:
    """What a module says of itself, without the rows of the policy paper it refers to."""
    parts = (inspect.getdoc(module) or "").split("\n\n")
    return "\n\n".join(part for part in parts if not part.startswith("Rows of the paper:"))
