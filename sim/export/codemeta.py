"""codemeta.json (CodeMeta 3): the software for registries that read no CITATION.cff."""

from __future__ import annotations

import re
from typing import Any

from sim.export.project import Author, Project

CONTEXT = "https://w3id.org/codemeta/3.0"
_NAME = re.compile(r"[\w.-]+")


def codemeta(about: Project) -> dict[str, Any]:
    """Description of the software in the vocabulary of CodeMeta 3.

    Everything comes from CITATION.cff and the package metadata, so there is nothing to keep in
    step by hand. Terms: https://codemeta.github.io/terms/
    """
    content: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "SoftwareSourceCode",
        "name": str(about.citation["title"]),
        "alternateName": "sim",
        "description": about.abstract,
        "version": about.version,
        "license": f"https://spdx.org/licenses/{about.licence}",
        "author": [_author(each) for each in about.authors],
        "keywords": list(about.keywords),
        "applicationCategory": "Computational Model",
        "programmingLanguage": {"@type": "ComputerLanguage", "name": "Python"},
        "runtimePlatform": f"Python {about.python}",
        "operatingSystem": "Any",
        "softwareRequirements": [_requirement(each) for each in about.requirements],
    }
    if about.repository:
        content["codeRepository"] = about.repository
    references = [_reference(each) for each in about.citation.get("references", ())]
    return content | ({"referencePublication": references} if references else {})


def _author(author: Author) -> dict[str, Any]:
    if author.kind == "Organization":
        return {"@type": "Organization", "name": author.name}
    person = {"@type": "Person", "givenName": author.given, "familyName": author.family}
    return person | ({"@id": author.orcid} if author.orcid else {})


def _requirement(text: str) -> dict[str, str]:
    """A package with its bounds; `text` is a requirement as pip writes it."""
    found = _NAME.match(text)
    name = found.group() if found else text
    bounds = text.removeprefix(name).strip()
    entry = {"@type": "SoftwareApplication", "name": name}
    return entry | ({"version": bounds} if bounds else {})


def _reference(entry: dict[str, Any]) -> dict[str, Any]:
    """A publication that CITATION.cff refers to."""
    people = [
        {"@type": "Person", "givenName": each["given-names"], "familyName": each["family-names"]}
        for each in entry.get("authors", ())
    ]
    found = {
        "@type": "ScholarlyArticle",
        "name": entry["title"],
        "author": people,
        "datePublished": str(entry.get("year", "")),
        "isPartOf": {"@type": "Periodical", "name": entry.get("journal", "")},
    }
    return found | ({"@id": f"https://doi.org/{entry['doi']}"} if "doi" in entry else {})
