"""Every number of a checkpoint is read by the rest of the run, or listed here as not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from sim.model.region import RegionModel
from sim.policies import PoliciesConfig
from tests.worlds import small_model

QUARTERS = 6
"""Past the end of a year, when foreign knowledge comes in, and past a planning of the zones."""

MARKET = "solved anew from `solution` before anything reads it"
FLOW = "counted anew in every step"
POLICY = "rebuilt from zero in every step"

UNREAD = {
    "world.firms": {
        "position": "from birth on only shown",
        "profit": FLOW,
        "surplus": FLOW,
        "investment": FLOW,
        "rd_spending": FLOW,
        "wedge": POLICY,
        "loss_quarters": "no firm of this world makes a loss, and one without starts from zero",
    },
    "world.provinces": {
        "participation": "of 2012",
        **dict.fromkeys(("labour", "wage", "wage_bill", "rd_wages", "unemployment"), MARKET),
        **dict.fromkeys(("price_to_sigma", "spending", "cpi", "output", "employment"), MARKET),
        **dict.fromkeys(("consumption", "capital_cost", "exports", "imports"), MARKET),
        **dict.fromkeys(("compute_limit", "compute_used", "compute_cost", "compute_rent"), MARKET),
        **dict.fromkeys(("compute_bought", "compute_paid", "compute_revenue"), MARKET),
        **dict.fromkeys(("compute_delivery", "compute_fee", "compute_power"), MARKET),
        **dict.fromkeys(("compute_wear", "compute_price"), MARKET),
        **dict.fromkeys(("firm_investment", "firm_research", "firm_capital", "fdi"), FLOW),
        **dict.fromkeys(("government", "orders", "subsidy_all", "subsidy_large"), FLOW),
        **dict.fromkeys(("hub_order", "central_order", "programme_order"), FLOW),
        **dict.fromkeys(("compute_shared", "compute_build", "compute_build_local"), POLICY),
        **dict.fromkeys(("infrastructure_push", "barrier_cut", "knowledge_link"), POLICY),
        "reimbursed": POLICY,
    },
    "world.places": {
        **dict.fromkeys(("market_access", "supply", "sales", "export_share"), MARKET),
        "radical": FLOW,
        **dict.fromkeys(("adoption_subsidy", "guarantee"), POLICY),
        **dict.fromkeys(("customs", "fair_competition", "dispute_resolution"), POLICY),
        **dict.fromkeys(("talent_services", "tax_competitiveness", "data_rules"), POLICY),
        **dict.fromkeys(("services_opening", "protection", "critical_supply"), POLICY),
        **dict.fromkeys(("wedge_loss", "wedge_tax"), POLICY),
    },
    "world.exposure": {"foreign_input": "given to the firms of 2012"},
    "world.zones": {"government": FLOW, **dict.fromkeys(("reimbursed", "joint_planning"), POLICY)},
    "world.ledger": {"received": FLOW, "spent": FLOW},
    "world.growth_sources": dict.fromkeys(
        ("digital", "innovation", "frontier", "imitation", "hires"), FLOW
    ),
    "world": dict.fromkeys(("imports_by_industry", "arrivals", "births"), FLOW),
    "solution": {
        **dict.fromkeys(("supply", "market_access", "wage_bill"), "follows from the rest"),
        **dict.fromkeys(("gap", "gap_sales"), "says how well the last market cleared"),
    },
}
"""Columns that the next steps do not read -> why; they are kept for pictures and for callers."""

RULED = {
    *("world.firms.foreign_input", "world.algorithms"),
    *(f"world.exposure.{name}" for name in ("cross_border", "digital", "specificity")),
}
"""Columns that are read where rules differ from those of 2012."""

INDICES = dict.fromkeys(("customs", "dispute_resolution", "data_rules"), 0.3)
RULES = {
    "institutions": {"outside": INDICES | {"services_opening": {"S1": 0.3, "S2": 0.3}}},
    "dependence": {"outlay": 100.0},
    "foreign_entry": {"frontier_share": 0.8},
    "wedges": {"charge": 0.05, "supply": {"E1": 0.6, "T2": 0.8}},
}

UNREAD_NAMES = {f"{table}.{column}" for table, columns in UNREAD.items() for column in columns}
FLOWS = "world.ledger.flows."
RECORD = ("tape.", "gaps.")
"""What is only handed out again."""

Arrays = Mapping[str, np.ndarray]


def stopped_model(**rules: Any) -> RegionModel:
    """A small model with all levers acting, half a year before its zones plan anew."""
    lever = {"dose": 0.5, "start": "2012Q2", "targets": "all", "payer": "centre"}
    model = small_model(
        population={"firms": 150, "talents": 100},
        policies=dict.fromkeys(PoliciesConfig.model_fields, lever),
        **rules,
    )
    model.run(until="2014Q3")
    return model


@pytest.fixture(scope="module")
def stopped() -> RegionModel:
    return stopped_model()


@pytest.fixture(scope="module")
def arrays(stopped: RegionModel) -> Arrays:
    return stopped.checkpoint()


@pytest.fixture(scope="module")
def future(stopped: RegionModel, arrays: Arrays) -> list[dict[str, bytes]]:
    """What the next quarters write down."""
    return list(rows(RegionModel.resume(stopped.config, 1, arrays)))


def rows(model: RegionModel) -> Iterator[dict[str, bytes]]:
    """Bytes of what is written down in each of the next quarters."""
    for _ in range(QUARTERS):
        model.step()
        blocks = {name: blocks[-1] for name, blocks in model.recorder.blocks.items() if blocks}
        yield {
            f"{name}.{column}": np.asarray(values, dtype="U" if text(values) else None).tobytes()
            for name, block in blocks.items()
            for column, values in block.items()
        }


def text(values: object) -> bool:
    return isinstance(values, str) or np.asarray(values).dtype == object


def perturbed(values: np.ndarray) -> np.ndarray:
    """Other values, changed by unlike factors, so that their order changes too."""
    factor = np.resize((2.0, 0.5), values.shape)
    return np.asarray(values * factor + 0.5)


def floats(arrays: Arrays) -> list[str]:
    return [name for name, values in arrays.items() if values.dtype.kind == "f" and values.size]


def state(arrays: Arrays) -> dict[str, bytes]:
    """Bytes of all columns but those only handed out again."""
    return {name: v.tobytes() for name, v in arrays.items() if not name.startswith(RECORD)}


def test_what_is_listed_as_unread_changes_nothing(stopped, arrays, future):
    listed = {name for name in arrays if name in UNREAD_NAMES or name.startswith(FLOWS)}
    assert listed >= UNREAD_NAMES
    changed = {name: perturbed(v) if name in listed else v for name, v in arrays.items()}
    model = RegionModel.resume(stopped.config, 1, changed)
    assert list(rows(model)) == future
    same = RegionModel.resume(stopped.config, 1, arrays)
    assert list(rows(same)) == future
    found, expected = state(model.checkpoint()), state(same.checkpoint())
    kept = {"world.firms.position", "world.provinces.participation"}
    kept.add("world.exposure.foreign_input")
    assert {name for name in expected if found[name] != expected[name]} == kept


def unnoticed(stopped: RegionModel, arrays: Arrays, names: Iterable[str]) -> set[str]:
    """Columns whose change the run does not notice; one that stops, or is refused, has noticed."""
    future = list(rows(RegionModel.resume(stopped.config, 1, arrays)))
    found = set()
    for name in names:
        changed = {**arrays, name: perturbed(arrays[name])}
        try:
            model = RegionModel.resume(stopped.config, 1, changed)
            if all(now == then for now, then in zip(rows(model), future, strict=True)):
                found.add(name)
        except (ValueError, RuntimeError, ArithmeticError, IndexError):
            continue
    return found


@pytest.mark.slow
def test_what_is_not_listed_as_unread_changes_the_run(stopped, arrays):
    listed = (FLOWS, *RECORD)
    names = [n for n in floats(arrays) if n not in UNREAD_NAMES and not n.startswith(listed)]
    assert unnoticed(stopped, arrays, names) == RULED
    ruled = stopped_model(**RULES)
    assert unnoticed(ruled, ruled.checkpoint(), RULED) == set()


def test_what_was_recorded_is_handed_out_again(stopped, arrays):
    """Columns of tables, and gaps of the accounts, that are changed show as they were changed."""
    changed = {
        name: perturbed(values) if name in floats(arrays) and name.startswith(RECORD) else values
        for name, values in arrays.items()
    }
    model = RegionModel.resume(stopped.config, 1, changed)
    assert model.gaps == {name: changed[f"gaps.{name}"].item() for name in stopped.gaps}
    frames, shown = model.frames(), 0
    for name in floats(arrays):
        if name.startswith("tape.blocks."):
            table, column = name.removeprefix("tape.blocks.").split(".columns.")
            values = frames[table][column].to_numpy()
            assert values.tobytes() == changed[name].astype(values.dtype).tobytes(), name
            shown += 1
    assert shown > 50
