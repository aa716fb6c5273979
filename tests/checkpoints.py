"""Comparisons of runs byte by byte, for the tests of checkpoints."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd


def column_bytes(values: Any) -> bytes:
    """Dtype, shape and content of a column; texts as texts, not as addresses."""
    array = np.asarray(values)
    if array.dtype == object:
        array = np.array(array.tolist(), dtype=np.str_)
    return f"{array.dtype}{array.shape}".encode() + array.tobytes()


def hashes(frames: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """SHA-256 of every column of every table, as "table.column"."""
    return {
        f"{name}.{column}": hashlib.sha256(column_bytes(frame[column].to_numpy())).hexdigest()
        for name, frame in frames.items()
        for column in frame
    }


def content(arrays: Mapping[str, np.ndarray]) -> dict[str, bytes]:
    """What a checkpoint holds, for comparison."""
    return {name: column_bytes(values) for name, values in arrays.items()}
