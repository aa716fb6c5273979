"""Checkpoints as NumPy .npz: plain columns, no pickle, and a header that says whose they are."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from pydantic import BaseModel

from sim.config.values import digest
from sim.runs.errors import ResultsError
from sim.state.flat import Arrays

FORMAT = 1
"""Version of the layout; a reader takes no other."""

HEADER = "header"
"""Entry that holds the header, a text in JSON."""

_UNREADABLE = (
    *(OSError, EOFError, ValueError, KeyError, RuntimeError, NotImplementedError, MemoryError),
    *(struct.error, zipfile.BadZipFile, zlib.error),
)
"""What `zipfile` and NumPy raise on bytes that are damaged or of another kind."""


@dataclass(frozen=True)
class Origin:
    """Where a checkpoint comes from; all of it must agree when it is read.

    config   SHA-256 of the config of the burn-in
    seed     seed of all random streams
    quarter  quarter at whose end it was taken
    program  SHA-256 of what made it, see `sim.runs.alike.program`
    """

    config: str
    seed: int
    quarter: str
    program: str


_MEANING = {
    "config": "a burn-in with another config",
    "seed": "another seed",
    "quarter": "another quarter",
    "program": "another version of sim, or of what it uses",
}


def origin(config: BaseModel, seed: int, quarter: str, program: str) -> Origin:
    """Origin of a checkpoint of a burn-in with `config`; see `Origin` for the rest."""
    return Origin(digest(config), seed, quarter, program)


def to_bytes(arrays: Mapping[str, np.ndarray], source: Origin) -> bytes:
    """Checkpoint as one .npz, to be sent or stored; equal checkpoints give equal bytes."""
    parts = {"format": FORMAT, "columns": len(arrays), **asdict(source)}
    header = json.dumps(parts, sort_keys=True)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, column in {HEADER: np.array(header), **arrays}.items():
            entry = zipfile.ZipInfo(f"{name}.npy")  # without a time: bytes do not depend on it
            with archive.open(entry, "w", force_zip64=True) as file:
                np.lib.format.write_array(file, column, allow_pickle=False)
    return buffer.getvalue()


def from_bytes(data: bytes, source: Origin) -> Arrays:
    """Checkpoint that `to_bytes` gave.

    raises ResultsError : it is damaged, of another format, or not of the origin expected
    """
    try:
        arrays = _entries(data)
        header = json.loads(str(arrays.pop(HEADER)))
    except _UNREADABLE as error:
        reason = " ".join(str(error).split())
        raise ResultsError(
            f"not a checkpoint, or damaged ({type(error).__name__}: {reason})"
        ) from None
    _check_header(header, source)
    if header.get("columns") != len(arrays):
        count = f"{len(arrays)} of {header.get('columns')} columns"
        raise ResultsError(f"checkpoint damaged, it holds {count}")
    return arrays


def _entries(data: bytes) -> Arrays:
    """All arrays of an .npz; each entry is read whole, so that its checksum is seen first."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {
            name.removesuffix(".npy"): np.load(io.BytesIO(archive.read(name)), allow_pickle=False)
            for name in archive.namelist()
        }


def _check_header(header: Any, source: Origin) -> None:
    version = header.get("format") if isinstance(header, dict) else None
    if version != FORMAT:
        raise ResultsError(f"checkpoint of format {version}, not {FORMAT}")
    for part, expected in asdict(source).items():
        if header.get(part) != expected:
            raise ResultsError(
                f"checkpoint of {_MEANING[part]} ({header.get(part)}, not {expected})"
            )
