"""Experiment files: what they mean, and what is wrong with them."""

from __future__ import annotations

import pytest

from sim.config.errors import ConfigError
from sim.runs.draft import is_experiment
from sim.runs.estimate import Estimate
from sim.runs.experiment_file import load_experiment
from sim.runs.region import REGION
from tests.tiny_experiment import TEXT, load, write


def test_every_scenario_is_the_base_with_its_changes(tmp_path):
    experiment = load(write(tmp_path))
    assert experiment.spec.name == "tiny_levers"
    configs = [experiment.config(name) for name in ("none", "lever", "both")]
    assert list(experiment.scenarios) == ["none", "lever", "both"]
    assert {each.time.end for each in configs} == {"2012Q4"}
    assert [each.policies.lever.dose for each in configs] == [0.0, 1.0, 0.5]
    assert [each.price for each in configs] == [4.0, 4.0, 3.0]


def test_runs_go_seed_by_seed_and_all_scenarios_meet_the_same_seeds(tmp_path):
    tasks = list(load(write(tmp_path)).tasks())
    assert [task.run for task in tasks] == list(range(6))
    assert [task.seed for task in tasks] == [5, 5, 5, 6, 6, 6]
    assert [task.scenario for task in tasks] == 2 * ["none", "lever", "both"]


def test_parameters_do_not_depend_on_how_the_file_writes_them(tmp_path):
    spelt = TEXT.replace(
        "{policies.lever: {dose: 0.5}, price: 3.0}",
        "{policies: {lever: {dose: 0.5, breaks_seed: -1}}, price: 3, name: tiny}",
    )
    first, second = load(write(tmp_path / "a")), load(write(tmp_path / "b", spelt))
    expected = {"none": {}, "lever": {"policies.lever.dose": 1.0}}
    expected["both"] = {"policies.lever.dose": 0.5, "price": 3.0}
    for each in (first, second):
        assert {name: each.parameters(name) for name in each.scenarios} == expected
    assert first.resolved() == second.resolved()


