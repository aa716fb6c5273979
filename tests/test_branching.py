"""Which runs may continue from a checkpoint of which others."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.model.branching import branchable, idle, trunk
from sim.policies import PoliciesConfig
from sim.state.calendar import parse_quarter
from tests.worlds import small_config

AT = "2014Q2"
SAME = "acts before the end of 2014Q2, so it must be the same in both"
BOTH = (
    "the lever acts in the base run from 2013Q1 and in the branch from 2013Q1, which is not after "
    "2014Q2"
)
START = parse_quarter("2012Q1")

QUARTERS = st.sampled_from(["2011Q1", "2012Q1", "2013Q4", AT, "2014Q3", "2030Q1"])


def config(lever=None, **sections):
    """A small config; `lever` are settings of sme_credit."""
    return small_config(policies={"sme_credit": lever or {}}, **sections)


@pytest.mark.parametrize(
    ("lever", "expected"),
    [
        ({"dose": 0.0, "start": "2012Q1"}, True),
        ({"dose": 1.0, "start": "2014Q3"}, True),
        ({"dose": 1.0, "start": AT}, False),
        ({"dose": 0.1, "start": "2013Q1", "end": "2013Q2"}, False),
        ({"dose": 1.0, "start": "2010Q1", "end": "2012Q1"}, True),
        ({"dose": 1.0, "start": "2010Q1", "end": "2012Q2"}, False),
        ({"dose": 1.0, "start": AT, "phase_in": 8}, False),
        ({"dose": 1.0}, True),
    ],
)
def test_a_lever_is_idle_until_it_first_acts(lever, expected):
    assert idle(config(lever).policies.sme_credit, START, parse_quarter(AT)) is expected


@pytest.mark.parametrize(
    "other",
    [
        config(),
        config({"dose": 1.0, "start": "2014Q3", "targets": "all", "payer": "centre"}),
        config({"dose": 0.0, "start": "2012Q1", "scope": "zone"}),
        config(time={"end": "2020Q1"}),
        config(time={"end": AT}),
        config().model_copy(update={"name": "other", "description": "another"}),
        config(record={"snapshots": ["2014Q3", "2020Q1"]}),
    ],
)
def test_what_may_differ(other):
    for base in (config(), config({"dose": 0.2, "start": "2015Q1"})):
        assert branchable(base, other, AT) == branchable(other, base, AT) == []
        assert trunk(base, parse_quarter(AT)) == trunk(other, parse_quarter(AT))


@pytest.mark.parametrize(
    ("base", "other", "setting", "reason"),
    [
        (
            config({"start": AT}),
            config({"dose": 1.0, "start": AT}),
            "policies.sme_credit.dose: 1.0 instead of 0.0",
            "the lever acts in the branch from 2014Q2, which is not after 2014Q2",
        ),
        (
            config({"dose": 1.0, "start": "2013Q1"}),
            config({"dose": 1.0, "start": "2016Q2"}),
            'policies.sme_credit.start: "2016Q2" instead of "2013Q1"',
            "the lever acts in the base run from 2013Q1, which is not after 2014Q2",
        ),
        (
            config({"dose": 1.0, "start": "2013Q1"}),
            config({"dose": 1.0, "start": "2013Q1", "end": "2020Q1"}),
            'policies.sme_credit.end: "2020Q1" instead of null',
            BOTH,
        ),
        (
            config(),
            config(trade={"border": 0.5}),
            "trade.border: 0.5 instead of 0.4",
            SAME,
        ),
        (
            config(),
            config(accounts={"check": False}),
            "accounts.check: false instead of true",
            SAME,
        ),
    ],
)
def test_what_may_not_differ_is_named_with_the_reason(base, other, setting, reason):
    assert branchable(base, other, AT) == [f"{setting}; {reason}"]


@pytest.mark.parametrize(
    ("base", "other", "problem"),
    [
        (
            config(),
            config(time={"end": "2014Q1"}),
            "time.end: 2014Q1 of the branch is before 2014Q2, the quarter of the branch",
        ),
        (
            config(time={"end": "2014Q1"}),
            config(),
            "time.end: 2014Q1 of the base run is before 2014Q2, the quarter of the branch",
        ),
        (
            config(record={"snapshots": ["2013Q1", "2015Q1"]}),
            config(record={"snapshots": [AT, "2013Q1"]}),
            "record.snapshots: 2014Q2 not in both runs, but not after 2014Q2",
        ),
    ],
)
def test_what_must_be_recorded_is_named(base, other, problem):
    assert branchable(base, other, AT) == [problem]


def test_every_setting_in_the_way_is_named():
    other = config({"dose": 1.0, "start": "2012Q1"}, trade={"border": 0.5}, time={"end": "2013Q1"})
    names = [problem.split(":")[0] for problem in branchable(config(), other, AT)]
    assert names == [
        "time.end",
        "trade.border",
        "policies.sme_credit.dose",
        "policies.sme_credit.start",
    ]


def test_the_quarter_must_be_one():
    with pytest.raises(ValueError, match="'2014' is not a quarter"):
        branchable(config(), config(), "2014")


LEVER = st.fixed_dictionaries(
    {
        "dose": st.sampled_from([0.0, 0.5]),
        "start": QUARTERS,
        "end": st.sampled_from([None, "2031Q1"]),
        "payer": st.sampled_from(["local", "centre"]),
    }
)
SETTINGS = st.fixed_dictionaries(
    {
        "policies": st.dictionaries(st.sampled_from(sorted(PoliciesConfig.model_fields)), LEVER),
        "record": st.fixed_dictionaries({"snapshots": st.lists(QUARTERS, max_size=2)}),
        "time": st.fixed_dictionaries({"end": st.sampled_from([AT, "2030Q1"])}),
        "trade": st.fixed_dictionaries({"border": st.sampled_from([0.4, 0.4, 0.4, 0.5])}),
    }
)


@settings(max_examples=40, deadline=None)
@given(one=SETTINGS, two=SETTINGS, quarter=st.sampled_from(["2012Q1", "2013Q4", AT]))
def test_runs_may_branch_from_each_other_when_their_trunks_agree(one, two, quarter):
    """A trunk names what a run can share, so the two answers are one."""
    base, other, last = small_config(**one), small_config(**two), parse_quarter(quarter)
    agree = trunk(base, last) == trunk(other, last)
    assert (branchable(base, other, quarter) == []) is agree
    assert trunk(trunk(base, last), last) == trunk(base, last)
    assert branchable(trunk(base, last), base, quarter) == []
