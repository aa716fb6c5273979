"""A run that stops and goes on from a checkpoint is the run that never stopped, bit for bit."""

from __future__ import annotations

import functools

import numpy as np
import pytest

import sim.config
from sim.metrics import metric_names
from sim.model import region
from sim.model.config import RegionConfig
from sim.model.region import RegionModel
from sim.runs import checkpoint
from sim.runs.region import REGION, branch, burn_in, simulate
from sim.state.calendar import parse_quarter, quarter_label
from sim.state.columns import LEVERS
from sim.state.flat import StateError
from tests.checkpoints import content, hashes
from tests.worlds import remembered, small_config, small_model

END = "2014Q2"
MIDDLE = "2013Q2"
"""The default quarter of the branch: one zone acts, one is to come."""


@pytest.fixture(autouse=True)
def built_once(monkeypatch):
    """Worlds of 2012 are inverted once per configuration, and copied."""
    monkeypatch.setattr(region, "build", remembered)


def config(**sections):
    sections["time"] = {"end": END, **sections.get("time", {})}
    return small_config(**sections)


def lever(name, **settings):
    """Policies with one lever at full dose from the quarter after the branch."""
    start = quarter_label(parse_quarter(MIDDLE) + 1)
    return {name: {"dose": 1.0, "start": start, "targets": "all"} | settings}


@functools.cache
def straight(cfg):
    """Hashes of a run done straight through; `cfg` is a config as JSON."""
    return hashes(simulate(RegionConfig.model_validate_json(cfg), 1, None))


@functools.cache
def burnt_in(cfg, quarter):
    """Checkpoint at the end of a quarter; `cfg` is a config as JSON."""
    return burn_in(RegionConfig.model_validate_json(cfg), 1, quarter)


def assert_continues(monkeypatch, base, other, quarter):
    """`other` from a checkpoint of `base` is `other` done straight through; no world is built."""
    arrays, expected = burnt_in(base.model_dump_json(), quarter), straight(other.model_dump_json())
    with monkeypatch.context() as patched:
        patched.delattr(region, "build")
        assert hashes(branch(other, 1, arrays, None)) == expected
    return expected


@pytest.mark.parametrize("quarter", ["2011Q4", "2012Q1", MIDDLE, "2014Q1", END])
def test_a_branch_is_the_run_done_straight_through(monkeypatch, quarter):
    found = assert_continues(monkeypatch, config(), config(), quarter)
    assert {name.split(".")[0] for name in found} == set(REGION.tables)


@pytest.mark.parametrize("name", LEVERS)
def test_any_lever_may_start_after_the_branch(monkeypatch, name):
    """The base holds all levers too, at rest and set otherwise: that leaves no trace."""
    at_rest = {"dose": 0.7, "start": "2014Q1", "payer": "centre", "phase_in": 3, "scope": "zone"}
    base = config(policies=dict.fromkeys(LEVERS, at_rest))
    found = assert_continues(monkeypatch, base, config(policies=lever(name)), MIDDLE)
    assert found != straight(config().model_dump_json()), "the lever does nothing"


@pytest.mark.parametrize("payer", ["local", "centre"])
def test_a_lever_may_start_beside_others_that_act(monkeypatch, payer):
    """What the others cost is refunded in the first step after the branch."""
    acting = {"dose": 0.5, "start": "2012Q3", "targets": "all", "payer": "centre", "phase_in": 2}
    others = {each: acting for each in LEVERS if each != "coordination_knowledge"}
    base = config(policies=others)
    other = config(policies=others | lever("coordination_knowledge", payer=payer))
    assert_continues(monkeypatch, base, other, MIDDLE)


@pytest.mark.parametrize("check", [True, False])
def test_the_whole_state_continues(check):
    """Not only what was recorded; the gaps of the accounts too, where they are checked."""
    cfg = config(accounts={"check": check})
    through, stopped = RegionModel(cfg, 1, views=False), RegionModel(cfg, 1, views=False)
    through.run()
    stopped.run(until=MIDDLE)
    resumed = RegionModel.resume(cfg, 1, stopped.checkpoint())
    assert content(resumed.checkpoint()) == content(stopped.checkpoint())
    resumed.run()
    assert content(resumed.checkpoint()) == content(through.checkpoint())
    assert bool(resumed.gaps) == check
    assert resumed.gaps == through.gaps


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_a_run_may_stop_within_a_quarter(steps):
    cfg = config(time={"end": "2012Q4", "steps_per_quarter": 2})
    through, stopped = RegionModel(cfg, 1, views=False), RegionModel(cfg, 1, views=False)
    through.run()
    for _ in range(steps):
        stopped.step()
    resumed = RegionModel.resume(cfg, 1, stopped.checkpoint())
    resumed.run()
    assert content(resumed.checkpoint()) == content(through.checkpoint())
    assert hashes(resumed.frames()) == hashes(through.frames())


