"""Designs: their points by closed forms and identities of the theory of experiments."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from SALib.analyze import morris, sobol

from sim.runs.design import count, places, points, salib_problem, unit_points
from tests.design_file import SAMPLED, checked, example, factors, made


@pytest.mark.parametrize("kind", SAMPLED)
def test_values_are_quantiles_of_the_unit_points_in_plain_python(kind):
    design, uncertainties = example(kind)
    unit, made_points = unit_points(design, uncertainties), points(design, uncertainties)
    assert len(made_points) == len(unit) == count(design, uncertainties)
    assert ((unit >= 0) & (unit <= 1)).all()
    for column, (name, each) in enumerate(uncertainties.items()):
        assert [point[name] for point in made_points] == each.quantile(unit[:, column]).tolist()
    kinds = {name: {type(point[name]) for point in made_points} for name in uncertainties}
    assert list(kinds.values()) == [{float}, {float}, {int}, {str}]
    assert json.loads(json.dumps(made_points)) == made_points


@pytest.mark.parametrize("kind", ["latin_hypercube", "sobol", "morris"])
def test_the_seed_makes_the_points(kind):
    def drawn(seed: int) -> list[dict]:
        return points(*made(kind, seed=seed, **SAMPLED[kind]))

    assert drawn(1) == points(*made(kind, **SAMPLED[kind])) == drawn(1)
    assert drawn(2) != drawn(1)


def test_a_single_point_changes_nothing():
    design, none = made("single", {})
    assert (points(design, none), count(design, none)) == ([{}], 1)
    assert unit_points(design, none) is None


@given(st.integers(1, 60), st.integers(1, 4), st.integers(0, 99))
def test_a_latin_hypercube_has_one_point_in_each_part_of_every_margin(samples, number, seed):
    design, uncertainties = made("latin_hypercube", factors(number), samples=samples, seed=seed)
    unit = unit_points(design, uncertainties)
    assert unit.shape == (samples, number)
    for column in unit.T:
        assert sorted(np.floor(column * samples).astype(int)) == list(range(samples))


def test_an_optimised_latin_hypercube_is_one_and_covers_more_evenly():
    plain, uncertainties = made("latin_hypercube", factors(3), samples=20)
    better, _ = made("latin_hypercube", factors(3), samples=20, optimization="random-cd")
    unit = unit_points(better, uncertainties)
    for column in unit.T:
        assert sorted(np.floor(column * 20).astype(int)) == list(range(20))
    assert _discrepancy(unit) < _discrepancy(unit_points(plain, uncertainties))


def _discrepancy(unit: np.ndarray) -> float:
    """Centred L2 discrepancy, squared (Hickernell, 1998, Math. Comput. 67, equation 5.2)."""
    n, d = unit.shape
    z = np.abs(unit - 0.5)
    single = np.prod(1 + z / 2 - z**2 / 2, axis=1).sum()
    gap = np.abs(unit[:, None] - unit[None, :])
    double = np.prod(1 + (z[:, None] + z[None, :] - gap) / 2, axis=2).sum()
    return (13 / 12) ** d - 2 / n * single + double / n**2


@pytest.mark.parametrize("second_order", [False, True])
def test_sobol_points_come_as_a_ab_ba_b(second_order):
    design, uncertainties = made("sobol", factors(3), samples=8, second_order=second_order)
    blocks = unit_points(design, uncertainties).reshape(8, -1, 3)
    assert count(design, uncertainties) == 8 * blocks.shape[1] == 8 * (8 if second_order else 5)
    a, b = blocks[:, 0], blocks[:, -1]
    for column in range(3):
        exchanged = np.arange(3) == column
        assert np.array_equal(blocks[:, 1 + column], np.where(exchanged, b, a))
        if second_order:
            assert np.array_equal(blocks[:, 4 + column], np.where(exchanged, a, b))
    # both halves are balanced: as many points below a half as above in every margin
    assert ((a < 0.5).sum(axis=0) == 4).all()
    assert ((b < 0.5).sum(axis=0) == 4).all()
    assert not (a == b).any()


@pytest.mark.parametrize("levels", [2, 4, 6, 10])
@pytest.mark.parametrize("number", [1, 4])
def test_morris_moves_one_factor_at_a_time_by_delta(levels, number):
    design, uncertainties = made("morris", factors(number), trajectories=20, levels=levels)
    unit = unit_points(design, uncertainties)
    assert count(design, uncertainties) == len(unit) == 20 * (number + 1)
    grid = np.arange(levels) / (levels - 1)
    assert set(unit.ravel()) <= set(grid)
    delta = levels / (2 * (levels - 1))
    for trajectory in unit.reshape(20, number + 1, number):
        moves = np.diff(trajectory, axis=0)
        assert sorted(np.flatnonzero(moves) % number) == list(range(number))
        assert (np.count_nonzero(moves, axis=1) == 1).all()
        assert np.abs(moves[moves != 0]) == pytest.approx(delta, rel=1e-12)


def test_sobol_indices_of_the_ishigami_function():
    """S1 = 0.3139, 0.4424, 0 and ST = 0.5576, 0.4424, 0.2437 for a = 7, b = 0.1.

    Source: Ishigami and Homma (1990), ISUMA '90. Points in the order that SALib reads.
    """
    ranges = {name: {"low": -np.pi, "high": np.pi} for name in "xyz"}
    design, uncertainties = made("sobol", ranges, samples=1024)
    x, y, z = np.array([list(point.values()) for point in points(design, uncertainties)]).T
    output = np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)
    found = sobol.analyze(
        salib_problem(uncertainties), output, calc_second_order=False, num_resamples=10, seed=1
    )
    assert found["S1"] == pytest.approx([0.3139, 0.4424, 0], abs=0.03)
    assert found["ST"] == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.03)


def test_elementary_effects_of_a_linear_function_are_its_coefficients():
    design, uncertainties = made("morris", factors(3), trajectories=4)
    unit = unit_points(design, uncertainties)
    output = unit @ [3.0, -2.0, 0.0]
    found = morris.analyze(salib_problem(uncertainties), unit, output, num_levels=4, seed=1)
    assert np.asarray(found["mu"]) == pytest.approx([3, -2, 0], abs=1e-12)
    assert np.asarray(found["sigma"]) == pytest.approx([0, 0, 0], abs=1e-12)


@pytest.mark.parametrize(
    ("kind", "settings", "number"),
    [
        ("full_factorial", {}, 10_000**4),
        ("latin_hypercube", {"samples": 10**9}, 10**9),
        ("sobol", {"samples": 2**30}, 2**30 * 6),
        ("sobol", {"samples": 2**30, "second_order": True}, 2**30 * 10),
        ("morris", {"trajectories": 10**9}, 5 * 10**9),
    ],
)
def test_a_design_too_large_to_make_is_counted(kind, settings, number):
    ranges = {f"x{n}": {"low": 0, "high": 1, "levels": 10_000} for n in range(4)}
    assert count(*made(kind, ranges, **settings)) == number


def test_zipped_lists_vary_together(tmp_path):
    text = "design:\n  kind: zipped\n  settings:\n    market.sigma: [2, 3.5]\n    end:\n"
    text += "      - 2012Q4\n      - 2013Q1\n"
    design, none, document = checked(tmp_path, text)
    assert points(design, none) == [
        {"market.sigma": 2, "end": "2012Q4"},
        {"market.sigma": 3.5, "end": "2013Q1"},
    ]
    assert count(design, none) == 2
    assert unit_points(design, none) is None
    lines = [{name: at.line for name, at in row.items()} for row in places(design, none, document)]
    assert lines == [{"market.sigma": 7, "end": 9}, {"market.sigma": 7, "end": 10}]


def test_a_table_is_typed_as_yaml_and_knows_its_lines(tmp_path):
    table = "market.sigma, market.rule,market.open,towns.ham.people\r\n"
    table += '2,free,true,10\r\n\r\n"2.5", fixed ,false,7\n1e1,"fr""ee",True,0x1F\n'
    (tmp_path / "runs.csv").write_text(table)
    text = "design: {kind: table, file: runs.csv}\n"
    design, none, document = checked(tmp_path, text)
    names = ("market.sigma", "market.rule", "market.open", "towns.ham.people")
    rows = [(2, "free", True, 10), (2.5, "fixed", False, 7), (10.0, 'fr"ee', True, 31)]
    made_points = points(design, none, tmp_path)
    assert made_points == [dict(zip(names, row, strict=True)) for row in rows]
    assert [type(value) for value in made_points[0].values()] == [int, str, bool, int]
    assert count(design, none, tmp_path) == 3
    where = places(design, none, document, tmp_path)
    assert [row["market.open"] for row in where] == [
        (tmp_path / "runs.csv", 2),
        (tmp_path / "runs.csv", 4),
        (tmp_path / "runs.csv", 5),
    ]


def test_the_place_of_a_sampled_value_is_its_uncertainty(tmp_path):
    text = "uncertainties:\n  market.sigma: {low: 2, high: 3}\n  market.drift: {low: 0, high: 1}\n"
    text += "design: {kind: latin_hypercube, samples: 3}\n"
    design, uncertainties, document = checked(tmp_path, text)
    found = places(design, uncertainties, document)
    lines = [{name: at.line for name, at in row.items()} for row in found]
    assert lines == 3 * [{"market.sigma": 5, "market.drift": 6}]
