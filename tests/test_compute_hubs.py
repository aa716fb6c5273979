"""What hubs spend on what they sold, by purpose and by industry."""

import numpy as np
import pytest

from sim.mechanisms.compute_hubs import HubAccounts


def test_hubs_spend_on_electricity_wear_and_the_network():
    accounts = HubAccounts(np.array([3.0, 0.0]), np.array([5.0, 2.0]), np.array([0.5, 4.0]))
    shares = {
        "electricity": np.array([1.0, 0.0, 0.0]),
        "investment": np.array([0.0, 0.6, 0.4]),
        "network": np.array([0.25, 0.0, 0.75]),
    }
    expected = [[3.125, 3.0, 2.375], [1.0, 1.2, 3.8]]
    assert accounts.spending(shares) == pytest.approx(np.array(expected), rel=1e-15)
