import copy

import numpy as np
import pytest

from sim.mechanisms import capability, knowledge
from sim.mechanisms.capability import absorptive_capacity, relative, research_share, skilled_share
from sim.mechanisms.dependence import DependenceConfig
from sim.mechanisms.knowledge import KnowledgeConfig, innovation_hazard, innovation_step

CONFIG = KnowledgeConfig(
    technology_reach=0.2, distance_reach=1730.0, link_effect=1.0, leak=0.15, frontier_growth=0.03
)
PUBLIC = DependenceConfig()
FROZEN = CONFIG.model_copy(update={"frozen": True})


def test_the_hazard_of_innovation():
    # 1.1 % of revenue, 20 innovations a year per unit share, wages as in 2012: .22 a year.
    assert innovation_hazard(0.011, 1.0, 20.0) == pytest.approx(0.22, rel=1e-14)
    assert innovation_hazard(0.011, 2.0, 20.0) == pytest.approx(0.11, rel=1e-14)


def test_steps_follow_their_distribution():
    n = 4000
    u = (np.arange(n) + 0.5) / n
    rise = innovation_step(u, np.zeros(n), 0.25)
    assert (np.diff(rise) > 0).all()
    assert 0 < rise[0] < rise[-1] < 0.25
    # Beta(2, 4) has mean 1/3 and variance 2/63; the midpoint rule errs by less than 1/n.
    assert rise.mean() == pytest.approx(0.25 / 3, abs=0.25 / n)
    assert (rise / 0.25).var() == pytest.approx(2 / 63, abs=2 / n)


def test_a_lead_of_the_frontier_lengthens_the_step():
    lead = np.array([0.0, 0.5, -0.5, -0.9, -5.0])
    rise = innovation_step(np.full(5, 0.5), lead, 0.25)
    assert rise / rise[0] == pytest.approx([1, 1.5, 0.5, 0.1, 0.1], rel=1e-12)


def test_absorptive_capacity():
    assert absorptive_capacity(0.02, 0.3, (0.3, 5.0, 1.0)) == pytest.approx(0.7, rel=1e-14)


def test_efficiency_is_measured_against_the_industry(world):
    level, firms = relative(world), world.firms
    for industry in range(len(world.tech.codes)):
        mine = firms["alive"] & (firms["industry"] == industry)
        assert np.average(level[mine], weights=firms["weight"][mine]) == pytest.approx(1, rel=1e-12)


def test_shares_of_research_and_skill(world):
    share, skill = research_share(world), skilled_share(world)
    selling = world.firms["revenue"] > 0
    spending = world.firms["rd_spending"]
    assert share[selling] == pytest.approx(
        (spending / np.where(selling, world.firms["revenue"], 1))[selling]
    )
    assert (share[~selling] == 0).all()
    assert ((skill >= 0) & (skill <= 1)).all()
    assert (skill > 0).any()


def test_shared_knowledge_lowers_the_research_of_leaders_only(start):
    knowledge.plan(start, CONFIG)
    before = start.firms["rd_spending"].copy()
    start.provinces["knowledge_link"][2] = np.arange(6) != 2
    knowledge.plan(start, CONFIG)
    ratio = start.firms["rd_spending"] / before
    leading = (relative(start) > 1) & (start.firms["province"] == 2)
    assert leading.any()
    assert ratio[leading] == pytest.approx(0.85, rel=1e-12)
    assert (ratio[~leading] == 1).all()
    knowledge.plan(start, FROZEN)
    assert (start.firms["rd_spending"] == before).all()


def test_protection_raises_research_of_its_class_and_place(start):
    """1 + kappa_IP (1 - IP_2012) index: here 1 + .5 x .7 x .6."""
    knowledge.plan(start, CONFIG)
    before, firms = start.firms["rd_spending"].copy(), start.firms
    start.places["protection"][3, 1] = 0.6  # algorithms, in one province
    knowledge.plan(start, CONFIG)
    mine = (firms["place"] == 3) & (firms["industry"] == start.tech.codes.index("E1"))
    ratio = firms["rd_spending"] / before
    assert mine.any()
    assert ratio[mine] == pytest.approx(1.21, rel=1e-12)
    assert (ratio[~mine] == 1).all()


def test_public_research_raises_the_hazard_of_innovation(start):
    """With one uniform for all, those innovate whose hazard exceeds it: by 1 + G_alg times."""
    knowledge.plan(start, CONFIG)
    years = start.clock.years_per_step
    wage, base = start.provinces["wage"], start.baseline.wage
    ratio = (wage[:, 2] / wage[:, 0] / (base[2] / base[0]))[start.firms["province"]]
    hazard = innovation_hazard(research_share(start), ratio, CONFIG.productivity)
    middle = np.median(hazard)

    class Same:
        def random(self, n):
            return np.full(n, -np.expm1(-middle * years))

    for gain in (0.0, 0.25):
        rows, _ = knowledge.innovate(copy.deepcopy(start), CONFIG, gain, Same())
        assert rows.tolist() == np.flatnonzero(hazard * (1 + gain) > middle).tolist()


def test_a_firm_of_high_capability_opens_new_fields(start):
    knowledge.plan(start, CONFIG)
    start.firms["position"] = 0.0
    start.firms["position"][7] = 1.0

    class Zero:
        def random(self, n):
            return np.zeros(n)

    rows, radical = knowledge.innovate(start, CONFIG, 0.0, Zero())
    assert rows.size > 100
    assert radical.tolist() == [7]
    assert start.places["radical"].sum() == start.firms["weight"][7]


