"""Places on the map: distances, neighbours, ports, and where zones lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Array = np.ndarray

EARTH_RADIUS_KM = 6371.0


def great_circle(latitude: Array, longitude: Array) -> Array:
    """Distance between points on a sphere.

    latitude, longitude  (n,) [degrees]
    returns  (n, n) [km], zero on the diagonal
    Source: haversine formula.
    """
    lat, lon = np.radians(latitude), np.radians(longitude)
    half = np.sin((lat[:, None] - lat) / 2) ** 2
    half += np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0)))


@dataclass(frozen=True)
class Geography:
    """What does not change about the provinces.

    codes        adm codes, (provinces,)
    names        English names
    region       macro-region of each: east, central or west
    distance     (provinces, provinces) [km]
    gateway      (provinces, bloc) [km] to the nearest gateway: sea port or, for the Belt-and-Road
                 bloc, land border
    neighbours   (provinces, provinces) bool, share a land border
    land         (provinces,) [10k km2]
    """

    codes: Array
    names: tuple[str, ...]
    region: Array
    distance: Array
    gateway: Array
    neighbours: Array
    land: Array

    @property
    def n(self) -> int:
        """Number of provinces."""
        return len(self.codes)

    @property
    def foreign(self) -> Array:
        """(provinces, provinces) bool, two different provinces."""
        return ~np.eye(self.n, dtype=bool)
