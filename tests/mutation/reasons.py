"""Why mutants survive: classes of survivors in `reasons.toml`, each with what it covers.

A survivor belongs to the first reason whose patterns all match. `count` says how many there were
when the reason was written down: a reason that covers more than it was meant for is found.
`python -m tests.mutation.reasons` writes the counts anew; look at the difference.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from tests.mutation.verdicts import Survivor
from tests.mutation.verdicts import read as read_survivors

FILE = Path(__file__).with_name("reasons.toml")
KINDS = {
    "equivalent": "no outcome can change",
    "message": "only the text of an error changes",
    "rounding": "outcomes change within rounding, or within a tolerance",
    "lax": "input that is refused would be taken; answers to what is taken stay",
    "effort": "the same answer after more or less work",
    "missing": "a test could tell, and is not written",
}
"""Kinds of reasons -> what they claim."""


@dataclass(frozen=True)
class Reason:
    """A class of survivors; patterns are searched for, not matched from the start."""

    why: str
    kind: str
    count: int
    module: str
    text: str = ""
    operator: str = ""
    change: str = ""

    def about(self, module: str) -> bool:
        """Whether a module is meant."""
        return fnmatch(module, f"sim/{self.module}.py")

    def covers(self, survivor: Survivor) -> bool:
        """Whether a survivor belongs to this class."""
        return self.about(survivor.module) and all(
            re.search(getattr(self, name), getattr(survivor, name))
            for name in ("text", "operator", "change")
        )


def read() -> list[Reason]:
    """All reasons.

    raises ValueError : one is of no known kind
    """
    reasons = [Reason(**each) for each in tomllib.loads(FILE.read_text("utf-8")).get("reason", [])]
    unknown = {each.kind for each in reasons} - set(KINDS)
    if unknown:
        raise ValueError(f"{FILE.name}: {', '.join(sorted(unknown))} is none of {', '.join(KINDS)}")
    return reasons


def sort(
    survivors: Iterable[Survivor], reasons: list[Reason]
) -> tuple[Counter[int], list[Survivor]]:
    """How many survivors each reason covers, and those that none does."""
    counts: Counter[int] = Counter()
    unexplained = []
    for survivor in survivors:
        first = next((n for n, each in enumerate(reasons) if each.covers(survivor)), None)
        if first is None:
            unexplained.append(survivor)
        else:
            counts[first] += 1
    return counts, unexplained


def recount() -> None:
    """Write into the file how many survivors each reason covers now."""
    counts, _ = sort(read_survivors()[1], read())
    before, *parts = re.split(r"^count = \d+$", FILE.read_text("utf-8"), flags=re.MULTILINE)
    after = [f"count = {counts[number]}{part}" for number, part in enumerate(parts)]
    FILE.write_text(before + "".join(after), encoding="utf-8")


if __name__ == "__main__":
    recount()
