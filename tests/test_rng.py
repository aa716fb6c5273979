import re
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim
from sim.state.rng import Streams


def first(seed, name, step, count=8):
    return Streams(seed).at(name, step).random(count).tolist()


def test_the_same_triple_gives_the_same_stream():
    assert first(3, "entry", 5) == first(3, "entry", 5)


@pytest.mark.parametrize("other", [(4, "entry", 5), (3, "exit", 5), (3, "entry", 6)])
def test_another_seed_mechanism_or_step_gives_another_stream(other):
    assert first(3, "entry", 5) != first(*other)


def test_streams_do_not_influence_each_other():
    streams = Streams(1)
    one = streams.at("migration", 0)
    one.random(1000)
    assert streams.at("migration", 0).random(8).tolist() == first(1, "migration", 0)


@given(rows=st.integers(1, 300), more=st.integers(0, 300), normal=st.booleans())
def test_a_row_draws_the_same_number_however_many_rows_exist(rows, more, normal):
    few, many = Streams(1).at("matching", 2), Streams(1).at("matching", 2)
    name = "standard_normal" if normal else "random"
    assert getattr(many, name)(rows + more)[:rows].tolist() == getattr(few, name)(rows).tolist()


def test_uniforms_are_uniform():
    draws = np.concatenate([Streams(seed).at("entry", seed).random(1000) for seed in range(100)])
    # 100 000 draws: the mean of uniforms has standard error sqrt(1/12/n) = 9.1e-4.
    assert draws.mean() == pytest.approx(0.5, abs=4 * 9.2e-4)


def test_mechanisms_have_streams_of_their_own():
    text = "".join(path.read_text("utf-8") for path in Path(sim.__file__).parent.rglob("*.py"))
    names = set(re.findall(r"""\bat\(\s*"(\w+)\"""", text))
    assert {"matching", "entry_exit", "migration"} <= names
    assert len({zlib.crc32(name.encode()) for name in names}) == len(names)


def test_nothing_draws_from_the_global_generator():
    legacy = r"np\.random\.(seed|rand|randn|random|normal|choice|shuffle|permutation)\("
    standard = r"(^|\n)\s*(import random|from random)\b"
    for path in Path(sim.__file__).parent.rglob("*.py"):
        assert not re.search(f"{legacy}|{standard}", path.read_text("utf-8")), path
