import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.mechanisms import trade
from sim.mechanisms.equilibrium import by_province
from sim.mechanisms.trade import TradeConfig, freeness

CONFIG = TradeConfig(border=0.4, coordination_effect=0.15, world_inflation=0.02, world_growth=0.03)


def phi(km, border=0.0, elasticity=0.25, sigma=5.0):
    args = np.array([[km]]), np.array([[border]]), np.array([elasticity]), np.array([sigma])
    return float(freeness(*args, 300.0)[0, 0, 0])


def test_freeness_closed_forms():
    assert phi(0) == 1
    # tau = 2^.25 at 300 km; to the power 1 - 5 that is 1/2.
    assert phi(300) == pytest.approx(0.5, rel=1e-14)
    assert phi(900) == pytest.approx(0.25, rel=1e-14)
    # A border of .4 is a border factor of e^1.6 = 5.
    assert phi(0, border=math.log(5) / 4) == pytest.approx(0.2, rel=1e-14)
    assert phi(300, 0.4, 1.0, 3.0) == pytest.approx(math.exp(-0.8) / 4, rel=1e-14)


@given(
    km=st.floats(0, 5000),
    more=st.floats(1, 1000),
    border=st.floats(0, 0.7),
    elasticity=st.floats(0.01, 2),
    sigma=st.floats(1.1, 12),
)
def test_freeness_falls_with_distance_and_border(km, more, border, elasticity, sigma):
    here = phi(km, border, elasticity, sigma)
    assert 0 <= here <= 1
    assert phi(km + more, border, elasticity, sigma) <= here
    assert phi(km, border + 0.1, elasticity, sigma) <= here


def test_coordination_lowers_the_border_of_a_pair(start):
    start.provinces["barrier_cut"][0, 3] = 1.0
    border = trade.border_cost(start, CONFIG)
    assert (np.diag(border) == 0).all()
    assert border[0, 3] == pytest.approx(0.4 * 0.85, rel=1e-14)
    assert border[3, 0] == border[1, 2] == 0.4


def test_frozen_trade_ignores_coordination(start):
    start.provinces["barrier_cut"][:] = 1.0
    border = trade.border_cost(start, TradeConfig(frozen=True))
    assert (border[start.geography.foreign] == CONFIG.border).all()


def test_fair_competition_on_both_sides_lowers_a_border(start):
    """b0 (1 - psi_F min(FC_o, FC_d)), by the rules outside zones."""
    fair = start.places["fair_competition"]
    fair[: start.provinces.n] = [0.0, 0.2, 0.5, 1.0, 0.0, 0.0]
    fair[start.provinces.n :] = 1.0
    border = trade.border_cost(start, CONFIG.model_copy(update={"fair_effect": 0.3}))
    assert border[1, 3] == border[3, 1] == pytest.approx(0.4 * (1 - 0.3 * 0.2), rel=1e-14)
    assert border[2, 3] == pytest.approx(0.4 * (1 - 0.3 * 0.5), rel=1e-14)
    assert border[0, 3] == 0.4
    start.provinces["barrier_cut"][2, 3] = 1.0
    both = trade.border_cost(start, CONFIG.model_copy(update={"fair_effect": 0.3}))
    assert both[2, 3] == pytest.approx(0.4 * 0.85 * 0.85, rel=1e-14)


def test_export_cost_falls_with_customs_courts_and_recognised_data_rules(start):
    places, k = start.places, start.tech.codes.index("E1")
    places["customs"][4], places["dispute_resolution"][4], places["data_rules"][4] = 0.3, 0.5, 0.8
    config = TradeConfig(
        facilitation=0.1, recognition=0.5, export_cost={"E1": 0.07}, export_fixed_cost=0.02
    )
    relief = trade.export_relief(start, config)
    digital = start.exposure.digital[k]
    assert digital > 0
    assert start.exposure.cross_border[k] == 0
    expected = 0.1 * (0.3 + 0.5 + 0.8 * 0.5 * digital) - 0.07 - 0.02
    assert relief[4, k] == pytest.approx(expected, rel=1e-12)
    assert relief[3, k] == pytest.approx(-0.09, rel=1e-12)
    before, after = trade.compute(start, TradeConfig()), trade.compute(start, config)
    factor = np.exp((start.tech.sigma[k] - 1) * expected)
    neutral = trade.export_relief(start, TradeConfig())[4, k]
    factor /= np.exp((start.tech.sigma[k] - 1) * neutral)
    assert after.exports[4, k] / before.exports[4, k] == pytest.approx(factor, rel=1e-12)
    assert (after.imports == before.imports).all()


