"""R&D, radical innovations and hires by hand, in a world of firms and staff that differ."""

from types import SimpleNamespace

import numpy as np
import pytest

from sim.mechanisms import capability, dependence, imitation, knowledge
from sim.mechanisms.dependence import DependenceConfig
from sim.mechanisms.knowledge import KnowledgeConfig, innovation_step

CONFIG = KnowledgeConfig(
    productivity=9.0, step=0.3, radical_share=0.2, radical_position=0.65, leak=0.4, protection=0.2
)


def links(world):
    """Knowledge links of each province to the others, none of them mutual."""
    found = np.random.default_rng(1).uniform(0, 1, (6, 6))
    np.fill_diagonal(found, 0.0)
    world.provinces["knowledge_link"] = found
    return found


def sales(world):
    """Sales of live firms, in each province, and of each firm."""
    firms = world.firms
    each = np.where(firms["alive"], firms["revenue"] * firms["weight"], 0.0)
    return np.bincount(firms["province"], each, minlength=6), each


def test_planned_research_by_hand(world):
    """Leaders hold back what leaks; protection counts from 2012; the dead do no research."""
    firms, draw = world.firms, np.random.default_rng(2)
    index = world.places["protection"]
    index[:] = draw.uniform(0, 1, index.shape)
    firms["revenue"][:] = draw.uniform(1, 3, firms.n)
    assert not firms["alive"].all()
    level, link = capability.relative(world), links(world).sum(axis=1) / 5
    knowledge.plan(world, CONFIG)
    for row in range(firms.n):
        place, industry = firms["place"][row], firms["industry"][row]
        rise = 0.8 * index[place, world.exposure.technology[industry]]
        expected = firms["rd_share"][row] * firms["revenue"][row] * (1 + 0.5 * rise)
        if level[row] > 1:
            expected *= 1 - 0.4 * link[firms["province"][row]]
        expected *= firms["alive"][row]
        assert firms["rd_spending"][row] == pytest.approx(expected, rel=1e-12)


def test_a_firm_that_is_its_industry_does_not_lead(start):
    firms, lone = start.firms, int(np.flatnonzero(start.firms["industry"] == 4)[0])
    firms["alive"][(firms["industry"] == 4)] = False
    firms["alive"][lone], firms["weight"][lone] = True, 1.0
    knowledge.plan(start, CONFIG)
    before = firms["rd_spending"][lone]
    links(start)
    knowledge.plan(start, CONFIG)
    assert capability.relative(start)[lone] == 1.0
    assert firms["rd_spending"][lone] == before > 0


@pytest.mark.parametrize(("number", "expected"), [(1, [0.0]), (2, [0.3, 0.8]), (3, [0.5, 0.4, 1])])
def test_openness_is_the_mean_over_the_other_provinces(number, expected):
    link = {1: [[0.0]], 2: [[0, 0.3], [0.8, 0]], 3: [[0, 0.2, 0.8], [0.1, 0, 0.7], [1, 1, 0]]}

    class Provinces(dict):
        n = number

    world = SimpleNamespace(provinces=Provinces(knowledge_link=np.array(link[number])))
    assert knowledge.openness(world, CONFIG) == pytest.approx(expected, rel=1e-14)
    frozen = CONFIG.model_copy(update={"frozen": True})
    assert knowledge.openness(world, frozen).tolist() == [0.0] * number


def test_innovations_by_hand(world):
    """Of a rise, what a firm at the frontier would have won is its own; the rest is catching up."""
    firms, draw = world.firms, np.random.default_rng(3)
    firms["efficiency"][::3] *= 5.0  # ahead of the frontier
    firms["rd_spending"][:] = 0.3 * firms["revenue"]
    firms["position"][:] = draw.choice([0.4, 0.65, 0.9], firms.n)
    world.places["radical"] = np.arange(world.places.n)
    world.growth_sources, before = {}, firms["efficiency"].copy()
    _, size, rare = np.random.default_rng(4).random((3, firms.n))
    rows, radical = knowledge.innovate(world, CONFIG, 0.0, np.random.default_rng(4))
    assert 10 < rows.size < firms["alive"].sum()
    lead = np.log(world.baseline.frontier[firms["industry"]] / before)
    assert (lead[rows] < 0).any()
    assert (lead[rows] > 0).any()
    gain = innovation_step(size, lead, 0.3)
    own = np.minimum(innovation_step(size, np.zeros(firms.n), 0.3), gain)
    total, each = sales(world)
    for source, part in (("innovation", own), ("frontier", gain - own)):
        won = np.bincount(firms["province"][rows], (each * part)[rows], minlength=6)
        assert world.growth_sources[source] == pytest.approx(won / total, rel=1e-10)
    found = [row for row in rows if rare[row] < 0.2 and firms["position"][row] >= 0.65]
    assert radical.tolist() == found
    assert (firms["position"][radical] == 0.65).any()
    opened = np.arange(world.places.n, dtype=float)
    for row in found:
        opened[firms["place"][row]] += firms["weight"][row]
    assert world.places["radical"] == pytest.approx(opened, rel=1e-12)


