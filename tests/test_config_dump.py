"""From YAML text to values, and from a configuration to YAML, a hash, a list of settings."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.config import digest, dump, load, parameters, validate
from sim.config.yaml_file import parse_text
from tests.config_toy import Lever, Ring, Toy


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[(word, word) for word in ("yes", "no", "on", "off", "2012-01-01", "1_000", "1:30", "x")],
        *[("1e-3", 0.001), ("-.5E+2", -50.0), ("4.", 4.0), (".inf", math.inf)],
        *[("7", 7), ("-012", -12), ("0x1F", 31), ("0o17", 15), ("'7'", "7"), ("", None)],
        *[
            ("true", True),
            ("False", False),
            ("~", None),
            ("null", None),
            ("%YAML 1.1\n---\nno", "no"),
        ],
    ],
)
def test_scalars_follow_the_yaml_1_2_core_schema(text, value):
    parsed = parse_text(text, Path("x")).values
    assert parsed == value
    assert type(parsed) is type(value)


POSITIVE = st.floats(min_value=0, exclude_min=True, allow_infinity=False)
KEYS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), min_size=1)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]))
TOYS = st.builds(
    Toy,
    name=TEXT
    | st.sampled_from(
        [
            "yes",
            "1e5",
            "null",
            "2012-01-01",
            " x",
            "a: b",
            "#",
            "- ",
            "<<",
            "012",
            "08",
            "1.",
            "0x1F",
            "0o17",
            "1e5x",
        ]
    ),
    closed=st.booleans(),
    trade=st.fixed_dictionaries(
        {
            "by_region": st.dictionaries(KEYS, POSITIVE, max_size=4),
            "lags": st.lists(POSITIVE, max_size=4),
        }
    ),
    schedule=st.lists(
        st.builds(Lever, dose=st.floats(0, 1), start=st.just("2015Q3") | st.none()), max_size=3
    ),
    geography=st.builds(Ring, kind=st.just("ring"), count=st.integers(2, 2**60)),
    border=POSITIVE | st.dictionaries(KEYS, POSITIVE, max_size=4),
)


@settings(deadline=None)
@given(TOYS)
def test_dump_then_load_gives_an_equal_configuration(tmp_path_factory, config):
    file = tmp_path_factory.mktemp("dump") / "config.yaml"
    file.write_text(dump(config), encoding="utf-8")
    again = load(file, Toy)
    assert again == config
    assert (dump(again), digest(again)) == (dump(config), digest(config))


def test_dump_writes_every_default_in_order():
    assert dump(Toy(name="no", border=1e-7)) == (
        'name: "no"\n'
        "closed: false\n"
        "time: {start: 2012Q1, end: 2035Q4, steps_per_quarter: 1}\n"
        "trade:\n"
        "  distance_elasticity: 0.25\n"
        "  growth: 0.02\n"
        "  by_region: {east: 1.0, west: 2.0}\n"
        "  lags: [1.0, 2.5]\n"
        "industries:\n"
        "  A0: {sigma: 5.0}\n"
        "  T1: {sigma: 4.0}\n"
        "lever: {dose: 0.0, payer: centre, start: null}\n"
        "schedule: []\n"
        "geography: {kind: china}\n"
        "border: 1e-07\n"
    )


def test_a_long_name_and_a_repeated_list_are_dumped_plainly(tmp_path):
    long = "x y" * 100
    config = Toy(trade={"by_region": {long: 1.0}}, schedule=[Lever()] * 2)
    file = tmp_path / "dumped.yaml"
    file.write_text(dump(config), encoding="utf-8")
    assert load(file, Toy) == config
    assert "&" not in dump(config)


def test_the_digest_depends_on_the_values_alone():
    assert digest(validate({"border": 1}, Toy)) == digest(Toy(border=1.0))
    assert digest(Toy(border=1.0)) != digest(Toy(border=1.0 + 2**-52))
    one, other = {"east": 1.0, "west": 2.0}, {"west": 2.0, "east": 1.0}
    assert digest(Toy(border=one)) == digest(Toy(border=other))


def test_parameters_lists_every_setting_with_unit_bounds_and_source():
    found = {each.name: each for each in parameters(Toy)}
    assert list(found)[:4] == ["name", "closed", "time.start", "time.end"]
    elasticity = found["trade.distance_elasticity"]
    assert (elasticity.default, elasticity.unit, elasticity.bounds) == (0.25, "-", "0 to 4")
    assert elasticity.source == "assumed"
    assert elasticity.description.startswith("Fall of trade with distance.")
    assert found["trade.growth"].bounds == "above -1, below 1"
    assert found["industries.<name>.sigma"].bounds == "above 1"
    assert found["schedule[].payer"].default == "zone"
    assert found["lever.payer"].default == "centre", "the section's own default counts"
    assert found["geography.kind"].bounds == "one of china | one of ring"
    assert found["geography.count"].required
    assert found["name"].unit is None
