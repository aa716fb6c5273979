"""Which lines each test runs.

Lines that run once and are remembered (in a fixture that tests share, in a cached function) count
for every test that uses what is remembered.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

Lines = set[tuple[str, int]]


class Recorder:
    """Collects the lines that run of some files.

    lines : (file, line) since `watching` began
    called : (file, first line) of the functions that ran
    kept : lines of what is remembered, by its key
    """

    def __init__(self, files: set[str]) -> None:
        self.files = files
        self.lines: Lines = set()
        self.called: Lines = set()
        self.kept: dict[Any, Lines] = {}
        self.on = False

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Trace all that runs inside, until `rest`."""
        self.lines, self.on = set(), True
        sys.settrace(self._call)
        try:
            yield
        finally:
            self.rest()

    def rest(self) -> None:
        """Trace no longer."""
        sys.settrace(None)
        self.on = False

    def _call(self, frame: FrameType, _event: str, _: object) -> Any:
        code = frame.f_code
        if code.co_filename not in self.files:
            return None
        if code.co_flags & inspect.CO_OPTIMIZED:
            self.called.add((code.co_filename, code.co_firstlineno))
        return self._line

    def _line(self, frame: FrameType, _event: str, _: object) -> Any:
        self.lines.add((frame.f_code.co_filename, frame.f_lineno))
        return self._line

    @contextmanager
    def remembered(self, key: Any) -> Iterator[None]:
        """Keep the lines of what runs inside under a key."""
        lines, self.lines = self.lines, set()
        try:
            yield
        finally:
            self.kept[key] = self.lines
            self.lines = lines | self.lines

    def use(self, key: Any) -> None:
        """Something that is remembered is used again."""
        if self.on:
            self.lines |= self.kept.get(key, set())

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Any:
        """As plugin of pytest: fixtures that tests share are remembered."""
        if not self.on or fixturedef.scope == "function":
            return (yield)
        with self.remembered(fixturedef):
            return (yield)


def recorded_cache(recorder: Recorder) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`functools.cache` that tells a recorder what was computed and what is used again."""
    usual = functools.cache

    def cache(function: Callable[..., Any]) -> Callable[..., Any]:
        if not function.__module__.startswith(("sim", "tests")):
            return usual(function)
        known: dict[Any, Any] = {}

        @functools.wraps(function)
        def wrapper(*given: Any, **named: Any) -> Any:
            key = given, tuple(sorted(named.items()))
            if key in known:
                recorder.use((function, key))
            elif recorder.on:
                with recorder.remembered((function, key)):
                    known[key] = function(*given, **named)
            else:
                known[key] = function(*given, **named)
            return known[key]

        wrapper.cache_clear = known.clear
        return wrapper

    return cache


def record_worlds(recorder: Recorder) -> None:
    """Let a recorder know of the worlds that tests remember."""
    worlds = importlib.import_module("tests.worlds")
    build = worlds.remembered

    def remembered(config: Any, streams: Any, start: int) -> Any:
        key = streams.seed, config.model_dump_json(exclude=worlds.LATER)
        if not recorder.on or key in worlds._built:
            recorder.use(key)
            return build(config, streams, start)
        with recorder.remembered(key):
            return build(config, streams, start)

    worlds.remembered = remembered


def shared_fixtures(item: pytest.Item) -> list[Any]:
    """Fixtures of a test that it shares with others."""
    every = item._fixtureinfo.name2fixturedefs.values()
    return [each for given in every for each in given if each.scope != "function"]
