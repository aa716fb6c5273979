"""When numbers that are not the same bytes agree: closed forms, and the size of the tests."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.runs.agreement import FEWEST, Quantity, disagreements, holm, most_t


def _one(stored, again, apart: float = 1.0) -> list[str]:
    quantity = Quantity("wage", np.asarray(stored, float), np.asarray(again, float), apart)
    return disagreements([quantity])


def _noise(seed: int, n: int = 100) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=n)


@settings(max_examples=50)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.floats(0.001, 0.5))
def test_holm_rejects_what_stepping_down_rejects(chances, level):
    """Smallest first, each at the level over the number of those left, to the first that stands."""
    left, rejected = sorted(chances), 0
    while left and left[0] <= level / len(left):
        left.pop(0)
        rejected += 1
    near = np.isclose(np.sort(chances) * np.arange(len(chances), 0, -1), level, rtol=1e-12)
    assert near.any() or (holm(chances) <= level).sum() == rejected


@pytest.mark.parametrize("n", [5, 12, 100])
def test_the_bound_is_where_both_one_sided_tests_pass(n):
    z = stats.norm.ppf((np.arange(n) + 0.5) / n)
    z /= z.std(ddof=1)
    for factor, passes in ((0.999, True), (1.001, False)):
        d = z + factor * most_t(n) / np.sqrt(n)
        upper = stats.ttest_1samp(d, 1.0, alternative="less").pvalue
        lower = stats.ttest_1samp(d, -1.0, alternative="greater").pvalue
        assert (max(upper, lower) < 0.05) == passes


def test_fewer_than_five_seeds_could_not_pass_anyway():
    assert most_t(FEWEST - 1) < 0 < most_t(FEWEST)


@pytest.mark.parametrize("n", [1, 2, 4])
def test_few_seeds_agree_only_to_the_ninth_digit(n):
    stored = np.arange(1.0, n + 1)
    assert _one(stored, stored * (1 + 1e-10), apart=1e-10) == []
    said = _one(stored, stored * (1 + 1e-8), apart=1e-8)
    assert "fewer than 5 seeds only 1e-09 counts" in said[0]


def test_other_noise_of_the_same_law_agrees_if_seeds_are_enough():
    assert _one(_noise(1), _noise(2)) == []


def test_a_handful_of_seeds_is_not_waved_through():
    """A shift of half a standard deviation, which no test would find among six seeds."""
    stored, again = _noise(1, 6), _noise(2, 6) + 0.5
    assert stats.ttest_rel(stored, again).pvalue > 0.01
    assert "6 seeds do not show that it agrees" in _one(stored, again)[0]


def test_a_small_shift_is_found_among_many_seeds():
    stored, again = _noise(1, 4000), _noise(2, 4000) + 0.15
    t = stats.ttest_rel(again, stored).statistic
    assert abs(t) < most_t(4000)
    assert "the mean differs" in _one(stored, again)[0]


def test_the_same_shift_in_every_run_is_a_difference_however_small():
    stored = np.arange(20) / 64
    assert "in every run" in _one(stored, stored + 2**-20)[0]


def test_a_value_that_only_one_of_the_two_has_is_a_difference():
    stored = _noise(1)
    again = np.where(np.arange(100) == 7, np.nan, stored)
    assert "missing in one" in _one(stored, again)[0]
    assert _one(again, again) == []
    assert _one([np.nan, np.nan], [np.nan, np.nan]) == []


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_the_family_is_what_the_level_is_for(seed):
    """Two hundred quantities of the same law: one in a hundred families shows a difference."""
    rng = np.random.default_rng(seed)
    family = [Quantity(str(i), *rng.normal(size=(2, 400)), 1.0) for i in range(200)]
    assert len([each for each in disagreements(family) if "mean differs" in each]) <= 1


def test_a_part_is_tested_for_a_difference_only_and_told_only_if_its_whole_agrees():
    stored, again = _noise(1), _noise(2)
    whole = Quantity("wage", stored, again, 1.0)
    few = Quantity("of few seeds", stored[:3], again[:3] + 9, 1.0, part_of="wage")
    unclear = Quantity("not shown", stored[:6], again[:6] + 0.5, 1.0, part_of="wage")
    moved = Quantity("moved", stored, again + 2, 1.0, part_of="wage")
    said = disagreements([whole, few, unclear, moved])
    assert [text.partition(":")[0] for text in said] == ["moved"]
    shifted = Quantity("wage", stored, again + 2, 1.0)
    said = disagreements([shifted, few, unclear, moved])
    assert [text.partition(":")[0] for text in said] == ["wage"]
