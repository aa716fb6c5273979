"""Co-agglomeration against the mean of pairs and the dart board."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.metrics.clustering import raw_concentration
from sim.metrics.coagglomeration import coagglomeration, pairwise_coagglomeration

SEEDS = st.integers(0, 2**32 - 1)


def _rng(seed):
    return np.random.Generator(np.random.PCG64(seed))


@given(seed=SEEDS)
def test_co_agglomeration_of_a_group_is_the_mean_over_its_pairs(seed):
    rng = _rng(seed)
    activity, chance = rng.lognormal(size=(3, 4, 7)), rng.dirichlet(np.full(7, 3.0))
    share = activity.sum(axis=2) / activity.sum(axis=(1, 2))[:, np.newaxis]
    weight = share[:, :, np.newaxis] * share[:, np.newaxis, :] * (1 - np.eye(4))
    pair = pairwise_coagglomeration(activity, chance)
    mean = (weight * pair).sum(axis=(1, 2)) / weight.sum(axis=(1, 2))
    # whatever the plants: those of an industry alone cancel
    for own in (0.01, 0.3):
        found = coagglomeration(activity, chance, np.full((3, 4), own))
        np.testing.assert_allclose(found, mean, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(pair, np.swapaxes(pair, 1, 2), rtol=1e-12)
    raw = raw_concentration(activity, chance) / (1 - (chance**2).sum())
    np.testing.assert_allclose(np.diagonal(pair, axis1=1, axis2=2), raw, rtol=1e-12)


def test_industries_of_one_province_agglomerate_together_as_each_alone():
    # the province is drawn from the benchmark: an exact sum over its 9 places
    chance = _rng(6).dirichlet(np.full(9, 3.0))
    activity = np.repeat(np.eye(9)[:, np.newaxis], 3, axis=1) * [[[4.0], [2.0], [1.0]]]
    own = np.full((9, 3), 0.2)
    assert chance @ coagglomeration(activity, chance, own) == pytest.approx(1.0, rel=1e-12)
    pair = pairwise_coagglomeration(activity, chance)
    np.testing.assert_allclose(np.tensordot(chance, pair, 1), 1.0, rtol=1e-12)


def test_a_benchmark_of_each_period_counts_for_that_period():
    rng = _rng(8)
    activity, size = rng.lognormal(size=(2, 3, 5)), rng.lognormal(size=(2, 5))
    own = np.full((2, 3), 0.1)
    together = coagglomeration(activity, size, own)
    pairs = pairwise_coagglomeration(activity, size)
    np.testing.assert_allclose(coagglomeration(activity[:1], size[:1], own[:1]), together[:1])
    for period in range(2):
        one = coagglomeration(activity[period], size[period], own[period])
        assert together[period] == pytest.approx(one, rel=1e-12)
        alone = pairwise_coagglomeration(activity[period], size[period])
        np.testing.assert_allclose(pairs[period], alone, rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pairwise_coagglomeration([1.0, 2.0], [1.0, 2.0]), "fewer than two industries"),
        (lambda: pairwise_coagglomeration([[1.0, 2.0]], [1.0, 2.0]), "fewer than two"),
        (lambda: pairwise_coagglomeration(np.ones((2, 3)), [1.0, 2.0]), "benchmark"),
        (lambda: pairwise_coagglomeration([[1.0, 2.0], [0.0, 0.0]], [1.0, 2.0]), "zero"),
        (lambda: coagglomeration(np.ones((2, 2)), [1.0, 0.0], [0.1, 0.1]), "one province"),
        (lambda: coagglomeration(np.ones((2, 2)), [1.0, 1.0], [0.1] * 3), "shape"),
    ],
)
def test_bad_numbers_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
