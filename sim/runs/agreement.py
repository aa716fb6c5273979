"""Whether numbers of re-run runs agree with those stored, where they are not the same bytes.

The burden of proof is on agreement: that a test finds no difference shows nothing when runs are
few. A quantity agrees if a paired t-test finds no difference (1 %, Holm over all quantities of the
folder) and, besides, its mean difference is shown to be smaller than the scatter of the single
differences (two one-sided tests, 5 % each). All quantities have to pass the second, so it needs no
correction for their number. Below five seeds it cannot be passed, whatever the numbers.

Runs of one seed share their random numbers, so a seed is one observation: the mean of its runs of a
scenario. Parts of that mean, the points of a design, are only tested for a difference: they are too
many to be shown to agree one by one.

Source: Holm (1979), Scand. J. Stat. 6(2); Schuirmann (1987), J. Pharmacokinet. Biopharm. 15(6);
Berger (1982), Technometrics 24(4), for the tests that all have to pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

NEAR = 1e-9
"""Largest difference, relative to the largest number of a column, that is no difference at all."""
FEWEST = 5
"""Seeds below which there is no test."""
LEVEL = 0.01
"""Level of the tests for a difference, all quantities together."""
ONE_SIDED = 0.05
"""Level of each of the two tests for agreement."""
MARGIN = 1.0
"""Mean difference that is too large, in standard deviations of the single differences."""
TEST = (
    f"paired t-tests over seeds, Holm at {LEVEL:.0%}, and two one-sided tests at {ONE_SIDED:.0%} "
    f"that the mean difference is below {MARGIN:g} standard deviation of the single ones"
)


@dataclass(frozen=True)
class Quantity:
    """A number that every run has, stored and done again.

    name      what it is, for the user
    stored    (seeds,) stored values, each the mean over the runs of a seed; NaN for none
    again     (seeds,) values done again
    apart     largest relative difference in any row of the column, of any quarter and run
    part_of   name of the quantity whose part it is, "" if it stands by itself
    """

    name: str
    stored: np.ndarray
    again: np.ndarray
    apart: float
    part_of: str = ""


def disagreements(quantities: Sequence[Quantity]) -> list[str]:
    """Why quantities do not agree, one sentence for each that does not; [] if all agree.

    Parts of a quantity that does not agree are not told.
    """
    said = {}
    tested: dict[int, float] = {}
    for number, each in enumerate(quantities):
        if each.apart <= NEAR:
            continue
        problem, t = _paired(each)
        if problem:
            said[number] = f"{each.name}: {problem}"
        elif t is not None:
            tested[number] = t
    sizes = {number: _size(quantities[number]) for number in tested}
    chances = holm([_chance(t, sizes[number]) for number, t in tested.items()])
    for (number, t), chance in zip(tested.items(), chances, strict=True):
        name, n = quantities[number].name, sizes[number]
        if chance < LEVEL:
            said[number] = f"{name}: the mean differs (t = {t:.3g}, {n} seeds, p = {chance:.2g})"
        elif abs(t) > most_t(n) and not quantities[number].part_of:
            said[number] = f"{name}: {n} seeds do not show that it agrees (t = {t:.3g})"
    told = {quantities[number].name for number in said}
    return [said[number] for number in sorted(said) if quantities[number].part_of not in told]


def holm(chances: Sequence[float]) -> np.ndarray:
    """Probabilities of a family of tests, adjusted for their number by the method of Holm.

    chances  (tests,) 0 to 1
    returns  (tests,) each the level of the whole family at which its test rejects
    """
    plain = np.asarray(chances, float)
    order = np.argsort(plain, kind="stable")
    steps = np.arange(len(plain), 0, -1) * plain[order]
    adjusted = np.empty_like(plain)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def most_t(n: int) -> float:
    """Largest t statistic of n paired differences that still shows agreement; may be negative.

    The one-sided test for mean < MARGIN * sd is passed if (MARGIN * sd - mean) / (sd / sqrt(n))
    is above the quantile of Student's t, thus if t < MARGIN * sqrt(n) - quantile.
    """
    return float(MARGIN * np.sqrt(n) - special.stdtrit(n - 1, 1 - ONE_SIDED))


def _size(quantity: Quantity) -> int:
    return int(np.isfinite(quantity.stored).sum())


def _chance(t: float, n: int) -> float:
    """Probability of a larger t statistic, of either sign, without a difference."""
    return float(2 * special.stdtr(n - 1, -abs(t)))


def _paired(quantity: Quantity) -> tuple[str, float | None]:
    """What is wrong without a test, or the t statistic; neither if there are no values."""
    one, two = quantity.stored, quantity.again
    if (np.isfinite(one) != np.isfinite(two)).any():
        return "is missing in one of the two", None
    difference = (two - one)[np.isfinite(one)]
    n = len(difference)
    if n == 0:
        return "", None
    if n < FEWEST and quantity.part_of:
        return "", None
    if n < FEWEST:
        few = f"with fewer than {FEWEST} seeds only {NEAR:g} counts as equal"
        return f"differs by up to {quantity.apart:.2g} of its largest value; {few}", None
    spread = float(difference.std(ddof=1))
    if spread == 0:
        mean = float(difference.mean())
        return (f"differs by {mean:.3g} in every run" if mean else "", None)
    return "", float(difference.mean() / spread * np.sqrt(n))