def test_nobody_unlearns(world, streams):
    before, alive = world.firms["efficiency"].copy(), world.firms["alive"]
    world.growth_sources = {}
    knowledge.apply(world, CONFIG, PUBLIC, streams.at("knowledge", 0))
    after = world.firms["efficiency"]
    assert (after >= before * (1 - 1e-15)).all()
    assert (after > before)[alive].any()
    assert (after == before)[~alive].all()


def test_growth_accounts_add_up_to_the_growth_of_efficiency(world, streams):
    """Mean growth of ln A, weighted by sales, is the sum of its sources, province by province."""
    firms, before = world.firms, world.firms["efficiency"].copy()
    world.growth_sources = {}
    knowledge.apply(world, CONFIG, PUBLIC, streams.at("knowledge", 0))
    sales = np.where(firms["alive"], firms["revenue"] * firms["weight"], 0.0)
    growth = np.where(firms["alive"], np.log(firms["efficiency"] / before), 0.0)
    expected = [
        (sales * growth)[firms["province"] == place].sum() / sales[firms["province"] == place].sum()
        for place in range(6)
    ]
    assert sum(world.growth_sources.values()) == pytest.approx(expected, rel=1e-9)
    assert (np.array(expected) > 0).all()


def test_the_frontier_grows_on_its_own(world, streams):
    before = world.baseline.frontier.copy()
    for quarter in range(4):
        knowledge.apply(world, CONFIG, PUBLIC, streams.at("knowledge", quarter))
    assert world.baseline.frontier == pytest.approx(before * np.exp(0.03), rel=1e-13)


def give_a_hire(start):
    """Two firms at efficiency 2 and 1, and one talent who went from the first to the second."""
    firms, talents = start.firms, start.talents
    old, new = np.flatnonzero(firms["industry"] == 1)[:2]
    firms["efficiency"][[old, new]] = [2.0, 1.0]
    talents["employer"][0], talents["former"][0] = new, old
    return old, new


def test_a_hire_carries_knowledge(start):
    firms, talents = start.firms, start.talents
    talents["former"] = -1
    _, new = give_a_hire(start)
    staff = capability.expected_staff(start)[new]
    talents["weight"][0] *= 0.25 * staff / talents["weight"][0]
    staff = capability.expected_staff(start)[new]
    before = firms["efficiency"].copy()
    config = KnowledgeConfig(hire_transfer=0.2)
    knowledge.learn_from_hires(start, config)
    expected = 1 - np.exp(-0.2 * talents["weight"][0] / staff)
    assert firms["efficiency"][new] == pytest.approx(1 + expected, rel=1e-12)
    others = np.arange(firms.n) != new
    assert (firms["efficiency"][others] == before[others]).all()
    assert talents["former"][0] == -1
    knowledge.learn_from_hires(start, config)
    assert firms["efficiency"][new] == pytest.approx(1 + expected, rel=1e-12)


def test_expected_staff_adds_up_to_the_people_at_work(start):
    staff = np.bincount(start.firms["province"], capability.expected_staff(start))
    talents = start.talents
    held = talents["alive"] & (talents["employer"] >= 0)
    people = np.bincount(talents["province"][held], talents["weight"][held])
    assert staff == pytest.approx(people, rel=1e-12)


def test_hires_carry_as_much_if_each_person_is_two_agents(start):
    talents = start.talents
    talents["former"] = -1
    _, new = give_a_hire(start)
    twins = copy.deepcopy(start)
    row = {name: talents[name] for name in talents}
    twins.talents["weight"] *= 0.5
    twins.talents.add(talents.n, **(row | {"weight": 0.5 * talents["weight"]}))
    for world in (start, twins):
        knowledge.learn_from_hires(world, CONFIG)
    assert twins.firms["efficiency"] == pytest.approx(start.firms["efficiency"], rel=1e-12)
    assert start.firms["efficiency"][new] > 1


def test_who_innovates_by_hand_where_science_has_become_dear(world):
    """Wages of science staff over those of general labour, against 2012, slow research down."""
    firms, provinces, base = world.firms, world.provinces, world.baseline.wage
    draw = np.random.default_rng(2)
    provinces["wage"][:] = draw.uniform(0.5, 2.0, provinces["wage"].shape)
    firms["rd_spending"][:] = 0.05 * firms["revenue"]
    before = firms["efficiency"].copy()
    u, size = np.random.default_rng(4).random((2, firms.n))
    dearer = provinces["wage"][:, 2] * base[0] / (provinces["wage"][:, 0] * base[2])
    share = np.where(firms["revenue"] > 0, 0.05, 0.0)
    chance = 1 - np.exp(-CONFIG.productivity * share / dearer[firms["province"]] / 4)
    rows = np.flatnonzero(firms["alive"] & (u < chance))
    lead = np.log(world.baseline.frontier[firms["industry"][rows]] / before[rows])
    knowledge.innovate(world, CONFIG, 0.0, np.random.default_rng(4))
    rise = np.log(firms["efficiency"] / before)
    assert np.flatnonzero(rise).tolist() == rows.tolist()
    assert rise[rows] == pytest.approx(innovation_step(size[rows], lead, CONFIG.step), rel=1e-9)
    assert 10 < rows.size < firms["alive"].sum()
