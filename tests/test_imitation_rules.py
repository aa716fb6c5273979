"""Imitation by hand: speeds, gaps at their bounds, who is met, and what a step books."""

import numpy as np
import pytest

from sim.mechanisms import capability, imitation
from sim.mechanisms.knowledge import KnowledgeConfig

CONFIG = KnowledgeConfig(imitation=0.06, protection=0.3, licensing=0.1, rule="level")
NOTHING = np.zeros(3)


def test_protection_slows_by_how_far_it_has_come_since_2012():
    """1 - (.3 + .7 index) + .1, times capacity."""
    found = imitation.speed(np.array([0.5, 2.0]), CONFIG, np.array([0.0, 0.4]))
    assert found == pytest.approx([0.06 * 0.5 * 0.8, 0.06 * 2.0 * 0.52], rel=1e-14)
    assert imitation.speed(3.0, CONFIG) == pytest.approx(0.06 * 3.0 * 0.8, rel=1e-14)


def test_whoever_learns_faster_than_all_there_is_learns_all_there_is():
    found = imitation.closed_share(np.array([0.0, 0.75, 1.0, 1.7]), 0.5)
    assert found.tolist() == [0.0, 0.5, 1.0, 1.0]


def test_noise_of_a_part_of_a_year_fades_with_the_gap():
    rate = np.array([0.0, 0.5])
    left = 0.5**0.5  # after a quarter, squared
    expected = 0.3 * np.sqrt([0.25, (1 - left) / (1 - 0.25)])
    assert imitation.noise_scale(rate, 0.25, 0.3) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("rule", ["level", "log"])
def test_gaps_that_are_no_whole_multiples(rule):
    """A third of the gap from 2 to 5, with luck of 1.5 standard deviations on top."""
    level, target = np.array([2.0, 4.0]), np.array([5.0, 3.0])
    cfg = CONFIG.model_copy(update={"rule": rule})
    rise = np.array([{"level": 1.5, "log": 2.5 ** (1 / 3)}[rule], 1.0])
    plain = imitation.learned(level, target, 1 / 3, 1.0, cfg, NOTHING[:2])
    assert plain == pytest.approx(rise - 1, rel=1e-14)
    noisy = cfg.model_copy(update={"noise": 0.2})
    found = imitation.learned(level, target, 1 / 3, 1.0, noisy, np.array([1.5, -1.5]))
    assert found == pytest.approx(rise * np.exp([0.3, -0.3]) - 1, rel=1e-13)


def test_nobody_learns_from_nothing_and_the_least_gap_counts():
    """Without noise a gain below the precision of 1 + gain is kept."""
    level, target = np.array([0.0, 1.0, 1.0]), np.array([1.0, 1.0 + 2**-52, 1.0 - 2**-53])
    found = imitation.learned(level, target, 0.25, 1.0, CONFIG, NOTHING)
    assert found == pytest.approx([0.0, 2**-54, 0.0], rel=1e-12, abs=0)


def test_cells_are_counted_province_by_province(world):
    expected = [
        14 * province + industry
        for province, industry in zip(world.firms["province"], world.firms["industry"], strict=True)
    ]
    assert imitation.cells(world).tolist() == expected


def test_who_may_be_met_by_hand(world):
    """Weights of all live firms of a cell, faded by links, distance and technology, either way."""
    firms, k = world.firms, len(world.tech.codes)
    link = np.random.default_rng(1).uniform(0, 1, (6, 6))
    world.provinces["knowledge_link"] = link
    cfg = CONFIG.model_copy(update={"link_effect": 0.7, "distance_reach": 900.0})
    firms["alive"][(firms["province"] == 5) & (firms["industry"] == 2)] = False
    chance = imitation.contact(world, cfg)
    for one, mine in ((3, 8), (1, 4), (5, 0)):
        weight = np.zeros((6, k))
        for other, industry in np.ndindex(6, k):
            there = firms["alive"] & (firms["province"] == other) & (firms["industry"] == industry)
            reach = 900.0 * (1 + 0.7 * link[one, other])
            apart = abs(world.position[mine] - world.position[industry]) / cfg.technology_reach
            fade = np.exp(-world.geography.distance[one, other] / reach - apart)
            weight[other, industry] = fade * firms["weight"][there].sum()
        expected = (weight / weight.sum()).ravel()
        assert chance[one * k + mine] == pytest.approx(expected, rel=1e-11)
    assert not chance[:, 5 * k + 2].any()


def test_whom_firms_meet_by_hand(world):
    firms, (meet, who) = world.firms, np.random.default_rng(2).random((2, world.firms.n))
    found = imitation.met(world, CONFIG, meet, who)
    chance, cell = imitation.contact(world, CONFIG), imitation.cells(world)
    for row in range(0, firms.n, 7):
        ladder = np.cumsum(chance[cell[row]])
        goal = np.searchsorted(ladder, meet[row] * ladder[-1], side="right")
        there = np.flatnonzero(firms["alive"] & (cell == goal))
        steps = np.cumsum(firms["weight"][there])
        assert found[row] == there[np.searchsorted(steps, who[row] * steps[-1], side="right")]


def test_a_quarter_of_imitation_by_hand(world, monkeypatch):
    """Who meets nobody keeps to itself; the first and the last firm of the table can be met."""
    firms, n = world.firms, world.firms.n
    assert not firms["alive"].all()
    firms["alive"][[0, n - 1]] = True
    firms["efficiency"][[0, n - 1]] *= 20.0
    row = np.arange(n) % 3 - 1  # nobody, the first, the second
    monkeypatch.setattr(imitation, "met", lambda *_: row)
    index = world.places["protection"]
    index[:] = np.random.default_rng(3).uniform(0, 1, index.shape)
    level, before = capability.relative(world), firms["efficiency"].copy()
    share, skill = capability.research_share(world), capability.skilled_share(world)
    capacity = (0.3 + 5.0 * share + skill) / world.baseline.absorption
    own = index[:, world.exposure.technology][firms["place"], firms["industry"]]
    left = (1 - 0.06 * capacity * (0.8 - 0.7 * own)) ** 0.25
    target = np.where(row < 0, level, level[row])
    rise = (1 - left) * np.maximum(0, target - level) / level * firms["alive"]
    world.growth_sources = {}
    imitation.imitate(world, CONFIG, np.random.default_rng(1))
    assert firms["efficiency"] == pytest.approx(before * (1 + rise), rel=1e-12)
    assert (rise > 0).any()
    assert not rise[row < 0].any()
    sales = np.where(firms["alive"], firms["revenue"] * firms["weight"], 0.0)
    total = np.bincount(firms["province"], sales)
    booked = np.bincount(firms["province"], sales * np.log1p(rise)) / total
    assert world.growth_sources["imitation"] == pytest.approx(booked, rel=1e-9)


def test_before_the_end_of_the_year_nobody_draws(start):
    annual = CONFIG.model_copy(update={"annual": True})
    imitation.imitate(start, annual, None)
    assert start.growth_sources == {}
