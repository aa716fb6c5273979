"""Designs that sample the unit cube: Latin hypercube, Sobol' (Saltelli) and Morris."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from pydantic import model_validator

from sim.config.base import misfit, param
from sim.runs.designs.base import SOURCE, Fault, SampledDesign, Uncertainties, without_ends


def salib_problem(uncertainties: Uncertainties) -> dict[str, Any]:
    """Problem that SALib samples and analyses: the unit cube.

    Indices hold for the model as a function of the probabilities; since each value is a function
    of its own probability, they are those of the settings, whatever their distributions.
    """
    names = list(uncertainties)
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


class LatinHypercubeDesign(SampledDesign):
    """Random points, one in each of `samples` equally likely parts of every range.

    Source: McKay, Beckman and Conover (1979), Technometrics 21(2).
    """

    kind: Literal["latin_hypercube"]
    """Kind of design."""
    samples: int = param(unit="points", source=SOURCE, ge=1, le=2**31)
    """Number of points."""
    optimization: Literal["random-cd"] | None = None
    """`random-cd` swaps coordinates so that points cover the cube evenly; slow for many points."""

    def count(self, uncertainties: Uncertainties, folder: Path) -> int:  # noqa: ARG002
        """As many as asked for."""
        return self.samples

    def points_per_draw(self, uncertainties: Uncertainties) -> int:  # noqa: ARG002
        """One: points that keep apart have a mean that varies less than independent ones."""
        return 1

    def unit(self, uncertainties: Uncertainties) -> np.ndarray:
        """Points of the sampler of SciPy."""
        from scipy.stats import qmc  # noqa: PLC0415 - slow to import, like SALib below

        sampler = qmc.LatinHypercube(
            len(uncertainties), optimization=self.optimization, rng=_generator(self.seed)
        )
        return sampler.random(self.samples)


class SobolDesign(SampledDesign):
    """Points of two Sobol' samples with columns exchanged, for variance-based sensitivity.

    For each point of the base sample comes that of A, those of A with one column of B each, with
    `second_order` also those of B with one column of A each, and that of B.

    Source: Saltelli et al. (2010), Comput. Phys. Commun. 181(2).
    """

    kind: Literal["sobol"]
    """Kind of design."""
    samples: int = param(unit="base points", source=SOURCE, ge=2, le=2**30)
    """Points of the base sample, a power of two; runs are (uncertainties + 2) times as many."""
    second_order: bool = False
    """Add points that tell apart the effects of pairs: (2 uncertainties + 2) times as many."""

    @model_validator(mode="after")
    def _is_balanced(self) -> Self:
        if self.samples & (self.samples - 1):
            below = 1 << (self.samples.bit_length() - 1)
            problem = f"must be a power of two, or the sample is not balanced (got {self.samples})"
            raise misfit(problem, ("samples",), f"e.g. {below} or {2 * below}")
        return self

    def count(self, uncertainties: Uncertainties, folder: Path) -> int:  # noqa: ARG002
        """N (D + 2), or N (2 D + 2)."""
        return self.samples * self.points_per_draw(uncertainties)

    def points_per_draw(self, uncertainties: Uncertainties) -> int:
        """A base point brings those that share coordinates with it."""
        return (2 if self.second_order else 1) * len(uncertainties) + 2

    def unit(self, uncertainties: Uncertainties) -> np.ndarray:
        """Points in the order that SALib's analysis reads."""
        from SALib.sample import sobol  # type: ignore[import-untyped] # noqa: PLC0415

        return sobol.sample(
            salib_problem(uncertainties),
            self.samples,
            calc_second_order=self.second_order,
            seed=_generator(self.seed),
        )


class MorrisDesign(SampledDesign):
    """Trajectories on a grid that move one uncertainty at a time, for screening.

    The grid stands for ranges and not for distributions: its points are chosen, not drawn.

    Source: Morris (1991), Technometrics 33(2).
    """

    kind: Literal["morris"]
    """Kind of design."""
    trajectories: int = param(unit="trajectories", source=SOURCE, ge=2, le=2**30)
    """Number of trajectories, each of (uncertainties + 1) points."""
    levels: int = param(4, unit="levels", source=SOURCE, ge=2, le=1000)
    """Values on the grid, an even number; a step is half of them."""

    @model_validator(mode="after")
    def _is_even(self) -> Self:
        if self.levels % 2:
            problem = f"must be even, so that all levels are met alike (got {self.levels})"
            raise misfit(problem, ("levels",), f"e.g. {self.levels - 1} or {self.levels + 1}")
        return self

    def faults(self, uncertainties: Uncertainties) -> Iterator[Fault]:
        """The grid includes both ends."""
        yield from super().faults(uncertainties)
        yield from without_ends(uncertainties)

    def count(self, uncertainties: Uncertainties, folder: Path) -> int:  # noqa: ARG002
        """Trajectories times their points."""
        return self.trajectories * (len(uncertainties) + 1)

    def unit(self, uncertainties: Uncertainties) -> np.ndarray:
        """Points in the order that SALib's analysis reads, put exactly on the grid."""
        from SALib.sample import morris  # noqa: PLC0415

        problem, seed = salib_problem(uncertainties), _generator(self.seed)
        points = morris.sample(problem, self.trajectories, num_levels=self.levels, seed=seed)
        return np.rint(points * (self.levels - 1)) / (self.levels - 1)


def _generator(seed: int) -> np.random.Generator:
    """Generator whose stream does not depend on what NumPy takes as its default."""
    return np.random.Generator(np.random.PCG64(seed))
