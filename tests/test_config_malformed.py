"""Malformed configurations: a clear message with file, line, field, allowed values, nearest."""

from __future__ import annotations

import contextlib
import os
import pickle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.config import ConfigError, Document, apply_overrides, load, read, validate
from sim.config.errors import MOST_PRINTED, Problem
from sim.config.yaml_file import MAX_BYTES, parse_text
from sim.model.config import RegionConfig
from tests.config_malformed import MALFORMED
from tests.config_toy import Toy


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_file_gives_one_clear_message(case, tmp_path):
    text, (line, field, problem, allowed, nearest) = MALFORMED[case]
    file = tmp_path / "config.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(file, Toy)
    (error,) = caught.value.errors
    assert (error.file, error.line, error.nearest) == (file, line, nearest)
    assert field is None or error.field == field
    assert problem in error.problem
    assert allowed is None or allowed in error.allowed
    message = str(caught.value)
    assert message.startswith(f"{file}:{line}: ")
    assert len(message.splitlines()) == 1
    assert all(part in message for part in (error.field, error.problem, error.allowed or ""))
    assert nearest is None or message.endswith(f"did you mean {nearest}?")


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        (b"", None, "the file is empty"),
        (b"# only a comment\n", None, "the file is empty"),
        (b"name: x\nb: caf\xe9\n", 2, "not UTF-8 text (byte 0xe9)"),
        (b"\xff\xfen\x00a\x00", 1, "not UTF-8 text"),
        (b"\x7fELF\x02\x01\x01\x00", 1, "not a text file"),
        (b"#" * (MAX_BYTES + 1), None, "too large"),
    ],
)
def test_a_file_that_is_no_configuration_is_named(content, line, problem, tmp_path):
    file = tmp_path / "config.yaml"
    file.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load(file, Toy)
    assert (caught.value.file, caught.value.line) == (file, line)
    assert problem in caught.value.problem


def test_a_missing_file_is_named_with_its_neighbour(tmp_path):
    (tmp_path / "baseline.yaml").touch()
    with pytest.raises(ConfigError, match="no such file") as caught:
        load(tmp_path / "basline.yaml", Toy)
    assert caught.value.nearest == str(tmp_path / "baseline.yaml")


def test_folders_pipes_and_impossible_names_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(ConfigError, match="not a file but a folder or device"):
            read(path)
    for path in ("a\0b", "x" * 5000):
        with pytest.raises(ConfigError):
            read(path)


def test_all_problems_come_at_once_sorted_by_line(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text("nam: x\ntrade:\n  growth: x\n  lags: 3\ntime: {end: 2019Q9}\n")
    with pytest.raises(ConfigError) as caught:
        load(file, Toy)
    assert [error.line for error in caught.value.errors] == [1, 3, 4, 5]
    assert caught.value.field == "nam"
    assert len(str(caught.value).splitlines()) == 4


def test_very_many_problems_are_counted_not_printed(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text("".join(f"k{n}: 1\n" for n in range(300)))
    with pytest.raises(ConfigError) as caught:
        load(file, Toy)
    assert len(str(caught.value).splitlines()) == MOST_PRINTED + 1
    assert caught.value.errors[-1].problem == "200 more problems from here on"


def test_an_error_survives_the_way_between_processes():
    error = ConfigError(Problem("wrong", field="b"), Problem("bad", field="a", line=2))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - what multiprocessing does
    assert (again.errors, str(again)) == (error.errors, str(error))


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_values_or_a_config_error(tmp_path_factory, data):
    file = tmp_path_factory.mktemp("fuzz") / "config.yaml"
    file.write_bytes(data)
    with contextlib.suppress(ConfigError):
        load(file, Toy)


MARKS = list("-?:,[]{}#&*!|>'\"%@`\\ \n\t~x1.")
PIECES = [
    "\n  ",
    "&a ",
    "*a",
    "!!",
    "<<: ",
    "---\n",
    "...\n",
    "%YAML 1.1\n",
    "\\x",
    "\\U",
    "\\ud83d",
]
WORDS = ["time", "trade: ", "growth: ", "kind: ring", "count: ", "1e5", ".nan", "yes", "\ud7ff"]


@settings(deadline=None)
@given(st.lists(st.sampled_from([*MARKS, *PIECES, *WORDS]), max_size=25).map("".join))
def test_anything_that_looks_like_yaml_gives_values_or_a_config_error(text):
    with contextlib.suppress(ConfigError):
        validate(parse_text(text, Path("fuzz")).values, Toy)
    with contextlib.suppress(ConfigError):
        apply_overrides(Document({}, {}), [text], schema=Toy)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(list(Toy.model_fields)) | st.text(), inner, max_size=4)
    ),
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(list(Toy.model_fields)), JSON))
def test_any_settings_are_accepted_or_a_config_error(settings_made):
    with contextlib.suppress(ConfigError):
        assert validate(dict(settings_made), Toy)


@pytest.mark.parametrize(
    ("text", "line", "field", "nearest"),
    [
        (
            "policies:\n  digital_subsidy:\n    dose: 1\n    targets: [Hubei, Sichaun]\n",
            4,
            "policies.digital_subsidy.targets.1",
            "Sichuan",
        ),
        (
            (
                "policies:\n  coordination_barriers:\n    topology: custom\n"
                "    pairs:\n      - [Hubei, Henan]\n      - [Hubei, Hunann]\n"
            ),
            6,
            "policies.coordination_barriers.pairs.1.1",
            "Hunan",
        ),
        ("geography:\n  provinces: [Hubei, Shanghia]\n", 2, "geography.provinces.1", "Shanghai"),
    ],
)
def test_a_province_that_is_none_is_named_with_its_line(text, line, field, nearest, tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(file, RegionConfig)
    assert (caught.value.line, caught.value.field) == (line, field)
    assert "no such name" in caught.value.problem
    assert caught.value.nearest == nearest
