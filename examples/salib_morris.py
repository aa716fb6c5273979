"""The model under SALib: a Morris screening of two settings."""

from __future__ import annotations

from SALib import ProblemSpec

from sim.adapters import salib
from sim.config.load import load
from sim.model.config import RegionConfig

FIXED = {"time.end": "2012Q4", "policies.compute_sharing.start": "2012Q1"}


def main() -> None:
    """Do six short runs and print the mean absolute elementary effects."""
    problem, evaluate = salib(
        load("configs/toy.yaml", RegionConfig, FIXED),
        {
            "knowledge.step": {"low": 0.1, "high": 0.4},
            "policies.compute_sharing.dose": {"low": 0.0, "high": 1.0},
        },
        ["sigma_gdp_per_head"],
    )
    model = ProblemSpec(problem).sample_morris(2, seed=1).evaluate(evaluate).analyze_morris()
    print(model.to_df()[["mu_star"]].to_string())


if __name__ == "__main__":
    main()
