import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sim.start.config import GeographyConfig
from sim.start.sources import sources
from sim.state.geography import EARTH_RADIUS_KM, great_circle

DEGREE = math.pi * EARTH_RADIUS_KM / 180


def points(*pairs):
    latitude, longitude = np.array(pairs, dtype=float).T
    return great_circle(latitude, longitude)


def test_distances_along_great_circles():
    found = points((0, 0), (0, 1), (0, 180), (90, 0), (-90, 30), (30, 0))
    # The haversine of 1 degree is 7.6e-5; arcsine near 1 (half way round) keeps half the digits.
    assert found[0, 1] == pytest.approx(DEGREE, rel=1e-12)
    assert found[0, 2] == pytest.approx(180 * DEGREE, rel=1e-7)
    assert found[0, 3] == pytest.approx(90 * DEGREE, rel=1e-12)
    assert found[3, 4] == pytest.approx(180 * DEGREE, rel=1e-7)
    assert found[0, 5] == pytest.approx(30 * DEGREE, rel=1e-12)


def test_a_degree_of_longitude_shrinks_with_the_cosine_of_latitude():
    found = points((60, 100), (60, 100.001))
    # Chord and arc differ by the cube of the angle, 1e-3 degrees: relative 1e-11.
    assert found[0, 1] == pytest.approx(0.001 * DEGREE / 2, rel=1e-8)


@given(
    hnp.arrays(float, 3, elements=st.floats(-90, 90)),
    hnp.arrays(float, 3, elements=st.floats(-180, 180)),
)
def test_a_metric(latitude, longitude):
    found = great_circle(latitude, longitude)
    assert (np.diag(found) == 0).all()
    assert np.allclose(found, found.T, rtol=0, atol=1e-9)
    # sqrt of a rounding error near the antipode: 1e-8 of the radius
    assert found[0, 2] <= found[0, 1] + found[1, 2] + 1e-3
    assert found.max() <= 180 * DEGREE * (1 + 1e-12)


@pytest.fixture(scope="module")
def china():
    return sources(GeographyConfig()).geography


def test_the_map_of_china(china):
    assert china.n == 31
    assert {name: (china.region == name).sum() for name in set(china.region)} == {
        "east": 11,
        "central": 8,
        "west": 12,
    }
    row = {name: place for place, name in enumerate(china.names)}
    # Beijing-Shanghai is 1 067 km; the capitals' coordinates are rounded to .1 degree (11 km).
    assert china.distance[row["Beijing"], row["Shanghai"]] == pytest.approx(1067, abs=20)
    assert china.neighbours[row["Beijing"], row["Hebei"]]
    assert not china.neighbours[row["Beijing"], row["Shanghai"]]
    assert 9_300 < china.land.sum() / 1000 * 10 < 9_800 or 930 < china.land.sum() < 980


def test_neighbours_and_gateways(china):
    assert (china.neighbours == china.neighbours.T).all()
    assert not np.diag(china.neighbours).any()
    assert (np.diag(china.foreign) == 0).all()
    assert china.foreign.sum() == 31 * 30
    # The Belt-and-Road bloc may also be reached over land, so its gateway is never farther.
    assert (china.gateway[:, 0] <= china.gateway[:, 1]).all()
    assert (china.gateway[:, 0] < china.gateway[:, 1]).any()
    row = china.names.index("Shanghai")
    assert china.gateway[row].tolist() == [0, 0]


def test_a_smaller_world_is_a_part_of_the_map(china):
    names = ("Shaanxi", "Shanghai", "Hubei")
    part = sources(GeographyConfig(provinces=names)).geography
    assert set(part.names) == set(names)
    rows = [china.names.index(name) for name in part.names]
    assert rows == sorted(rows)  # in the order of the data, not of the list
    assert (part.distance == china.distance[np.ix_(rows, rows)]).all()
    assert (part.neighbours == china.neighbours[np.ix_(rows, rows)]).all()
    # Gateways are sought among all provinces, chosen or not.
    assert (part.gateway == china.gateway[rows]).all()
    assert (part.land == china.land[rows]).all()


def test_an_unknown_province_is_named():
    with pytest.raises(ValueError, match=r"no such name \(the text 'Atlantis'\)"):
        GeographyConfig(provinces=("Shanghai", "Atlantis"))
    with pytest.raises(ValueError, match="no such name"):
        GeographyConfig(provinces=("Shangai",))
