"""The model in Mesa's own batch runner: a lever at two doses under two seeds."""

from __future__ import annotations

import pandas as pd
from mesa.batchrunner import batch_run

from sim.adapters import BatchModel


def main() -> None:
    """Run four short runs and print an outcome of each."""
    rows = batch_run(
        BatchModel,
        {
            "config": "configs/toy.yaml",
            "time.end": "2012Q4",
            "policies.compute_sharing.start": "2012Q1",
            "policies.compute_sharing.dose": [0.0, 1.0],
            "metrics": "sigma_gdp_per_head",
            "seed": [1, 2],
        },
        display_progress=False,
    )
    columns = ["policies.compute_sharing.dose", "seed", "sigma_gdp_per_head"]
    print(pd.DataFrame(rows)[columns].to_string(index=False))


if __name__ == "__main__":
    main()
