"""The schedule of a step, read from the body of `RegionModel.step`: what is called, in order."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from sim.model import region
from sim.model.agents import Views
from sim.model.record import Recorder
from sim.start import build, inversion
from sim.state.world import World

OWNERS = {"world": World, "self.recorder": Recorder, "self.views": Views}
"""Objects whose methods a step calls -> their class."""


@dataclass(frozen=True)
class Event:
    """One call of a step.

    call       what is called, such as "matching.apply"
    about      first sentence of its docstring
    stream     name of its random stream; "" if it draws nothing
    condition  under which it is called; "" for always
    """

    call: str
    about: str
    stream: str = ""
    condition: str = ""

    @property
    def module(self) -> str:
        """Mechanism it belongs to."""
        return self.call.rpartition(".")[0]


def schedule() -> list[Event]:
    """Calls of a step in their order; the audit's snapshot, which changes nothing, is one too.

    raises ValueError : a statement that this reader does not understand, so that none is lost
    """
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(region.RegionModel.step))).body
    if not isinstance(function, ast.FunctionDef):
        raise TypeError("RegionModel.step is not a function")
    aliases, *body = function.body[1:]  # the docstring, and the line that shortens names
    if not isinstance(aliases, ast.Assign):
        raise ValueError(f"not understood: {ast.unparse(aliases)}")  # noqa: TRY004  # as below
    return list(_events(body, ""))


def _events(body: list[ast.stmt], condition: str) -> Iterator[Event]:
    for statement in body:
        if isinstance(statement, ast.If) and not statement.orelse:
            yield from _events(statement.body, ast.unparse(statement.test))
        elif isinstance(statement, ast.Assign | ast.Expr) and isinstance(statement.value, ast.Call):
            yield _event(statement.value, condition)
        elif isinstance(statement, ast.AugAssign) and "clock" in ast.unparse(statement.target):
            yield Event("clock", "The clock moves on by one step.")
        else:
            raise ValueError(f"not understood: {ast.unparse(statement)}")


def _event(call: ast.Call, condition: str) -> Event:
    name = ast.unparse(call.func)
    owner, _, last = name.rpartition(".")
    holder = OWNERS.get(owner) or inspect.getattr_static(region, owner)
    about = (inspect.getdoc(getattr(holder, last)) or "").partition("\n\n")[0]
    streams = [word for each in call.args for word in _streams(each)]
    return Event(name, " ".join(about.split()), ", ".join(streams), condition)


def _streams(node: ast.expr) -> list[str]:
    """Name of the stream that an argument `at("name")` asks for."""
    asks = isinstance(node, ast.Call) and ast.unparse(node.func) == "at"
    return [ast.literal_eval(node.args[0])] if asks and isinstance(node, ast.Call) else []


def start_streams() -> list[str]:
    """Names of the streams drawn from before the first step, in order of the source."""
    found: dict[str, None] = {}
    for module in (build, inversion):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "streams.at":
                found[ast.literal_eval(node.args[0])] = None
    return list(found)
