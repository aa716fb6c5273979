"""Results of the tiny model done again, by a program that is the same or another one."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from sim.runs.executors import InProcess
from sim.runs.produce import produce_run, silent
from sim.runs.reproduce import Reproduction, reproduce
from sim.runs.single import load_run
from tests import tiny_model
from tests.tiny_experiment import BASE, TEXT, load, produce, write
from tests.tiny_model import engine


def changed(config, seed, progress, *, factor=1.0, start="", shift=0, skip=()):
    """The tiny model, prices times `factor` from a quarter on, noise of another seed."""
    lever = config.policies.lever
    frames = tiny_model.simulate(config, seed + shift, progress)
    if shift:  # the effect of the lever is that of the seed, only the noise is not
        metrics = frames["metrics"]
        sigma = metrics["metric"] == "sigma_gdp_per_head"
        frames["metrics"] = metrics.assign(
            value=metrics["value"] - sigma * lever.dose * shift / 100
        )
    provinces = frames["provinces"]
    late = provinces["quarter"] >= start
    frames["provinces"] = provinces.assign(
        gdp_real=provinces["gdp_real"] * np.where(late, factor, 1)
    )
    return {name: frame.drop(columns=[*skip], errors="ignore") for name, frame in frames.items()}


def other(**how):
    return engine(simulate=partial(changed, **how))


def make(folder: Path, text: str = TEXT) -> Path:
    """Results of an experiment, or of a single run if there is no text."""
    if text:
        produce(load(write(folder, text)), folder / "out")
    else:
        (folder / "run.yaml").write_text(BASE)
        run = load_run(folder / "run.yaml", engine())
        produce_run(run, folder / "out", engine(), csv=False, progress=silent)
    return folder / "out"


def again(folder: Path, model=None, **options) -> Reproduction:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    outcome = reproduce(folder, model or engine(), InProcess(), **options)
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert after == before
    return outcome


def verdicts(outcome: Reproduction) -> dict[str, str]:
    return {each.table: each.verdict for each in outcome.tables}


def said(outcome: Reproduction, table: str) -> str:
    return "\n".join(next(each.said for each in outcome.tables if each.table == table))