def test_a_lever_may_start_after_the_branch_with_short_steps(monkeypatch):
    time = {"steps_per_quarter": 2}
    base, other = config(time=time), config(time=time, policies=lever("sme_credit"))
    assert_continues(monkeypatch, base, other, MIDDLE)


@pytest.mark.parametrize("early", [(), ("2012Q3",), ("2012Q3", MIDDLE)])
def test_snapshots_may_differ_after_the_branch(monkeypatch, early):
    base = config(record={"snapshots": (*early, "2014Q1")})
    other = config(record={"snapshots": (*early, "2013Q4")})
    assert_continues(monkeypatch, base, other, MIDDLE)


def test_a_branch_may_outlive_its_base(monkeypatch):
    """The agents at the end of the base are not those at the end of the branch."""
    base, other = config(time={"end": MIDDLE}), config()
    assert_continues(monkeypatch, base, other, MIDDLE)
    frames = branch(other, 1, burn_in(base, 1, MIDDLE), None)
    assert set(frames["firms"]["quarter"]) == {END}


def test_a_branch_may_end_where_it_leaves(monkeypatch):
    assert_continues(monkeypatch, config(), config(time={"end": MIDDLE}), MIDDLE)


def test_many_branches_leave_from_one_checkpoint():
    arrays = burn_in(config(), 1, MIDDLE)
    before = content(arrays)
    cfgs = [config(policies=lever(name)) for name in ("sme_credit", "compute_sharing")] * 2
    found = [hashes(branch(cfg, 1, arrays, None)) for cfg in cfgs]
    assert found == [straight(cfg.model_dump_json()) for cfg in cfgs]
    assert content(arrays) == before


def test_a_checkpoint_does_not_change_the_run_it_is_taken_from():
    model = small_model(time={"end": END})
    model.run(until=MIDDLE)
    arrays = model.checkpoint()
    before = content(arrays)
    model.run()
    assert content(arrays) == before
    expected = straight(model.config.model_dump_json())
    assert hashes(model.frames()).items() <= expected.items()


def test_a_branch_travels_as_bytes():
    source = checkpoint.origin(config(), 1, MIDDLE, "abc")
    arrays, other = burn_in(config(), 1, MIDDLE), config(policies=lever("digital_subsidy"))
    expected = straight(other.model_dump_json())
    data = checkpoint.to_bytes(arrays, source)
    assert hashes(branch(other, 1, checkpoint.from_bytes(data, source), None)) == expected


def test_a_branch_reports_progress_from_where_it_leaves():
    seen = []
    arrays = burn_in(config(), 1, "2013Q4")
    branch(config(), 1, arrays, lambda done, total: seen.append((done, total)))
    assert seen == [(9, 10), (10, 10)]


def test_a_resumed_model_has_agents_if_asked():
    model = RegionModel.resume(config(), 1, burn_in(config(), 1, MIDDLE), views=True)
    alive = np.flatnonzero(model.world.firms["alive"])
    assert sorted(model.views.firms) == alive.tolist()
    model.step()
    assert RegionModel.resume(config(), 1, model.checkpoint()).views is None


def test_the_engine_offers_both():
    assert (REGION.burn_in, REGION.branch) == (burn_in, branch)
    assert REGION.metrics == metric_names()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"trade": {"border": 0.5}}, "trade.border"),
        ({"time": {"end": "2012Q4"}}, "time.end: 2012Q4 is before 2013Q2"),
        ({"time": {"steps_per_quarter": 2}}, "time.steps_per_quarter"),
        ({"record": {"snapshots": [MIDDLE]}}, "record.snapshots"),
        ({"policies": lever("sme_credit", start=MIDDLE)}, "policies.sme_credit.dose"),
        ({"geography": {"provinces": ["Shanghai", "Henan"]}}, "geography.provinces"),
    ],
)
def test_a_run_with_another_past_is_refused(change, message):
    arrays = burnt_in(config().model_dump_json(), MIDDLE)
    with pytest.raises(StateError, match=message):
        branch(config(**change), 1, arrays, None)


def test_another_seed_is_refused():
    with pytest.raises(StateError, match="of seed 1, not 2"):
        branch(config(), 2, burnt_in(config().model_dump_json(), MIDDLE), None)


@pytest.mark.slow
@pytest.mark.parametrize("quarter", ["2012Q1", "2016Q4"])
def test_the_whole_country_branches_bit_for_bit(monkeypatch, quarter):
    monkeypatch.undo()
    policies = {name: {"dose": 1.0, "start": "2017Q1", "targets": "all"} for name in LEVERS}
    base = sim.config.validate({"time": {"end": "2018Q4"}}, RegionConfig)
    other = sim.config.validate({"time": {"end": "2019Q2"}, "policies": policies}, RegionConfig)
    assert_continues(monkeypatch, base, other, quarter)
