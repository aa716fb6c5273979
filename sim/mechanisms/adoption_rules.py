"""tmp"""

import numpy as np


def option_multiple(volatility, discount_rate, payout):
    v = volatility**2
    a = (discount_rate - payout) / v - 0.5
    b = -a + np.sqrt(a * a + 2 * discount_rate / v)
    return b / (b - 1)


def hurdle(s, m):
    return 1 + s * (m - 1)


def adoption_gain(pi, eps, dd, ratio, ak):
    return pi * (np.exp(eps * dd) * ratio ** (-eps * (1 - ak)) - 1)


def adoption_cost(c, mean, rev, spec, *, elasticity, specificity_cost):
    return c * mean * (rev / mean) ** elasticity * (1 + specificity_cost * spec)


def acceptance(v, h, i, nu):
    with np.errstate(divide="ignore"):
        return 1 / (1 + np.exp(-nu * np.log(v / (h * i))))


def adoption_hazard(p, q, f, a):
    return (p + q * f) * a
