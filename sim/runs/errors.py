"""What can be wrong with results, as told to a user. Apart, so that it is quick to import."""

from __future__ import annotations

from collections.abc import Collection

from sim.config.errors import nearest_name


class ResultsError(ValueError):
    """Results that cannot be read, written or compared; the text is one message for the user."""


def known_name(kind: str, name: str, known: Collection[str]) -> str:
    """The name itself, if it is known.

    kind  what it names, such as "figure"
    raises ResultsError : it is not; the message gives the nearest name and all of them
    """
    if name in known:
        return name
    near = nearest_name(name, known)
    hint = f"; did you mean {near}?" if near else ""
    raise ResultsError(f"no {kind} is called {name!r}; there are {', '.join(known)}{hint}")
