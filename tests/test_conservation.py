"""Money, people, goods and compute are conserved in any small world, under any levers.

The audit of the model (`sim.mechanisms.accounts`) runs along; the identities are counted once more
here, from the ledger, the tables of agents and the recorded columns alone.
"""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import sim.config
from sim.config.errors import ConfigError
from sim.mechanisms import imitation, knowledge, training
from sim.mechanisms.accounts import goods_gap
from sim.mechanisms.foreign_talent import FOREIGN
from sim.mechanisms.knowledge import KnowledgeConfig
from sim.mechanisms.migration import MigrationConfig
from sim.mechanisms.training import TrainingConfig
from sim.model.config import RegionConfig
from sim.model.region import RegionModel
from sim.start.amenities import invert_amenities
from sim.state.world import World
from tests.random_worlds import Settings, worlds

TOLERANCE = 1e-9
"""Relative; sums of some thousand numbers round at 1e-13."""

IMPOSSIBLE = (
    "leaves no money for households",
    "leaves nothing to the government of province row",
    "no general labour left in a province",
    "more workers than people",
)
"""Ways in which parameters can contradict the figures of 2012; each is a ValueError."""

KNOWN = ("amenities of labour type", "compute market did not clear")
"""Defects of the model that the tests at the end of this file hold down, passed over elsewhere."""


def started(settings_: Settings, seed: int) -> RegionModel:
    """The model; parameters that contradict the figures of 2012 are passed over."""
    try:
        return RegionModel(sim.config.validate(settings_, RegionConfig), seed, views=False)
    except ValueError as error:
        assume(not any(words in str(error) for words in IMPOSSIBLE))
        raise
    except RuntimeError as error:
        assume(not any(words in str(error) for words in KNOWN))
        raise


def people(world: World) -> float:
    """Everyone, counted agent by agent."""
    talents, provinces = world.talents, world.provinces
    agents = talents["weight"][talents["alive"]]
    return math.fsum([*provinces["population"], *provinces["immobile"].ravel(), *agents])


def foreigners(world: World) -> float:
    """People from abroad: who retires is followed by another, so only moves change it."""
    talents = world.talents
    return float(talents["weight"][talents["alive"] & (talents["type"] == FOREIGN)].sum())


def check_step(model: RegionModel) -> None:
    """Take a step and count what it must not change."""
    world = model.world
    before = people(world) - foreigners(world)
    cohorts = world.provinces["population"].sum()
    try:
        model.step()
    except RuntimeError as error:
        assume(not any(words in str(error) for words in KNOWN))
        raise
    assert max(model.gaps.values()) < TOLERANCE
    growth = (1 + model.config.training.natural_growth) ** (world.clock.dt / 4) - 1
    expected = before + growth * cohorts
    assert people(world) - foreigners(world) == pytest.approx(expected, rel=TOLERANCE)
    provinces = world.provinces
    sold, bought = provinces["compute_used"], provinces["compute_bought"]
    assert bought.sum() == pytest.approx(sold.sum(), rel=TOLERANCE)
    assert (sold <= provinces["compute_limit"] * (1 + TOLERANCE)).all()
    assert provinces["compute_revenue"].sum() == pytest.approx(
        provinces["compute_paid"].sum(), rel=TOLERANCE
    )
    for name in ("wage", "price", "cpi", "investment_price", "compute_price", "deflator"):
        assert (provinces[name] > 0).all(), name
    assert (provinces["labour"] > 0).all()
    assert (provinces["output"] >= 0).all()


def check_run(settings_: Settings, seed: int) -> None:
    """Run a world and check every step of it, then what was recorded."""
    model = started(settings_, seed)
    ledger = model.world.ledger
    money = math.fsum(ledger.balance)
    while model.world.clock.step < model.steps_total:
        check_step(model)
        volume = math.fsum(np.abs(ledger.balance))
        assert math.fsum(ledger.balance) == pytest.approx(money, abs=TOLERANCE * volume)
    for name, table in model.frames().items():
        assert not table.isna().any(axis=None), name
        numbers = table.select_dtypes("number")
        assert np.isfinite(numbers.to_numpy(dtype=float)).all(), name


QUIET = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.filter_too_much],
    "print_blob": True,
}


@settings(max_examples=60, derandomize=True, **QUIET)
@given(world=worlds(), seed=st.integers(0, 2**16))
def test_everything_is_conserved_in_any_small_world(world: Settings, seed: int) -> None:
    check_run(world, seed)


@pytest.mark.slow
@settings(max_examples=1500, **QUIET)
@given(world=worlds(), seed=st.integers(0, 2**16))
def test_everything_is_conserved_in_many_small_worlds(world: Settings, seed: int) -> None:
    check_run(world, seed)


# What the random worlds found, in small: first what holds now, then what does not yet.


