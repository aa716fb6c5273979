"""The model in the EMA workbench: scenarios of an uncertainty times policies of a lever."""

from __future__ import annotations

from ema_workbench import SequentialEvaluator

from sim.adapters import ema_model
from sim.config.load import load
from sim.model.config import RegionConfig

FIXED = {"time.end": "2012Q4", "policies.compute_sharing.start": "2012Q1"}


def main() -> None:
    """Do four short runs and print settings and outcome of each."""
    model = ema_model(
        load("configs/toy.yaml", RegionConfig, FIXED),
        uncertainties={"knowledge.step": {"low": 0.1, "high": 0.4}},
        levers={"policies.compute_sharing.dose": {"low": 0.0, "high": 1.0}},
        outcomes=["sigma_gdp_per_head"],
    )
    with SequentialEvaluator(model) as evaluator:
        experiments, outcomes = evaluator.perform_experiments(scenarios=2, policies=2)
    print(experiments.drop(columns="model").assign(**outcomes).to_string(index=False))


if __name__ == "__main__":
    main()
