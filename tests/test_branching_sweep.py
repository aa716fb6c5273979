"""Scenarios that branch from one burn-in are the runs done straight through, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.config.errors import ConfigError
from sim.runs.executors import InProcess, LocalProcesses
from sim.runs.experiment import Experiment
from sim.runs.experiment_file import load_experiment
from sim.runs.folder import read_table
from sim.runs.produce import produce_experiment
from sim.runs.region import REGION
from tests.tiny_experiment import load, tables, write

TEXT = """\
question: What do levers move that start in 2013?
base: BASE
set: {time.end: 2013Q2, population.firms: 200, population.talents: 300}
BRANCH
scenarios:
  baseline: {}
  sharing: {policies.compute_sharing: {dose: 1.0, start: START}}
  borders: {policies.coordination_barriers: {dose: 1.0, start: START, targets: all}}
uncertainties: {knowledge.imitation: {low: 0.02, high: 0.06}}
design: {kind: latin_hypercube, samples: 2}
seeds: {first: 1, count: 2}
outcomes: [gdp_real_national]
"""
CONFIG = Path(__file__).resolve().parent.parent / "configs" / "toy.yaml"


def _load(folder: Path, branch: str, start: str, *changes: tuple[str, str]) -> Experiment:
    text = TEXT.replace("BASE", str(CONFIG)).replace("BRANCH", branch).replace("START", start)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    folder.mkdir(exist_ok=True)
    (folder / "levers.yaml").write_text(text)
    return load_experiment(folder / "levers.yaml", REGION)


class Counting(InProcess):
    """Counts what it does."""

    def __init__(self) -> None:
        self.whole = self.burnt = self.branched = 0

    def submit(self, job):
        self.whole += job.origin is None
        self.burnt += job.origin is not None and not job.start
        self.branched += bool(job.start)
        return super().submit(job)


def _numbers(folder: Path) -> dict[str, bytes]:
    """Tables of the model: what the runs gave, whatever they are called."""
    return {
        name: content
        for name, content in tables(folder).items()
        if name.endswith(".parquet") and name not in {"runs.parquet", "design.parquet"}
    }


def test_a_branching_experiment_gives_the_bytes_of_one_that_does_not(tmp_path):
    straight = _load(tmp_path / "a", "", "2012Q4")
    branching = _load(tmp_path / "b", "branch: 2012Q3", "2012Q4")
    one, other = Counting(), Counting()
    assert produce_experiment(straight, tmp_path / "straight", one).failures == ()
    assert produce_experiment(branching, tmp_path / "branching", other).failures == ()
    assert (one.whole, one.burnt, one.branched) == (12, 0, 0)
    assert (other.whole, other.burnt, other.branched) == (0, 4, 12)  # 2 points x 2 seeds
    assert _numbers(tmp_path / "branching") == _numbers(tmp_path / "straight")
    runs = [read_table(tmp_path / name, "runs") for name in ("straight", "branching")]
    assert runs[0]["config_hash"].tolist() == runs[1]["config_hash"].tolist()
    effects = [(tmp_path / name / "effects.csv").read_bytes() for name in ("straight", "branching")]
    assert effects[0] == effects[1]


def test_the_quarter_of_the_branch_can_be_part_of_the_design(tmp_path):
    design = (TEXT[TEXT.index("uncertainties") : TEXT.index("seeds")], "")
    several = _load(tmp_path / "a", "branch: [2012Q2, 2012Q4]", "branch", design)
    executor = Counting()
    assert produce_experiment(several, tmp_path / "several", executor).failures == ()
    # 2 quarters x 3 scenarios x 2 seeds, of which the baseline is the same run at both quarters
    assert (executor.burnt, executor.branched) == (4, 10)
    points = read_table(tmp_path / "several", "design")
    assert points["branch"].tolist() == ["2012Q2", "2012Q4"]
    for quarter, start in (("2012Q2", "2012Q3"), ("2012Q4", "2013Q1")):
        single = _load(tmp_path / start, "", start, design)
        produce_experiment(single, tmp_path / f"single{start}", InProcess())
        runs = read_table(tmp_path / "several", "runs")
        point = points.loc[points["branch"] == quarter, "point"].item()
        chosen = runs.loc[runs["point"] == point, "run"]
        found = read_table(tmp_path / "several", "provinces", chosen).drop(columns="run")
        expected = read_table(tmp_path / f"single{start}", "provinces").drop(columns="run")
        assert found.reset_index(drop=True).equals(expected)


def test_checkpoints_travel_to_processes(tmp_path):
    branching = _load(tmp_path / "b", "branch: 2012Q3", "2012Q4")
    produce_experiment(branching, tmp_path / "one", InProcess())
    executor = LocalProcesses(2)
    try:
        produce_experiment(branching, tmp_path / "two", executor)
    finally:
        executor.shutdown()
    assert tables(tmp_path / "one") == tables(tmp_path / "two")


@pytest.mark.parametrize(
    ("branch", "start", "said"),
    [
        ("branch: 2012Q4", "2012Q4", "policies.compute_sharing"),
        ("branch: 2013Q3", "2013Q4", "time.end"),
        ("branch: 2013", "2013Q4", "branch"),
        ("branch: []", "2012Q4", "branch"),
    ],
)
def test_what_cannot_branch_is_told_before_any_run(tmp_path, branch, start, said):
    with pytest.raises(ConfigError, match=said):
        _load(tmp_path / "x", branch, start)


def test_a_scenario_that_differs_before_the_branch_is_told(tmp_path):
    change = ("  baseline: {}\n", "  baseline: {}\n  dear: {compute.network_fee: 0.2}\n")
    with pytest.raises(ConfigError, match=r"compute\.network_fee"):
        _load(tmp_path / "x", "branch: 2012Q3", "2012Q4", change)


def test_a_burn_in_that_fails_is_the_failure_of_its_runs(tmp_path):
    few = "market.max_iterations: {values: [4000, 10], distribution: choice}"
    hard = ("knowledge.imitation: {low: 0.02, high: 0.06}", few)
    experiment = _load(tmp_path / "x", "branch: 2012Q3", "2012Q4", hard)
    report = produce_experiment(experiment, tmp_path / "out", InProcess())
    points = {each.task.point for each in report.failures}
    assert len(report.failures) == 6
    assert len(points) == 1
    assert all(each.error.startswith("MarketError") for each in report.failures)


def test_a_model_that_cannot_stop_cannot_branch(tmp_path):
    text = (write(tmp_path).read_text()).replace("set:", "branch: 2012Q2\nset:")
    with pytest.raises(ConfigError, match="cannot branch"):
        load(write(tmp_path, text))
