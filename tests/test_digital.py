import numpy as np
import pytest

from sim.mechanisms import capability, digital, peers
from sim.mechanisms.budgets import BudgetsConfig
from sim.mechanisms.digital import DigitalConfig
from sim.mechanisms.investment import InvestmentConfig
from sim.mechanisms.production import ProductionConfig
from sim.state.columns import STAGES
from tests.worlds import small_model

pytestmark = pytest.mark.nojit
FREE = {
    "uniform_peers": True,
    "always_worthwhile": True,
    "finance_gate": False,
    "infrastructure_cap": False,
    "chain_weight": 0.0,
}
"""Everything that the limit of Bass switches off."""


def able(world):
    firms = world.firms
    return np.flatnonzero(firms["alive"] & (firms["stage"] < STAGES - 1) & (firms["revenue"] > 0))


def hazards_of(world, dearer=1.0, **settings):
    cfg, rows = DigitalConfig(**settings), able(world)
    cost = dearer * digital.costs(world, rows, cfg)
    return digital.hazards(world, rows, cfg, ProductionConfig(), InvestmentConfig(), cost)


def spread_stages(world):
    world.firms["stage"] = np.arange(world.firms.n) % STAGES


def test_everything_binds_unless_switched_off():
    assert DigitalConfig() == DigitalConfig(
        uniform_peers=False, always_worthwhile=False, finance_gate=True, infrastructure_cap=True
    )


def test_uniform_peers_are_all_firms_by_weight(world):
    spread_stages(world)
    firms = world.firms
    share = peers.national_share(world)
    people = np.where(firms["alive"], firms["weight"], 0.0)
    for stage in range(STAGES):
        exact = people[firms["stage"] >= stage].sum() / people.sum()
        assert share[:, :, stage] == pytest.approx(exact, rel=1e-12)
    assert np.ptp(peers.peer_share(world, 600.0)[:, :, 1]) > 0.01  # others do differ


def test_without_hindrance_the_hazard_is_that_of_bass(world):
    spread_stages(world)
    rows = able(world)
    share = peers.national_share(world)[0, 0]
    expected = 0.03 + 0.38 * share[world.firms["stage"][rows] + 1]
    assert hazards_of(world, **FREE) == pytest.approx(expected, rel=1e-14)
    assert hazards_of(world, dearer=1e9, **FREE) == pytest.approx(expected, rel=1e-14)


def test_each_switch_lifts_its_own_hindrance(world):
    spread_stages(world)
    free = hazards_of(world, **FREE)
    # Dear steps are hardly ever worthwhile; the switch makes no difference to who can pay.
    assert (
        hazards_of(world, dearer=1e9, **FREE | {"always_worthwhile": False}) < 1e-6 * free
    ).all()
    assert not hazards_of(world, dearer=1e9, **FREE | {"finance_gate": True}).any()
    # Without infrastructure no province carries more than stage 1.
    world.provinces["infrastructure"] = 0.0
    capped = hazards_of(world, **FREE | {"infrastructure_cap": True})
    assert (capped == np.where(world.firms["stage"][able(world)] == 0, free, 0.0)).all()


def test_certain_success_moves_whoever_adopts(world):
    certain = {"success": 1.0, "stage_difficulty": 0.0, "engineer_success": 0.0}
    cfg = DigitalConfig(**FREE, **certain, own_hazard=0.5)
    rows, before = able(world), world.firms["stage"].copy()
    assert (digital.success_chance(world, rows, cfg) == 1).all()
    u = np.random.default_rng(4).random(world.firms.n)
    cost = digital.costs(world, rows, cfg)
    settings = ProductionConfig(), InvestmentConfig()
    chance = -np.expm1(-digital.hazards(world, rows, cfg, *settings, cost) / 4)
    digital.apply(world, cfg, *settings, BudgetsConfig(), np.random.default_rng(4))
    moved = np.zeros(world.firms.n, dtype=np.int64)
    moved[rows] = u[rows] < chance
    assert (world.firms["stage"] - before == moved).all()
    assert 0 < moved.sum() < rows.size


