"""Invented output tables of a run of three years in six provinces, for tests of metrics."""

import numpy as np
import pandas as pd

QUARTERS = [f"{year}Q{quarter}" for year in (2012, 2013, 2014) for quarter in (1, 2, 3, 4)]
CODES = [110000, 120000, 410000, 420000, 610000, 620000]
REGIONS = ["east", "east", "central", "central", "west", "west"]
INDUSTRIES = ["A0", "T1", "F1"]
BORDERS = [(110000, 120000), (120000, 410000), (410000, 420000), (610000, 420000), (1, 2)]
CHECKED = -1  # position of the quarter in which values are worked out by hand


def invented_provinces(rng):
    index = pd.MultiIndex.from_product([QUARTERS, CODES], names=["quarter", "province"])
    table = index.to_frame(index=False)
    rows = len(table)
    table["region"] = REGIONS * len(QUARTERS)
    start = np.tile(rng.lognormal(7, 0.5, 6), len(QUARTERS))
    trend = np.repeat(1.02 ** np.arange(len(QUARTERS)), 6)
    table["gdp_real"] = start**0.9 * trend * rng.lognormal(0, 0.01, rows)
    table["gdp_nominal"] = table["gdp_real"] * rng.uniform(1, 1.3, rows)
    table["population"] = rng.uniform(1e3, 9e3, rows)
    for rate in ("unemployment", "digital_stage_mean", "rd_intensity"):
        table[rate] = rng.uniform(0.01, 0.1, rows)
    for flow in ("exports", "compute_used", "compute_capacity"):
        table[flow] = rng.uniform(1, 2, rows)
    return table


def invented_frames():
    rng = np.random.Generator(np.random.PCG64(11))
    index = pd.MultiIndex.from_product(
        [QUARTERS, CODES, INDUSTRIES], names=["quarter", "province", "industry"]
    )
    cells = index.to_frame(index=False)
    cells["employment"] = rng.uniform(1, 9, len(cells))
    cells.loc[(cells["industry"] == "F1") & (cells["quarter"] < "2014Q4"), "employment"] = 0.0
    cells["output"] = 2.0 * cells["employment"]
    firms = pd.DataFrame(
        {
            "quarter": QUARTERS[CHECKED],
            "firm": np.arange(60),
            "province": np.resize(CODES, 60),
            "industry": np.repeat(["A0", "T1"], 30),
            "weight": rng.integers(1, 5, 60).astype(float),
            "employment": rng.lognormal(size=60),
            "output": rng.lognormal(size=60),
        }
    )
    return {"provinces": invented_provinces(rng), "industries": cells, "firms": firms}
