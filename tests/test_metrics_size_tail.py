import numpy as np
import pytest

from sim.metrics.size_tail import tail_exponent


def pareto(exponent, count, seed=1):
    return np.random.default_rng(seed).pareto(exponent, count) + 1


def test_the_exponent_of_a_pareto_law_is_found_within_its_error():
    for exponent in (0.6, 1.06, 3.0):
        found, error = tail_exponent(3 * pareto(exponent, 20_000), 3.0)
        assert found == pytest.approx(exponent, abs=4 * error)
        assert error == pytest.approx(exponent / np.sqrt(20_000), rel=0.05)


def test_small_samples_are_not_biased():
    """Mean over many samples of five, whose variance is exponent^2 / (n - 2)."""
    found = [tail_exponent(pareto(2.0, 5, seed), 1.0)[0] for seed in range(4000)]
    assert np.mean(found) == pytest.approx(2.0, abs=4 * 2.0 / np.sqrt(3 * 4000))


def test_sizes_below_the_tail_and_the_unit_do_not_matter():
    size = pareto(1.5, 1000)
    usual = tail_exponent(size, 2.0)
    assert tail_exponent(np.concatenate([size, [0.1, 1.9]]), 2.0) == usual
    assert tail_exponent(7 * size, 14.0) == pytest.approx(usual, rel=1e-12)


def test_three_sizes_above_the_least_are_enough():
    """ln: 1, 2, 3, so 2 / 6, with error 1 / 3 over the root of 1; the least itself is no tail."""
    size = np.exp([1.0, 2.0, 3.0])
    assert tail_exponent(size, 1.0) == pytest.approx((1 / 3, 1 / 3), rel=1e-15)
    assert tail_exponent([1.0, *size], 1.0) == tail_exponent(size, 1.0)
    assert tail_exponent(np.exp([1.0, 2.0, 3.0, 4.0]), 1.0)[1] == pytest.approx(0.3 / 2**0.5)


@pytest.mark.parametrize("size", [[1.0, 0.5, 2.0, 3.0], [2.0, -1.0, 3.0, 4.0]])
def test_what_has_no_tail_is_refused(size):
    with pytest.raises(ValueError, match="size"):
        tail_exponent(size, 1.5)
