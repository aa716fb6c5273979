import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.state.table import Column, Table
from sim.state.world import empty_tables

SCHEMA = {
    "alive": Column(bool, "-", "living", default=False),
    "place": Column(np.int32, "row", "where"),
    "money": Column(float, "CNY", "wealth"),
    "skill": Column(float, "-", "skill by type", per=("labour",), default=1.0),
}


def table(rows=0, **values):
    made = Table("people", SCHEMA, {"labour": 3})
    made.add(rows, **values)
    return made


def test_new_rows_are_blank_or_default():
    people = table(2, place=4)
    assert people["alive"].tolist() == [False, False]
    assert people["place"].tolist() == [4, 4]
    assert np.isnan(people["money"]).all()
    assert people["skill"].tolist() == [[1.0] * 3] * 2
    assert Column(np.int32, "row", "where").blank == -9


def test_row_numbers_continue():
    people = table(3)
    assert people.add(2).tolist() == [3, 4]
    assert len(people) == people.n == 5
    assert list(people) == list(SCHEMA)


@given(parts=st.lists(st.integers(0, 40), max_size=8))
def test_growing_in_parts_is_growing_at_once(parts):
    total = sum(parts)
    money, skill = np.arange(total) / 7, np.arange(3 * total).reshape(total, 3)
    people, start = table(), 0
    for count in parts:
        rows = slice(start, start + count)
        people.add(count, money=money[rows], skill=skill[rows])
        start += count
    whole = table(total, money=money, skill=skill)
    for column in SCHEMA:
        assert people[column].tobytes() == whole[column].tobytes()


def test_a_column_is_a_view():
    people = table(3, money=1.0)
    people["money"][1] += 5
    assert people["money"].tolist() == [1, 6, 1]
    people["money"] = 2.0
    assert people["money"].tolist() == [2, 2, 2]


def test_writing_a_column_leaves_the_rows_to_come_blank():
    people = table(1)
    people["money"] = 2.0
    people.add(1)
    assert np.isnan(people["money"][1])


@pytest.mark.parametrize(
    "touch",
    [
        lambda people: people["mony"],
        lambda people: people.__setitem__("mony", 0.0),
        lambda people: people.add(1, mony=0.0),
    ],
)
def test_unknown_columns_raise(touch):
    people = table(1)
    with pytest.raises(KeyError, match="mony"):
        touch(people)
    assert people.n == 1


@pytest.mark.parametrize("name", ["firms", "talents", "provinces", "places", "zones"])
def test_every_column_of_the_state_says_what_it_is(name):
    made = empty_tables(provinces=2, zones=1, industries=3)[name]
    for column, spec in made.schema.items():
        assert spec.unit, column
        assert len(spec.meaning) > 5, column
        assert made[column].dtype == spec.dtype, column
        assert made[column].ndim == 1 + len(spec.per), column
    assert made.n == {"provinces": 2, "places": 3, "zones": 1}.get(name, 0)
