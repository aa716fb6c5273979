"""JSON Schema of the files: good files fit it, slips of the pen do not, and it explains itself."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import sim
from sim.config.yaml_file import parse_text
from sim.model.config import RegionConfig
from sim.runs.experiment import ExperimentConfig
from sim.runs.json_schema import DIALECT, config_schema, experiment_schema
from sim.schema import schema as command
from tests.design_file import HEAD, DesignedExperimentConfig, WorldConfig
from tests.json_schema_check import faults

ROOT = Path(sim.__file__).resolve().parent.parent
EXTENDING = (ROOT / "docs/extending.md").read_text("utf-8")
CONFIG = config_schema(RegionConfig)
EXPERIMENT = experiment_schema(ExperimentConfig, RegionConfig)
SMALL = experiment_schema(DesignedExperimentConfig, WorldConfig)


def said(text: str, schema: dict[str, Any]) -> list[str]:
    return list(faults(parse_text(text, Path("file")).values, schema, schema))


@pytest.mark.parametrize("file", sorted(ROOT.glob("configs/*.yaml")), ids=lambda file: file.name)
def test_every_config_fits(file):
    assert said(file.read_text("utf-8"), CONFIG) == []


@pytest.mark.parametrize(
    "file", sorted(ROOT.glob("experiments/*.yaml")), ids=lambda file: file.name
)
def test_every_experiment_fits(file):
    assert said(file.read_text("utf-8"), EXPERIMENT) == []


def test_a_resolved_config_fits():
    """Every default, of every kind of setting."""
    resolved = json.loads(RegionConfig().model_dump_json())
    assert list(faults(resolved, CONFIG, CONFIG)) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("compute: {utilization: 0.5}", ".compute.utilization: unknown"),
        ("compute: {utilisation: 1.5}", ".compute.utilisation: not within maximum 1"),
        ("compute: {utilisation: 0}", ".compute.utilisation: not within exclusiveMinimum 0"),
        ("compute: {utilisation: half}", ".compute.utilisation: not of type number"),
        ("compute: {latency_tolerance: none}", ".compute.latency_tolerance: not ['limit', "),
        ("digital: {cost: [0.3, 0.4, 5, 0.8]}", ".digital.cost.2: not within maximum 4"),
        ("digital: {cost: [0.3, 0.4]}", ".digital.cost: too short"),
        ("time: {end: 2019}", ".time.end: not of type string"),
        ("time: {end: 2019Q5}", ".time.end: not like ^[0-9]{4}Q[1-4]$"),
        ("policies: {sme_credit: {end: soon}}", ".policies.sme_credit.end: 0 of anyOf fit"),
        ("industries: {steel: {made_of: {C: 2}}}", ".industries.steel: 0 of anyOf fit"),
        ("accounts: {check: 1}", ".accounts.check: not of type boolean"),
        ("seed: -1", ".seed: not within minimum 0"),
    ],
)
def test_slips_in_a_config_are_seen(text, fault):
    (found,) = said(text, CONFIG)
    assert found.startswith(fault)


def test_a_config_may_extend_another_and_hold_a_seed():
    assert said("{extends: toy.yaml, seed: 3, industries: {steel: {rd: 0.1}}}", CONFIG) == []


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", EXTENDING, re.DOTALL))
def test_the_examples_of_the_manual_fit(block):
    assert said(block, CONFIG) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("set: {market.sigmma: 3}", ".set.market.sigmma: unknown"),
        ("set: {market.sigma: 30}", ".set.market.sigma: not within maximum 20"),
        ("set: {market: {sigma: 1}}", ".set.market.sigma: not within exclusiveMinimum 1"),
        ("set: {towns.ham.people: -1}", ".set.towns.ham.people: not within minimum 0"),
        ("set: {towns.ham.beds: 1}", ".set.towns.ham.beds: unknown"),
        ("uncertainties: {markt.sigma: {low: 2, high: 3}}", ".uncertainties.markt.sigma: unknown"),
        ("uncertainties: {market: {low: 2, high: 3}}", ".uncertainties.market: unknown"),
        (
            "uncertainties: {market.sigma: {lo: 2, high: 3}}",
            ".uncertainties.market.sigma.lo: unknown",
        ),
        ("design: {kind: sobol}", ".design: 0 of oneOf fit"),
        ("design: {kind: soboll, samples: 8}", ".design: 0 of oneOf fit"),
        ("design: {kind: zipped, settings: {market.sigmma: [1, 2]}}", ".design: 0 of oneOf fit"),
    ],
)
def test_slips_in_an_experiment_are_seen(text, fault):
    assert said(HEAD + text, SMALL) == [fault]


@pytest.mark.parametrize(
    "text",
    [
        "set: {market.sigma: 3, market: {rounds: 2}, towns.ham: {people: 3}, end: 2014Q1}",
        "uncertainties: {market.sigma: {low: 2, high: 3}, towns.ham.people: {low: 1, high: 2}}",
        "uncertainties: {market.rule: {values: [fixed, free], distribution: choice}}",
        "design: {kind: single}",
        "design: {kind: latin_hypercube, samples: 8, optimization: random-cd, seed: 4}",
        "design: {kind: zipped, settings: {market.sigma: [2, 3], market.open: [true, false]}}",
        "design: {kind: table, file: runs.csv}",
    ],
)
def test_good_experiments_fit(text):
    assert said(HEAD + text, SMALL) == []


def test_an_experiment_needs_its_fields_or_a_file_that_has_them():
    assert said("question: Why?", SMALL) == [": 0 of anyOf fit"]
    assert said("{extends: other.yaml, question: Why?}", SMALL) == []
    inline = "{question: Why?, base: {market: {sigma: 30}}, scenarios: {}}"
    assert said(inline, SMALL) == [".base: 0 of anyOf fit"]


def test_settings_say_what_they_mean_with_unit_and_source():
    setting = CONFIG["$defs"]["ComputeConfig"]["properties"]["utilisation"]
    assert setting == {
        "type": "number",
        "default": 0.6,
        "description": "Used share of capacity in 2012. [share of capacity] Source: occupancy of "
        "ten clusters, 62.7 % (2024).",
        "unit": "share of capacity",
        "source": "occupancy of ten clusters, 62.7 % (2024)",
        "exclusiveMinimum": 0,
        "maximum": 1,
    }
    assert EXPERIMENT["$defs"]["changes"]["properties"]["compute.utilisation"] == setting
    uncertain = SMALL["properties"]["uncertainties"]["properties"]["market.sigma"]
    assert uncertain == {
        "$ref": "#/$defs/UncertaintyConfig",
        "description": "Elasticity of substitution. [-] Source: assumed.",
    }


def sections(node: Any) -> list[dict[str, Any]]:
    """Every schema of a mapping with named entries."""
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    own = [node] if isinstance(node, dict) and isinstance(node.get("properties"), dict) else []
    return own + [each for part in inner for each in sections(part)]


@pytest.mark.parametrize("schema", [CONFIG, EXPERIMENT, SMALL])
def test_no_section_admits_unknown_keys(schema):
    assert schema["$schema"] == DIALECT
    named = [each for each in sections(schema) if "type" in each]
    assert len(named) > 5
    assert all(each["additionalProperties"] is False for each in named)


def test_the_command_prints_or_writes_the_schema(tmp_path):
    app = typer.Typer()
    app.command()(command)
    run = CliRunner().invoke
    assert json.loads(run(app, []).stdout) == EXPERIMENT
    assert json.loads(run(app, ["config"]).stdout) == CONFIG
    file = tmp_path / "config.json"
    result = run(app, ["config", "--out", str(file)])
    assert f"# yaml-language-server: $schema={file}" in result.stdout
    assert json.loads(file.read_text("utf-8")) == CONFIG
    assert run(app, ["policy"]).exit_code == 2
