"""State as flat columns: exact both ways, and nothing is left out or let in unseen."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, fields, replace

import mesa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sim.model.record import Recorder
from sim.model.region import RegionModel
from sim.model.state import RunState
from sim.state.flat import StateError, flatten, restore
from sim.state.ledger import Ledger
from sim.state.table import Table
from sim.state.world import World
from tests.checkpoints import content
from tests.worlds import small_model


@dataclass
class Inner:
    weight: float
    names: tuple[str, ...]


@dataclass
class Everything:
    column: np.ndarray
    parts: dict[str, np.ndarray]
    inner: Inner
    more: dict[str, Inner]
    count: int
    flag: bool
    title: str


def everything(**changes):
    whole = Everything(
        np.arange(6.0).reshape(2, 3),
        {"b": np.zeros(0), "a": np.array(["x", "longer"], dtype=object)},
        Inner(np.inf, ()),
        {"one": Inner(-0.0, ("é", "省", "")), "a.b": Inner(np.nan, ("a b",))},
        -(2**62),
        flag=True,
        title="",
    )
    return replace(whole, **changes)


@pytest.fixture(scope="module")
def arrays(grown):
    return grown.checkpoint()


def test_all_kinds_of_values_come_back():
    one = everything()
    two = restore(Everything, flatten(one))
    assert content(flatten(two)) == content(flatten(one))
    assert list(two.parts) == ["b", "a"], "sums over a mapping depend on its order"
    assert two.parts["a"].dtype == object
    assert two.parts["a"].tolist() == ["x", "longer"]
    assert (two.more["one"].names, two.inner.names) == (("é", "省", ""), ())
    assert (type(two.count), type(two.flag), type(two.title)) == (int, bool, str)
    assert str(two.more["one"].weight) == "-0.0"


@given(
    hnp.arrays(
        st.sampled_from([np.float64, np.float32, np.int64, np.int32, np.bool_]),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0),
    ),
    st.sampled_from("CF"),
)
def test_arrays_come_back_in_type_shape_layout_and_bytes(values, layout):
    values = np.asarray(values, order=layout)
    (back,) = restore(Column, flatten(Column(values))).__dict__.values()
    assert (back.dtype, back.shape) == (values.dtype, values.shape)
    assert back.strides == np.array(values, order="K").strides
    assert back.tobytes() == values.tobytes()


@dataclass
class Column:
    values: np.ndarray


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"count": 1.5}, "count: is float, declared int"),
        ({"count": True}, "count: is bool, declared int"),
        ({"inner": None}, "inner: is NoneType, declared Inner"),
        ({"column": [1.0]}, "column: is list, declared an array"),
        ({"column": np.array([1, None], dtype=object)}, "column: holds something that is not a"),
        ({"column": np.array(["2012-01"], dtype="M8[M]")}, "column: arrays of datetime64"),
        ({"column": np.zeros((2, 3, 4)).transpose(1, 0, 2)}, "column: its axes are in an order"),
        ({"title": "ends\0"}, "title: holds a text that ends in a null"),
    ],
)
def test_what_has_no_columns_is_refused(changes, message):
    with pytest.raises(StateError, match=message):
        flatten(everything(**changes))


def test_two_columns_of_one_name_are_refused():
    parts = {"a": np.array(["x"], dtype=object), "a.text": np.zeros(1)}
    with pytest.raises(StateError, match=r"two columns are called parts\.a\.text"):
        flatten(everything(parts=parts))


def test_a_type_without_columns_is_refused():
    @dataclass
    class Odd:
        things: frozenset

    with pytest.raises(StateError, match="things: no columns are known for"):
        flatten(Odd(frozenset()))


def test_every_column_is_needed(arrays):
    """Any one that is dropped is named."""
    restore(RunState, arrays)
    for name in arrays:
        rest = {other: values for other, values in arrays.items() if other != name}
        with pytest.raises(StateError) as error:
            restore(RunState, rest)
        assert str(error.value) == f"column {name.removesuffix('.text')} is missing"


def test_every_unknown_column_is_named(arrays):
    with pytest.raises(StateError, match=r"does not know: world\.firms\.mood, zeal$"):
        restore(RunState, {**arrays, "zeal": np.zeros(1), "world.firms.mood": np.zeros(1)})


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("world.firms.age", lambda v: v[:-1], r"firms\.age: row has \d+, elsewhere \d+"),
        ("world.firms.age", lambda v: v.astype(int), r"firms\.age: is int64 .*declared float64"),
        ("world.provinces.wage", lambda v: v[:, 0], r"provinces\.wage: .* 1 dim.* with 2"),
        ("world.provinces.wage", lambda v: v[:, :2], r"labour has 2, elsewhere 3"),
        ("world.ledger.spent", lambda v: v[:-1], "columns of the ledger differ"),
        ("world.clock.step", lambda v: v + 0.5, r"world\.clock\.step: float64 \(\), expected"),
        ("world.clock.dt", lambda v: v[None], r"world\.clock\.dt: float64 \(1,\), expected one"),
        ("world.tech.codes", lambda v: v[None], r"world\.tech\.codes: .* expected a list"),
    ],
)
def test_columns_of_another_type_or_shape_are_named(arrays, name, change, message):
    with pytest.raises(ValueError, match=message):
        restore(RunState, {**arrays, name: change(arrays[name])})


def test_a_table_keeps_its_rows_and_can_grow(grown, arrays):
    firms, back = grown.world.firms, restore(RunState, arrays).world.firms
    assert (back.n, back.schema, back.name) == (firms.n, firms.schema, "firms")
    for column in firms:
        assert back[column].tobytes() == firms[column].tobytes()
    one, other = back.add(3, age=2.0), copy.deepcopy(firms).add(3, age=2.0)
    assert one.tolist() == other.tolist()
    assert back["age"][one].tolist() == [2.0] * 3
    assert np.isnan(back["price"][one]).all()


def test_a_ledger_can_open_accounts_and_pay(grown, arrays):
    ledger, back = copy.deepcopy(grown.world.ledger), restore(RunState, arrays).world.ledger
    for each in (ledger, back):
        rows = each.open("firm", 100)
        each.pay(rows[0], rows[1:], 2.5, "wages")
    assert content(back.columns()) == content(ledger.columns())
    assert list(back.flows) == list(ledger.flows)
    assert content(back.flows) == content(ledger.flows)


def test_no_part_of_the_state_shares_memory_with_another(grown):
    """Columns are copied one by one: a shared one would come back as two."""
    for model in (grown, RegionModel.resume(grown.config, 1, grown.checkpoint())):
        world = model.world
        loose = [getattr(world, each.name) for each in fields(world)]
        loose += [*vars(world.baseline).values(), *vars(model.solution).values()]
        loose += [*vars(world.accounts).values(), *vars(world.tech).values()]
        held = [each for each in loose if isinstance(each, np.ndarray)]
        for table in (world.firms, world.talents, world.provinces, world.places, world.zones):
            held += [table[column] for column in table]
        held += world.ledger.columns().values()
        assert not [
            (i, j) for i, one in enumerate(held) for j in range(i) if np.shares_memory(one, held[j])
        ]


@dataclass
class WiderWorld(World):
    mood: np.ndarray = field(default_factory=lambda: np.ones(2))


def test_a_new_field_of_the_world_is_saved(start):
    """Planted: nobody tells the walk about it, and leaving it out is an error."""
    wider = WiderWorld(**{each.name: getattr(start, each.name) for each in fields(World)})
    wider.mood = np.array([3.0, 4.0])
    columns = flatten(wider)
    assert set(columns) - set(flatten(start)) == {"mood"}
    assert restore(WiderWorld, columns).mood.tolist() == [3.0, 4.0]
    with pytest.raises(StateError, match="column mood is missing"):
        restore(WiderWorld, flatten(start))
    with pytest.raises(StateError, match="does not know: mood"):
        restore(World, columns)


def test_an_attribute_that_is_not_declared_is_refused(start):
    start.mood = np.ones(2)
    with pytest.raises(StateError, match="World does not declare mood"):
        flatten(start)


def test_what_is_not_a_dataclass_holds_what_its_columns_say(grown):
    """A new attribute of these must go into a checkpoint, or follow from the config."""
    attributes = {
        Table: {"name", "schema", "n", "_sizes", "_data"},
        Ledger: {f"_{part}" for part in Ledger.PARTS} | {"n", "flows"},
        Recorder: {"blocks", "steps", "last", "snapshots"},
    }
    for each in (grown.world.firms, grown.world.ledger, grown.recorder):
        assert set(vars(each)) == attributes[type(each)]
    saved = {"world", "solution", "central_receipts", "gaps", "recorder"}
    given_anew = {"config", "streams", "views"}
    own = set(vars(small_model())) - set(vars(mesa.Model(rng=1)))
    assert own == saved | given_anew
