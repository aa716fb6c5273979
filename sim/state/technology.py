"""Technology by industry: cost shares from the input-output table and their elasticities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim import data
from sim.state.columns import STAGES
from sim.state.industries import IndustryConfig

Array = np.ndarray

SHARE_TOLERANCE = 1e-9
"""Shares written with rounded digits may miss a sum of one by this."""


@dataclass(frozen=True)
class Technology:
    """Parameters of production, one entry per industry k (stages D: columns 0..4).

    Exponents of a firm's production function obey
    capital + labour(D) + materials + compute(D) = 1 at every stage.
    """

    codes: tuple[str, ...]
    """Industry codes."""
    sigma: Array
    """(k,) elasticity of substitution."""
    capital: Array
    """(k,) alpha_K."""
    materials: Array
    """(k,) alpha_X."""
    labour: Array
    """(k, stage) alpha_L."""
    compute: Array
    """(k, stage) alpha_C."""
    skill: Array
    """(k, labour type) shares omega of the wage bill."""
    inputs: Array
    """(from, to) composition of intermediates, columns sum to 1, zero diagonal."""

    @property
    def markup(self) -> Array:
        """(k,) m = sigma / (sigma - 1)."""
        return self.sigma / (self.sigma - 1)

    @property
    def epsilon(self) -> Array:
        """(k,) elasticity of supply to efficiency, (sigma-1) / (1 + (sigma-1) alpha_K)."""
        return (self.sigma - 1) / (1 + (self.sigma - 1) * self.capital)

    @property
    def zeta(self) -> Array:
        """(k,) crowding of fixed capital, epsilon alpha_K."""
        return self.epsilon * self.capital

    @property
    def gross_surplus(self) -> Array:
        """(k,) gross surplus over sales, 1 - (1 - alpha_K) / m."""
        return 1 - (1 - self.capital) / self.markup


def mixing(industries: Mapping[str, IndustryConfig]) -> Array:
    """Shares (model industry, data industry) that build the model's industries from the data's.

    raises ValueError : a share names an unknown data industry, or the shares of a data industry
        do not add up to one
    """
    base = list(data.industry_accounts().index)
    matrix = np.zeros((len(industries), len(base)))
    for row, (code, entry) in enumerate(industries.items()):
        for name, share in entry.made_of.items():
            if name not in base:
                raise ValueError(
                    f"industries.{code}.made_of: {name!r} is not one of {', '.join(base)}"
                )
            matrix[row, base.index(name)] = share
    for name, total in zip(base, matrix.sum(axis=0), strict=True):
        if abs(total - 1) > SHARE_TOLERANCE:
            raise ValueError(f"industries: the shares of {name} add up to {total:g}, not to 1")
    return matrix


def build(
    industries: Mapping[str, IndustryConfig],
    compute_share: Sequence[float],
    accounts: Mapping[str, Array],
    flows: Array,
) -> Technology:
    """Cost shares such that sales pay for labour, materials, compute and a markup.

    accounts  gross_output, value_added, labour_compensation: (k,) [100m CNY]
    flows     (k, k) intermediate use [100m CNY], from row to column
    compute_share  alpha_C by stage of an ordinary industry
    Own use of an industry is consolidated: else the 75 % material share of some industries
    leaves no room for a markup.
    """
    entries = list(industries.values())
    sigma = np.array([entry.sigma for entry in entries])
    markup = sigma / (sigma - 1)
    own = np.diag(np.diag(flows))
    inputs = flows - own
    value_added = accounts["value_added"]
    share = value_added / (inputs.sum(axis=0) + value_added)
    wages = np.clip(accounts["labour_compensation"] / value_added, 0.05, 0.75) * share
    multiple = np.array([entry.compute_multiple for entry in entries])
    compute = multiple[:, None] * np.asarray(compute_share)[None, :STAGES]
    materials = np.minimum(markup * (1 - share), 0.75)
    labour = 0.9 * markup * wages
    capital = np.clip(1 - materials - labour - compute[:, 0], 0.05, 0.60)
    materials = 1 - capital - labour - compute[:, 0]
    skill = np.array([[1 - e.engineers - e.science, e.engineers, e.science] for e in entries])
    return Technology(
        codes=tuple(industries),
        sigma=sigma,
        capital=capital,
        materials=materials,
        labour=labour[:, None] + compute[:, :1] - compute,
        compute=compute,
        skill=skill,
        inputs=inputs / inputs.sum(axis=0),
    )
