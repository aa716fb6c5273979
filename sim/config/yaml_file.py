"""YAML text and files to plain values, each key with its line; every fault is a ConfigError."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import CollectionEndEvent, DocumentStartEvent, Event, NodeEvent

from sim.config.errors import ConfigError, Problem, nearest_name
from sim.config.yaml_builder import Builder

MAX_BYTES = 2**20
"""Size of a file [byte]."""

_LONGEST = 200
"""Characters repeated from a message of the parser."""

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass
class Parsed:
    """Content of a YAML text.

    values  what the text says
    lines   path of keys and list positions -> line, from 1
    """

    values: Any
    lines: dict[tuple[str, ...], int]


def _events(text: str, file: Path) -> Iterator[Event]:
    """Events of the YAML parser, its errors translated."""
    stream = YAML(typ="safe", pure=True).parse(text)
    line = 1
    while True:
        try:
            event = next(stream)
        except StopIteration:
            return
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = line if mark is None else mark.line + 1
            words = [error.context, error.problem]
            raise ConfigError(Problem(_syntax_problem(text, line, words), file, line)) from error
        except Exception as error:  # on odd escapes the parser raises anything
            problem = f"not valid YAML ({type(error).__name__}) at or after this line"
            raise ConfigError(Problem(problem, file, line)) from error
        line = event.end_mark.line + 1
        yield event


def _syntax_problem(text: str, line: int, words: list[str | None]) -> str:
    lines = text.splitlines()
    source = lines[line - 1] if line <= len(lines) else ""
    if "\t" in source[: len(source) - len(source.lstrip())]:
        return "a tab is used for indentation; use spaces"
    said = " ".join(", ".join(word for word in words if word).split())
    return f"not valid YAML: {said[:_LONGEST]}"


def parse_text(text: str, file: Path) -> Parsed:
    """Values and lines of a YAML text; `file` is named in errors.

    An empty text has the value None.

    raises ConfigError : not YAML, more than one document, a tag, a duplicate key, or a limit passed
    """
    match = _UNPRINTABLE.search(text)
    if match is not None:
        line = text.count("\n", 0, match.start()) + 1
        problem = f"not a text file: it holds the character {match.group()!a}"
        raise ConfigError(Problem(problem, file, line))
    builder = Builder(file)
    documents = 0
    for event in _events(text, file):
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise builder.fail("a second document starts here; one file holds one", event)
        elif isinstance(event, CollectionEndEvent):
            builder.close(event)
        elif isinstance(event, NodeEvent):
            builder.take(event)
    return Parsed(builder.root, builder.lines)


def read_text(file: Path, most: int = MAX_BYTES) -> str:
    """Text of a regular UTF-8 file of at most `most` bytes.

    raises ConfigError : no such file, not a regular file, not readable, too large, not UTF-8
    """
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise ConfigError(Problem("not a file but a folder or device", file))
        with file.open("rb") as stream:
            data = stream.read(most + 1)
    except FileNotFoundError as error:
        raise ConfigError(Problem("no such file", file, nearest=_sibling(file))) from error
    except OSError as error:
        raise ConfigError(Problem(f"cannot be read: {error.strerror}", file)) from error
    except ValueError as error:
        raise ConfigError(Problem(f"not a file name: {str(file)!r}")) from error
    if len(data) > most:
        raise ConfigError(Problem("too large", file, allowed=f"at most {most} bytes"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = f"not UTF-8 text (byte 0x{data[error.start]:02x})"
        raise ConfigError(Problem(problem, file, line)) from error


def _sibling(file: Path) -> str | None:
    """File of the kind in the same folder whose name is close to the one that does not exist."""
    kind = "*.csv" if file.suffix == ".csv" else "*.y*ml"
    names = [path.name for path in file.parent.glob(kind)] if file.parent.is_dir() else []
    name = nearest_name(file.name, sorted(names))
    return None if name is None else str(file.with_name(name))
