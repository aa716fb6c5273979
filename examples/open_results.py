"""Questions to the tables of an experiment, in pandas and in DuckDB.

First: sim experiment experiments/toy.yaml
"""

from __future__ import annotations

import duckdb

import sim

FOLDER = "results/toy_levers"


def main() -> None:
    """Print what is there, and real GDP by scenario in the last quarter, asked in two ways."""
    results = sim.open(FOLDER)
    print(results)
    gdp = results.provinces(quarter="2016Q4", columns=["gdp_real"])
    print(gdp.groupby(["scenario", "seed"])["gdp_real"].sum().groupby("scenario").mean())
    print(
        duckdb.sql(
            f"""SELECT scenario, sum(gdp_real) / count(DISTINCT run) AS gdp_real
                FROM '{FOLDER}/provinces.parquet' JOIN '{FOLDER}/runs.parquet' USING (run)
                WHERE quarter = '2016Q4' GROUP BY scenario ORDER BY scenario"""  # noqa: S608
        ).fetchall()
    )


if __name__ == "__main__":
    main()
