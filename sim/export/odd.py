"""The ODD document of the model (Grimm et al. 2020): narrative in odd.md, tables from the model."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import resources

from sim.config.schema import parameters
from sim.export import tables
from sim.export.submodels import SUBMODELS, text
from sim.model.config import RegionConfig

_BLOCK = re.compile(r"^\{\{(\w+)(?: (\w+))?\}\}$", re.MULTILINE)
_VALUE = re.compile(r"\[\[([\w.]+)\]\]")

WITHOUT: Mapping[str, Callable[[], str]] = {
    "events": tables.events,
    "streams": tables.streams,
    "levers": tables.levers,
    "industries": tables.industries,
    "sources": tables.sources,
    "settings": tables.settings,
    "outputs": tables.outputs,
    "metrics": tables.metrics,
}
"""Name in {{name}} -> what stands there."""


def module(name: str) -> str:
    """What a module says of itself, equations included, as a block."""
    return f"```text\n{text(SUBMODELS[name])}\n```"


WITH: Mapping[str, Callable[[str], str]] = {"state": tables.state, "module": module}
"""Name in {{name argument}} -> what stands there."""


def template() -> str:
    """The narrative, with {{blocks}} and [[parameters]] still to be filled in."""
    return resources.files("sim.export").joinpath("odd.md").read_text(encoding="utf-8")


def odd() -> str:
    """The document, in Markdown.

    raises KeyError : the narrative names a table, module or parameter that does not exist
    """
    values = {each.name: each.default for each in parameters(RegionConfig)}
    narrative = _VALUE.sub(lambda found: number(values[found.group(1)]), template())
    return _BLOCK.sub(_fill, narrative)


def number(value: float | str) -> str:
    """Value of a parameter within a sentence."""
    return f"{value:,.12g}" if isinstance(value, int | float) else str(value)


def _fill(found: re.Match[str]) -> str:
    name, argument = found.group(1), found.group(2)
    return WITH[name](argument) if argument else WITHOUT[name]()
