"""The tables of mutants are complete, add up, and reach the score that is promised."""

from __future__ import annotations

import re
import warnings
from collections import Counter

import pytest

from tests.mutation import reasons, targets, verdicts
from tests.mutation.reasons import Reason
from tests.mutation.run import LEAST
from tests.mutation.verdicts import ROOT, Survivor

KNOWN, SURVIVORS = verdicts.read()
FRESH = [name for name, each in KNOWN.items() if verdicts.state(each) == "fresh"]


def test_every_module_has_tests_of_its_own():
    for module in verdicts.modules():
        found = [path.partition("::")[0] for path in targets.tests_of(module)]
        assert found
        assert all((ROOT / path).exists() for path in found)


def test_every_module_of_both_folders_is_listed():
    assert set(KNOWN) == set(verdicts.modules())
    assert [each.module for each in KNOWN.values()] == sorted(KNOWN)


def test_counts_add_up():
    lost = Counter((each.module, each.outcome) for each in SURVIVORS)
    for name, each in KNOWN.items():
        assert each.killed + each.timeout + each.survived + each.untested == each.mutants
        assert lost[name, "survived"] == each.survived
        assert lost[name, "untested"] == each.untested or not each.looks
    assert {module for module, _ in lost} <= set(KNOWN)


def test_the_score_is_high_enough():
    """Of what has been judged; `make mutation` fails as long as a module has not."""
    judged = [each for each in KNOWN.values() if each.looks]
    assert verdicts.score(judged)["score"] >= LEAST
    if waiting := [name for name, each in KNOWN.items() if not each.looks]:
        warnings.warn(f"mutants never judged (make mutation): {', '.join(waiting)}", stacklevel=1)


@pytest.mark.parametrize("module", FRESH)
def test_survivors_are_changes_of_the_module_as_it_stands(module):
    text = " ".join(line.strip() for line in (ROOT / module).read_text("utf-8").splitlines())
    lost = [each for each in SURVIVORS if each.module == module]
    assert [each.text for each in lost if each.text not in text] == []
    assert all(each.change != each.text for each in lost)


def test_stale_verdicts_are_told():
    """They are no failure: judging takes long. `make mutation` judges them again."""
    stale = [name for name, each in KNOWN.items() if verdicts.state(each) == "stale"]
    if stale:
        warnings.warn(
            f"mutants to be judged again (make mutation): {', '.join(stale)}", stacklevel=1
        )


def test_every_reason_covers_what_it_did_when_it_was_written():
    """Those about modules that have changed since may cover less; none may cover more."""
    given = reasons.read()
    counts, _ = reasons.sort(SURVIVORS, given)
    for number, each in enumerate(given):
        assert counts[number] <= each.count, each
        touched = [name for name in KNOWN if each.about(name)]
        assert touched, each
        if set(touched) <= set(FRESH):
            assert counts[number] == each.count, each
        re.compile(each.text + each.operator + each.change)


def test_a_reason_covers_what_all_its_patterns_match():
    reason = Reason("-", "message", 1, "metrics/*", text=r"^raise ", operator="^Number")
    lost = Survivor("sim/metrics/a.py", "survived", "NumberReplacer", "raise E(1)", "raise E(2)")
    assert reason.covers(lost)
    for change in (
        {"module": "sim/mechanisms/a.py"},
        {"text": "x = 1; raise E(1)"},
        {"operator": "AddNot"},
    ):
        assert not reason.covers(Survivor(**{**vars(lost), **change}))
    assert reasons.sort([lost, lost], [reason]) == (Counter({0: 2}), [])
    assert reasons.sort([lost], []) == (Counter(), [lost])
