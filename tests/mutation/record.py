"""Which lines of a module each test runs, and how long each test takes.

Lines that run once and are remembered (in a fixture that tests share, in a cached function) count
for every test that uses what is remembered.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest


class Recorder:
    """Collects the lines of one file that run, and the time, for whoever asks last.

    called : first lines of the functions that ran
    kept : lines and seconds of what is remembered, by its key
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: set[int] = set()
        self.called: set[int] = set()
        self.others = 0.0
        self.kept: dict[Any, tuple[set[int], float]] = {}
        self.on = False

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Trace all that runs inside."""
        self.on = True
        sys.settrace(self._call)
        try:
            yield
        finally:
            self.rest()

    def rest(self) -> None:
        """Trace no longer."""
        sys.settrace(None)
        self.on = False

    def _call(self, frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_filename != self.file:
            return None
        if frame.f_code.co_flags & inspect.CO_OPTIMIZED:
            self.called.add(frame.f_code.co_firstlineno)
        return self._line

    def _line(self, frame: FrameType, event: str, _: object) -> Any:
        self.lines.add(frame.f_lineno)
        return self._line

    @contextmanager
    def remembered(self, key: Any) -> Iterator[None]:
        """Lines and time of what runs inside are kept under a key, and added where it is used."""
        lines, others, start = self.lines, self.others, time.perf_counter()
        self.lines, self.others = set(), 0.0
        try:
            yield
        finally:
            passed = time.perf_counter() - start
            self.kept[key] = self.lines, passed
            self.lines = lines | self.lines
            self.others = others + passed

    def use(self, key: Any) -> None:
        """Something that is remembered is used again."""
        if self.on and key in self.kept:
            self.lines |= self.kept[key][0]


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


class Recording:
    """Plugin of pytest: fixtures that tests share are remembered by a recorder."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Any:
        if not self.recorder.on or fixturedef.scope == "function":
            return (yield)
        with self.recorder.remembered(fixturedef):
            return (yield)


def shared_fixtures(item: pytest.Item) -> list[Any]:
    """Fixtures of a test that it shares with others."""
    every = item._fixtureinfo.name2fixturedefs.values()
    return [each for given in every for each in given if each.scope != "function"]


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
