"""Rounds of seeds until an effect is known as exactly as asked for."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.config.errors import ConfigError
from sim.experiments import _executor
from sim.runs.errors import ResultsError
from sim.runs.executors import InProcess, LocalProcesses
from sim.runs.folder import read_manifest, read_table
from sim.runs.produce import produce_experiment
from sim.runs.shards import parse_shard
from tests.test_resume import BreaksOff
from tests.tiny_experiment import TEXT, load, produce, tables, write

AUTO = TEXT.replace("seeds: {first: 5, count: 2}", "seeds: {first: 1, count: 2}").replace(
    "outcomes:", "replicates: auto\nprecision: PRECISION\noutcomes:"
)


def _auto(precision: str) -> str:
    return AUTO.replace("PRECISION", precision)


def _half_width(seeds: int) -> float:
    """The effect of the lever is 0.1 + 0.01 seed under seeds 1, 2, ...: its 95 % half-width."""
    effects = 0.1 + 0.01 * np.arange(1, seeds + 1)
    return float(stats.t.ppf(0.975, seeds - 1) * effects.std(ddof=1) / np.sqrt(seeds))


def test_it_stops_with_the_first_round_that_is_exact_enough(tmp_path):
    # Seeds 1, 2: half-width .064; up to 4: .0205; up to 6: .0196; up to 8 it grows again (a trend).
    assert _half_width(2) > 0.0203 > _half_width(6)
    aim = "{outcome: sigma_gdp_per_head, half_width: 0.0203, round: 2}"
    report = produce(load(write(tmp_path, _auto(aim))), tmp_path / "out")
    seeds = read_manifest(tmp_path / "out")["seeds"]
    expected = next(n for n in range(2, 100, 2) if _half_width(n) <= 0.0203)
    assert seeds == list(range(1, expected + 1))
    assert f"half-width {_half_width(expected):.3g} after {expected} seeds" in report.notes[0]
    assert "not reached" not in report.notes[0]


def test_the_cap_ends_it_and_is_said_to(tmp_path):
    aim = "{outcome: sigma_gdp_per_head, half_width: 1.0e-9, round: 3, most: 7}"
    report = produce(load(write(tmp_path, _auto(aim))), tmp_path / "out")
    assert len(read_manifest(tmp_path / "out")["seeds"]) == 7
    assert "the 1e-09 asked for was not reached" in report.notes[0]
    assert read_manifest(tmp_path / "out")["notes"] == list(report.notes)


def test_ordinals_are_those_of_so_many_seeds_from_the_start(tmp_path):
    aim = "{outcome: sigma_gdp_per_head, half_width: 1.0e-9, round: 1, most: 4}"
    produce(load(write(tmp_path / "a", _auto(aim))), tmp_path / "auto")
    fixed = TEXT.replace("{first: 5, count: 2}", "{first: 1, count: 4}")
    produce(load(write(tmp_path / "b", fixed)), tmp_path / "fixed")
    one, other = tables(tmp_path / "auto"), tables(tmp_path / "fixed")
    del one["experiment.yaml"], other["experiment.yaml"]
    assert one == other


def test_a_relative_aim_is_a_share_of_the_baseline(tmp_path):
    # theil is .25 in every run: its differences have no width at all, whatever the share.
    aim = "{outcome: theil_gdp_per_head, half_width: 0.001, relative: true, statistic: mean}"
    report = produce(load(write(tmp_path, _auto(aim))), tmp_path / "out")
    assert len(read_manifest(tmp_path / "out")["seeds"]) == 2
    assert "half-width 0 of the baseline" in report.notes[0]


def test_with_one_scenario_its_mean_has_to_be_known(tmp_path):
    aim = "{outcome: sigma_gdp_per_head, half_width: 0.7, round: 5, most: 200}"
    text = _auto(aim).replace("  lever: {policies.lever.dose: 1.0}\n", "")
    text = text.replace("  both: {policies.lever: {dose: 0.5}, price: 3.0}\n", "")
    produce(load(write(tmp_path, text)), tmp_path / "out")
    runs = read_table(tmp_path / "out", "runs")
    metrics = read_table(tmp_path / "out", "metrics")
    last = metrics[(metrics["metric"] == "sigma_gdp_per_head") & (metrics["quarter"] == "2012Q4")]
    half = stats.t.ppf(0.975, len(runs) - 1) * last["value"].std() / np.sqrt(len(runs))
    assert half <= 0.7


def test_a_failed_run_leaves_its_pair_out(tmp_path):
    aim = "{outcome: sigma_gdp_per_head, half_width: 0.0203, round: 2, most: 40}"
    text = _auto(aim).replace("price: 3.0", "policies.lever.breaks_seed: 2")
    report = produce(load(write(tmp_path, text)), tmp_path / "out")
    assert [each.task.seed for each in report.failures] == [2]
    assert "not reached" not in report.notes[0]


DESIGNS = {
    "full_factorial": "{kind: full_factorial}",
    "latin_hypercube": "{kind: latin_hypercube, samples: 3}",
}


def _designed(text: str, design: str, setting: str) -> str:
    uncertain = f"uncertainties: {{{setting}: {{low: 0.1, high: 0.9, levels: 2}}}}\n"
    return f"{text}design: {DESIGNS[design]}\n{uncertain}"


@pytest.mark.parametrize("design", DESIGNS)
def test_seeds_have_to_tell_an_effect_that_is_the_same_at_every_point(tmp_path, design):
    # The price is of no effect, so that three points know no more than one, and seeds all.
    aim = "{outcome: sigma_gdp_per_head, half_width: 0.0203, round: 2}"
    text = _designed(_auto(aim), design, "price").replace(", price: 3.0", "")
    report = produce(load(write(tmp_path, text)), tmp_path / "out")
    expected = next(n for n in range(2, 100, 2) if _half_width(n) <= 0.0203)
    assert read_manifest(tmp_path / "out")["seeds"] == list(range(1, expected + 1))
    assert f"half-width {_half_width(expected):.3g} after {expected} seeds" in report.notes[0]
    assert "points" not in report.notes[0]


@pytest.mark.parametrize(("design", "told"), [("latin_hypercube", True), ("full_factorial", False)])
def test_a_spread_over_points_that_seeds_do_not_narrow_is_told(tmp_path, design, told):
    # One scenario: sigma is noise of the seed + dose (0.1 + 0.01 seed), with doses that differ.
    aim = "{outcome: sigma_gdp_per_head, half_width: 0.01, statistic: mean, round: 3, most: 6}"
    text = _designed(_auto(aim), design, "policies.lever.dose")
    text = text.replace("  lever: {policies.lever.dose: 1.0}\n", "")
    text = text.replace("  both: {policies.lever: {dose: 0.5}, price: 3.0}\n", "")
    experiment = load(write(tmp_path, text))
    report = produce(experiment, tmp_path / "out")
    assert "was not reached" in report.notes[0]
    assert ("which more seeds do not narrow: it takes more points" in report.notes[0]) == told
    if told:
        doses = np.array([point["policies.lever.dose"] for point in experiment.points])
        mean = doses * (0.1 + 0.01 * 3.5)  # of seeds 1 to 6
        single = (doses.var(ddof=1) * 0.01**2 * 3.5) / 18
        half = stats.t.ppf(0.975, 2) * np.sqrt(mean.var(ddof=1) / 3 - single)
        assert (
            f"the spread over the points of the design alone makes {half:.3g}," in report.notes[0]
        )


MANY = "{outcome: sigma_gdp_per_head, half_width: 1.0e-9, round: 3, most: 7}"


def test_runs_of_all_rounds_are_taken_over(tmp_path):
    experiment, counting = load(write(tmp_path, _auto(MANY))), BreaksOff(1000, RuntimeError())
    produce(experiment, tmp_path / "out")
    whole = tables(tmp_path / "out")
    produce_experiment(experiment, tmp_path / "out", counting, again=True)
    assert counting.done == 0
    assert tables(tmp_path / "out") == whole
    more = load(write(tmp_path, _auto(MANY.replace("7", "8"))))
    produce_experiment(more, tmp_path / "out", counting)
    assert counting.done == 3
    assert len(read_table(tmp_path / "out", "runs")) == 3 * 8


def test_there_are_processes_for_the_largest_round(tmp_path):
    text = _auto(MANY).replace("count: 2", "count: 1")
    with _executor(load(write(tmp_path, text)), 64, None, None) as executor:
        assert executor.ahead == 2 * 3 * 3
    one = text.replace("  lever: {policies.lever.dose: 1.0}\n", "")
    one = one.replace("  both: {policies.lever: {dose: 0.5}, price: 3.0}\n", "")
    with _executor(load(write(tmp_path, one)), 2, None, None) as executor:
        assert isinstance(executor, LocalProcesses)
    with _executor(load(write(tmp_path, one)), 1, None, None) as executor:
        assert isinstance(executor, InProcess)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("precision: PRECISION\n", "", "belong together"),
        ("replicates: auto\n", "", "belong together"),
        ("PRECISION", "{outcome: sigma_gdp_per_haed, half_width: 1}", "sigma_gdp_per_head"),
        ("PRECISION", "{outcome: sigma_gdp_per_head, half_width: 0}", "> 0"),
        ("PRECISION", "{outcome: sigma_gdp_per_head}", "half_width"),
    ],
)
def test_what_is_wrong_with_it_is_told(tmp_path, old, new, said):
    text = AUTO.replace(old, new).replace(
        "PRECISION", "{outcome: sigma_gdp_per_head, half_width: 1}"
    )
    with pytest.raises(ConfigError, match=said):
        load(write(tmp_path, text))


def test_shards_cannot_decide_together(tmp_path):
    aim = "{outcome: sigma_gdp_per_head, half_width: 1}"
    with pytest.raises(ResultsError, match="replicates: auto"):
        parse_shard("1/2", load(write(tmp_path, _auto(aim))))