def test_nobody_is_trained_who_is_not_there(start: World) -> None:
    """Engineers who outnumber general labour do not drain it below nothing."""
    provinces, cfg = start.provinces, TrainingConfig()
    before = people(start)
    shift = 0.999 * provinces["population"]
    for name in ("employed", "unemployed"):
        provinces[name] *= 1e-6
    provinces["population"] -= shift
    force = provinces["employed"] + provinces["unemployed"]
    training.train(start, cfg, np.random.default_rng(1))
    # the same share of both is trained, not more
    left = (provinces["employed"] + provinces["unemployed"]) / force
    assert left == pytest.approx(np.full(len(left), 1 - cfg.engineers_trained), rel=1e-12)
    assert people(start) + shift.sum() == pytest.approx(before, rel=TOLERANCE)


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"matching": {"finding": 0.0}}, "more workers than people"),
        ({"investment": {"interest": 0.0}}, "must be > 0"),
        ({"investment": {"adjustment": 0.0}}, "must be > 0"),
    ],
)
def test_a_start_that_cannot_be_says_why(section: Settings, words: str) -> None:
    world = {"geography": {"provinces": ["Henan", "Hubei"]}} | section
    with pytest.raises((ValueError, ConfigError), match=words):
        RegionModel(sim.config.validate(world, RegionConfig), 1, views=False)


@pytest.mark.parametrize(
    "section",
    [
        {"investment": {"credit_small": 0.0}},
        {"trade": {"exports": 0.0}},
        {"trade": {"imports": 0.0}},
        {"trade": {"exports": 0.0, "imports": 0.0}},
    ],
)
def test_worlds_without_credit_or_trade_abroad_start(section: Settings) -> None:
    world = {
        "geography": {"provinces": ["Henan", "Hubei"]},
        "accounts": {"check": True},
        "time": {"end": "2012Q2"},
    }
    check_run(world | section, 1)


def test_the_audit_bears_the_loss_of_an_industry(grown: RegionModel) -> None:
    world = copy.deepcopy(grown.world)
    lost = world.tech.codes.index("F1")
    for table, name in (("provinces", "output"), ("places", "sales")):
        getattr(world, table)[name][:, lost] = 0.0
    world.imports_by_industry[lost] = world.provinces["spending"][:, lost].sum()
    assert goods_gap(world) < TOLERANCE


def test_a_collapse_of_revenue_leaves_efficiency_finite(start: World) -> None:
    """R&D is planned on last quarter's revenue, and may be many times that of this quarter."""
    firms = start.firms
    firms["rd_spending"][:] = 0.01 * firms["revenue"]
    firms["rd_spending"][0] = 10 * firms["revenue"][0]
    imitation.imitate(start, KnowledgeConfig(), np.random.default_rng(1))
    assert np.isfinite(firms["efficiency"]).all()


def test_a_hire_from_a_lost_industry_leaves_efficiency_finite(start: World) -> None:
    firms, talents = start.firms, start.talents
    lost = np.flatnonzero(firms["industry"] == start.tech.codes.index("F1"))
    firms["alive"][lost] = False
    employer = talents["employer"]
    moved = np.flatnonzero((employer >= 0) & ~np.isin(employer, lost))[0]
    talents["former"][moved] = lost[0]
    knowledge.learn_from_hires(start, KnowledgeConfig())
    assert np.isfinite(firms["efficiency"][firms["alive"]]).all()


def test_amenities_close_where_all_agents_of_a_type_are_without_work(start: World) -> None:
    start.provinces["unemployment"][0, 2] = 1.0
    invert_amenities(start, MigrationConfig(), 0.1, np.zeros(start.provinces.n))


@pytest.mark.xfail(reason="compute market: near ties", strict=True)
def test_a_little_sharing_between_alike_provinces_clears() -> None:
    world = {
        "geography": {"equidistant": {"count": 2}},
        "policies": {"compute_sharing": {"dose": 0.001, "start": "2012Q1"}},
        "population": {"firms": 150, "talents": 60},
    }
    RegionModel(sim.config.validate(world, RegionConfig), 1, views=False).step()


def test_a_start_is_found_where_provinces_hardly_trade() -> None:
    """Accelerated steps alone went astray here."""
    far = {"equidistant": {"count": 4, "distance": 5000, "gateway": 3280.0}}
    sigmas = {"E4": {"sigma": 9.669}, "S2": {"sigma": 7.293}, "A0": {"sigma": 3.0}}
    settings_ = {
        "industries": sigmas,
        "geography": far,
        "trade": {"border": 0.0},
        "matching": {"digital_finding": -0.05},
        "population": {"firms": 258, "talents": 50, "least_firms": 3, "least_talents": 1},
        "time": {"end": "2012Q4"},
        "accounts": {"check": True},
    }
    check_run(settings_, 868)