def test_research_succeeds_by_its_hazard_where_wages_are_as_in_2012(world):
    """Half a quarter, public research that adds a quarter: 1 - exp(-9 x 1.25 share / 8)."""
    firms, n = world.firms, world.firms.n
    world.clock.dt = 0.5
    world.provinces["wage"][:] = 3.0 * world.baseline.wage
    firms["revenue"][:], firms["rd_spending"][:] = 2.0, 2.0 * np.linspace(0, 0.5, n)
    chance = 1 - np.exp(-9.0 * 1.25 * np.linspace(0, 0.5, n) / 8)
    u = np.random.default_rng(5).random(n)
    rows, _ = knowledge.innovate(world, CONFIG, 0.25, np.random.default_rng(5))
    assert rows.tolist() == np.flatnonzero(firms["alive"] & (u < chance)).tolist()


def hires(world):
    """Three firms, the first in the table among them, and talents who went between them."""
    firms, talents = world.firms, world.talents
    talents["former"] = -1
    firms["alive"][:3], firms["industry"][:3], firms["province"][:3] = True, 1, [0, 1, 2]
    firms["efficiency"][:3], firms["revenue"][:3] = [1.0, 1.5, 2.5], 2.0
    rows = np.flatnonzero(talents["alive"])[:8]
    talents["weight"][rows] = np.arange(1.0, 9.0) / 5
    talents["employer"][rows] = [0, 0, 1, 1, 2, -1, 0, 0]
    talents["former"][rows] = [1, 2, 0, 2, 1, 2, -1, 1]
    dead = np.flatnonzero(~talents["alive"])[0]
    talents["employer"][dead], talents["former"][dead] = 0, 2
    return rows, dead


def test_hires_by_hand(world):
    """Of each firm's hires the mean lead of where they came from; who came down counts as none."""
    firms, talents = world.firms, world.talents
    rows, dead = hires(world)
    before, level = firms["efficiency"].copy(), capability.relative(world)
    staff, weight = capability.expected_staff(world), talents["weight"][rows]
    world.growth_sources = {}
    knowledge.learn_from_hires(world, CONFIG.model_copy(update={"hire_transfer": 0.5}))
    lead = np.maximum(0.0, level[:3, None] - level[None, :3])  # of the former over the new
    came = {0: [(1, 0), (2, 1), (1, 7)], 1: [(0, 2), (2, 3)], 2: [(1, 4)]}
    rise = np.zeros(firms.n)
    for new, moves in came.items():
        people = sum(weight[who] for _, who in moves)
        gap = sum(lead[old, new] * weight[who] for old, who in moves) / people
        rise[new] = (1 - np.exp(-0.5 * people / staff[new])) * gap / level[new]
    assert firms["efficiency"] == pytest.approx(before * (1 + rise), rel=1e-12)
    assert rise[:3].argsort().tolist() == [2, 1, 0]
    assert rise[2] == 0 < rise[1]
    total, each = sales(world)
    booked = np.bincount(firms["province"], each * np.log1p(rise), minlength=6) / total
    assert world.growth_sources["hires"] == pytest.approx(booked, rel=1e-10)
    # what a hire carries is carried once; who has no work, or has left, carries nothing yet
    assert talents["former"][rows].tolist() == [-1, -1, -1, -1, -1, 2, -1, -1]
    assert talents["former"][dead] == 2


def test_closed_firms_learn_nothing_from_those_on_their_lists(world):
    firms, talents = world.firms, world.talents
    rows, _ = hires(world)
    firms["alive"][0] = False
    before = firms["efficiency"][0]
    knowledge.learn_from_hires(world, CONFIG)
    assert firms["efficiency"][0] == before
    assert (talents["former"][rows[:2]] == -1).all()


def test_a_quarter_of_learning_is_innovation_then_imitation_then_hires(world, monkeypatch):
    """Public research raises the hazard by its stock; whoever innovated is handed on."""
    seen, public = [], DependenceConfig()
    world.algorithms, frontier = 5.0, world.baseline.frontier.copy()

    def innovate(_world, _cfg, algorithms, _draw):
        seen.append(("innovate", algorithms))
        return "made"

    monkeypatch.setattr(knowledge, "innovate", innovate)
    monkeypatch.setattr(imitation, "imitate", lambda *_: seen.append(("imitate", 0)))
    monkeypatch.setattr(knowledge, "learn_from_hires", lambda *_: seen.append(("hires", 0)))
    world.clock.dt = 0.5
    found = knowledge.apply(world, CONFIG, public, np.random.default_rng(1))
    assert found == "made"
    gain = dependence.algorithm_gain(5.0, public)
    assert seen == [("innovate", gain), ("imitate", 0), ("hires", 0)]
    rise = np.exp(CONFIG.frontier_growth / 8)
    assert world.baseline.frontier == pytest.approx(frontier * rise, rel=1e-14)
