"""Plain values out of YAML parser events, within limits on size and nesting.

Values are text, numbers, true/false, null, lists and mappings with text keys, by the rules of
the YAML 1.2 core schema: `yes`, `no` and dates are text, 1e-3 is a number. Tags are refused, so
a file can name no Python object. Events are taken one by one, so that the limits hold before
anything large is built.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from sim.config.errors import ConfigError, Problem, dotted

MAX_SIZE = 50_000
"""Values in a file once aliases are written out; a long text counts as several."""
MAX_DEPTH = 20
"""Levels of nesting."""

_CHARACTERS = 64
"""Characters of text that count as one more value."""
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL_OR_HEX = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= {"true": True, "True": True, "TRUE": True}
_WORDS |= {"false": False, "False": False, "FALSE": False}
_SURROGATE = re.compile("[\ud800-\udfff]")
INTEGER_BITS = 64
_LONGEST_INTEGER = 24
_WHOLE_NUMBERS = "whole numbers of up to 64 bits; larger ones as 1e20"


@dataclass
class _Frame:
    """A list or mapping that is still open."""

    container: dict[str, Any] | list[Any]
    path: tuple[str, ...]
    anchor: str | None
    key: str | None = None
    size: int = 1
    height: int = 1


@dataclass
class Builder:
    """Puts the events of one document together.

    lines  path of keys and list positions -> line, from 1
    root   the value that the document holds; None while there is none
    """

    file: Path
    lines: dict[tuple[str, ...], int] = field(default_factory=dict)
    frames: list[_Frame] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int, int] | None] = field(default_factory=dict)
    root: Any = None

    def fail(self, problem: str, event: Event, allowed: str | None = None) -> ConfigError:
        """Error at the line of an event and the setting that is being read."""
        where = dotted(self.path()) if self.frames else ""
        return ConfigError(
            Problem(problem, self.file, event.start_mark.line + 1, where, allowed=allowed)
        )

    def path(self) -> tuple[str, ...]:
        """Path of the value that comes next."""
        if not self.frames:
            return ()
        frame = self.frames[-1]
        if isinstance(frame.container, list):
            return (*frame.path, str(len(frame.container)))
        return frame.path if frame.key is None else (*frame.path, frame.key)

    def take(self, event: NodeEvent) -> None:
        """Take the start of a value, a key, or the end of a list or mapping."""
        if isinstance(event, ScalarEvent) and _SURROGATE.search(event.value):
            raise self.fail("half of a surrogate pair is not a character", event)
        frame = self.frames[-1] if self.frames else None
        if frame is not None and isinstance(frame.container, dict) and frame.key is None:
            self._key(frame, frame.container, event)
            return
        self.lines.setdefault(self.path(), event.start_mark.line + 1)
        if isinstance(event, AliasEvent):
            self._alias(event)
            return
        if not isinstance(event, ScalarEvent | CollectionStartEvent):
            raise self.fail(f"unexpected {type(event).__name__}", event)
        if event.tag is not None:
            raise self.fail(
                f"the tag {dotted([str(event.tag)])} is not allowed",
                event,
                "plain text, numbers, true/false, lists and mappings, without tags",
            )
        if isinstance(event, ScalarEvent):
            value = self._scalar(event)
            size = 1 + len(event.value) // _CHARACTERS
            self._remember(event.anchor, value, size, 0)
            self._add(value, size, 0, event)
        else:
            self._open(event)

    def _key(self, frame: _Frame, container: dict[str, Any], event: NodeEvent) -> None:
        if not isinstance(event, ScalarEvent) or event.tag is not None or event.value == "":
            raise self.fail("a key must be plain text", event)
        key = event.value
        if key == "<<":
            raise self.fail("merge keys (<<) are not supported; use `extends`", event)
        line = event.start_mark.line + 1
        path = (*frame.path, key)
        if key in container:
            problem = f"duplicate key, first given in line {self.lines[path]}"
            raise ConfigError(Problem(problem, self.file, line, dotted(path)))
        size = len(key) // _CHARACTERS
        self._remember(event.anchor, key, 1 + size, 0)
        frame.size += size
        self.lines[path] = line
        frame.key = key

    def _alias(self, event: AliasEvent) -> None:
        name = dotted([str(event.anchor)])
        if event.anchor not in self.anchors:
            raise self.fail(f"no anchor &{name} stands before this alias", event)
        anchored = self.anchors[event.anchor]
        if anchored is None:
            raise self.fail(f"the anchor &{name} contains itself", event)
        self._add(*anchored, event)

    def _open(self, event: CollectionStartEvent) -> None:
        if len(self.frames) >= MAX_DEPTH:
            raise self.fail("nested too deeply", event, f"at most {MAX_DEPTH} levels")
        container: dict[str, Any] | list[Any]
        container = {} if isinstance(event, MappingStartEvent) else []
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        self.frames.append(_Frame(container, self.path(), event.anchor))

    def close(self, event: Event) -> None:
        """End the list or mapping that was opened last."""
        frame = self.frames.pop()
        self._remember(frame.anchor, frame.container, frame.size, frame.height)
        self._add(frame.container, frame.size, frame.height, event)

    def _remember(self, anchor: str | None, value: Any, size: int, height: int) -> None:
        if anchor is not None:
            self.anchors[anchor] = (value, size, height)

    def _add(self, value: Any, size: int, height: int, event: Event) -> None:
        """Put a finished value of `size` and `height` levels where it belongs."""
        if not self.frames:
            self.root = value
            return
        frame = self.frames[-1]
        frame.size += size
        frame.height = max(frame.height, 1 + height)
        if sum(each.size for each in self.frames) > MAX_SIZE:
            raise self.fail("too many values, aliases written out", event, f"at most {MAX_SIZE}")
        if len(self.frames) + height > MAX_DEPTH:
            raise self.fail("nested too deeply", event, f"at most {MAX_DEPTH} levels")
        if isinstance(frame.container, list):
            frame.container.append(value)
        elif frame.key is not None:
            frame.container[frame.key] = value
            frame.key = None

    def _scalar(self, event: ScalarEvent) -> Any:
        text: str = event.value
        if event.style in ("'", '"', "|", ">"):
            return text
        try:
            return scalar(text)
        except OverflowError as error:
            raise self.fail(str(error), event, _WHOLE_NUMBERS) from None


def scalar(text: str) -> Any:
    """Value of a text without quotes: a number, true/false, None for nothing, or the text.

    raises OverflowError : a whole number of more than 64 bits
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text) or _OCTAL_OR_HEX.fullmatch(text):
        small = len(text) <= _LONGEST_INTEGER
        number = int(text, 0 if text[:2] in ("0o", "0x") else 10) if small else None
        if number is None or number.bit_length() >= INTEGER_BITS:
            raise OverflowError("whole number too large")
        return number
    if _FLOAT.fullmatch(text):
        return float(text)
    return float(text.replace(".", "")) if _NOT_FINITE.fullmatch(text) else text
