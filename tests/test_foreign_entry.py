"""Foreign firms: how many come where, how good they are, and what partners learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.mechanisms import foreign_entry, founding
from sim.mechanisms.entry_exit import EntryExitConfig, found
from sim.mechanisms.foreign_entry import ForeignEntryConfig, more_entrants, partners
from sim.mechanisms.founding import FOREIGN

CONFIG = ForeignEntryConfig(pull=1.0, services_2012=0.5, cap=0.4, spillover=0.05)


@given(share=st.floats(0, 1), ratio=st.floats(0, 20))
def test_more_foreign_firms_come_on_top_of_the_others(share, ratio):
    """n (1 + f (R - 1)) entrants: the foreign ones n f R, the others n (1 - f) as before."""
    assert more_entrants(share, ratio) == pytest.approx((1 - share) + share * ratio, abs=1e-13)


def test_the_rules_of_2012_draw_foreign_firms_as_in_2012(start):
    ratio = foreign_entry.intensity(start, CONFIG)
    assert (ratio == 1).all()
    assert (foreign_entry.owner_shares(start, ratio) == start.ownership).all()


def test_intensity_follows_opening_courts_protection_and_taxes(start):
    places, codes = start.places, start.tech.codes
    places["services_opening"][2, codes.index("S1")] = 0.5
    places["dispute_resolution"][2] = 0.6
    places["tax_competitiveness"][2] = 0.3
    places["protection"][2, 2] = 0.9  # data: S1 but not T1
    ratio = foreign_entry.intensity(start, CONFIG)
    assert ratio[2, codes.index("S1")] == pytest.approx(1.5 * np.exp(0.6), rel=1e-13)
    assert ratio[2, codes.index("T1")] == pytest.approx(np.exp(0.3), rel=1e-13)
    assert (np.delete(ratio, 2, axis=0) == 1).all()


def test_owners_of_entrants_add_up(start):
    ratio = np.full((start.places.n, len(start.tech.codes)), 3.0)
    state, foreign = np.moveaxis(foreign_entry.owner_shares(start, ratio), -1, 0)
    before = start.ownership
    # odds against private firms: state as before, foreign three times
    private = 1 - before.sum(axis=1)
    assert state / (1 - state - foreign) == pytest.approx(
        np.tile(before[:, 0] / private, (start.places.n, 1)), rel=1e-12
    )
    assert foreign / (1 - state - foreign) == pytest.approx(
        np.tile(3 * before[:, 1] / private, (start.places.n, 1)), rel=1e-12
    )


def entrants(world, streams, **changes):
    """Rows of the entrants of a boom."""
    world.baseline.exits *= 40.0
    count = world.firms.n
    abroad = CONFIG.model_copy(update=changes)
    found(world, EntryExitConfig(efficiency_spread=0.0), abroad, streams.at("entry_exit", 0))
    return np.arange(count, world.firms.n)


def test_opening_brings_foreign_firms(start, streams):
    service = start.tech.codes.index("S1")
    start.places["services_opening"][:, service] = 1.0
    start.places["dispute_resolution"] = 1.0
    rows = entrants(start, streams, services_2012=0.05, pull=2.0)
    mine = rows[start.firms["industry"][rows] == service]
    foreign = start.firms["owner"][mine] == FOREIGN
    expected = foreign_entry.owner_shares(
        start,
        foreign_entry.intensity(
            start, CONFIG.model_copy(update={"services_2012": 0.05, "pull": 2.0})
        ),
    )[0, service, 1]
    assert mine.size > 30
    error = np.sqrt(expected * (1 - expected) / mine.size)
    assert foreign.mean() == pytest.approx(expected, abs=4 * error)
    assert expected > 0.5 > 5 * start.ownership[service, 1]


def test_a_foreign_entrant_may_start_at_a_share_of_the_frontier(start, streams):
    rows = entrants(start, streams, frontier_share=0.8)
    firms = start.firms
    foreign = firms["owner"][rows] == FOREIGN
    best = 0.8 * start.baseline.frontier[firms["industry"][rows]]
    assert foreign.any()
    assert firms["efficiency"][rows][foreign] == pytest.approx(best[foreign], rel=1e-12)
    capital, usual = founding.usual(start)
    cell = firms["province"][rows], firms["industry"][rows]
    assert capital.shape == usual.shape
    assert not np.allclose(firms["efficiency"][rows][~foreign], best[~foreign])
    assert cell[0].size == rows.size


def test_partners_are_as_many_as_foreign_firms_bound_to_one():
    bound, local = np.array([0.0, 2.0, 9.0, 3.0]), np.array([5.0, 8.0, 3.0, 0.0])
    assert partners(bound, local).tolist() == [0, 0.25, 1, 0]


def cell_of_two(start, level=2.0):
    """In one cell a foreign firm of efficiency `level` and, 4 times as many, local ones of 1."""
    firms = start.firms
    teacher, pupil = np.flatnonzero((firms["province"] == 2) & (firms["industry"] == 9))[:2]
    mine = (firms["province"] == 2) & (firms["industry"] == 9)
    firms["alive"][mine] = False
    firms["alive"][[teacher, pupil]] = True
    firms["owner"] = 0
    firms["owner"][teacher] = FOREIGN
    firms["efficiency"][[teacher, pupil]] = level, 1.0
    firms["weight"][[teacher, pupil]] = 1.0, 4.0
    return teacher, pupil


def test_partners_close_the_gap_to_the_foreign_firm(start):
    """1 - (1 - lambda cap / 4)^dt of the gap; nobody else learns."""
    teacher, pupil = cell_of_two(start)
    before = start.firms["efficiency"].copy()
    start.growth_sources = {}
    foreign_entry.apply(start, CONFIG)
    after = start.firms["efficiency"]
    expected = 1 + (1 - (1 - 0.05 * 0.4 / 4) ** 0.25)
    assert after[pupil] == pytest.approx(expected, rel=1e-13)
    assert (np.delete(after, pupil) == np.delete(before, pupil)).all()
    assert after[teacher] == 2.0
    sales = start.firms["revenue"] * start.firms["weight"] * start.firms["alive"]
    part = sales[pupil] / sales[start.firms["province"] == 2].sum()
    booked = start.growth_sources["imitation"][2] * start.clock.dt
    assert booked == pytest.approx(part * np.log(expected), rel=1e-10)


def test_opening_ends_joint_ventures_and_nobody_learns_from_worse_firms(start):
    world = start
    _, pupil = cell_of_two(world)
    world.places["services_opening"][:, 9] = 1.0
    foreign_entry.apply(world, CONFIG)
    assert world.firms["efficiency"][pupil] == 1
    world.places["services_opening"][:, 9] = 0.0
    cell_of_two(world, level=0.5)
    foreign_entry.apply(world, CONFIG)
    assert world.firms["efficiency"][pupil] == 1


def test_by_default_partners_learn_nothing_beyond_imitation(world):
    before = world.firms["efficiency"].copy()
    foreign_entry.apply(world, ForeignEntryConfig())
    assert (world.firms["efficiency"] == before).all()


def test_intensity_by_hand_in_every_place(world):
    places, draw = world.places, np.random.default_rng(11)
    columns = ("services_opening", "protection", "dispute_resolution", "tax_competitiveness")
    for name in columns:
        places[name] = draw.uniform(0.1, 1.0, places[name].shape)
    found = foreign_entry.intensity(world, ForeignEntryConfig(pull=0.7, services_2012=0.4))
    for place, industry in np.ndindex(found.shape):
        rules = places["protection"][place, world.exposure.technology[industry]]
        rules += sum(places[name][place] for name in columns[2:])
        opening = 1 + 1.5 * places["services_opening"][place, industry]
        expected = opening * math.exp(0.7 * rules / 3)
        assert found[place, industry] == pytest.approx(expected, rel=1e-13)


def mixed(world):
    """In every cell foreign and local firms, closed ones among them, together less than one."""
    firms, draw = world.firms, np.random.default_rng(12)
    world.clock.dt = 0.5
    firms["owner"] = np.where(draw.random(firms.n) < 0.4, FOREIGN, 0)
    firms["weight"] = draw.uniform(0.01, 0.05, firms.n)
    firms["efficiency"] = draw.uniform(0.5, 2.0, firms.n)
    world.places["services_opening"] = draw.uniform(
        0.0, 0.9, (world.places.n, len(world.tech.codes))
    )
    world.growth_sources = {}
    assert not firms["alive"].all()
    return firms


def taught(world, firms, province, industry):
    """Rows of local firms of a cell, share of the gap they close, and mean of their teachers."""
    cell = firms["alive"] & (firms["province"] == province) & (firms["industry"] == industry)
    foreign = cell & (firms["owner"] == FOREIGN)
    local, weight = cell & ~foreign, firms["weight"]
    if not (foreign.any() and local.any()):
        return local, 0.0, 0.0
    bound = 1 - world.places["services_opening"][firms["place"], industry]
    chance = min(1.0, (weight * bound)[foreign].sum() / weight[local].sum())
    mean = np.average(firms["efficiency"][foreign], weights=weight[foreign])
    return local, 1 - (1 - 0.4 * chance) ** (1 / 8), mean


def test_partners_learn_by_hand_in_every_cell(world):
    """Even where all foreign firms are bound; cells without any divide nothing by zero."""
    firms = mixed(world)
    before = firms["efficiency"].copy()
    expected, n = before.copy(), world.provinces.n
    for cell in np.ndindex(n, len(world.tech.codes)):
        local, closed, mean = taught(world, firms, *cell)
        expected[local] += closed * np.maximum(0.0, mean - before[local])
    with np.errstate(divide="raise", invalid="raise"):
        foreign_entry.apply(world, ForeignEntryConfig(spillover=0.4, cap=1.0))
    assert firms["efficiency"] == pytest.approx(expected, rel=1e-13)
    assert 50 < (expected > before).sum() < firms["alive"].sum() / 2
    sales = firms["revenue"] * firms["weight"] * firms["alive"]
    gain = np.bincount(firms["province"], sales * np.log(expected / before), minlength=n)
    total = np.bincount(firms["province"], sales, minlength=n)
    assert world.growth_sources["imitation"] == pytest.approx(gain / total / 0.5, rel=1e-9)
