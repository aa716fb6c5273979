"""What is wrong with a configuration: where it stands, what is allowed, what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

MOST_PRINTED = 20
"""Problems that a message spells out; it counts the rest."""
_LONGEST = 60
"""Characters of a user's text that a message repeats."""


class Place(NamedTuple):
    """Where a setting was written; line is None where there are no lines (`--set`)."""

    file: Path | None
    line: int | None


NOWHERE = Place(None, None)
"""Place of a setting made in Python."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    problem  what is wrong, in words
    file     configuration file, or `--set` for an override; None for settings made in Python
    line     line in the file, from 1; None if there is no line to point at
    field    dotted name of the setting, "" for the file as a whole
    allowed  what may stand there: bounds with unit, or names; None if nothing helps
    nearest  allowed name closest to the one given; None if none is close
    meaning  what the setting means, from the docstring of its field
    """

    problem: str
    file: Path | None = None
    line: int | None = None
    field: str = ""
    allowed: str | None = None
    nearest: str | None = None
    meaning: str | None = None

    def __str__(self) -> str:
        place = "" if self.file is None else str(self.file)
        place += "" if self.line is None else f":{self.line}"
        text = ": ".join(part for part in (place, self.field, self.problem) if part)
        if self.allowed:
            text += f"; allowed: {self.allowed}"
        if self.meaning:
            text += f"; meaning: {self.meaning}"
        return text + (f"; did you mean {self.nearest}?" if self.nearest else "")


class ConfigError(Exception):
    """A configuration cannot be used; `errors` holds every problem, sorted by file and line.

    The attributes of the first problem are at hand as `file`, `line`, `field`, `problem`,
    `allowed`, `nearest`. The text of the exception has one line per problem.
    """

    def __init__(self, *errors: Problem) -> None:
        """Error with at least one problem."""
        self.errors = sorted(errors, key=lambda e: (str(e.file or ""), e.line or 0))
        first = self.errors[0]
        self.file = first.file
        self.line = first.line
        self.field = first.field
        self.problem = first.problem
        self.allowed = first.allowed
        self.nearest = first.nearest
        super().__init__(*self.errors)

    def __str__(self) -> str:
        lines = [str(error) for error in self.errors[:MOST_PRINTED]]
        if len(self.errors) > MOST_PRINTED:
            lines.append(f"... and {len(self.errors) - MOST_PRINTED} more")
        return "\n".join(lines)


def nearest_name(word: str, names: Iterable[str]) -> str | None:
    """Name that a misspelt `word` was probably meant to be; None if none is close."""
    matches = difflib.get_close_matches(word[:_LONGEST], list(names), n=1, cutoff=0.6)
    return matches[0] if matches else None


def shown(value: object) -> str:
    """A value as an error message shows it: one short line, no control characters."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a section" if value else "an empty section"
    if isinstance(value, list | tuple):
        return "a list"
    text = value if isinstance(value, str) else repr(value)
    short = text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
    return f"the text {short!r}" if isinstance(value, str) else short


def dotted(path: Iterable[str]) -> str:
    """Dotted name of a setting; odd characters in a key are escaped, long keys are cut."""
    parts = (part if len(part) <= _LONGEST else part[:_LONGEST] + "..." for part in path)
    return ".".join(part if part.isprintable() else repr(part)[1:-1] for part in parts)
