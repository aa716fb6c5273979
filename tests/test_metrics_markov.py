"""Income classes and their transitions against closed forms and giddy."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.metrics.markov import (
    ergodic_distribution,
    income_classes,
    mixing_half_life,
    transition_matrix,
)

SEEDS = st.integers(0, 2**32 - 1)
CHANCES = st.floats(0.01, 0.99)


def _rng(seed):
    return np.random.Generator(np.random.PCG64(seed))


@given(fall=CHANCES, rise=CHANCES)
def test_two_classes_end_at_the_ratio_of_their_chances(fall, rise):
    chain = [[1 - fall, fall], [rise, 1 - rise]]
    share = rise / (fall + rise)
    assert ergodic_distribution(chain) == pytest.approx([share, 1 - share], rel=1e-9)


def test_half_life_is_that_of_the_second_eigenvalue():
    chain = [[0.9, 0.1], [0.25, 0.75]]
    assert mixing_half_life(chain) == pytest.approx(math.log(2) / -math.log(0.65), rel=1e-12)
    assert mixing_half_life([[0.5, 0.5], [0.5, 0.5]]) == 0.0
    assert mixing_half_life(np.eye(2)) == math.inf
    assert mixing_half_life([[0.0, 1.0], [1.0, 0.0]]) == math.inf


@pytest.mark.parametrize("seed", range(4))
def test_transitions_and_their_end_agree_with_giddy(seed):
    from giddy.ergodic import steady_state  # noqa: PLC0415 - compiles as it is imported, and
    from giddy.markov import Markov  # noqa: PLC0415 - this file is read without the compiler too

    classes = _rng(seed).integers(0, 4, (12, 31))
    found = transition_matrix(classes, 4)
    package = Markov(classes.T, summary=False)
    np.testing.assert_allclose(found, np.asarray(package.p), rtol=1e-12)
    np.testing.assert_allclose(ergodic_distribution(found), steady_state(found), rtol=1e-9)


@given(seed=SEEDS)
def test_the_ergodic_distribution_is_kept_and_approached(seed):
    chain = _rng(seed).dirichlet(np.ones(5), 5)
    share = ergodic_distribution(chain)
    assert share @ chain == pytest.approx(share, rel=1e-9)
    # rows of a random chain share enough mass that 2^10 steps leave nothing of the start
    assert np.linalg.matrix_power(chain, 2**10)[0] == pytest.approx(share, rel=1e-6)


def test_classes_are_cut_at_shares_of_the_mean_of_the_period():
    income = np.array([[1.0, 2.0, 3.0], [10.0, 10.0, 40.0]])
    np.testing.assert_array_equal(income_classes(income, [0.5, 1.2]), [[0, 1, 2], [0, 0, 2]])
    np.testing.assert_array_equal(income_classes(7 * income, [0.5, 1.2]), [[0, 1, 2], [0, 0, 2]])


def test_the_poor_of_a_small_unit_have_classes_too():
    assert income_classes([0.1, 0.2, 0.3], [0.5, 1.2]).tolist() == [0, 1, 2]


def test_a_class_that_all_leave_for_the_first_has_its_row():
    found = transition_matrix([[0, 1, 2], [1, 2, 0]], 3)
    np.testing.assert_array_equal(found, [[0, 1, 0], [0, 0, 1], [1, 0, 0]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: income_classes([1.0, 2.0], [1.0, 0.5]), "ascend"),
        (lambda: income_classes([1.0, 2.0], [1.0, 1.0]), "ascend"),
        (lambda: income_classes([1.0, 2.0], [[0.5, 1.0]]), "ascend"),
        (lambda: income_classes([1.0, 2.0], 1.0), "one entry"),
        (lambda: income_classes([0.0, 0.0], [1.0]), "adds up to zero"),
        (lambda: income_classes([-1.0, 2.0], [1.0]), "negative"),
        (lambda: transition_matrix([[0, 1]], 2), "2 or more periods"),
        (lambda: transition_matrix([0, 1], 2), "2 or more periods"),
        (lambda: transition_matrix([[[0, 1]], [[1, 0]]], 2), "2 or more periods"),
        (lambda: transition_matrix([[0, 2], [1, 1]], 2), "from 0 to 1"),
        (lambda: transition_matrix([[0, 3], [1, 1]], 2), "from 0 to 1"),
        (lambda: transition_matrix([[0, -1], [1, 1]], 2), "from 0 to 1"),
        (lambda: transition_matrix([[0.0, 1.0], [1.0, 1.0]], 2), "whole numbers"),
        (lambda: transition_matrix([[0, 0], [1, 0]], 2), "nobody is in class 1"),
        (lambda: ergodic_distribution(np.eye(2)), "many distributions"),
        (lambda: ergodic_distribution([[0.5, 0.6], [0.5, 0.5]]), "do not add up"),
        (lambda: ergodic_distribution([[0.5, 0.5]]), "square"),
        (lambda: ergodic_distribution([[0.5, 0.5]] * 3), "square"),
        (lambda: ergodic_distribution([1.0]), "square"),
        (lambda: ergodic_distribution(np.full((2, 2, 2), 0.5)), "square"),
        (lambda: mixing_half_life([[1.0]]), "single class"),
    ],
)
def test_bad_numbers_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
