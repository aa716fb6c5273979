import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import data
from sim.mechanisms import production
from sim.mechanisms.migration import residents
from sim.model.config import RegionConfig
from sim.model.region import RegionModel
from sim.start.facts import gather
from sim.start.final_demand import proportional_fit
from sim.start.sources import sources
from sim.start.trade_inversion import invert
from tests.worlds import small_config


@given(
    prior=st.lists(st.floats(0.01, 10), min_size=12, max_size=12),
    rows=st.lists(st.floats(0.1, 10), min_size=4, max_size=4),
    columns=st.lists(st.floats(0.1, 10), min_size=3, max_size=3),
)
def test_proportional_fitting_meets_both_margins(prior, rows, columns):
    prior, rows, columns = np.array(prior).reshape(4, 3), np.array(rows), np.array(columns)
    columns *= rows.sum() / columns.sum()
    fitted = proportional_fit(prior, rows, columns)
    assert fitted.sum(axis=1) == pytest.approx(rows, rel=1e-11)
    assert fitted.sum(axis=0) == pytest.approx(columns, rel=1e-11)
    # Odds ratios are those of the prior.
    odds = [m[0, 0] * m[1, 1] / m[0, 1] / m[1, 0] for m in (prior, fitted)]
    assert odds[1] == pytest.approx(odds[0], rel=1e-9)


def test_margins_that_cannot_be_met_raise():
    prior = np.array([[1.0, 0.0], [0.0, 1.0]])
    with pytest.raises(RuntimeError, match="cannot be fitted"):
        proportional_fit(prior, np.array([3.0, 1.0]), np.array([1.0, 3.0]))


def economy(seed, places=5, industries=3):
    """Trade freeness, supply, spending and shifters abroad, and the sales that follow."""
    draw = np.random.default_rng(seed)
    home = np.exp(-draw.uniform(0.2, 2, (industries, places, places)))
    home[:, np.arange(places), np.arange(places)] = 1.0
    gateway = np.exp(-draw.uniform(0.1, 1.5, (industries, places, 2)))
    supply = draw.uniform(0.5, 3, (places, industries))
    spending = draw.uniform(1, 5, (places, industries))
    abroad, entry = draw.uniform(0.05, 0.4, industries), gateway[:, :, -1].T
    blocs = np.array([0.25, 0.75])
    demand = draw.uniform(0.1, 0.5, industries)[:, None] * blocs
    demand = demand / np.einsum("rk,krb->kb", supply, gateway)
    pi = np.einsum("kod,ok->dk", home, supply) + entry * abroad
    access = np.einsum("kod,dk->ok", home, spending / pi) + np.einsum("krb,kb->rk", gateway, demand)
    exports = np.einsum("rk,krb,kb->k", supply, gateway, demand)
    imports = (entry * abroad * spending / pi).sum(axis=0)
    known = supply * access, spending, exports, imports, home, gateway, blocs
    return known, supply, abroad, pi


@pytest.mark.parametrize("seed", range(5))
def test_the_inversion_of_trade_recovers_supply(seed):
    """L7h: from sales and freeness back to the supply they were made with, up to its unit."""
    known, supply, abroad, pi = economy(seed)
    found = invert(*known)
    spending = known[1]
    level = np.exp((spending / spending.sum(axis=0) * np.log(pi)).sum(axis=0))
    # The iteration stops at changes of 1e-13; the condition of the problem costs two digits.
    assert found.supply == pytest.approx(supply / level, rel=1e-10)
    assert found.world_supply == pytest.approx(abroad / level, rel=1e-10)
    assert found.price_to_sigma == pytest.approx(pi / level, rel=1e-10)
    assert found.supply * found.market_access == pytest.approx(known[0], rel=1e-11)


def test_the_inversion_clears_every_market():
    known, *_ = economy(9)
    sales, spending, exports, imports, home, gateway, _ = known
    found = invert(*known)
    pi = np.einsum("kod,ok->dk", home, found.supply) + gateway[:, :, -1].T * found.world_supply
    assert pi == pytest.approx(found.price_to_sigma, rel=1e-12)
    flow = np.einsum("ok,kod,dk->odk", found.supply, home, spending / pi)
    abroad = np.einsum("ok,kob,kb->ok", found.supply, gateway, found.world_demand)
    assert flow.sum(axis=1) + abroad == pytest.approx(sales, rel=1e-11)
    assert abroad.sum(axis=0) == pytest.approx(exports, rel=1e-11)
    assert (spending - flow.sum(axis=0)).sum(axis=0) == pytest.approx(imports, rel=1e-11)


def test_a_closed_economy_is_inverted_too():
    known, *_ = economy(3)
    sales, spending, exports, imports, *rest = known
    spending = spending * (sales.sum(axis=0) / spending.sum(axis=0))
    found = invert(sales, spending, 0 * exports, 0 * imports, *rest, None)
    assert found.supply * found.market_access == pytest.approx(sales, rel=1e-11)
    assert not found.world_demand.any()


