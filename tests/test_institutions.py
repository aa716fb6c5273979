"""Rules of places: where they hold, what they leave alone, and that those of 2012 are neutral."""

from __future__ import annotations

import numpy as np
import pytest

import sim.config
from sim.config.errors import ConfigError
from sim.mechanisms import institutions
from sim.mechanisms.institutions import INDICES, InstitutionsConfig, RulesConfig
from sim.model.config import RegionConfig
from sim.state.columns import TECHNOLOGIES
from tests.worlds import small_model

FAR = {
    "customs": 0.6,
    "fair_competition": 0.5,
    "dispute_resolution": 0.8,
    "talent_services": 0.4,
    "tax_competitiveness": 0.7,
    "data_rules": 0.9,
    "services_opening": {"S1": 1.0, "S2": 0.5},
    "protection": {"algorithm": 1.0, "traditional": 0.3},
}
NEAR = dict.fromkeys(INDICES, 0.2) | {"services_opening": {"S1": 0.3}}

STRONG = {
    "trade": {
        "fair_effect": 1.0,
        "facilitation": 0.2,
        "recognition": 1.0,
        "services_effect": 1.0,
        "data_effect": 1.0,
    },
    "wedges": {"contract_risk": 0.3, "bottleneck": 5.0},
    "knowledge": {"protection_effect": 2.0},
    "entry_exit": {"institutions": 3.0},
    "foreign_entry": {"pull": 3.0, "services_2012": 0.1, "cap": 1.0},
    "foreign_talent": {"services_pull": 3.0},
    "dependence": {"most": 2.0, "breakthrough": 1.0},
}
"""The strongest response to rules, and to none of them."""

REFORMED = {
    "institutions": {"outside": NEAR, "zones": FAR},
    "wedges": {"charge": 0.02, "charge_in_zones": 0.1, "supply": {"E1": 0.4, "F1": 0.0}},
    "dependence": {"outlay": 200.0},
    "foreign_entry": {"spillover": 0.1, "frontier_share": 0.7},
    "trade": {"export_cost": {"T2": 0.05}, "export_fixed_cost": 0.01},
}
"""Every rule and wedge at work."""


def rules(**sections):
    return InstitutionsConfig(**{name: RulesConfig(**each) for name, each in sections.items()})


def test_by_default_nothing_has_changed_since_2012(world):
    institutions.apply(world, InstitutionsConfig())
    for name in (*INDICES, "services_opening", "protection"):
        assert not world.places[name].any(), name


def test_zones_have_their_rules_from_their_founding_on(start, world):
    config, n = rules(zones=FAR), start.provinces.n
    institutions.apply(start, config)
    institutions.apply(world, config)
    assert world.zones["active"].all()
    for name in INDICES:
        assert not start.places[name].any()
        assert not world.places[name][:n].any()
        assert (world.places[name][n:] == FAR[name]).all()


def test_what_holds_in_the_province_holds_in_its_zone(start, world):
    config, n = rules(outside={"data_rules": 0.5}, zones={"data_rules": 0.3, "customs": 0.2}), 6
    institutions.apply(start, config)
    institutions.apply(world, config)
    for made in (start, world):
        assert (made.places["data_rules"] == 0.5).all()
        assert not made.places["customs"][:n].any()
    assert (world.places["customs"][n:] == 0.2).all()


def test_what_a_lever_wrote_is_gone_in_the_next_step(world):
    institutions.apply(world, rules(outside=NEAR, zones=FAR))
    columns = {name: world.places[name].copy() for name in (*INDICES, "protection")}
    for name in columns:
        world.places[name] = 1.0
    institutions.apply(world, rules(outside=NEAR, zones=FAR))
    for name, values in columns.items():
        assert (world.places[name] == values).all()


def test_opening_is_of_services_and_protection_of_a_class(world):
    institutions.apply(world, rules(zones=FAR))
    inside, codes = world.places["zone"] >= 0, world.tech.codes
    opening = world.places["services_opening"]
    assert (opening[inside][:, codes.index("S1")] == 1).all()
    assert (opening[inside][:, codes.index("S2")] == 0.5).all()
    assert not np.delete(opening, [codes.index("S1"), codes.index("S2")], axis=1).any()
    assert not opening[~inside].any()
    index = dict(zip(TECHNOLOGIES, world.places["protection"][inside][0], strict=True))
    assert index == {"traditional": 0.3, "algorithm": 1.0, "data": 0.0, "quantum": 0.0}
    zone = int(np.flatnonzero(inside)[0])
    kinds = np.array([codes.index("T2"), codes.index("E1"), codes.index("F1")])
    assert institutions.protection(world, np.full(3, zone), kinds).tolist() == [0.3, 1.0, 0.0]


