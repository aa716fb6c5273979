"""Who ran the model, as given on the command line."""

from __future__ import annotations

import re

from sim.export.project import Author
from sim.runs.errors import ResultsError

_ORCID = re.compile(r"(?:https://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])")


def person(name: str, orcid: str) -> Author | None:
    """The person; None if neither name nor ORCID is given.

    raises ResultsError : an ORCID without a name, or one that is not valid
    """
    if not name and not orcid:
        return None
    if not name.strip():
        raise ResultsError("--orcid: needs a name with --agent")
    given, _, family = name.strip().rpartition(" ")
    return Author(name.strip(), given, family, _address(orcid) if orcid else "")


def _address(orcid: str) -> str:
    """Address of an ORCID record; the last digit is a checksum (ISO 7064, MOD 11-2)."""
    found = _ORCID.fullmatch(orcid)
    if found is None or check_digit(found.group(1)[:-1]) != orcid[-1]:
        raise ResultsError(f"--orcid: {orcid!r} is no ORCID, such as 0000-0002-1825-0097")
    return f"https://orcid.org/{found.group(1)}"


def check_digit(digits: str) -> str:
    """Last digit of an ORCID whose first 15 are `digits`; hyphens are skipped."""
    total = 0
    for digit in digits.replace("-", ""):
        total = (total + int(digit)) * 2
    rest = (12 - total % 11) % 11
    return "X" if rest == 10 else str(rest)  # noqa: PLR2004  # the digit ten of this code