def test_the_model_runs_and_its_accounts_close_with_every_switch():
    free, hindered = small_model(digital=FREE), small_model()
    for _ in range(6):
        free.step()
        hindered.step()
    assert free.gaps  # a gap beyond rounding would have raised
    reached = [each.world.provinces["digital_mean"].sum() for each in (free, hindered)]
    assert reached[0] > reached[1]


def test_success_falls_with_the_stage_and_rises_with_skilled_staff(world):
    spread_stages(world)
    rows, firms = able(world), world.firms
    plain = DigitalConfig(success=0.7, stage_difficulty=0.04, engineer_success=0.0)
    chance = digital.success_chance(world, rows, plain)
    assert chance == pytest.approx(0.7 - 0.04 * firms["stage"][rows], rel=1e-14)
    helped = DigitalConfig(success=0.7, stage_difficulty=0.04, engineer_success=0.1)
    skilled = capability.skilled_share(world)
    mean = np.average(skilled, weights=np.where(firms["alive"], firms["weight"], 0.0))
    assert mean > 0
    extra = digital.success_chance(world, rows, helped) - chance
    assert extra == pytest.approx(0.1 * (np.minimum(skilled[rows] / mean, 2) - 1), abs=1e-14)
    assert extra.min() == pytest.approx(-0.1)  # someone has no skilled staff at all
    assert extra.max() <= 0.1 + 1e-14


def test_the_mean_stage_of_a_province_counts_firms(world):
    spread_stages(world)
    digital.record(world)
    firms = world.firms
    for province in range(world.provinces.n):
        mine = firms["alive"] & (firms["province"] == province)
        mean = np.average(firms["stage"][mine], weights=firms["weight"][mine])
        assert world.provinces["digital_mean"][province] == pytest.approx(mean, rel=1e-12)


def test_linked_peers_count_as_if_they_were_nearer(world):
    """A link of 1 halves the distance: peers are then those at reach 2 x distance."""
    spread_stages(world)
    world.provinces["knowledge_link"] = 0.0
    far, near = peers.peer_share(world, 800.0), peers.peer_share(world, 400.0)
    world.provinces["knowledge_link"] = 1.0
    assert peers.peer_share(world, 400.0) == pytest.approx(far, rel=1e-12)
    assert np.abs(far - near).max() > 1e-3


def test_the_last_stage_needs_digital_suppliers_and_buyers(world):
    spread_stages(world)
    rows, firms = able(world), world.firms
    free = hazards_of(world, **FREE)
    tied = hazards_of(world, **FREE | {"chain_weight": 0.6})
    chain = peers.chain_share(world, peers.national_share(world))
    linked = chain[firms["province"][rows], firms["industry"][rows]]
    last = firms["stage"][rows] == STAGES - 2
    assert 0 < linked.min() < linked.max() < 1
    assert tied[last] == pytest.approx((free * (1 - 0.6 * (1 - linked)))[last], rel=1e-13)
    assert (tied[~last] == free[~last]).all()


def test_nobody_goes_beyond_the_last_stage_and_the_frozen_go_nowhere(world):
    firms = world.firms
    firms["stage"][:] = STAGES - 2
    firms["stage"][:50] = STAGES - 1
    before = firms["stage"].copy()
    eager = FREE | {"own_hazard": 0.5, "success": 1.0, "stage_difficulty": 0.0}
    settings = ProductionConfig(), InvestmentConfig(), BudgetsConfig()
    draw = np.random.default_rng(3)
    digital.apply(world, DigitalConfig(**eager, frozen=True), *settings, draw)
    assert (firms["stage"] == before).all()
    world.clock.dt = 40.0
    digital.apply(world, DigitalConfig(**eager), *settings, draw)
    assert firms["stage"].max() == STAGES - 1
    assert (firms["stage"] > before).sum() > 100


def test_without_any_skilled_staff_success_is_the_same_for_all(world):
    spread_stages(world)
    world.talents["employer"][:] = -1
    rows = able(world)
    cfg = DigitalConfig(success=0.8, stage_difficulty=0.0, engineer_success=0.2)
    assert (digital.success_chance(world, rows, cfg) == 0.8).all()
