"""Configurations: files that extend files, overrides, defaults, and the way to YAML and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from sim.config import (
    Config,
    ConfigError,
    Document,
    Place,
    apply_overrides,
    load,
    param,
    read,
    validate,
)
from sim.config.document import MAX_FILES
from sim.config.yaml_file import parse_text
from tests.config_toy import Industry, Lever, Toy


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def test_values_know_their_lines():
    parsed = parse_text("a:\n  b: 1\n  c:\n  - 2\n  - d: 3\n", Path("x"))
    assert parsed.values == {"a": {"b": 1, "c": [2, {"d": 3}]}}
    lines = {".".join(path): line for path, line in parsed.lines.items()}
    assert lines == {"": 1, "a": 1, "a.b": 2, "a.c": 3, "a.c.0": 4, "a.c.1": 5, "a.c.1.d": 5}


def test_anchors_may_be_used_within_limits():
    parsed = parse_text("a: &x {b: [1]}\nc: *x\n", Path("x"))
    assert parsed.values == {"a": {"b": [1]}, "c": {"b": [1]}}


def test_extends_merges_mappings_and_replaces_lists(tmp_path):
    write(
        tmp_path,
        base="trade:\n  growth: 0.5\n  lags: [1, 2, 3]\n  by_region: {east: 1}\nname: base\n",
        top="extends: base.yaml\ntrade:\n  lags: [9]\n  by_region: {west: 2}\n",
    )
    document = read(tmp_path / "top.yaml")
    assert document.values == {
        "trade": {"growth": 0.5, "lags": [9], "by_region": {"east": 1, "west": 2}},
        "name": "base",
    }
    assert document.where[("trade", "growth")] == (tmp_path / "base.yaml", 2)
    assert document.where[("trade", "lags")] == (tmp_path / "top.yaml", 3)


def test_extends_is_relative_to_the_file_that_says_it(tmp_path):
    (tmp_path / "inner").mkdir()
    write(tmp_path, base="name: base\n")
    write(tmp_path / "inner", top="extends: ../base.yaml\n")
    assert load(tmp_path / "inner" / "top.yaml", Toy).name == "base"


def test_an_error_in_a_base_file_names_that_file(tmp_path):
    write(tmp_path, base="name: x\ntrade: {growth: 2}\n", top="extends: base.yaml\nclosed: true\n")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "top.yaml", Toy)
    assert (caught.value.file, caught.value.line) == (tmp_path / "base.yaml", 2)


def test_a_circle_is_named_with_the_whole_chain(tmp_path):
    write(tmp_path, a="extends: b.yaml", b="extends: c.yaml", c="name: x\nextends: ./a.yaml")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "a.yaml", Toy)
    assert (caught.value.file, caught.value.line) == (tmp_path / "c.yaml", 2)
    chain = " -> ".join(str(tmp_path / f"{name}.yaml") for name in "abca")
    assert f"in a circle: {chain}" in str(caught.value)


def test_a_chain_holds_five_files_and_not_six(tmp_path):
    files = {f"f{n}": f"extends: f{n + 1}.yaml" for n in range(MAX_FILES)}
    write(tmp_path, **files, **{f"f{MAX_FILES}": "name: last"})
    assert load(tmp_path / "f1.yaml", Toy).name == "last"
    with pytest.raises(ConfigError, match="the chain of files is too long") as caught:
        load(tmp_path / "f0.yaml", Toy)
    assert (caught.value.line, caught.value.field) == (1, "extends")
    assert caught.value.allowed == "at most 5 files"
    assert f"f{MAX_FILES}.yaml" in str(caught.value)


def test_overrides_come_last_and_read_yaml(tmp_path):
    write(tmp_path, top="time: {end: 2030Q1, start: 2013Q1}\n")
    overrides = ["time.end=2019Q4", "trade.lags=[1, 2]", "lever={dose: 1e-1}", "closed = true"]
    config = load(tmp_path / "top.yaml", Toy, overrides)
    assert (config.time.start, config.time.end) == ("2013Q1", "2019Q4")
    assert config.trade.lags == (1, 2)
    assert config.lever.dose == 0.1
    assert config.closed is True
    values = {"time.end": "2019Q4", "trade.lags": np.array([1, 2]), "lever": {"dose": 0.1}}
    assert load(tmp_path / "top.yaml", Toy, {**values, "closed": True}) == config


def test_the_last_override_of_a_setting_counts():
    document = Document({}, {})
    assert apply_overrides(document, ["a.b=1", "a=2", "a.b=3"]).values == {"a": {"b": 3}}


def test_an_override_leaves_the_document_given_as_it_was():
    document = Document({"a": {"b": 1}}, {})
    assert apply_overrides(document, {"a.b": 2}).values == {"a": {"b": 2}}
    assert document.values == {"a": {"b": 1}}


def test_an_override_changes_one_entry_of_a_default_table(tmp_path):
    write(tmp_path, top="name: x\n")
    config = load(tmp_path / "top.yaml", Toy, ["industries.A0.sigma=6", "trade.by_region.east=3"])
    assert config.industries == {"A0": Industry(sigma=6), "T1": Industry(sigma=4)}
    assert config.trade.by_region == {"east": 3, "west": 2}


def test_a_part_of_a_section_keeps_the_rest_of_its_own_default():
    assert validate({"lever": {"dose": 1}}, Toy).lever == Lever(dose=1, payer="centre")
    table = validate({"industries": {"E1": {}}}, Toy).industries
    assert table == {"E1": Industry()}, "a table that is given replaces the default table"


@pytest.mark.parametrize(
    ("override", "field", "problem", "nearest"),
    [
        ("time.end", "", "an override needs a '='", None),
        ("=3", "", "not the dotted name", None),
        ("time..end=3", "", "not the dotted name", None),
        (".".join("a" * 1000) + "=1", "", "not the dotted name", None),
        ("time.edn=2019Q4", "time.edn", "unknown key", "end"),
        ("tme.end=2019Q4", "tme", "unknown key", "time"),
        ("time.end.x=1", "time.end", "must be text (got a section)", None),
        ("trade.growth=1e0", "trade.growth", "must be < 1 (got 1.0)", None),
        ("time.end={a: 1", "time.end", "not valid YAML", None),
        ("name=!!python/name:os.system x", "name", "tag", None),
        ("name=\udcff", "name", "not a text file", None),
        ("extends=other.yaml", "extends", "unknown key", None),
    ],
)
def test_a_wrong_override_is_named_as_such(override, field, problem, nearest, tmp_path):
    write(tmp_path, top="name: x\n")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "top.yaml", Toy, [override])
    error = caught.value
    assert (str(error.file), error.line, error.field) == ("--set", None, field)
    assert problem in error.problem
    assert error.nearest == nearest
    assert str(error).startswith("--set: ")


def test_an_override_from_a_file_is_named_with_its_line():
    places = {"trade.growth": Place(Path("experiment.yaml"), 7)}
    document = apply_overrides(Document({}, {}), {"trade.growth": 3}, places=places)
    with pytest.raises(ConfigError, match=r"^experiment\.yaml:7: trade\.growth: must be < 1"):
        validate(document.values, Toy, document.where)


@pytest.mark.parametrize(
    ("values", "field"),
    [({"name": object()}, "name"), ({"name": "\ud800"}, "name"), ({"border": 10**5000}, "border")],
)
def test_settings_made_in_python_are_checked_too(values, field):
    with pytest.raises(ConfigError) as caught:
        validate(values, Toy)
    assert (caught.value.file, caught.value.field) == (None, field)


def test_settings_that_contain_themselves_are_refused():
    values: dict = {}
    values["trade"] = values
    with pytest.raises(ConfigError, match="nested too deeply"):
        validate(values, Toy)


@pytest.mark.parametrize("value", [7.5, [1, 7.5], {"a": 7.5}, {"a": [7.5]}])
def test_param_bounds_hold_for_every_entry_also_without_a_file(value):
    class Bounded(Config):
        number: float | list[float] | dict[str, float | list[float]] = param(
            1, unit="-", source="assumed", le=7
        )

    with pytest.raises(ValidationError, match=r"must be <= 7 \(got 7.5\)"):
        Bounded(number=value)