def test_firms_of_2012_sell_the_output_of_their_cell(start):
    config = small_config()
    facts = gather(sources(config.geography), config.industries)
    output = production.cell_sums(start, start.firms["revenue"])[:6].sum(axis=2)
    assert output == pytest.approx(start.provinces["output"], rel=1e-12)
    firms = start.firms
    number = np.bincount(firms["industry"], firms["weight"], minlength=14)
    assert number == pytest.approx(facts.firms, rel=1e-12)
    assert (start.places["zone"][firms["place"]] == -1).all()
    assert (firms["capital"] > 0).all()
    assert (firms["efficiency"] > 0).all()


def test_people_of_2012_are_those_of_the_data(start):
    config = small_config()
    facts = gather(sources(config.geography), config.industries)
    assert residents(start) == pytest.approx(facts.population, rel=1e-12)
    talents = start.talents
    assert talents["alive"].all()
    assert (talents["home"] == talents["province"]).all()
    count = np.bincount(talents["province"] * 3 + talents["type"], minlength=18).reshape(6, 3)
    assert (count[:, 1:] >= 3).all()
    held = talents["employer"] >= 0
    assert (start.firms["province"][talents["employer"][held]] == talents["province"][held]).all()


def test_capital_of_2012_grows_at_the_assumed_rate(start):
    """K = K* lambda / (lambda + g) times noise: the growth planned is g on average."""
    firms, tech = start.firms, start.tech
    price = start.provinces["investment_price"][firms["province"]]
    industry = firms["industry"]
    rules = small_config().investment
    cost, growth = rules.interest / 4 + rules.depreciation, rules.start_growth / 4
    wanted = tech.capital[industry] * firms["revenue"] / tech.markup[industry] / cost / price
    usual = wanted * rules.adjustment / (rules.adjustment + growth)
    noise = np.log(firms["capital"] / usual)
    assert noise.std() == pytest.approx(0.2, abs=4 * 0.2 / np.sqrt(2 * firms.n))
    assert noise.mean() == pytest.approx(0, abs=4 * 0.2 / np.sqrt(firms.n))


def test_the_first_quarter_is_the_inverted_market(started):
    """The forward solution returns the data from which it was inverted."""
    model = RegionModel(small_config(), 1, views=False)
    opening = model.solution
    wage, output = opening.wage.copy(), model.world.provinces["output"].copy()
    price = model.world.provinces["price"].copy()
    model.step()
    provinces = model.world.provinces
    assert provinces["wage"] == pytest.approx(wage, rel=1e-8)
    assert provinces["output"] == pytest.approx(output, rel=1e-8)
    assert provinces["price"] == pytest.approx(price, rel=1e-8)
    assert provinces["deflator"] == pytest.approx(1, abs=1e-12)
    assert (started.world.provinces["output"] == output).all()


@pytest.fixture(scope="module")
def country():
    """All 31 provinces in their first quarter, with few agents."""
    config = RegionConfig.model_validate(
        {"population": {"firms": 1800, "talents": 600}, "accounts": {"check": True}}
    )
    model = RegionModel(config, 1, views=False)
    model.step()
    return model


def first_quarter(country):
    table = country.frames()["provinces"]
    return table[table["quarter"] == "2012Q1"].set_index("province")


def test_gdp_of_the_first_quarter_is_that_of_the_data(country):
    known = data.provinces()["gdp_2012"]
    found = 4 * first_quarter(country)["gdp_nominal"]
    assert len(found) == 31
    pd.testing.assert_series_equal(
        found.sort_index(), known.sort_index(), rtol=1e-6, check_names=False, check_index_type=False
    )


def test_population_employment_and_trade_are_those_of_the_data(country):
    table, known = first_quarter(country), data.provinces().loc[country.world.geography.codes]
    # A quarter of migration and births lies between: moves are below 1 % a year.
    assert table["population"].to_numpy() == pytest.approx(
        known["population_2012"].to_numpy(), rel=0.01
    )
    # Talents at work are drawn one by one: 600 draws at 7 % unemployment and a fifth of the
    # nation's employment have a standard error of .2 * sqrt(.07 * .93 / 600) = .2 %.
    assert table["employment"].sum() == pytest.approx(known["employment_2012"].sum(), rel=0.008)
    gdp = table["gdp_nominal"].sum()
    assert 0.15 < table["exports"].sum() / gdp < 0.25
    assert table["imports"].sum() / gdp > 0.15


def test_research_is_that_of_the_data(country):
    table, known = first_quarter(country), data.provinces().loc[country.world.geography.codes]
    expected = known["rd_enterprise_2012"] / known["gdp_2012"]
    # Plans follow the revenue of the inversion: the first quarter returns it to 1e-8.
    assert table["rd_intensity"].to_numpy() == pytest.approx(expected.to_numpy(), rel=0.02)


def test_every_identity_holds_in_the_first_quarter(country):
    assert max(country.gaps.values()) < 1e-9