def test_what_residents_meet_is_the_mean_over_places_by_sales(start):
    places, inside = start.places, int(start.zones["place"][2])
    host, n = int(start.host[inside]), start.provinces.n
    values = np.arange(start.places.n * 2.0).reshape(-1, 2)
    assert (institutions.of_province(start, values) == values[:n]).all()  # nothing sold yet
    places["sales"][:n, 1, 0] = 0.03  # of less than one unit in all
    places["sales"][inside, 4, 2] = 0.01
    found = institutions.of_province(start, values)
    assert found[host] == pytest.approx(0.75 * values[host] + 0.25 * values[inside], rel=1e-14)
    assert (np.delete(found, host, axis=0) == np.delete(values[:n], host, axis=0)).all()
    assert institutions.of_province(start, values[:, 0])[host] == found[host, 0]


def test_nothing_is_made_of_nothing(start):
    """Rules of 2012 are those of 2012 in the mean; where nobody sells nothing is divided by it."""
    shape, sold = (start.places.n, 2), start.places["sales"]
    assert np.array_equal(institutions.of_province(start, np.zeros(shape)), np.zeros((6, 2)))
    assert institutions.protection(start, np.arange(3), np.arange(3)) == 0
    sold[0, 1, 0] = 1.0
    with np.errstate(divide="raise", invalid="raise"):
        found = institutions.of_province(start, np.ones(shape))
    assert found == pytest.approx(np.ones((6, 2)))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"institutions": {"zones": {"services_opening": {"S9": 1.0}}}}, "S9"),
        ({"institutions": {"outside": {"services_opening": {"T1": 1.0}}}}, "T1"),
        ({"wedges": {"supply": {"E9": 0.5}}}, "E9"),
        ({"trade": {"export_cost": {"X1": 0.5}}}, "X1"),
        ({"institutions": {"zones": {"customs": 1.5}}}, "must be <= 1"),
    ],
)
def test_rules_of_industries_that_are_not_there_are_refused(settings, words):
    with pytest.raises(ConfigError, match=words):
        sim.config.validate(settings, RegionConfig)


def frames_of(**sections):
    model = small_model(**sections)
    model.run(until="2014Q2")
    return model.frames()


def test_the_rules_of_2012_are_neutral_however_strong_the_responses_to_rules():
    """Bit for bit: every response acts on a distance to 2012 that is zero."""
    usual, strong = frames_of(), frames_of(**STRONG)
    for name, table in usual.items():
        assert table.equals(strong[name]), name


def test_accounts_balance_with_every_rule_and_wedge_at_work():
    """To 1e-9 in every quarter, through the founding of all zones; charges reach their payee."""
    model = small_model(**REFORMED)
    for _ in range(24):
        model.step()  # the audit of the model raises
        assert max(model.gaps.values()) < 1e-9
    ledger = model.world.ledger
    paid = [ledger.moved("input_fees", "firm", payee) for payee in ("province", "zone")]
    assert min(paid) > 0
    assert (model.world.firms["wedge"] > 0).any()
    assert model.world.algorithms > 0


def test_reforms_of_zones_move_the_economy_where_they_should():
    """Exports and foreign firms of reformed zones rise against the same zones under old rules."""
    free = FAR | {"services_opening": {"S1": 1.0, "S3": 1.0}}
    old, new = (
        small_model(institutions={"zones": each}, time={"end": "2017Q4"}) for each in ({}, free)
    )
    for model in (old, new):
        model.run(until="2017Q4")
    share = [model.world.places["export_share"] for model in (old, new)]
    inside = old.world.places["zone"] >= 0
    selling = inside[:, None] & (share[0] > 0) & (share[1] > 0)
    assert selling.any()
    assert (share[1][selling] > share[0][selling]).mean() > 0.9
    frames = [model.frames() for model in (old, new)]
    gdp = [each["zones"].groupby("quarter")["output"].sum().iloc[-1] for each in frames]
    assert gdp[1] > gdp[0]
