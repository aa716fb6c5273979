"""Designs are recognised by their points, and what is not one of them is not taken for it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from SALib.sample import latin
from SALib.sample import morris as morris_sample
from SALib.sample import sobol as sobol_sample

from sim.analysis.structure import complete_blocks, saltelli_size, trajectories
from tests.invented_sweep import unit_problem


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 5), st.integers(2, 6), st.sampled_from([4, 6]), st.integers(1, 1000))
def test_morris_designs_are_recognised_and_others_are_not(settings_, count, levels, seed):
    x = morris_sample.sample(unit_problem(settings_), count, num_levels=levels, seed=seed)
    assert trajectories(x).shape == (count, settings_)
    assert trajectories(x[:-1]) is None
    x[1] = x[0]
    assert trajectories(x) is None


def test_a_trajectory_moves_every_setting_once():
    assert trajectories(np.array([[0, 0], [0.5, 0], [0.5, 0.5]])).tolist() == [[0, 1]]
    assert trajectories(np.array([[0, 0], [0.5, 0], [1, 0]])) is None
    assert trajectories(np.array([[0, 0], [0.5, 0.5], [1, 0.5]])) is None


@pytest.mark.parametrize("second", [True, False])
def test_saltelli_designs_are_recognised_and_others_are_not(second):
    x = sobol_sample.sample(unit_problem(), 8, calc_second_order=second, seed=1)
    assert saltelli_size(x) == (8 if second else 5)
    x[2, 0] += 0.01
    assert saltelli_size(x) is None
    assert saltelli_size(latin.sample(unit_problem(), 40, seed=1)) is None


def test_a_block_is_complete_if_every_point_has_a_number():
    y = np.array([1, 2, np.nan, 4, 5, 6.0])
    assert complete_blocks(y, 2).tolist() == [True, False, True]
