"""Rules of a single digital step: what it gains, what it costs, when it is worth waiting.

    gain      Delta Pi = Pi [exp(epsilon Delta delta) (W' / W)^(-epsilon (1 - alpha_K)) - 1]
    cost      I = c R_mean (R / R_mean)^0.8 (1 + kappa_s specificity) (1 - park) (1 - subsidy)
    hurdle    h = 1 + specificity (beta_1 / (beta_1 - 1) - 1)
    hazard    (p + q F) Lambda(nu ln(V / (h I))),  V the present value of the gain
    chance    1 - exp(-hazard Delta t), so that a shorter step converges to the same answer

Without the hurdle (Lambda = 1) and with all firms as peers the share of adopters is the curve of
Bass (1969), Manage. Sci. 15(5). The option multiple is that of McDonald and Siegel (1986),
Q. J. Econ. 101(4). All arguments are scalars or arrays that broadcast.
"""

from __future__ import annotations

import numpy as np

Numbers = float | np.ndarray

SCALE_EXPONENT = 0.8  # elasticity of the cost in firm size: large firms pay less per unit of sales


def option_multiple(volatility: Numbers, discount_rate: Numbers, payout: Numbers) -> np.ndarray:
    """Value over cost at which an irreversible step is taken at once rather than awaited.

    volatility     of the value of the step > 0 [1 / sqrt(year)]
    discount_rate  r > 0 [1 / year]
    payout         rate at which waiting forgoes returns > 0 [1 / year]
    returns        beta_1 / (beta_1 - 1) > 1 [-]
    raises         ValueError unless all three are positive
    """
    for name, number in (
        ("volatility", volatility),
        ("discount_rate", discount_rate),
        ("payout", payout),
    ):
        if not (np.asarray(number) > 0).all():
            raise ValueError(f"{name} must be > 0: {number}")
    variance = np.square(volatility)
    drift = (np.asarray(discount_rate) - payout) / variance - 0.5
    beta = -drift + np.sqrt(np.square(drift) + 2 * np.asarray(discount_rate) / variance)
    return beta / (beta - 1)


def hurdle(specificity: Numbers, multiple: Numbers) -> np.ndarray:
    """Value over cost that a firm asks for.

    specificity  of its assets in [0, 1] [-]; 0 can sell them, 1 is locked in
    multiple     option multiple >= 1 [-]
    returns      between 1 and the multiple [-]
    """
    return 1 + np.asarray(specificity) * (multiple - 1)


def adoption_gain(
    profit: Numbers,
    elasticity: Numbers,
    efficiency_step: Numbers,
    cost_ratio: Numbers,
    capital_share: Numbers,
) -> np.ndarray:
    """Operating profit added by one stage, at given markets.

    profit           at the present stage [money / time]
    elasticity       epsilon of sales in efficiency [-]
    efficiency_step  delta of the next stage less delta of the present one [log points]
    cost_ratio       variable cost W of the next stage over the present one > 0 [-]
    capital_share    alpha_K [-]
    returns          [money / time]; negative if the next stage's inputs cost more than it yields
    """
    growth = elasticity * (efficiency_step - (1 - capital_share) * np.log(cost_ratio))
    return profit * np.expm1(growth)


def adoption_cost(
    cost_share: Numbers,
    revenue: Numbers,
    mean_revenue: Numbers,
    specificity: Numbers,
    specificity_weight: Numbers,
    park: Numbers,
    subsidy: Numbers,
) -> np.ndarray:
    """What a firm pays for one step.

    cost_share          c of the step in revenue, for a firm of mean size [quarters]
    revenue             of one firm >= 0 [money / quarter]
    mean_revenue        of one firm at the start > 0 [money / quarter]
    specificity         of its assets in [0, 1] [-]
    specificity_weight  kappa_s >= 0 [-]
    park                share saved by a digital park in [0, 1] [-]
    subsidy             share paid by the public in [0, 1] [-]
    returns             [money]
    """
    size = mean_revenue * np.power(revenue / mean_revenue, SCALE_EXPONENT)
    full = cost_share * size * (1 + specificity_weight * specificity)
    return full * (1 - park) * (1 - subsidy)


def adoption_acceptance(
    value: Numbers, asked: Numbers, cost: Numbers, sharpness: Numbers
) -> np.ndarray:
    """Share Lambda(nu ln(value / (asked cost))) of firms to whom the step is worth it.

    value      of the step [money]; at or below 0 nobody takes it
    asked      hurdle >= 1 [-]
    cost       >= 0 [money]; at cost 0 every step of positive value is taken
    sharpness  nu > 0 [-]
    returns    in [0, 1]
    """
    gains = np.maximum(value, 0.0) ** sharpness
    asks = (asked * np.asarray(cost)) ** sharpness
    total = gains + asks
    return np.divide(gains, total, out=np.zeros_like(total), where=total > 0)


def adoption_hazard(
    own: Numbers, peers: Numbers, peer_share: Numbers, accepted: Numbers
) -> np.ndarray:
    """Rate at which a firm that can pay takes its next step.

    own         p, of its own accord >= 0 [1 / year]
    peers       q, moved by peers >= 0 [1 / year]
    peer_share  F, weighted share of peers who have taken it, in [0, 1]
    accepted    share to whom the step is worth it, in [0, 1]; 1 in the limit of Bass
    returns     [1 / year]
    """
    return (own + peers * np.asarray(peer_share)) * accepted


def adoption_chance(hazard: Numbers, years: float) -> np.ndarray:
    """Probability of taking the step within a time.

    hazard   >= 0 [1 / year]
    years    length of the time >= 0 [years]
    returns  in [0, 1]
    """
    return -np.expm1(-np.asarray(hazard) * years)
