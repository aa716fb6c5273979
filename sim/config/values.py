"""Settings made in Python as plain values; configurations as YAML text and as a hash."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from enum import Enum
from pathlib import PurePath
from typing import Any

import numpy as np
from pydantic import BaseModel
from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import SafeRepresenter

from sim.config.errors import ConfigError, Problem, dotted
from sim.config.yaml_builder import INTEGER_BITS, MAX_DEPTH

_PLAIN_WORDS = re.compile(r"\w[\w./()+-]*( [\w./()+-]+)*")
_YAML_1_1_SWITCHES = {"y", "n", "yes", "no", "on", "off"}


def plain(value: Any, path: tuple[str, ...] = ()) -> Any:
    """Copy of a value in text, numbers, true/false, None, lists and mappings with text keys.

    Sections become mappings, dates and paths text, sets sorted lists, arrays lists.

    raises ConfigError : a value of another type, or more than MAX_DEPTH levels
    """
    if len(path) > MAX_DEPTH:
        allowed = f"at most {MAX_DEPTH} levels"
        raise ConfigError(Problem("nested too deeply", field=dotted(path), allowed=allowed))
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, BaseModel):
        value = {name: getattr(value, name) for name in type(value).model_fields}
    if isinstance(value, date | PurePath):
        value = str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item, (*path, str(key))) for key, item in value.items()}
    if isinstance(value, AbstractSet):
        value = sorted(value, key=str)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [plain(item, (*path, str(position))) for position, item in enumerate(value)]
    return _plain_scalar(value, path)


def _plain_scalar(value: Any, path: tuple[str, ...]) -> Any:
    if isinstance(value, str):
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise ConfigError(Problem("the text is not valid Unicode", field=dotted(path)))
        return str(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if value.bit_length() >= INTEGER_BITS:
            allowed = f"whole numbers of up to {INTEGER_BITS} bits"
            raise ConfigError(Problem("too large", field=dotted(path), allowed=allowed))
        return int(value)
    if isinstance(value, float):
        return float(value)
    problem = f"a setting cannot be of the Python type {type(value).__name__}"
    allowed = "text, numbers, True/False, None, lists and mappings of these"
    raise ConfigError(Problem(problem, field=dotted(path), allowed=allowed))


class _Representer(SafeRepresenter):
    """Writes no aliases, and quotes every text that is not plain words."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - what ruamel asks for
        return True

    def text(self, data: str) -> ScalarNode:
        """Node of a text: quoted where this or another YAML reader might misread it."""
        plain_words = _PLAIN_WORDS.fullmatch(data) and data.lower() not in _YAML_1_1_SWITCHES
        style = None if plain_words else '"'
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Representer.add_representer(str, _Representer.text)


def dump(config: BaseModel) -> str:
    """Configuration as YAML with every setting written out, defaults too.

    Equal configurations give equal text; floats are written with all their digits, so that
    `load` gives an equal configuration back.
    """
    yaml = YAML(typ="safe", pure=True)
    yaml.Representer = _Representer
    yaml.default_flow_style = None  # short inner lists on one line
    yaml.width = 2**20
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment] # typed None
    stream = io.StringIO()
    yaml.dump(plain(config), stream)
    return stream.getvalue()


def digest(config: BaseModel) -> str:
    """SHA-256 of a configuration, as hexadecimal text: of its JSON with sorted keys."""
    text = json.dumps(plain(config), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def differences(
    one: Any, two: Any, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Settings that differ between two configs in plain values, each with its path and both values.

    A setting that one of them does not have is None there.
    """
    if isinstance(one, Mapping) and isinstance(two, Mapping):
        for key in dict.fromkeys((*one, *two)):
            yield from differences(one.get(key), two.get(key), (*path, str(key)))
    elif one != two:
        yield path, one, two
