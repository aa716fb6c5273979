import numpy as np
import pytest

import sim.config
from sim.config import ConfigError
from sim.model.config import RegionConfig
from sim.start.facts import gather, technology
from sim.start.sources import sources
from sim.state.columns import TECHNOLOGIES
from sim.state.exposure import exposure
from sim.state.industries import default_industries
from tests.worlds import small_config, small_model


def industries(**changes):
    return sim.config.validate({"industries": changes}, RegionConfig).industries


def test_the_packaged_table_is_used_when_nothing_is_said():
    assert list(industries()) == list(default_industries())
    assert "-".join(industries()) == "A0-T1-T2-T3-T4-E1-E2-E3-E4-F1-S1-S2-S3-L0"


def test_an_entry_needs_only_what_differs():
    changed, usual = industries(E1={"sigma": 6.5}), industries()
    assert changed["E1"].sigma == 6.5
    assert changed["E1"].model_copy(update={"sigma": usual["E1"].sigma}) == usual["E1"]
    assert changed["T1"] == usual["T1"]


def test_defaults_are_not_touched_by_a_change():
    before = default_industries()["E1"].copy()
    industries(E1={"sigma": 6.5}, F1=None)
    assert default_industries()["E1"] == before
    assert "F1" in default_industries()


@pytest.mark.parametrize(
    "entry", [{"engineers": 0.7, "science": 0.4}, {"state": 0.6, "foreign": 0.5}]
)
def test_shares_leave_room(entry):
    with pytest.raises(ConfigError, match="must not exceed 1"):
        industries(E1=entry)


def test_a_new_industry_must_be_complete():
    with pytest.raises(ConfigError, match=r"industries\.X1\.made_of"):
        industries(X1={"name": "new"})


MERGED = {"F1": None, "E3": {"made_of": {"E3": 1, "F1": 1}}}
SPLIT = {
    "T1": {"made_of": {"T1": 0.75}},
    "T1b": default_industries()["T1"]
    | {"name": "basic parts, second half", "made_of": {"T1": 0.25}},
}


@pytest.mark.parametrize(("changes", "count"), [(MERGED, 13), (SPLIT, 15)])
def test_regrouping_industries_keeps_totals(changes, count):
    tables = sources(small_config().geography)
    usual, made = gather(tables, industries()), gather(tables, industries(**changes))
    assert made.value_added.shape == (len(tables.provinces), count)
    for total in ("value_added", "firms", "exports", "imports"):
        assert getattr(made, total).sum() == pytest.approx(getattr(usual, total).sum(), rel=1e-12)
    assert made.value_added.sum(axis=1) == pytest.approx(usual.value_added.sum(axis=1), rel=1e-12)


def test_a_split_industry_keeps_its_cost_shares():
    share = RegionConfig().production.compute_share
    usual, made = technology(industries(), share), technology(industries(**SPLIT), share)
    one, two = made.codes.index("T1"), made.codes.index("T1b")
    assert made.skill[one].tolist() == usual.skill[usual.codes.index("T1")].tolist()
    # The halves buy from each other what T1 bought from itself, and from the others the same.
    assert made.materials[one] == pytest.approx(made.materials[two], rel=1e-12)
    others = [made.codes.index(code) for code in made.codes if code not in {"T1", "T1b"}]
    assert made.inputs[others, one] / made.inputs[others, one].sum() == pytest.approx(
        np.delete(usual.inputs[:, usual.codes.index("T1")], usual.codes.index("T1"))
    )


def test_exposure_is_what_the_table_says():
    made = exposure(industries(E1={"foreign_input": 0.9, "technology": "data"}).values())
    codes = list(industries())
    one, service, plain = codes.index("E1"), codes.index("S1"), codes.index("A0")
    assert made.foreign_input[[one, plain]].tolist() == [0.9, 0]
    assert [TECHNOLOGIES[made.technology[row]] for row in (one, plain)] == ["data", "traditional"]
    assert [codes[row] for row in np.flatnonzero(made.service)] == ["S1", "S2", "S3"]
    assert made.cross_border[service] > 0
    assert not made.cross_border[~made.service].any()
    assert made.digital[service] == industries()["S1"].digital_delivery > 0
    assert made.specificity[one] == industries()["E1"].specificity


@pytest.mark.parametrize("changes", [MERGED, SPLIT])
def test_a_world_of_other_industries_runs(changes):
    model = small_model(industries=changes)
    model.run(until="2012Q3")
    assert model.world.provinces["output"].shape[1] == len(model.world.tech.codes)
    assert max(model.gaps.values()) < 1e-9
