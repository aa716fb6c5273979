import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.mechanisms.adoption_rules import (
    adoption_acceptance,
    adoption_chance,
    adoption_cost,
    adoption_gain,
    adoption_hazard,
    hurdle,
    option_multiple,
)

OWN, PEERS = 0.03, 0.38  # Bass p and q per year


def bass(years: float) -> float:
    fading = math.exp(-(OWN + PEERS) * years)
    return (1 - fading) / (1 + PEERS / OWN * fading)


def adopters(years: float, steps_per_year: int) -> float:
    share = 0.0
    for _ in range(round(years * steps_per_year)):
        hazard = adoption_hazard(OWN, PEERS, share, 1.0)
        share += (1 - share) * float(adoption_chance(hazard, 1 / steps_per_year))
    return share


@pytest.mark.parametrize(("steps", "share"), [(4, 0.79311809), (12, 0.80634226)])
def test_discrete_bass_curve(steps, share):
    assert adopters(10, steps) == pytest.approx(share, abs=5e-9)  # eight printed digits


@pytest.mark.parametrize(("years", "share"), [(5, 0.33119864), (10, 0.81280322)])
def test_short_steps_approach_the_curve_of_bass_at_first_order(years, share):
    assert bass(years) == pytest.approx(share, abs=5e-9)
    coarse, fine = (bass(years) - adopters(years, steps) for steps in (400, 800))
    # A first-order error a h + b h^2 halves with h; Richardson's combination keeps O(h^2) ~ 1e-5.
    assert coarse / fine == pytest.approx(2, abs=0.02)
    assert 2 * fine - coarse == pytest.approx(0, abs=1e-5)


def test_option_multiple_closed_form():
    # r = payout: beta = 1/2 + sqrt(1/4 + 2 r / s^2); s = .2, r = .04 gives beta = 2 exactly.
    volatility = np.array([0.1, 0.2, 0.3, 0.4])
    exact = [1.42154, 2.0, 2.76309, 3.73205]
    assert option_multiple(volatility, 0.04, 0.04) == pytest.approx(exact, abs=5e-6)
    assert option_multiple(0.2, 0.04, 0.04) == pytest.approx(2, rel=1e-14)
    # s^2 = 2 r: beta = (1 + sqrt 5) / 2, the golden ratio, whose multiple is its square.
    golden = (1 + math.sqrt(5)) / 2
    assert option_multiple(math.sqrt(0.08), 0.04, 0.04) == pytest.approx(golden**2, rel=1e-14)


@given(volatility=st.floats(0.05, 1), rate=st.floats(0.005, 0.2), payout=st.floats(0.005, 0.2))
def test_option_multiple_solves_the_fundamental_quadratic(volatility, rate, payout):
    multiple = float(option_multiple(volatility, rate, payout))
    beta = multiple / (multiple - 1)
    rest = volatility**2 / 2 * beta * (beta - 1) + (rate - payout) * beta - rate
    scale = volatility**2 * beta**2 + (rate + payout) * beta + rate
    # beta comes back from the multiple with an error of eps * beta.
    assert multiple > 1
    assert abs(rest) <= 1e-14 * beta * scale


@pytest.mark.parametrize("name", ["volatility", "discount_rate", "payout"])
@pytest.mark.parametrize("number", [0.0, -0.1])
def test_option_multiple_refuses_what_is_not_above_zero(name, number):
    numbers = {"volatility": 0.2, "discount_rate": 0.04, "payout": 0.04} | {name: number}
    with pytest.raises(ValueError, match=name):
        option_multiple(**numbers)


def test_hurdle_runs_from_one_to_the_multiple():
    assert hurdle(np.array([0.0, 0.5, 1.0]), 3.0).tolist() == [1.0, 2.0, 3.0]


def test_gain_is_the_formula_and_its_break_even():
    # eps = 2, alpha_K = .25: 10 (exp(2 * .1) * 1.05^(-1.5) - 1)
    expected = 10 * (math.exp(0.2) * 1.05**-1.5 - 1)
    assert adoption_gain(10.0, 2.0, 0.1, 1.05, 0.25) == pytest.approx(expected, rel=1e-14)
    assert adoption_gain(10.0, 2.0, 0.0, 1.0, 0.25) == 0
    # Dearer inputs eat the whole step where (1 - alpha_K) ln(W'/W) = Delta delta.
    even = adoption_gain(10.0, 2.0, 0.075, math.exp(0.1), 0.25)
    assert even == pytest.approx(0, abs=1e-14)


def test_cost_of_a_mean_firm_and_its_scaling():
    plain = adoption_cost(0.35, 5.0, 5.0, 0.0, 0.5, 0.0, 0.0)
    assert plain == pytest.approx(0.35 * 5, rel=1e-14)
    # 32 times the revenue costs 32^0.8 = 16 times as much.
    large = adoption_cost(0.35, 160.0, 5.0, 0.0, 0.5, 0.0, 0.0)
    assert large == pytest.approx(16 * 0.35 * 5, rel=1e-14)
    helped = adoption_cost(0.35, 5.0, 5.0, 1.0, 0.5, 0.2, 0.5)
    assert helped == pytest.approx(1.5 * 0.8 * 0.5 * 0.35 * 5, rel=1e-14)
    assert adoption_cost(0.35, 5.0, 5.0, 1.0, 0.5, 0.2, 1.0) == 0


def test_acceptance_is_the_logistic_of_the_log_ratio():
    value, threshold, cost, sensitivity = np.array([0.5, 3.0, 8.0]), 1.5, 2.0, 2.0
    ratio = sensitivity * np.log(value / (threshold * cost))
    assert adoption_acceptance(value, threshold, cost, sensitivity) == pytest.approx(
        1 / (1 + np.exp(-ratio)), rel=1e-14
    )
    assert adoption_acceptance(3.0, 1.5, 2.0, 2.0) == 0.5


def test_acceptance_at_the_edges():
    value, cost = np.array([-1.0, 0.0, 0.0, 1.0]), np.array([1.0, 1.0, 0.0, 0.0])
    assert adoption_acceptance(value, 1.0, cost, 2.0).tolist() == [0.0, 0.0, 0.0, 1.0]


def test_hazard_adds_peers_and_scales_with_acceptance():
    hazard = adoption_hazard(OWN, PEERS, np.array([0.0, 0.5, 0.5]), np.array([0.5, 0.5, 0.0]))
    assert hazard.tolist() == pytest.approx([0.015, 0.11, 0.0], rel=1e-14)


def test_chance_does_not_depend_on_how_time_is_cut():
    once, half = adoption_chance(np.array([0.0, 0.7]), 1.0), adoption_chance(0.7, 0.5)
    assert once[0] == 0
    assert 1 - once[1] == pytest.approx((1 - half) ** 2, rel=1e-14)
    assert once[1] == pytest.approx(1 - math.exp(-0.7), rel=1e-14)
