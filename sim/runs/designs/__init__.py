"""Kinds of designs: which points of the space of settings an experiment visits."""

from typing import Annotated

from pydantic import Field

from sim.runs.designs.base import SampledDesign
from sim.runs.designs.factorial import FractionalFactorialDesign, FullFactorialDesign
from sim.runs.designs.listed import SingleDesign, TableDesign, ZippedDesign
from sim.runs.designs.sampling import LatinHypercubeDesign, MorrisDesign, SobolDesign

AnyDesign = (
    SingleDesign
    | FullFactorialDesign
    | FractionalFactorialDesign
    | LatinHypercubeDesign
    | SobolDesign
    | MorrisDesign
    | TableDesign
    | ZippedDesign
)
DesignConfig = Annotated[AnyDesign, Field(discriminator="kind")]
"""A design of any kind; `kind` tells which."""

__all__ = [
    "AnyDesign",
    "DesignConfig",
    "FractionalFactorialDesign",
    "FullFactorialDesign",
    "LatinHypercubeDesign",
    "MorrisDesign",
    "SampledDesign",
    "SingleDesign",
    "SobolDesign",
    "TableDesign",
    "ZippedDesign",
]
