r"""Option to wait: value over cost at which an irreversible step is taken (L17).

    V* / I = beta / (beta - 1),   sigma^2 beta (beta - 1) / 2 + (r - payout) beta - r = 0

At r = payout beta = 1/2 + sqrt(1/4 + 2 r / sigma^2). Source: McDonald and Siegel (1986), Q. J.
Econ. 101(4); Dixit and Pindyck (1994), chapter 5.

Limits and their tolerances: with A = 1/2 + (r - payout) / sigma^2 and B = 2 payout / sigma^2 the
multiple is 1 + (A + sqrt(A^2 + B)) / B, and |A| <= sqrt(A^2 + B) <= |A| + min(sqrt B, B / 2|A|).
So for small sigma it exceeds max(1, r / payout), the trigger without risk, by at most
sigma^2 / (2 payout) + sigma / sqrt(2 payout); for large sigma it exceeds sigma^2 / (2 payout) by
r / payout and at most 1 / 2A more.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from sim.config.base import Config, param
from sim.limits.base import EXACT, Row, exact, identity
from sim.mechanisms import adoption_rules


class OptionLimit(Config):
    """Firms that may wait with a digital step."""

    volatility: tuple[float, ...] = param(
        (0.1, 0.2, 0.3, 0.4), unit="1 / sqrt(year)", gt=0, le=2, source="assumed; .1-.4"
    )
    """Of the value of the step."""

    discount_rate: float = param(0.04, unit="1 / year", gt=0, le=0.5, source="assumed")
    """r, and the payout rate of the closed form."""

    other_payout: tuple[float, ...] = param(
        (0.02, 0.06), unit="1 / year", gt=0, le=0.5, source="numerical: on both sides of r"
    )
    """Payout rates that differ from r, for the quadratic equation and the limits."""

    calm: float = param(1e-4, unit="1 / sqrt(year)", gt=0, le=0.01, source="numerical: near 0")
    """Volatility of hardly any risk."""

    wild: float = param(100.0, unit="1 / sqrt(year)", ge=10, le=1000, source="numerical: large")
    """Volatility so large that a firm all but always waits."""


def measure(cfg: OptionLimit) -> Iterator[Row]:
    """Multiples at the closed form, in the quadratic equation and in the limits."""
    r = cfg.discount_rate
    for volatility in cfg.volatility:
        beta = 0.5 + math.sqrt(0.25 + 2 * r / volatility**2)
        multiple = adoption_rules.option_multiple(volatility, r, r).item()
        yield exact("L17a", f"V*/I at volatility {volatility:g}", multiple, beta / (beta - 1))
    for payout in cfg.other_payout:
        for volatility in cfg.volatility:
            yield quadratic(volatility, r, payout)
    for payout in (r, *cfg.other_payout):
        yield calm(cfg.calm, r, payout)
        yield wild(cfg.wild, r, payout)


def quadratic(volatility: float, r: float, payout: float) -> Row:
    """Whether beta, taken back from the multiple, solves its equation."""
    multiple = adoption_rules.option_multiple(volatility, r, payout).item()
    beta = multiple / (multiple - 1)
    terms = volatility**2 * beta * (beta - 1) / 2, (r - payout) * beta, -r
    name = f"equation of beta at volatility {volatility:g}, payout {payout:g}"
    return identity("L17b", name, math.fsum(terms), sum(abs(term) for term in terms))


def calm(volatility: float, r: float, payout: float) -> Row:
    """The multiple without risk: 1, or r / payout if waiting pays by growth alone."""
    multiple = adoption_rules.option_multiple(volatility, r, payout).item()
    error = volatility**2 / (2 * payout) + volatility / math.sqrt(2 * payout)
    name, basis = f"V*/I at hardly any risk, payout {payout:g}", "remainder of the limit"
    return Row("L17c", name, multiple, max(1.0, r / payout), error, basis, absolute=True)


def wild(volatility: float, r: float, payout: float) -> Row:
    """The multiple at very much risk: sigma^2 / (2 payout)."""
    multiple = adoption_rules.option_multiple(volatility, r, payout).item()
    value = volatility**2 / (2 * payout)
    error = (r / payout + 1 / (1 + 2 * (r - payout) / volatility**2)) / value + EXACT
    name, basis = f"V*/I at very much risk, payout {payout:g}", "remainder of the limit, rounding"
    return Row("L17d", name, multiple, value, error, basis)
