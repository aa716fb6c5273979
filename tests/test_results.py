"""Results as frames: what is joined, filtered and refused; other readers see the same."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

import sim
from sim.runs.errors import ResultsError
from sim.runs.folder import read_table
from sim.runs.produce import produce_run, silent
from sim.runs.results import KEYS, ResultsFolder
from sim.runs.single import load_run
from tests.tiny_experiment import BASE, TEXT, load, produce, write
from tests.tiny_model import TABLES, engine

DESIGN = (
    "uncertainties: {price: {low: 1.0, high: 3.0}}\ndesign: {kind: latin_hypercube, samples: 3}\n"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Three scenarios, three points and two seeds; run 1 fails."""
    where = tmp_path_factory.mktemp("results")
    text = TEXT.replace("dose: 1.0", "breaks_seed: 5").replace(", price: 3.0", "") + DESIGN
    produce(load(write(where, text)), where / "out")
    return where / "out"


@pytest.fixture
def results(folder) -> ResultsFolder:
    return sim.open(folder)


@pytest.fixture
def single(tmp_path) -> ResultsFolder:
    (tmp_path / "run.yaml").write_text(BASE)
    run = load_run(tmp_path / "run.yaml", engine())
    produce_run(run, tmp_path / "out", engine(), csv=False, progress=silent)
    return sim.open(str(tmp_path / "out"))


@pytest.mark.parametrize("name", list(TABLES))
def test_every_table_has_in_front_which_run_a_row_is_from(results, name):
    frame, plain = getattr(results, name)(), read_table(results.folder, name)
    assert list(frame)[:4] == ["run", *KEYS]
    pd.testing.assert_frame_equal(frame[list(plain)], plain)
    runs = read_table(results.folder, "runs")
    expected = plain[["run"]].merge(runs[["run", *KEYS]], on="run")
    pd.testing.assert_frame_equal(frame[["run", *KEYS]], expected)


def test_failed_runs_are_rows_of_runs(results):
    failed = results.runs(status="failed", columns=["error"])
    assert failed["seed"].tolist() == 3 * [5]
    assert list(failed) == ["run", *KEYS, "error"]


def test_settings_of_the_design_come_in_front_under_their_names(results):
    zones = results.zones(settings=True, scenario="none", seed=6)
    design = results.design().set_index("point")["price"]
    assert list(zones)[:5] == ["run", *KEYS, "price"]
    assert zones["price"].tolist() == design[zones["point"]].tolist()
    assert zones["price"].nunique() == 3


def test_filters_give_the_rows_that_pandas_would(results):
    every = results.provinces()
    chosen = every[
        every["scenario"].isin(["none", "both"])
        & (every["seed"] == 6)
        & every["quarter"].isin(["2012Q1", "2012Q3"])
    ].reset_index(drop=True)
    got = results.provinces(
        scenario=["none", "both"], seed=6, quarter=("2012Q1", "2012Q3"), columns=["gdp_real"]
    )
    assert len(got) == 2 * 3 * 2
    pd.testing.assert_frame_equal(got, chosen[list(got)])
    assert results.zones(run=[0, 5], point=None)["run"].unique().tolist() == [0, 5]
    sigma = results.metrics(metric="sigma_gdp_per_head", quarter=["2012Q4"])
    assert (sigma["metric"].unique().tolist(), len(sigma)) == (["sigma_gdp_per_head"], 15)


def test_what_is_not_wanted_is_not_read(results, monkeypatch):
    asked = []
    read = pq.read_table

    def watched(path, **options):
        asked.append((path.stem, options["columns"], options["filters"]))
        return read(path, **options)

    monkeypatch.setattr("pyarrow.parquet.read_table", watched)
    results.provinces(seed=5, scenario="none", quarter="2012Q1", columns=["gdp_real"])
    filters = [("quarter", "in", ["2012Q1"]), ("run", "in", {0, 3, 6})]
    assert asked[-1] == ("provinces", ["run", "gdp_real"], filters)
    results.provinces()
    assert asked[-1] == ("provinces", None, None)


def test_units_and_meanings_are_those_of_the_model(results):
    declared = TABLES["provinces"]
    for said, attribute in ((results.units, "unit"), (results.meanings, "meaning")):
        there = said("provinces")
        assert there == {name: getattr(declared[name], attribute) for name in there}
    assert results.units("runs")["parameters"] == "JSON"


def test_effects_texts_and_manifest_are_those_of_the_folder(results, single):
    effects = pd.read_csv(results.folder / "effects.csv")
    pd.testing.assert_frame_equal(results.effects(), effects)
    assert results.experiment() == (results.folder / "experiment.yaml").read_text()
    assert single.config() == (single.folder / "config.yaml").read_text()
    assert results.manifest["seeds"] == [5, 6]


def test_it_tells_what_is_there(results, single):
    text = repr(results)
    assert "15 done, 3 failed" in text
    assert "none, lever, both" in text
    assert f"{'provinces':<10} {60:>10} rows" in text
    assert "run, sim" in repr(single)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda r: r.table("province"), "did you mean provinces?"),
        (lambda r: r.table("design"), r"design\(\)"),
        (lambda r: r.provinces(columns=["gdp_rael"]), "did you mean gdp_real?"),
        (lambda r: r.provinces(quater="2012Q1"), "did you mean quarter?"),
        (lambda r: r.provinces(scenario="noone"), "did you mean none?"),
        (lambda r: r.provinces(seed=7), "no seed 7; there are 5, 6"),
        (lambda r: r.provinces(quarter=2012.5), "holds string"),
        (lambda r: r.provinces(province="Hubei"), "holds int32"),
        (lambda r: r.units("metric"), "did you mean metrics?"),
        (lambda r: r.config(), "only single runs"),
    ],
)
def test_what_is_missing_is_told_with_the_nearest_name(results, ask, says):
    with pytest.raises(ResultsError, match=says):
        ask(results)


def test_a_single_run_has_no_design_effects_or_experiment(single):
    assert single.provinces(settings=True)["scenario"].unique().tolist() == ["tiny"]
    for ask in (single.design, single.effects, single.experiment):
        with pytest.raises(ResultsError, match="has no"):
            ask()


def test_what_holds_no_results_is_not_opened(tmp_path):
    with pytest.raises(ResultsError, match="not a results folder"):
        sim.open(tmp_path)
    with pytest.raises(ResultsError, match="no such results folder"):
        sim.open(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["runs", "design", *TABLES])
def test_other_readers_see_the_same_numbers(folder, name):
    path = folder / f"{name}.parquet"
    ours = pq.read_table(path).to_pylist()
    query = duckdb.sql(f"SELECT * FROM '{path}'")  # noqa: S608 - a path of this test
    assert [dict(zip(query.columns, row, strict=True)) for row in query.fetchall()] == ours
    assert pl.read_parquet(path).to_dicts() == ours


def test_a_question_to_all_runs_is_one_line_of_sql(folder, results):
    there = f"'{folder}/provinces.parquet' JOIN '{folder}/runs.parquet' USING (run)"
    query = f"SELECT scenario, avg(gdp_real) FROM {there} GROUP BY scenario"  # noqa: S608
    means = results.provinces().groupby("scenario")["gdp_real"].mean()
    assert dict(duckdb.sql(query).fetchall()) == pytest.approx(means.to_dict(), rel=1e-12)