def test_services_cross_the_border_cheaper_when_open(start):
    """t^S [1 - (1 - psi_S SO)(1 - psi_D DT)], for services only, both ways."""
    places, tech, k = start.places, start.tech, start.tech.codes.index("S1")
    before = trade.compute(start, CONFIG)
    places["services_opening"][2, k], places["data_rules"][2] = 0.5, 0.4
    config = CONFIG.model_copy(update={"facilitation": 0.0})
    cost = start.exposure.cross_border
    assert cost[k] > 0
    assert (cost[~start.exposure.service] == 0).all()
    relief = trade.services_relief(start, config)
    expected = cost[k] * (1 - (1 - 0.5 * 0.5) * (1 - 0.3 * 0.4))
    assert relief[2, k] == pytest.approx(expected, rel=1e-13)
    after = trade.compute(start, config)
    factor = np.exp((tech.sigma[k] - 1) * expected)
    assert after.exports[2, k] / before.exports[2, k] == pytest.approx(factor, rel=1e-12)
    assert after.imports[2, k] / before.imports[2, k] == pytest.approx(factor, rel=1e-12)
    goods = ~start.exposure.service
    assert (after.exports[:, goods] == before.exports[:, goods]).all()
    assert (np.delete(after.imports, 2, axis=0) == np.delete(before.imports, 2, axis=0)).all()


def test_a_zone_may_export_more_easily_than_its_host(start):
    inside = int(start.zones["place"][0])
    start.places["customs"][inside] = 1.0
    made, host = trade.compute(start, CONFIG), start.host[inside]
    rise = made.exports[inside] / made.exports[host]
    assert rise == pytest.approx(np.exp((start.tech.sigma - 1) * CONFIG.facilitation), rel=1e-12)


def test_trade_inside_a_province_is_free(start):
    made = trade.compute(start, CONFIG)
    home = np.diagonal(made.home, axis1=1, axis2=2)
    assert (home == 1).all()
    assert (made.home <= 1).all()
    assert np.allclose(made.home, made.home.transpose(0, 2, 1), rtol=1e-14)


def test_a_zone_exports_like_its_host(start):
    made = trade.compute(start, CONFIG)
    assert made.exports.shape == (start.places.n, len(start.tech.codes))
    assert (made.exports == made.exports[start.host]).all()


def test_the_port_is_nearer_to_the_world(start):
    gateway = trade.gateway_freeness(start, CONFIG)
    port, inland = (start.geography.names.index(name) for name in ("Shanghai", "Shaanxi"))
    assert (gateway[:, port] == 1).all()
    assert (gateway[:, inland] < 1).all()
    # Belt-and-Road may go over land: never dearer than by sea.
    assert (gateway[:, :, 0] >= gateway[:, :, 1]).all()


def test_prices_and_demand_abroad_grow_at_their_rates(start):
    early, supply = trade.world_shifters(start, CONFIG)
    assert (early == start.world_demand).all()
    start.clock.step += 8
    demand, later = trade.world_shifters(start, CONFIG)
    sigma, prices, volume = start.tech.sigma, 1.02**2, 1.03**2
    # E^W / Pi^W with E = prices * volume and Pi = prices^(1 - sigma).
    assert demand / early == pytest.approx(
        np.repeat((volume * prices**sigma)[:, None], 2, axis=1), rel=1e-13
    )
    assert later / supply == pytest.approx(prices ** (1 - sigma), rel=1e-13)


def test_sales_and_exports_are_those_of_gravity(world, config):
    """X_ok = S_ok (sum_d phi_od E_dk / Pi_dk + exports): the solved quarter obeys the equation."""
    world.clock.step -= 1
    made, provinces = trade.compute(world, config.trade), world.provinces
    supply = by_province(world.places["supply"].sum(axis=2), world.host, provinces.n)
    pi = np.einsum("kod,ok->dk", made.home, supply) + made.imports * made.world_supply
    access = np.einsum("kod,dk->ok", made.home, provinces["spending"] / pi)[world.host]
    sales = world.places["supply"].sum(axis=2) * (access + made.exports)
    # The market stops when nothing moves by more than 1e-10.
    assert sales == pytest.approx(world.places["sales"].sum(axis=2), rel=1e-8, abs=1e-12)
    assert pi == pytest.approx(provinces["price_to_sigma"], rel=1e-8)
    exports = by_province(world.places["supply"].sum(axis=2) * made.exports, world.host, 6)
    assert exports.sum(axis=1) == pytest.approx(provinces["exports"], rel=1e-12)
    imports = made.imports * made.world_supply / pi * provinces["spending"]
    assert imports.sum(axis=1) == pytest.approx(provinces["imports"], rel=1e-8)


def test_trade_of_2012_by_hand(start):
    """Nothing is cheaper than in 2012: phi follows from distances, borders and demand abroad."""
    config, tech, made = TradeConfig(), start.tech, trade.compute(start, TradeConfig())
    assert not trade.export_relief(start, config).any()
    place, gateway = start.geography, start.geography.gateway
    assert (gateway[:, 0] < gateway[:, 1]).any()  # one bloc may be nearer than the other
    for k, sigma in enumerate(tech.sigma):
        cost = start.distance_elasticity[k] * np.log(1 + place.distance / 300)
        home = np.exp((1 - sigma) * (cost + 0.4 * place.foreign))
        np.testing.assert_allclose(made.home[k], home, rtol=1e-12)
        phi = (1 + gateway / 300) ** (0.25 * (1 - sigma))
        np.testing.assert_allclose(made.imports[:, k], phi[:, 1], rtol=1e-12)
        exports = (phi * start.world_demand[k]).sum(axis=1)
        np.testing.assert_allclose(made.exports[:, k], exports[start.host], rtol=1e-12)
    np.testing.assert_array_equal(made.world_supply, start.world_supply)
