"""A finished run as bytes: one archive of Arrow tables, whose check sums tell a damaged file.

The member `outcome.json` says what became of the run; a failed run has no other. Tables are without
the column `run`: the ordinal belongs to a folder of results, and a run may serve in several.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping

import pyarrow as pa

from sim.runs.task import STATUSES, Outcome

HEAD = "outcome.json"
_OPTIONS = pa.ipc.IpcWriteOptions(compression="zstd")
_EPOCH = (1980, 1, 1, 0, 0, 0)


class DamagedError(ValueError):
    """A parcel that cannot be read; the run has to be done again."""


def pack_tables(tables: Mapping[str, pa.Table]) -> bytes:
    """Tables of a run as the content of an outcome."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, table in tables.items():
            buffer = pa.BufferOutputStream()
            with pa.ipc.new_stream(buffer, table.schema, options=_OPTIONS) as writer:
                writer.write_table(table)
            archive.writestr(_member(f"{name}.arrow"), buffer.getvalue().to_pybytes())
    return sink.getvalue()


def unpack_tables(content: bytes) -> dict[str, pa.Table]:
    """Tables of a finished run, by name.

    raises DamagedError : the content is not what `pack_tables` made
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {
                name.removesuffix(".arrow"): pa.ipc.open_stream(archive.read(name)).read_all()
                for name in archive.namelist()
            }
    except (zipfile.BadZipFile, pa.ArrowException, EOFError) as error:
        raise DamagedError(str(error)) from error


def seal(outcome: Outcome) -> bytes:
    """An outcome as bytes for a file."""
    head = {
        "status": outcome.status,
        "error": outcome.error,
        "trace": outcome.trace,
        "seconds": round(outcome.seconds, 3),
    }
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr(_member("content"), outcome.content)
        archive.writestr(_member(HEAD), json.dumps(head))
    return sink.getvalue()


def unseal(data: bytes) -> Outcome:
    """Outcome from the bytes of a file; check sums of all of it are verified.

    raises DamagedError : they are not those that `seal` made
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            head = json.loads(archive.read(HEAD))
            content = archive.read("content")
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError) as error:
        raise DamagedError(str(error)) from error
    if not isinstance(head, Mapping) or head.get("status") not in STATUSES:
        raise DamagedError("no outcome")
    return Outcome(head["status"], content, head["error"], head["trace"], head["seconds"])


def _member(name: str) -> zipfile.ZipInfo:
    """Member without a date: equal outcomes are equal bytes."""
    return zipfile.ZipInfo(name, _EPOCH)
