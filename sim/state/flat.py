"""State as flat, named columns and back: what a checkpoint of a run is made of.

The walk follows the type hints of the state's dataclasses, so a new field is saved because it is
declared. Nothing is left out in silence: a value that is not what its hint says, an attribute that
no dataclass declares, a name missing or unknown when the state is restored, each is an error.

    a.b           column of field b in section a; a text per entry if it is a tuple of texts
    a.b.text      column of texts, an array of objects in the state
    a.b, a.b.key  names of a mapping in their order, then the parts of its values
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import numpy as np

from sim.state.ledger import Ledger
from sim.state.table import Table
from sim.state.world import SCHEMAS

Arrays = dict[str, np.ndarray]
"""Dotted name -> column; no array holds objects."""

T = TypeVar("T")

_SCALARS: Mapping[type, tuple[tuple[type, ...], type[np.generic]]] = {
    bool: ((bool, np.bool_), np.bool_),
    int: ((int, np.integer), np.int64),
    float: ((float, np.floating), np.float64),
    str: ((str,), np.str_),
}
"""Hint of a scalar -> types its value may have, and the type it is stored as."""


class StateError(ValueError):
    """State that cannot be stored, or columns that are not the state asked for."""


def flatten(state: Any) -> Arrays:
    """Columns of a dataclass and all it holds: copies, so that the state may go on.

    raises StateError : it holds something that is not declared, or of a type without columns
    """
    out: Arrays = {}
    _put(out, "", type(state), state)
    return out


def restore(kind: type[T], arrays: Mapping[str, np.ndarray]) -> T:
    """State of dataclass `kind` from the columns that `flatten` gave, which are copied.

    raises StateError : columns are missing or unknown, or do not have the type or shape expected
    """
    reader = _Reader(arrays)
    state = reader.get("", kind)
    unknown = sorted(set(arrays) - reader.used)
    if unknown:
        raise StateError(f"columns that this version does not know: {', '.join(unknown)}")
    return state


def _put(out: Arrays, name: str, hint: Any, value: Any) -> None:
    """Add the columns of a value of type `hint`."""
    if hint in _SCALARS:
        _add(out, name, _scalar(name, hint, value))
    elif hint is np.ndarray:
        text = isinstance(value, np.ndarray) and value.dtype == object
        _add(out, f"{name}.text" if text else name, _column(name, value))
    else:
        if get_origin(hint) in {tuple, dict}:
            _add(out, name, _texts(name, tuple(value)))
        for part, inner, held in _parts(name, hint, value):
            _put(out, _join(name, part), inner, held)


def _parts(name: str, hint: Any, value: Any) -> Iterator[tuple[str, Any, Any]]:
    """What a value of type `hint` holds: name, hint and value of each part."""
    if hint in {Table, Ledger}:
        yield from ((column, np.ndarray, values) for column, values in value.columns().items())
    if hint is Ledger:
        yield "flows", dict[str, np.ndarray], value.flows
    elif get_origin(hint) is dict:
        yield from ((key, get_args(hint)[1], entry) for key, entry in value.items())
    elif is_dataclass(hint):
        hints = _declared(name, hint, value)
        yield from ((field, inner, getattr(value, field)) for field, inner in hints.items())
    elif hint is not Table and get_origin(hint) is not tuple:
        raise StateError(f"{name}: no columns are known for the type {hint}")


def _add(out: Arrays, name: str, column: np.ndarray) -> None:
    if name in out:
        raise StateError(f"two columns are called {name}")
    out[name] = column


def _declared(name: str, kind: Any, value: Any) -> dict[str, Any]:
    """Fields of a dataclass with their hints; the value has these attributes and no others."""
    if type(value) is not kind:
        raise StateError(f"{name}: is {type(value).__name__}, declared {kind.__name__}")
    hints = _hints(kind)
    undeclared = sorted(set(vars(value)) - set(hints))
    if undeclared:
        raise StateError(f"{kind.__name__} does not declare {', '.join(undeclared)}")
    return hints


def _hints(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _join(name: str, part: str) -> str:
    return f"{name}.{part}" if name else part


def _scalar(name: str, hint: type, value: Any) -> np.ndarray:
    allowed, stored = _SCALARS[hint]
    if not isinstance(value, allowed) or (isinstance(value, bool) and hint is not bool):
        raise StateError(f"{name}: is {type(value).__name__}, declared {hint.__name__}")
    return _texts(name, (value,))[0, ...] if hint is str else np.array(value, dtype=stored)


def _texts(name: str, values: Any) -> np.ndarray:
    """Texts as one array of fixed width, which gives each of them back exactly."""
    if not all(isinstance(value, str) for value in values):
        raise StateError(f"{name}: holds something that is not a text")
    column = np.array(values, dtype=np.str_)
    if tuple(column.tolist()) != tuple(values):
        raise StateError(f"{name}: holds a text that ends in a null character")
    return column


def _column(name: str, value: Any) -> np.ndarray:
    """Copy of an array in the layout it has: sums depend on the order in memory."""
    if not isinstance(value, np.ndarray):
        raise StateError(f"{name}: is {type(value).__name__}, declared an array")
    if value.dtype == object:
        return _texts(name, value.ravel().tolist()).reshape(value.shape)
    if value.dtype.kind not in "biufU":
        raise StateError(f"{name}: arrays of {value.dtype} have no columns")
    column = np.array(value, order="K")
    if not (column.flags.c_contiguous or column.flags.f_contiguous):
        raise StateError(f"{name}: its axes are in an order that a file cannot keep")
    return column


class _Reader:
    """Takes columns by name and knows which were asked for."""

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        self._arrays = arrays
        self.used: set[str] = set()

    def get(self, name: str, hint: Any) -> Any:
        """State of type `hint` from the columns at and below `name`."""
        if hint in _SCALARS:
            return self._scalar(name, hint)
        if hint is np.ndarray:
            text = f"{name}.text"
            return self._take(text).astype(object) if text in self._arrays else self._take(name)
        if hint in {Table, Ledger}:
            return self._columns(name, hint)
        if get_origin(hint) is tuple:
            return tuple(self._names(name))
        if get_origin(hint) is dict:
            inner = get_args(hint)[1]
            return {key: self.get(_join(name, key), inner) for key in self._names(name)}
        return hint(**{field: self.get(_join(name, field), h) for field, h in _hints(hint).items()})

    def _columns(self, name: str, kind: type) -> Table | Ledger:
        title = name.rpartition(".")[2]
        wanted = SCHEMAS[title] if kind is Table else Ledger.PARTS
        columns = {column: self._take(_join(name, column)) for column in wanted}
        if kind is Table:
            return Table.of(title, SCHEMAS[title], columns)
        return Ledger.of(columns, self.get(_join(name, "flows"), dict[str, np.ndarray]))

    def _take(self, name: str) -> np.ndarray:
        if name not in self._arrays:
            raise StateError(f"column {name} is missing")
        self.used.add(name)
        return np.array(self._arrays[name], order="K")

    def _scalar(self, name: str, hint: type) -> Any:
        column = self._take(name)
        if column.ndim != 0 or not np.issubdtype(column.dtype, _SCALARS[hint][1]):
            raise StateError(f"{name}: {column.dtype} {column.shape}, expected one {hint.__name__}")
        return column.item()

    def _names(self, name: str) -> list[str]:
        column = self._take(name)
        if column.ndim != 1 or column.dtype.kind != "U":
            raise StateError(f"{name}: {column.dtype} {column.shape}, expected a list of texts")
        return column.tolist()
