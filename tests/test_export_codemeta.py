"""codemeta.json agrees with CITATION.cff and pyproject.toml, and ORCIDs are checked."""

from __future__ import annotations

import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

import sim
from sim.export.codemeta import CONTEXT, codemeta
from sim.export.people import check_digit, person
from sim.export.project import CITATION, ROOT, project
from sim.runs.errors import ResultsError


@pytest.fixture(scope="module")
def citation():
    return YAML(typ="safe").load((ROOT / CITATION).read_text("utf-8"))


@pytest.fixture(scope="module")
def pyproject():
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture(scope="module")
def found():
    return codemeta(project())


def test_versions_agree(found, citation, pyproject):
    assert found["version"] == citation["version"] == pyproject["version"] == sim.__version__


def test_licence_and_authors_agree(found, citation, pyproject):
    assert found["license"].removeprefix("https://spdx.org/licenses/") == citation["license"]
    assert citation["license"] == pyproject["license"]
    names = [each["name"] for each in pyproject["authors"]]
    assert [each["name"] for each in found["author"]] == names
    assert [each["name"] for each in citation["authors"]] == names


def test_it_says_what_the_citation_says(found, citation):
    assert (found["@context"], found["@type"]) == (CONTEXT, "SoftwareSourceCode")
    assert found["name"] == citation["title"]
    assert found["keywords"] == citation["keywords"]
    assert found["description"] == " ".join(citation["abstract"].split())
    (paper,) = found["referencePublication"]
    assert paper["name"] == citation["references"][0]["title"]
    assert paper["author"] == [{"@type": "Person", "givenName": "Meng", "familyName": "Li"}]


def test_it_names_the_packages_that_a_run_needs_and_no_others(found, pyproject):
    def normal(name):  # dots, hyphens and underscores name the same package (PEP 503)
        return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", name).group())

    needed = {normal(each) for each in pyproject["dependencies"]}
    assert {normal(each["name"]) for each in found["softwareRequirements"]} == needed
    assert found["runtimePlatform"] == f"Python {pyproject['requires-python']}"


def test_people_repositories_and_dois_are_taken_over(tmp_path):
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / CITATION).write_text(
        "title: t\nabstract: a\nlicense: MIT\nkeywords: [k]\n"
        "repository-code: https://example.org/sim\n"
        "authors:\n- {given-names: Ada, family-names: Lovelace, orcid: 'https://orcid.org/1'}\n"
        "references:\n- {title: p, doi: 10.1/x, year: 1999, journal: J}\n"
    )
    made = codemeta(project(tmp_path))
    assert made["author"] == [
        {
            "@type": "Person",
            "givenName": "Ada",
            "familyName": "Lovelace",
            "@id": "https://orcid.org/1",
        }
    ]
    assert made["codeRepository"] == "https://example.org/sim"
    assert made["referencePublication"][0]["@id"] == "https://doi.org/10.1/x"


def test_without_a_checkout_the_export_says_so(tmp_path):
    with pytest.raises(ResultsError, match="no checkout of sim"):
        project(tmp_path)


@pytest.mark.parametrize("orcid", ["0000-0002-1825-0097", "0000-0001-5109-3700"])
def test_orcids_that_orcid_gives_as_examples_are_good(orcid):
    assert person("Josiah Carberry", orcid).orcid == f"https://orcid.org/{orcid}"


def test_a_check_digit_of_ten_is_an_x():
    assert check_digit("0000-0002-1694-233") == "X"


@given(digits=st.text("0123456789", min_size=15, max_size=15), place=st.integers(0, 14))
def test_a_wrong_digit_of_an_orcid_is_always_found(digits, place):
    """The code detects every single error: 2 and 11 are coprime."""
    other = str((int(digits[place]) + 1) % 10)
    assert check_digit(digits) != check_digit(digits[:place] + other + digits[place + 1 :])


@pytest.mark.parametrize("orcid", ["0000-0002-1825-0098", "0000-0002-1825-009", "me"])
def test_orcids_that_are_none_are_refused(orcid):
    with pytest.raises(ResultsError, match="is no ORCID"):
        person("Josiah Carberry", orcid)


def test_an_orcid_needs_a_name_and_no_agent_is_nobody():
    assert person("", "") is None
    with pytest.raises(ResultsError, match="needs a name"):
        person("", "0000-0002-1825-0097")
