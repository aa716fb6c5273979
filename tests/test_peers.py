"""Who counts as a peer, and what infrastructure carries: counted by hand."""

import numpy as np
import pytest

from sim.mechanisms import peers
from sim.state.columns import STAGES


@pytest.fixture
def spread(world):
    """Firms of all stages everywhere, some of them closed."""
    firms = world.firms
    firms["stage"] = np.random.default_rng(2).integers(0, STAGES, firms.n)
    assert not firms["alive"].all()
    return world


def counted(world, province, industry, stage):
    firms = world.firms
    mine = firms["alive"] & (firms["industry"] == industry) & (firms["stage"] >= stage)
    return firms["weight"][mine & (firms["province"] == province)].sum()


def test_firms_above_a_stage_are_those_at_it_or_higher(spread):
    found = peers.firms_above(spread)
    for place in np.ndindex(found.shape):
        assert found[place] == pytest.approx(counted(spread, *place), rel=1e-12)


def test_peers_count_by_nearness_and_links(spread):
    link = np.linspace(0, 0.5, spread.provinces.n)[:, None] + np.zeros(spread.provinces.n)
    spread.provinces["knowledge_link"] = link
    above = peers.firms_above(spread)
    near = np.exp(-spread.geography.distance / (600.0 * (1 + link)))
    found = peers.peer_share(spread, 600.0)
    for province, industry, stage in np.ndindex(found.shape):
        all_of_them = near[province] @ above[:, industry, 0]
        part = near[province] @ above[:, industry, stage]
        assert found[province, industry, stage] == pytest.approx(part / all_of_them, rel=1e-12)


def test_an_industry_without_firms_has_no_peers_and_a_small_one_has(spread):
    firms = spread.firms
    before = peers.peer_share(spread, 600.0)
    firms["weight"][:] *= 1e-9
    assert peers.peer_share(spread, 600.0) == pytest.approx(before, rel=1e-12)
    firms["alive"][firms["industry"] == 2] = False
    assert not peers.peer_share(spread, 600.0)[:, 2].any()


def test_a_chain_is_suppliers_and_buyers_in_their_proportions(spread):
    inputs = spread.tech.inputs
    share = peers.peer_share(spread, 600.0)
    found = peers.chain_share(spread, share)
    for industry in range(len(inputs)):
        ties = inputs[:, industry] + inputs[industry]
        expected = share[:, :, 3] @ (ties / ties.sum())
        assert found[:, industry] == pytest.approx(expected, rel=1e-12)


def test_infrastructure_carries_a_stage_more_for_each_quarter_of_the_index():
    index = np.array([0.0, 0.24, 0.25, 0.49, 0.5, 0.74, 0.75, 0.99, 1.0, 2.0])
    assert peers.stage_cap(index).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 4, 4]