def test_the_resolved_file_is_the_same_experiment_without_other_files(tmp_path):
    first = load(write(tmp_path))
    alone = tmp_path / "elsewhere" / "experiment.yaml"
    alone.parent.mkdir()
    alone.write_text(first.resolved())
    second = load(alone)
    for name in first.scenarios:
        assert second.config(name) == first.config(name)
    assert second.resolved() == first.resolved()


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "nearest"),
    [
        ("outcomes: [sigma_gdp_per_head]", "outcomes: [sigma_gdp_per_haed]", 10, "outcomes.0",
         "sigma_gdp_per_head"),
        ("figures: [sigma]", "figures: [regions, sgma]", 11, "figures.1", "sigma"),
        ("baseline: none", "baseline: non", 4, "baseline", "none"),
        ("policies.lever.dose: 1.0", "policies.lever.dos: 1.0", 7, "policies.lever.dos", "dose"),
        ("policies.lever.dose: 1.0", "policies.lever.dose: 1.5", 7, "policies.lever.dose", None),
        ("price: 3.0", "price: .nan", 8, "price", None),
        ("price: 3.0", "price: cheap", 8, "price", None),
        ("time.end: 2012Q4", "time.end: 2012Q5", 3, "time.end", None),
        ("time.end: 2012Q4", "time..end: 2012Q4", 3, "", None),
        ("count: 2", "count: 0", 9, "seeds.count", None),
        ("count: 2", "cuont: 2", 9, "seeds.cuont", "count"),
        ("configs/base.yaml", "configs/bsae.yaml", 2, "base", None),
        ("question:", "qestion:", 1, "qestion", "question"),
        ("  none: {}", "  none:", 6, "scenarios.none", None),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_line_field_and_nearest_name(
    tmp_path, old, new, line, field, nearest
):
    path = write(tmp_path, TEXT.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        load(path)
    errors = {(each.file, each.line, each.field): each for each in caught.value.errors}
    assert nearest is None or nearest in str(errors[path, line, field].nearest)
    assert errors[path, line, field].problem


def test_a_mistake_in_the_base_is_told_where_it_stands(tmp_path):
    path = write(tmp_path, base="name: tiny\nprise: 4.0\n")
    with pytest.raises(ConfigError) as caught:
        load(path)
    error = caught.value
    assert (error.file, error.line) == (tmp_path / "configs" / "base.yaml", 2)
    assert error.nearest == "price"


def test_an_empty_design_is_refused(tmp_path):
    head = TEXT[: TEXT.index("scenarios:")]
    with pytest.raises(ConfigError, match="empty"):
        load(write(tmp_path, f"{head}scenarios: {{}}\n"))


def test_an_experiment_is_told_from_a_config(tmp_path):
    path = write(tmp_path)
    assert is_experiment(path)
    assert not is_experiment(tmp_path / "configs" / "base.yaml")


SWEEP = TEXT.replace(
    "seeds:",
    "uncertainties: {price: {low: 1.0, high: 3.0}}\n"
    "design: {kind: latin_hypercube, samples: 3}\nseeds:",
).replace("  both: {policies.lever: {dose: 0.5}, price: 3.0}\n", "")


def test_every_scenario_meets_every_point_under_every_seed(tmp_path):
    experiment = load(write(tmp_path, SWEEP))
    tasks = list(experiment.tasks())
    assert [task.run for task in tasks] == list(range(12))
    assert {(t.scenario, t.point, t.seed) for t in tasks} == {
        (scenario, point, seed)
        for scenario in ("none", "lever")
        for point in range(3)
        for seed in (5, 6)
    }
    assert [task.seed for task in tasks] == sorted(task.seed for task in tasks)
    for point in range(3):
        prices = {experiment.config(name, point).price for name in experiment.scenarios}
        assert prices == {experiment.points[point]["price"]}
    assert experiment.parameters("lever", 1) == {
        "policies.lever.dose": 1.0,
        "price": experiment.points[1]["price"],
    }


def test_more_seeds_do_not_move_the_runs_there_are(tmp_path):
    experiment = load(write(tmp_path, SWEEP))
    few, many = list(experiment.tasks()), list(experiment.tasks(experiment.seeds(9)))
    assert many[: len(few)] == few


def test_a_table_is_stored_with_the_experiment(tmp_path):
    (tmp_path / "points.csv").write_text("price,policies.lever.breaks_seed\n2.5,1\n3,2\n")
    design = "design: {kind: table, file: points.csv}\nseeds:"
    text = TEXT.replace("seeds:", design).replace(", price: 3.0", "")
    first = load(write(tmp_path, text))
    (tmp_path / "points.csv").unlink()
    alone = tmp_path / "elsewhere.yaml"
    alone.write_text(first.resolved())
    second = load(alone)
    assert list(second.points) == list(first.points)
    assert second.resolved() == first.resolved()


@pytest.mark.parametrize(
    ("change", "line", "field"),
    [("price: 2.0", 7, "price"), ("policies: {lever: {dose: 1.0}}, price: 2", 7, "price")],
)
def test_a_scenario_cannot_set_what_the_design_varies(tmp_path, change, line, field):
    text = SWEEP.replace("policies.lever.dose: 1.0", change)
    with pytest.raises(ConfigError, match="the design varies price") as caught:
        load(write(tmp_path, text))
    assert (caught.value.line, caught.value.field) == (line, field)


def test_an_estimate_tells_the_disk_of_the_end_and_of_the_peak():
    assert Estimate(1.0, 1e6).told(10, 2) == (
        "about 5 seconds on 2 cores and 10 MB of disk (20 MB while tables are written)"
    )


def test_a_design_of_a_million_runs_is_refused_with_what_it_would_take(tmp_path):
    text = SWEEP.replace("samples: 3", "samples: 1000000")
    with pytest.raises(ConfigError, match=r"4,000,000 runs: about .* cores? and .*B of disk") as e:
        load(write(tmp_path, text))
    assert "20,000" in str(e.value)


def test_a_scenario_that_strikes_an_entry_is_stored_as_such(tmp_path):
    path = tmp_path / "strikes.yaml"
    path.write_text(
        "question: Without one industry?\nbase: {}\nseeds: {first: 1, count: 2}\n"
        "scenarios: {baseline: {}, without: {industries.E1: null}}\n"
    )
    first = load_experiment(path, REGION)
    assert first.parameters("without") == {"industries.E1": None}
    path.write_text(first.resolved())
    second = load_experiment(path, REGION)
    assert "E1" not in second.config("without").industries
    assert second.config("without") == first.config("without")


def test_a_figure_that_compares_is_refused_where_there_is_one_scenario(tmp_path):
    text = TEXT[: TEXT.index("  lever:")] + "seeds: {first: 5, count: 2}\nfigures: [effects]\n"
    path = write(tmp_path, text)
    with pytest.raises(ConfigError, match="compares scenarios") as caught:
        load(path)
    assert (caught.value.field, caught.value.line) == ("figures.0", 8)
