"""What the project says of itself: its checkout, its citation, and the metadata of the package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

import sim
from sim.runs.errors import ResultsError

ROOT = Path(sim.__file__).resolve().parent.parent
"""The checkout, if the package is used from one."""

CITATION = "CITATION.cff"

REPOSITORY = "repository-code"
"""Key of CITATION.cff with the address of the source code."""


@dataclass(frozen=True)
class Author:
    """A person, or a group under one name.

    orcid  address of the person's ORCID record; "" if there is none
    """

    name: str
    given: str = ""
    family: str = ""
    orcid: str = ""

    @property
    def kind(self) -> str:
        """Type in the vocabulary of schema.org."""
        return "Person" if self.family or self.orcid else "Organization"


@dataclass(frozen=True)
class Project:
    """The software, as CITATION.cff and the package metadata describe it.

    root          checkout
    citation      content of CITATION.cff
    requirements  packages it needs at run time, as `name>=bound`
    python        versions of Python it runs on, such as ">=3.11"
    """

    root: Path
    citation: Mapping[str, Any]
    summary: str
    requirements: tuple[str, ...]
    python: str

    @property
    def version(self) -> str:
        """Version of the software that writes the export."""
        return sim.__version__

    @property
    def licence(self) -> str:
        """SPDX identifier of the licence."""
        return str(self.citation["license"])

    @property
    def keywords(self) -> tuple[str, ...]:
        """Keywords of the citation."""
        return tuple(str(word) for word in self.citation["keywords"])

    @property
    def abstract(self) -> str:
        """Abstract of the citation, on one line."""
        return " ".join(str(self.citation["abstract"]).split())

    @property
    def repository(self) -> str:
        """Address of the source code; "" if the citation gives none."""
        return str(self.citation.get(REPOSITORY, ""))

    @property
    def authors(self) -> tuple[Author, ...]:
        """Authors of the citation, in order."""
        return tuple(_author(each) for each in self.citation["authors"])


def project(root: Path = ROOT) -> Project:
    """The project, read from its checkout.

    raises ResultsError : the package is not used from a checkout, so its files are not at hand
    """
    path = root / CITATION
    if not path.is_file() or not (root / "pyproject.toml").is_file():
        raise ResultsError(
            f"{root}: no checkout of sim (it holds no {CITATION}), so configs, documents and the "
            "list of pinned packages are missing; export with a sim installed from its checkout"
        )
    citation = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    about = metadata("sim")
    needs = [each for each in about.get_all("Requires-Dist") or () if "extra ==" not in each]
    return Project(root, citation, about["Summary"], tuple(sorted(needs)), about["Requires-Python"])


def _author(entry: Mapping[str, Any]) -> Author:
    given, family = str(entry.get("given-names", "")), str(entry.get("family-names", ""))
    name = str(entry.get("name") or f"{given} {family}".strip())
    return Author(name, given, family, str(entry.get("orcid", "")))
