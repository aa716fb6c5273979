"""The model inside other tools: the numbers of runs by themselves, and clear errors."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from mesa.batchrunner import batch_run
from SALib import ProblemSpec

import sim
from sim.adapters import BatchModel, ema_model, evaluator, salib
from sim.config.errors import ConfigError
from sim.runs.errors import ResultsError
from tests.tiny_model import engine

ROOT = Path(sim.__file__).parent.parent
TOY = {"config": ROOT / "configs" / "toy.yaml", "time.end": "2012Q2", "accounts.check": False}
SIGMA = "sigma_gdp_per_head"
RANGES = {"policies.lever.dose": {"low": 0.0, "high": 1.0}, "price": {"low": 1.0, "high": 3.0}}


def _tiny(**changes):
    ask = {"config": {}, "uncertainties": RANGES, "outcomes": [SIGMA], "engine": engine()}
    return {**ask, **changes}


# Mesa.


def test_a_batch_of_mesa_gives_the_numbers_of_runs_by_themselves():
    rows = batch_run(
        BatchModel,
        {**TOY, "seed": [1, 2], "policies.digital_subsidy.dose": 0.5, "metrics": SIGMA},
        display_progress=False,
    )
    assert [row["seed"] for row in rows] == [1, 2]
    for row in rows:
        changes = {"policies.digital_subsidy.dose": 0.5, "accounts.check": False}
        alone = sim.run(TOY["config"], seed=row["seed"], set=changes, until="2012Q2").metrics
        last = alone[(alone["quarter"] == "2012Q2") & (alone["metric"] == SIGMA)]
        assert row[SIGMA] == last["value"].item()


def test_every_quarter_is_collected_in_its_order():
    model = BatchModel(**TOY, metrics=[SIGMA, "gdp_real_national"], seed=3)
    while model.running:
        model.step()
    collected = model.datacollector.get_model_vars_dataframe()
    alone = sim.run(TOY["config"], seed=3, until="2012Q2").metrics
    wide = alone.pivot_table("value", "quarter", "metric")[list(collected)]
    np.testing.assert_array_equal(collected.to_numpy(float), wide.to_numpy())
    assert len(collected) == 2


def test_a_step_is_a_quarter_however_finely_the_model_steps():
    model = BatchModel(**TOY, **{"time.steps_per_quarter": 2}, metrics=SIGMA)
    model.step()
    assert (model.world.clock.step, model.running) == (2, True)
    model.step()
    assert (model.world.clock.step, model.running) == (4, False)


def test_seeds_of_a_batch_are_never_lost():
    """Mesa 3.5 sets the argument `rng`, or `seed` where a model has it, to None."""
    assert BatchModel(**TOY, rng=None, seed=7).streams.seed == 7
    assert BatchModel(**TOY, rng=7).streams.seed == 7
    with pytest.raises(ResultsError, match="not as both"):
        BatchModel(**TOY, rng=7, seed=8)


@pytest.mark.parametrize(
    ("ask", "error", "says"),
    [
        ({"metrics": "sgma_gdp_per_head"}, ResultsError, f"did you mean {SIGMA}?"),
        ({"polcies.sme_credit.dose": 1.0}, ConfigError, "policies"),
        ({"policies.sme_credit.dose": 7.0}, ConfigError, "allowed"),
    ],
)
def test_a_batch_that_asks_wrongly_is_told(ask, error, says):
    with pytest.raises(error, match=says):
        BatchModel(**{**TOY, **ask})


# SALib.


def test_salib_finds_the_effect_that_is_there():
    """At dose d under seed s the outcome is noise(s) + d (0.1 + s / 100), whatever the price."""
    problem, function = salib(**_tiny(seeds=[1, 3]))
    model = ProblemSpec(problem).sample_morris(3, seed=1).evaluate(function).analyze_morris()
    assert model.results.shape == (9,)
    np.testing.assert_allclose(model.analysis["mu_star"], [0.12, 0.0], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(model.analysis["sigma"], [0.0, 0.0], atol=1e-12)


def test_several_outcomes_are_columns():
    _, function = salib(**_tiny(outcomes=[SIGMA, "theil_gdp_per_head"]))
    values = function(np.array([[0.0, 0.5], [0.5, 0.5], [1.0, 0.5]]))
    assert values.shape == (3, 2)
    np.testing.assert_array_equal(values[:, 1], 0.25)


def test_the_model_itself_is_evaluated_by_its_settings():
    function = evaluator(TOY["config"], [SIGMA])
    values = {"time.end": "2012Q1", "policies.digital_subsidy.dose": np.float64(0.5)}
    alone = sim.run(TOY["config"], seed=1, until="2012Q1").metrics
    assert function(**values)[SIGMA] == alone.set_index("metric")["value"][SIGMA]


# EMA workbench.


def test_the_workbench_explores_uncertainties_and_levers():
    from ema_workbench import SequentialEvaluator  # noqa: PLC0415 - seconds to import

    model = ema_model(
        **_tiny(
            uncertainties={"price": RANGES["price"]},
            levers={
                "policies.lever.dose": {"distribution": "choice", "values": [0.0, 1.0]},
                "policies.lever.breaks_seed": {"distribution": "integer", "low": 5, "high": 9},
            },
            seeds=[2],
        )
    )
    with SequentialEvaluator(model) as tool:
        experiments, outcomes = tool.perform_experiments(scenarios=3, policies=4)
    dose = experiments["policies_lever_dose"].astype(float)
    assert experiments["price"].between(1, 3).all()
    assert set(dose) == {0.0, 1.0}
    rest = outcomes[SIGMA] - dose * 0.12
    np.testing.assert_allclose(rest, np.full(12, rest[0]), rtol=1e-12)


def test_a_range_without_ends_is_refused_by_the_workbench():
    ranges = {"price": {"distribution": "normal", "mean": 2.0, "sd": 0.1}}
    with pytest.raises(ConfigError, match="give low and high"):
        ema_model(**_tiny(uncertainties=ranges, levers={}))


def test_a_missing_workbench_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "ema_workbench", None)
    with pytest.raises(ResultsError, match="pip install"):
        ema_model(**_tiny(levers={}))


@pytest.mark.parametrize(
    ("ask", "error", "says"),
    [
        ({"outcomes": ["sigma"]}, ResultsError, "no metric"),
        ({"outcomes": []}, ResultsError, "at least one outcome"),
        ({"uncertainties": {"prise": {"low": 0, "high": 1}}}, ConfigError, "did you mean price"),
        ({"uncertainties": {"price": {"low": 3, "high": 1}}}, ConfigError, "empty"),
        ({"uncertainties": {"price": {"low": -9.0, "high": -1.0}}}, ConfigError, "above 0"),
    ],
)
def test_a_problem_that_cannot_be_posed_is_told(ask, error, says):
    with pytest.raises(error, match=says):
        salib(**_tiny(**ask))


def test_the_adapter_is_the_only_place_with_a_data_collector():
    holders = [p for p in ROOT.glob("sim/**/*.py") if "DataCollector" in p.read_text("utf-8")]
    assert [path.name for path in holders] == ["adapters.py"]
