"""The log t regression against paths that it describes exactly, and against statsmodels."""

import numpy as np
import pytest
import statsmodels.api as sm

from sim.metrics.convergence import log_t


def _rng(seed):
    return np.random.Generator(np.random.PCG64(seed))


def _decaying(alpha, periods, provinces=22):
    """Paths whose differences decay as the log t regression assumes."""
    gap, time = _rng(9).uniform(-0.5, 0.5, provinces), np.arange(1, periods + 1)[:, np.newaxis]
    decay = np.log(2) * (gap - gap.mean()) / (np.log(time + 1) * time**alpha)
    return 1.03**time * (1 + decay)


@pytest.mark.parametrize("alpha", [0.0, 0.25, 1.0])
@pytest.mark.parametrize("discard", [0.0, 1 / 3])
def test_log_t_gives_back_twice_the_rate_of_decay(alpha, discard):
    assert log_t(_decaying(alpha, 80), discard).slope == pytest.approx(2 * alpha, abs=1e-10)


def test_four_periods_are_enough_for_log_t():
    assert log_t(_decaying(0.25, 4, 3), 0.0, 0).slope == pytest.approx(0.5, abs=1e-10)


@pytest.mark.parametrize("lags", [0, 1, 5])
def test_log_t_follows_from_statsmodels_ols_with_newey_west_errors(lags):
    periods, first = 60, 20
    path = _decaying(0.2, periods) * _rng(10).lognormal(0, 0.02, (periods, 22))
    spread = (path / path.mean(axis=1, keepdims=True)).var(axis=1)
    time = np.arange(1, periods + 1)
    decay = np.log(spread[0] / spread) - 2 * np.log(np.log(time + 1))
    design = sm.add_constant(np.log(time[first - 1 :]))
    fit = sm.OLS(decay[first - 1 :], design).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": False}
    )
    found = log_t(path, 1 / 3, lags)
    assert found.slope == pytest.approx(fit.params[1], rel=1e-9)
    assert found.standard_error == pytest.approx(fit.bse[1], rel=1e-9)
    assert found.t_statistic == pytest.approx(fit.tvalues[1], rel=1e-9)


def test_log_t_takes_lags_from_the_number_of_periods():
    path = _rng(11).lognormal(0, 0.3, (90, 10))
    # periods 30 to 90 are used: 4 (61 / 100)^(2/9) = 3.58
    assert log_t(path) == log_t(path, lags=3) == log_t(path, 1 / 3)
    # without the first third, other numbers
    assert log_t(path) != log_t(path, 0.0, 3)


@pytest.mark.parametrize(
    ("periods", "lags"),
    # 4 (n / 100)^(2/9) = 2.40, 2.99, 3.06, 3.99, 4
    [(10, 2), (27, 2), (30, 3), (99, 3), (100, 4)],
)
def test_the_number_of_lags_is_rounded_down(periods, lags):
    path = _rng(13).lognormal(0, 0.3, (periods, 5))
    assert log_t(path, 0.0) == log_t(path, 0.0, lags)


def test_log_t_rejects_two_clubs_that_part():
    growth = np.where(np.arange(10) < 5, 1.02, 1.04)
    noise = _rng(12).lognormal(0, 0.01, (96, 10))
    assert log_t(growth ** np.arange(1, 97)[:, np.newaxis] * noise).t_statistic < -1.65


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: log_t(np.ones((9, 2))), "shape"),
        (lambda: log_t(np.ones(9)), "shape"),
        (lambda: log_t(np.ones((9, 3, 3))), "shape"),
        (lambda: log_t(np.ones((9, 3))), "alike"),
        (lambda: log_t(_decaying(0.2, 9, 3) * 0), "above zero"),
        (lambda: log_t(_decaying(0.2, 3, 3), 0.0), "3 periods are left"),
        (lambda: log_t(_decaying(0.2, 9, 3), 1.0), "discard must lie"),
        (lambda: log_t(_decaying(0.2, 9, 3), 0.0, 9), "lags must lie"),
        (lambda: log_t(_decaying(0.2, 9, 3), 0.0, 10), "lags must lie"),
        (lambda: log_t(_decaying(0.2, 9, 3), 0.0, -1), "lags must lie"),
        (lambda: log_t(_decaying(0.2, 9, 3), -0.1), "discard must lie"),
        (lambda: log_t(_decaying(0.2, 9, 3), 1.5), "discard must lie"),
    ],
)
def test_log_t_refuses_what_it_cannot_estimate(call, message):
    with pytest.raises(ValueError, match=message):
        call()
