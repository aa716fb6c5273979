"""Quarters as text ("2012Q1") and as whole numbers (quarters since year 0)."""

from __future__ import annotations

import re

_PATTERN = re.compile(r"(\d{4})Q([1-4])")


def parse_quarter(text: str) -> int:
    """Quarters since 0000Q1 of a label such as "2012Q1".

    raises ValueError : the label is not a year followed by Q1..Q4
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a quarter; write it like 2019Q4")
    year, quarter = match.groups()
    return 4 * int(year) + int(quarter) - 1


def quarter_label(number: int) -> str:
    """Label of a quarter number, the inverse of `parse_quarter`."""
    return f"{number // 4:04d}Q{number % 4 + 1}"


def quarter_of_date(date: str) -> int:
    """Quarter number of an ISO date such as "2013-09-29"."""
    year, month = date.split("-")[:2]
    return 4 * int(year) + (int(month) - 1) // 3
