import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.mechanisms.production import ProductionConfig
from sim.model.config import RegionConfig
from sim.start.facts import technology
from sim.state.industries import IndustryConfig
from sim.state.technology import build, mixing


def entry(**changes):
    given = {
        "name": "x",
        "made_of": {"A0": 1},
        "engineers": 0.2,
        "science": 0.1,
        "rd": 0.01,
        "position": 0.5,
        "specificity": 0.5,
        "state": 0.2,
        "foreign": 0.1,
    }
    return IndustryConfig(**(given | changes))


@pytest.fixture(scope="module")
def tech():
    config = RegionConfig()
    return technology(config.industries, config.production.compute_share)


def two(sigma=5.0, multiple=1.0, compute=(0.01, 0.02, 0.02, 0.03, 0.05)):
    """Two industries: the first uses 40 of itself and 30 of the second out of 100."""
    entries = {
        "X": entry(sigma=sigma, compute_multiple=multiple),
        "Y": entry(sigma=4.0, engineers=0.0, science=0.0),
    }
    accounts = {
        "gross_output": np.array([140.0, 90.0]),
        "value_added": np.array([70.0, 60.0]),
        "labour_compensation": np.array([35.0, 24.0]),
    }
    flows = np.array([[40.0, 30.0], [30.0, 0.0]])
    return build(entries, compute, accounts, flows)


def test_cost_shares_by_hand():
    made = two()
    # X without its own use: inputs 30 of 100, value added 70, half of it wages.
    # markup 5/4: materials 1.25 * .3, labour .9 * 1.25 * .35, capital the rest.
    assert made.materials[0] == pytest.approx(0.375, rel=1e-14)
    assert made.labour[0, 0] == pytest.approx(0.39375, rel=1e-14)
    assert made.compute[0].tolist() == [0.01, 0.02, 0.02, 0.03, 0.05]
    assert made.capital[0] == pytest.approx(1 - 0.375 - 0.39375 - 0.01, rel=1e-14)
    assert made.skill.tolist() == [pytest.approx([0.7, 0.2, 0.1]), [1, 0, 0]]
    assert made.inputs.tolist() == [[0, 1], [1, 0]]


def test_elasticities_of_supply():
    made = two()
    alpha = made.capital
    assert made.markup == pytest.approx([5 / 4, 4 / 3], rel=1e-15)
    assert made.epsilon == pytest.approx((made.sigma - 1) / (1 + (made.sigma - 1) * alpha))
    assert made.zeta == pytest.approx(made.epsilon * alpha)
    # Crowding is what is left of the elasticity when capital cannot follow.
    assert made.epsilon == pytest.approx((made.sigma - 1) * (1 - made.zeta), rel=1e-14)
    assert made.gross_surplus == pytest.approx(1 - (1 - alpha) / made.markup)


@given(
    sigma=st.floats(1.5, 12),
    multiple=st.floats(0, 8),
    steps=st.lists(st.floats(0, 0.01), min_size=5, max_size=5),
)
def test_exponents_add_up_to_one_at_every_stage(sigma, multiple, steps):
    made = two(sigma, multiple, np.cumsum(steps))
    total = (made.capital + made.materials)[:, None] + made.labour + made.compute
    assert total == pytest.approx(np.ones((2, 5)), abs=1e-14)
    # Compute displaces labour and nothing else.
    assert np.diff(made.labour + made.compute, axis=1) == pytest.approx(0, abs=1e-15)


def test_packaged_industries_can_produce_at_every_stage(tech):
    total = (tech.capital + tech.materials)[:, None] + tech.labour + tech.compute
    assert total == pytest.approx(np.ones(total.shape), abs=1e-14)
    assert (tech.labour > 0).all()
    assert (tech.capital > 0).all()
    assert (tech.materials > 0).all()
    assert (np.diff(tech.compute, axis=1) > 0).all()
    assert (tech.skill >= 0).all()
    assert tech.skill.sum(axis=1) == pytest.approx(1, abs=1e-14)


def test_nobody_buys_from_itself(tech):
    assert (np.diag(tech.inputs) == 0).all()
    assert (tech.inputs >= 0).all()
    assert tech.inputs.sum(axis=0) == pytest.approx(1, abs=1e-14)


def test_differences_between_places_do_not_explode(tech):
    # (sigma - 1) gamma < .8 keeps the pull of local externalities bounded.
    gamma = ProductionConfig().externality
    assert ((tech.sigma - 1) * gamma < 0.8).all()


def test_mixing_hands_every_data_industry_over_once():
    shares = mixing(RegionConfig().industries)
    assert shares.sum(axis=0) == pytest.approx(1, abs=1e-9)


def test_mixing_names_what_is_wrong():
    industries = dict(RegionConfig().industries)
    del industries["F1"]
    with pytest.raises(ValueError, match="shares of F1 add up to 0"):
        mixing(industries)
    with pytest.raises(ValueError, match=r"industries\.X\.made_of: 'Z9'"):
        mixing({"X": entry(made_of={"Z9": 1})})
